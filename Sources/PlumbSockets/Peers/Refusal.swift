/// A peer that was not let in: who, and why, for a log.
public struct Refusal: Hashable, Sendable, CustomStringConvertible {
    /// Who it was; `nil` where the kernel did not say.
    public let credentials: PeerCredentials?
    /// Why it was not let in.
    public let reason: String

    /// One line: `user 1000, group 1000, process 4711: it is not user 0`.
    public var description: String {
        guard let credentials else { return "an unknown peer: \(reason)" }
        return "user \(credentials.userID), group \(credentials.groupID), process \(credentials.processID): \(reason)"
    }
}

/// How many peers were let in and not.
public struct AdmissionCounts: Hashable, Sendable {
    /// Let in.
    public internal(set) var admitted = 0
    /// Turned away, by the policy or because the kernel did not say who they are.
    public internal(set) var refused = 0
}
