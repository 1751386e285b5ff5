public import CPlumb

// The typed options of IPPROTO_UDP. What is known about each is in `OptionDescription.udpLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `UDP_CORK`: joins what is written into one datagram until it is switched off.
    @inlinable
    public static var udpCork: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_CORK) }
    /// `UDP_GRO`: delivers several datagrams of one sender in one read, with their size.
    @inlinable
    public static var receiveOffload: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_GRO) }
    /// `UDP_NO_CHECK6_TX`: sends over IPv6 without a checksum, for tunnels.
    @inlinable
    public static var sendWithoutChecksum: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_NO_CHECK6_TX) }
    /// `UDP_NO_CHECK6_RX`: takes datagrams over IPv6 that have no checksum, for tunnels.
    @inlinable
    public static var receiveWithoutChecksum: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_NO_CHECK6_RX) }
}

extension SocketOption where Codec == NamedCodec<UDPEncapsulation> {
    /// `UDP_ENCAP`: takes a header of another protocol off what is received, and hands it to that protocol.
    @inlinable
    public static var encapsulation: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_ENCAP) }
}

extension SocketOption where Codec == IntegerCodec {
    /// `UDP_SEGMENT`: cuts what is written in one call into datagrams of this size; 0 for none.
    @inlinable
    public static var segmentSize: Self { Self(level: PLUMB_IPPROTO_UDP, number: PLUMB_UDP_SEGMENT) }
}
