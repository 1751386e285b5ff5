public import CPlumb

// The typed options of SOL_SOCKET that concern Unix sockets. What is known about each is in `OptionDescription.unixLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `SO_PASSCRED`: delivers each sender's process, user and group with what it sent.
    @inlinable
    public static var passCredentials: Self { Self(level: SOL_SOCKET, number: SO_PASSCRED) }
    /// `SO_PASSSEC`: delivers each sender's security context with what it sent.
    @inlinable
    public static var passSecurity: Self { Self(level: SOL_SOCKET, number: SO_PASSSEC) }
    /// `SO_PASSPIDFD`: delivers a descriptor of each sender's process with what it sent.
    @inlinable
    public static var passProcess: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_PASSPIDFD) }
    /// `SO_PASSRIGHTS`: whether peers may pass descriptors to this socket; on unless it is switched off.
    @inlinable
    public static var passRights: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_PASSRIGHTS) }
    /// `SO_INQ`: delivers with each read how much is left to read. Set only.
    @inlinable
    public static var reportUnread: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_INQ) }
}

extension SocketOption where Codec == PeerCredentialsCodec {
    /// `SO_PEERCRED`: who was at the other end when it connected, listened or made the pair. Read only.
    @inlinable
    public static var peerCredentials: Self { Self(level: SOL_SOCKET, number: SO_PEERCRED) }
}

extension SocketOption where Codec == SecurityContextCodec {
    /// `SO_PEERSEC`: the security context of the peer when it connected or listened. Read only.
    @inlinable
    public static var peerSecurity: Self { Self(level: SOL_SOCKET, number: SO_PEERSEC) }
}

extension SocketOption where Codec == GroupsCodec {
    /// `SO_PEERGROUPS`: the supplementary groups of the peer when it connected, listened or made the pair. Read only.
    @inlinable
    public static var peerGroups: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_PEERGROUPS) }
}

extension SocketOption where Codec == PeerProcessCodec {
    /// `SO_PEERPIDFD`: the peer's process, by a descriptor that names it without the race of a number. Read only.
    @inlinable
    public static var peerProcess: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_PEERPIDFD) }
}
