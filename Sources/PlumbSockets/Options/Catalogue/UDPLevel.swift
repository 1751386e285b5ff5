import CPlumb

extension OptionDescription {
    /// What UDP sockets have (`udp(7)`).
    static let udpLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.receiveOffload, "UDP_GRO", "receiveOffload", .udp,
            purpose: "Delivers several datagrams of one sender in one read.",
            cost: "A read must have room for 64 KiB and take the datagrams apart.")
    ]
}
