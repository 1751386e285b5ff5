extension OptionDescription {
    /// What UDP sockets have (`udp(7)`).
    static let udpLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.udpCork, "UDP_CORK", "udpCork", .udp,
            purpose: "Joins what is written into one datagram until it is switched off.",
            cost: "Forgotten, nothing is sent."),
        OptionDescription(
            SocketOption<NamedCodec<UDPEncapsulation>>.encapsulation, "UDP_ENCAP", "encapsulation", .udp,
            purpose: "Takes a header of another protocol off what is received, and hands it to that protocol.",
            cost: "The program no longer sees those datagrams."),
        OptionDescription(
            SocketOption<IntegerCodec>.segmentSize, "UDP_SEGMENT", "segmentSize", .udp, unit: .bytes, range: 0...65535,
            since: KernelVersion(4, 18),
            purpose: "Cuts what is written in one call into datagrams of this size; 0 for none.",
            cost: "At most 128 datagrams and 65507 bytes a call; the interface must be able to checksum."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveOffload, "UDP_GRO", "receiveOffload", .udp, since: KernelVersion(5, 0),
            purpose: "Delivers several datagrams of one sender in one read, with their size.",
            cost: "A read must have room for 64 KiB and take the datagrams apart."),
        OptionDescription(
            SocketOption<FlagCodec>.sendWithoutChecksum, "UDP_NO_CHECK6_TX", "sendWithoutChecksum", .udp, inert: .udp4,
            purpose: "Sends over IPv6 without a checksum, for tunnels.",
            cost: "Damaged packets are delivered."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveWithoutChecksum, "UDP_NO_CHECK6_RX", "receiveWithoutChecksum", .udp,
            inert: .udp4,
            purpose: "Takes datagrams over IPv6 that have no checksum, for tunnels.",
            cost: "Damaged packets are delivered."),
    ]
}
