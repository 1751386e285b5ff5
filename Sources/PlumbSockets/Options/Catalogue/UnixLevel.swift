extension OptionDescription {
    /// What Unix sockets have (`unix(7)`), on the level of all sockets.
    static let unixLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.passCredentials, "SO_PASSCRED", "passCredentials", .unix, .beforeConnect,
            purpose: "Delivers each sender's process, user and group with what it sent.",
            cost:
                "Set after the send it yields nobody: set it on the listener; a client that sets it before "
                + "connect is given an abstract name."),
        OptionDescription(
            SocketOption<FlagCodec>.passSecurity, "SO_PASSSEC", "passSecurity", .unix, .beforeConnect,
            purpose: "Delivers each sender's security context with what it sent.",
            cost: "Ancillary data with each read; nothing without a security module."),
        OptionDescription(
            SocketOption<FlagCodec>.passProcess, "SO_PASSPIDFD", "passProcess", .unix, .beforeConnect,
            since: KernelVersion(6, 5),
            purpose: "Delivers a descriptor of each sender's process with what it sent.",
            cost: "A descriptor for each read, which must be closed."),
        OptionDescription(
            SocketOption<FlagCodec>.passRights, "SO_PASSRIGHTS", "passRights", .unix, .beforeConnect,
            since: KernelVersion(6, 16),
            purpose: "Whether peers may pass descriptors to this socket; on unless it is switched off.",
            cost: "Switched off, a peer that passes one fails with EPERM."),
        OptionDescription(
            SocketOption<PeerCredentialsCodec>.peerCredentials, "SO_PEERCRED", "peerCredentials", .unix, inherited: [],
            access: .readOnly,
            purpose: "Who was at the other end when it connected, listened or made the pair.",
            cost:
                "The process may have ended since; peerCredentials() refuses the sockets on which the kernel "
                + "answers nobody."),
        OptionDescription(
            SocketOption<SecurityContextCodec>.peerSecurity, "SO_PEERSEC", "peerSecurity", .unix, inherited: [],
            access: .readOnly,
            purpose: "The security context of the peer when it connected or listened.",
            cost: "Nothing without a security module."),
        OptionDescription(
            SocketOption<GroupsCodec>.peerGroups, "SO_PEERGROUPS", "peerGroups", .unix, inherited: [],
            access: .readOnly, since: KernelVersion(4, 13),
            purpose: "The supplementary groups of the peer when it connected, listened or made the pair.",
            cost: "None."),
        OptionDescription(
            SocketOption<PeerProcessCodec>.peerProcess, "SO_PEERPIDFD", "peerProcess", .unix, inherited: [],
            access: .readOnly, since: KernelVersion(6, 5),
            purpose: "The peer's process, by a descriptor that names it without the race of a number.",
            cost: "The descriptor must be closed: peerProcess() owns it; the number is of the moment."),
        OptionDescription(
            SocketOption<FlagCodec>.reportUnread, "SO_INQ", "reportUnread", .unixStream, inherited: [],
            access: .setOnly, since: KernelVersion(6, 17),
            purpose: "Delivers with each read how much is left to read.",
            cost: "Ancillary data with each read."),
    ]
}
