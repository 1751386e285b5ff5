public import SystemPackage

/// Who is at the other end of a Unix socket, or sent a message over one.
///
/// The kernel writes it down; the peer cannot choose it. How far each field can be trusted is in ``fields``: the most
/// important limit is that a socket can be handed on, so that a connection's identity is of the process that connected,
/// listened or made the pair, and not necessarily of the one that speaks now.
public struct PeerIdentity: ~Copyable, Sendable {
    /// From where an identity is known.
    public enum Source: String, Hashable, Sendable {
        /// The connection: recorded when the peer connected, listened or made the pair.
        case connection
        /// A message: checked by the kernel when it was sent.
        case message
    }

    /// From where it is known.
    public let source: Source
    /// Process, user and group: `SO_PEERCRED` of a connection, `SCM_CREDENTIALS` of a message.
    public let credentials: PeerCredentials
    /// A process descriptor: `SO_PEERPIDFD` of a connection, `SCM_PIDFD` of a message, both from Linux 6.5.
    ///
    /// `nil` where the kernel has none to give. It is never made from the process's number, which may be another's by now.
    public let process: Descriptor?
    /// The supplementary groups: `SO_PEERGROUPS`, from Linux 4.13. `nil` for a message, with which none come.
    public let supplementaryGroups: [UInt32]?
    /// The label of a security module: `SO_PEERSEC`. `nil` for a message, and where no module gives one.
    public let securityLabel: String?
}

extension BorrowedDescriptor {
    /// Who was at the other end when it connected, listened or made the pair.
    ///
    /// - Throws: `.notSupportedOnSocket` where the socket is not a Unix socket: a TCP socket answers `SO_PEERCRED` with
    ///   (0, -1, -1), which is nobody's identity; `.socketNotConnected` where there is no peer; `.tooManyOpenFiles`
    ///   when there is no room for the process descriptor.
    public func peerIdentity() throws(Errno) -> PeerIdentity {
        let credentials = try peerCredentials()
        if credentials.isNobody { throw .socketNotConnected }
        return PeerIdentity(
            source: .connection, credentials: credentials, process: try knownPeerProcess(),
            supplementaryGroups: try peerGroups(), securityLabel: try peerSecurityLabel())
    }
}

/// Who sent a message, as far as the socket was asked to tell (``BorrowedDescriptor/identifySenders()``).
public struct MessageSender: ~Copyable, Sendable {
    /// The sender's credentials and process; `nil` when they did not come, or came from before they were asked for.
    public internal(set) var identity: PeerIdentity?
    /// The address that the sender of a datagram is bound to; `nil` on connections and for a sender without one.
    public internal(set) var address: SocketAddress?

    /// Nobody yet.
    public init() {
        identity = nil
        address = nil
    }
}
