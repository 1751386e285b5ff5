public import SystemPackage

/// What went wrong with a master or a worker.
public struct WorkersError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was tried, as the verb of a sentence.
    public let operation: String
    /// What it was done to.
    public let subject: String
    /// The kernel's error, where there was one.
    public let errno: Errno?
    /// Why, and what to do.
    public let reason: String

    /// Creates an error; without a `reason`, the kernel's words for `errno` are the reason.
    public init(_ operation: String, _ subject: String, errno: Errno? = nil, reason: String? = nil) {
        self.operation = operation
        self.subject = subject
        self.errno = errno
        self.reason = reason ?? errno?.description ?? "it failed"
    }

    /// One sentence: what failed, on what, why, and what to do.
    public var description: String { "cannot \(operation) \(subject): \(reason)" }
}
