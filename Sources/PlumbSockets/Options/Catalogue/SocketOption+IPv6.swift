public import CPlumb

// The typed options of IPPROTO_IPV6. What is known about each is in `OptionDescription.ipv6Level`.

extension SocketOption where Codec == FlagCodec {
    /// `IPV6_V6ONLY`: keeps IPv4 connections away from an IPv6 socket.
    @inlinable
    public static var ipv6Only: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_V6ONLY) }
}
