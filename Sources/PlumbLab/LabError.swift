public import SystemPackage

/// What went wrong while measuring: the operation, what it was done to, the kernel's error and what to do about it.
public struct LabError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure, for code to decide on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case invalid, unavailable, system, process, integrity, deadline
        }
        private let value: Value

        /// What was asked for contradicts itself or is out of range: wrong usage.
        public static var invalid: Code { Code(value: .invalid) }
        /// This machine, or this user's rights, do not allow it.
        public static var unavailable: Code { Code(value: .unavailable) }
        /// A system call failed.
        public static var system: Code { Code(value: .system) }
        /// A process of the measurement ended or said something unexpected.
        public static var process: Code { Code(value: .process) }
        /// Bytes were lost or arrived changed.
        public static var integrity: Code { Code(value: .integrity) }
        /// A measurement took far longer than it should.
        public static var deadline: Code { Code(value: .deadline) }

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of failure.
    public let code: Code
    /// What was tried, as the verb of a sentence.
    public let operation: String
    /// What it was done to.
    public let subject: String
    /// The kernel's error, where there was one.
    public let errno: Errno?
    /// Why, and what to do.
    public let reason: String

    /// Creates an error; without a `reason`, the kernel's words for `errno` are the reason.
    public init(_ code: Code, _ operation: String, _ subject: String, errno: Errno? = nil, reason: String? = nil) {
        self.code = code
        self.operation = operation
        self.subject = subject
        self.errno = errno
        self.reason = reason ?? errno?.description ?? "it failed"
    }

    /// One sentence: what failed, on what, why, and what to do.
    public var description: String { "cannot \(operation) \(subject): \(reason)" }
}
