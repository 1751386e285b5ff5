public import CPlumb
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
        return try get(.peerCredentials)
    }
}

/// ``PeerCredentials``, as a `struct ucred`.
public enum PeerCredentialsCodec: FixedOptionCodec {
    /// The three numbers by name.
    public static var kind: OptionKind { .fields }
    /// Nobody.
    public static var emptyForm: plumb_ucred { plumb_ucred() }
    /// The three numbers.
    public static func value(ofForm form: plumb_ucred) -> PeerCredentials {
        PeerCredentials(processID: Int32(bitPattern: form.pid), userID: form.uid, groupID: form.gid)
    }
    /// The three numbers.
    public static func form(of value: PeerCredentials) -> plumb_ucred {
        plumb_ucred(pid: UInt32(bitPattern: value.processID), uid: value.userID, gid: value.groupID)
    }
    /// The numbers by name.
    public static func optionValue(_ value: PeerCredentials) -> OptionValue {
        .fields(["processID": Int(value.processID), "userID": Int(value.userID), "groupID": Int(value.groupID)])
    }
    /// None: they are only read.
    public static func value(_ optionValue: OptionValue) -> PeerCredentials? { nil }
}
