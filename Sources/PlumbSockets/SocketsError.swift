public import SystemPackage

/// What went wrong with a socket: the operation, what it was done to, the kernel's error and what to do about it.
public struct SocketsError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of failure, for code to decide on.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case system, invalidAddress, unknownHost, addressInUse, limit, unknownOption, invalidValue
            case invalidInheritance, commandNotFound, commandNotExecutable
        }
        private let value: Value

        /// A system call failed: see ``SocketsError/errno``.
        public static var system: Code { Code(value: .system) }
        /// A text is no address, or an address has no such form.
        public static var invalidAddress: Code { Code(value: .invalidAddress) }
        /// A name has no address.
        public static var unknownHost: Code { Code(value: .unknownHost) }
        /// A live server has the address.
        public static var addressInUse: Code { Code(value: .addressInUse) }
        /// A number is beyond what the kernel takes.
        public static var limit: Code { Code(value: .limit) }
        /// No option has a name.
        public static var unknownOption: Code { Code(value: .unknownOption) }
        /// A text is no value of an option.
        public static var invalidValue: Code { Code(value: .invalidValue) }
        /// What this process was told about inherited listeners does not hold.
        public static var invalidInheritance: Code { Code(value: .invalidInheritance) }
        /// There is no such program.
        public static var commandNotFound: Code { Code(value: .commandNotFound) }
        /// There is such a program, and it cannot be executed.
        public static var commandNotExecutable: Code { Code(value: .commandNotExecutable) }

        /// The code's name.
        public var description: String { value.rawValue }
    }

    /// What kind of failure.
    public let code: Code
    /// What was tried, as the verb of a sentence: "listen on".
    public let operation: String
    /// What it was done to: an address, an option, a descriptor.
    public let subject: String
    /// The kernel's error, where there was one.
    public let errno: Errno?
    /// Why, and what to do, in the reader's words.
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
