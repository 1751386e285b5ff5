public import CPlumb

// The typed options of IPPROTO_IP. What is known about each is in `OptionDescription.ipLevel`.

extension SocketOption where Codec == IntegerCodec {
    /// `IP_TTL`: how many routers a packet may pass.
    @inlinable
    public static var timeToLive: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_TTL) }
}
