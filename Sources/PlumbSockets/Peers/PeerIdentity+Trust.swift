/// How far a field of a peer's identity can be trusted.
public struct PeerTrust: Hashable, Sendable, CustomStringConvertible {
    /// How much.
    public enum Level: Int, Comparable, Hashable, Sendable {
        /// Good for a log line, not for a decision.
        case hint
        /// Holds for the moment at which it was recorded; what it names may have changed since.
        case recorded
        /// Holds for as long as the value is held.
        case stable

        /// By how much can be built on it.
        public static func < (first: Level, second: Level) -> Bool { first.rawValue < second.rawValue }
    }

    /// How much.
    public let level: Level
    /// What it means, as a sentence.
    public let description: String
}

extension PeerIdentity {
    /// One field of an identity: what it is called, where it comes from, and how far it can be trusted.
    public struct Field: Hashable, Sendable {
        /// The name that reports use: `pid`, `uid`, …
        public let name: String
        /// Where the kernel gives it.
        public let kernelNames: String
        /// How far it can be trusted, by the identity's source.
        public let trust: [Source: PeerTrust]
    }

    /// Every field, with how far it can be trusted.
    public static let fields: [Field] = [
        Field(
            name: "pid", kernelNames: "SO_PEERCRED, SCM_CREDENTIALS",
            trust: [
                .connection: PeerTrust(
                    level: .hint,
                    description: "The process may have ended, or handed the socket on, and its number may be another's."
                ),
                .message: PeerTrust(
                    level: .hint,
                    description: "The sender's own number, or any that it named with CAP_SYS_ADMIN; it may have ended."),
            ]),
        Field(
            name: "uid", kernelNames: "SO_PEERCRED, SCM_CREDENTIALS",
            trust: [
                .connection: PeerTrust(
                    level: .recorded,
                    description: "The effective user who connected; whoever was handed the socket speaks in that name."),
                .message: PeerTrust(
                    level: .recorded,
                    description: "A user that the sender is (real, effective or saved), or any with CAP_SETUID."),
            ]),
        Field(
            name: "gid", kernelNames: "SO_PEERCRED, SCM_CREDENTIALS",
            trust: [
                .connection: PeerTrust(
                    level: .recorded,
                    description:
                        "The effective group that connected; whoever was handed the socket speaks in that name."),
                .message: PeerTrust(
                    level: .recorded,
                    description: "A group that the sender is (real, effective or saved), or any with CAP_SETGID."),
            ]),
        Field(
            name: "groups", kernelNames: "SO_PEERGROUPS",
            trust: [
                .connection: PeerTrust(
                    level: .recorded, description: "The supplementary groups when it connected.")
            ]),
        Field(
            name: "process", kernelNames: "SO_PEERPIDFD, SCM_PIDFD",
            trust: [
                .connection: PeerTrust(
                    level: .stable,
                    description:
                        "The very process that connected, alive or not; never another with its number. It may have "
                        + "handed the socket on."),
                .message: PeerTrust(
                    level: .stable,
                    description: "The very process whose number the credentials name, alive or not."),
            ]),
        Field(
            name: "executable", kernelNames: "SO_PEERPIDFD or SCM_PIDFD, /proc/PID/exe",
            trust: [
                .connection: PeerTrust(
                    level: .recorded,
                    description: "The program that the living process runs now: it may have run another one when it "
                        + "connected, and its user can make it do anything."),
                .message: PeerTrust(
                    level: .recorded, description: "The program that the living process runs now."),
            ]),
        Field(
            name: "label", kernelNames: "SO_PEERSEC",
            trust: [
                .connection: PeerTrust(
                    level: .recorded, description: "What the security module says of the process that connected.")
            ]),
    ]
}
