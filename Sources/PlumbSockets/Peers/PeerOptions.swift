import CPlumb
public import SystemPackage

// The options by which the kernel tells about a peer, and what a socket lets peers send.

extension BorrowedDescriptor {
    /// The peer's process, user and group as the kernel recorded them (`SO_PEERCRED`); the peer cannot choose them.
    ///
    /// - Throws: `.notSupportedOnSocket` where the socket is not a Unix socket: a TCP socket answers
    ///   `SO_PEERCRED` with (0, -1, -1), which is nobody's identity.
    public func peerCredentials() throws(Errno) -> PeerCredentials {
        guard try get(.domain) == Int(AF_UNIX) else { throw .notSupportedOnSocket }
        return try get(.peerCredentials)
    }

    /// A descriptor of the process at the other end of a Unix socket (`SO_PEERPIDFD`, Linux 6.5).
    ///
    /// It names the process itself, where a number may have become another's. Nothing falls back to the number: where
    /// the kernel does not have the option, this fails.
    ///
    /// - Throws: `.noData` where the socket has no peer, `.noSuchProcess` for a peer that was reaped on a kernel before
    ///   6.16, `.protocolNotAvailable` on a kernel before 6.5.
    public func peerProcess() throws(Errno) -> Descriptor {
        Descriptor(owning: try get(SocketOption<DescriptorCodec>(level: SOL_SOCKET, number: PLUMB_SO_PEERPIDFD)))
    }

    /// ``peerProcess()``, or `nil` where the kernel does not know it, or is older than 6.5.
    func knownPeerProcess() throws(Errno) -> Descriptor? {
        do throws(Errno) {
            return try peerProcess()
        } catch {
            // No such option; no process recorded; one that had been reaped, before Linux 6.16.
            if [ENOPROTOOPT, ENODATA, ESRCH, EINVAL].contains(error.rawValue) { return nil }
            throw error
        }
    }

    /// The peer's supplementary groups (`SO_PEERGROUPS`); `nil` where the kernel is older than 4.13.
    func peerGroups() throws(Errno) -> [UInt32]? { try getIfKnown(.peerGroups) }

    /// What a security module says of the peer (`SO_PEERSEC`); `nil` where none says anything.
    func peerSecurityLabel() throws(Errno) -> String? { try getIfKnown(.peerSecurity) }

    /// Asks for the credentials and the process of each message's sender (`SO_PASSCRED`; `SO_PASSPIDFD`, from Linux 6.5).
    ///
    /// To be asked before the first message can be sent: what was sent earlier comes without. Accepted connections inherit
    /// it. A socket without an address that connects afterwards is given one (autobind).
    public func identifySenders() throws(Errno) {
        try set(.passCredentials, to: true)
        _ = try setIfKnown(.passProcess, true)
    }

    /// Says whether peers may attach descriptors to what they send (`SO_PASSRIGHTS`); one who does anyway gets `EPERM`.
    /// Accepted connections inherit it.
    ///
    /// - Returns: `false` where the kernel is older than 6.16: descriptors may come, and are to be closed.
    @discardableResult
    public func allowDescriptors(_ allowed: Bool) throws(Errno) -> Bool {
        try setIfKnown(.passRights, allowed)
    }

    private func getIfKnown<Codec>(_ option: SocketOption<Codec>) throws(Errno) -> Codec.Value? {
        do throws(Errno) {
            return try get(option)
        } catch {
            if error == .protocolNotAvailable { return nil }
            throw error
        }
    }

    private func setIfKnown(_ option: SocketOption<FlagCodec>, _ value: Bool) throws(Errno) -> Bool {
        do throws(Errno) {
            try set(option, to: value)
            return true
        } catch {
            if error == .protocolNotAvailable { return false }
            throw error
        }
    }
}
