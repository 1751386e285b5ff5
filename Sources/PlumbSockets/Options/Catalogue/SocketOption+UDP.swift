public import CPlumb

// The typed options of IPPROTO_UDP. What is known about each is in `OptionDescription.udpLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `UDP_GRO`: delivers several datagrams of one sender in one read.
    @inlinable
    public static var receiveOffload: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_GRO) }
}
