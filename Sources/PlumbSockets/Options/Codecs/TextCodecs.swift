public import SystemPackage

/// A value that is a name.
public protocol TextOptionValue: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
where RawValue == String {
    /// The value of a name.
    init(rawValue: String)
}

extension TextOptionValue {
    /// The value of a name.
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    /// The name.
    public var description: String { rawValue }
}

/// A name of at most 15 bytes, without a NUL. The kernel cuts off what is longer; here it is refused.
public enum TextCodec<Value: TextOptionValue>: OptionCodec {
    /// A name.
    public static var kind: OptionKind { .text }

    /// Reads the name, whose end is a NUL or the end of what the kernel wrote.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> Value {
        Value(rawValue: text(try OptionBytes.read(from: socket, level: level, number: number, capacity: 64)))
    }

    /// Sets the name, with a NUL.
    public static func write(_ value: Value, to socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) {
        guard isName(value.rawValue) else { throw .invalidArgument }
        try OptionBytes.write(Array(value.rawValue.utf8) + [0], to: socket, level: level, number: number)
    }

    /// The text.
    public static func optionValue(_ value: Value) -> OptionValue { .text(value.rawValue) }
    /// From a text that fits.
    public static func value(_ optionValue: OptionValue) -> Value? {
        if case .text(let text) = optionValue, isName(text) { Value(rawValue: text) } else { nil }
    }

    private static func isName(_ text: String) -> Bool { text.utf8.count <= 15 && !text.utf8.contains(0) }
}

/// The security context of a Linux security module, of any length. Only read.
public enum SecurityContextCodec: OptionCodec {
    /// A text.
    public static var kind: OptionKind { .text }

    /// Reads the context, into more room where it did not fit.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> String {
        text(try OptionBytes.readGrowing(from: socket, level: level, number: number, capacity: 256))
    }

    /// Hands the text to the kernel, which refuses it.
    public static func write(
        _ value: String, to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        try OptionBytes.write(Array(value.utf8), to: socket, level: level, number: number)
    }

    /// The text.
    public static func optionValue(_ value: String) -> OptionValue { .text(value) }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> String? {
        if case .text(let text) = optionValue { text } else { nil }
    }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
