public import CPlumb

// The typed options of SOL_SOCKET that concern Unix sockets. What is known about each is in `OptionDescription.unixLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `SO_PASSCRED`: delivers each sender's process, user and group with what it sent.
    @inlinable
    public static var passCredentials: Self { Self(level: SOL_SOCKET, number: SO_PASSCRED) }
}

extension SocketOption where Codec == PeerCredentialsCodec {
    /// `SO_PEERCRED`: who was at the other end when it connected, listened or made the pair. Read only.
    @inlinable
    public static var peerCredentials: Self { Self(level: SOL_SOCKET, number: SO_PEERCRED) }
}
