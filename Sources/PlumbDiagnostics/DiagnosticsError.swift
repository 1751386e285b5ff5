public import SystemPackage

/// What went wrong while looking at sockets: the operation, what it was done to, the kernel's error and what to do.
public struct DiagnosticsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure, for code to decide on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case system, malformed, unsupported, noSuchProcess, noSuchSocket, notPermitted, changed, interrupted,
                invalid
        }
        private let value: Value

        /// A system call failed: see ``DiagnosticsError/errno``.
        public static var system: Code { Code(value: .system) }
        /// What came is not what the kernel sends.
        public static var malformed: Code { Code(value: .malformed) }
        /// This kernel cannot do it.
        public static var unsupported: Code { Code(value: .unsupported) }
        /// The process has ended, or there never was one.
        public static var noSuchProcess: Code { Code(value: .noSuchProcess) }
        /// There is no such socket.
        public static var noSuchSocket: Code { Code(value: .noSuchSocket) }
        /// It needs a privilege.
        public static var notPermitted: Code { Code(value: .notPermitted) }
        /// The socket is another one than it was.
        public static var changed: Code { Code(value: .changed) }
        /// The sockets changed during the dump, each time.
        public static var interrupted: Code { Code(value: .interrupted) }
        /// A text is not what it has to be.
        public static var invalid: Code { Code(value: .invalid) }

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
        self.reason = reason ?? errno?.description ?? code.description
    }

    /// One sentence: what failed, on what, why, and what to do.
    public var description: String {
        subject.isEmpty ? "cannot \(operation): \(reason)" : "cannot \(operation) \(subject): \(reason)"
    }
}
