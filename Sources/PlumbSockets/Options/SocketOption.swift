public import SystemPackage

/// A socket option: where it is in the kernel, and how its value stands in memory.
///
/// ```swift
/// try socket.set(.noDelay, to: true)
/// let idle = try socket.get(.keepAliveIdle)
/// ```
///
/// What is known *about* an option (unit, phase, inheritance, privilege, purpose, cost) is in ``OptionDescription``.
public struct SocketOption<Codec: OptionCodec>: Sendable {
    /// The protocol level (`SOL_SOCKET`, `IPPROTO_TCP`, …).
    public let level: CInt
    /// The kernel's number of the option on that level.
    public let number: CInt

    /// Names an option that the catalogue does not have.
    @inlinable
    public init(level: CInt, number: CInt) {
        self.level = level
        self.number = number
    }
}

extension BorrowedDescriptor {
    /// The option's value now (`getsockopt(2)`).
    @inlinable
    public func get<Codec>(_ option: SocketOption<Codec>) throws(Errno) -> Codec.Value {
        try Codec.read(from: self, level: option.level, number: option.number)
    }

    /// Asks for a value (`setsockopt(2)`). The kernel may take another one: read it back.
    ///
    /// - Throws: what the kernel says; `.invalidArgument` also for a value that has no form in the kernel, such as a
    ///   name that is too long, which the kernel would cut off.
    @inlinable
    public func set<Codec>(_ option: SocketOption<Codec>, to value: Codec.Value) throws(Errno) {
        try Codec.write(value, to: self, level: option.level, number: option.number)
    }
}

extension Descriptor {
    /// The option's value now (`getsockopt(2)`).
    @inlinable
    public func get<Codec>(_ option: SocketOption<Codec>) throws(Errno) -> Codec.Value { try borrowed.get(option) }

    /// Asks for a value (`setsockopt(2)`). The kernel may take another one: read it back.
    @inlinable
    public func set<Codec>(_ option: SocketOption<Codec>, to value: Codec.Value) throws(Errno) {
        try borrowed.set(option, to: value)
    }
}
