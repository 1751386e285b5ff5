import CPlumb

extension OptionDescription {
    /// What Unix sockets have (`unix(7)`), on the level of all sockets.
    static let unixLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.passCredentials, "SO_PASSCRED", "passCredentials", .unix,
            purpose: "Delivers each sender's process, user and group with what it sent.",
            cost:
                "Set after the send it yields nobody; a client that sets it before connect is given an abstract "
                + "name."),
        OptionDescription(
            SocketOption<PeerCredentialsCodec>.peerCredentials, "SO_PEERCRED", "peerCredentials", .unix,
            inherited: false, access: .readOnly,
            purpose: "Who was at the other end when it connected, listened or made the pair.",
            cost:
                "None; the process may have ended since. Use peerCredentials(), which refuses the sockets on "
                + "which the kernel answers nobody."),
    ]
}
