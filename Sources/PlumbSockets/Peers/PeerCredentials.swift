import CPlumb
public import SystemPackage

/// Who was at the other end of a Unix socket when it connected, listened or was made as a pair (`SO_PEERCRED`).
public struct PeerCredentials: Hashable, Sendable {
    /// The process's number. It may have ended since, and the number may belong to another process now.
    public let processID: Int32
    /// The effective user.
    public let userID: UInt32
    /// The effective group.
    public let groupID: UInt32
}

extension BorrowedDescriptor {
    /// The peer's credentials as the kernel recorded them; the peer cannot choose them.
    ///
    /// - Throws: `.notSupportedOnSocket` where the socket is not a Unix socket: a TCP socket answers
    ///   `SO_PEERCRED` with (0, -1, -1), which is nobody's identity.
    public func peerCredentials() throws(Errno) -> PeerCredentials {
        guard try get(.domain) == Int(AF_UNIX) else { throw .notSupportedOnSocket }
        var credentials = plumb_ucred()
        var length = socklen_t(MemoryLayout<plumb_ucred>.size)
        _ = try systemCall { unsafe getsockopt(rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &length) }
        return PeerCredentials(
            processID: Int32(bitPattern: credentials.pid), userID: credentials.uid, groupID: credentials.gid)
    }
}
