public import CPlumb

/// A process, a user and a group, as the kernel told them about a peer (`struct ucred`).
public struct PeerCredentials: Hashable, Sendable {
    /// The process's number. It may have ended since, and the number may belong to another process now; 0 is a process
    /// that this one's process namespace does not see.
    public let processID: Int32
    /// The effective user; 65534 also stands for every user without a number in this user namespace.
    public let userID: UInt32
    /// The effective group.
    public let groupID: UInt32

    /// What the kernel fills in where it knows nobody: (0, 65534, 65534) for a message that was sent before the receiver
    /// asked for credentials, (0, -1, -1) for a socket that is no Unix socket.
    var isNobody: Bool {
        processID == 0 && (userID == 65534 && groupID == 65534 || userID == .max && groupID == .max)
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
