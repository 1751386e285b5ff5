// CPlumb is public here, and wherever else code is `@inlinable`, because that code becomes part of the programs that use
// the library: getting or setting an integer option is the bare system call there.
public import CPlumb
public import SystemPackage

/// How the value of an option stands in the kernel's memory, and in text.
///
/// A codec is a type without instances; an option names it in its type, so that a call is resolved at compile time. Most
/// codecs are a ``FixedOptionCodec``.
public protocol OptionCodec: SendableMetatype {
    /// The value as a Swift program has it.
    associatedtype Value: Sendable

    /// The value as text: what is parsed and printed.
    static var kind: OptionKind { get }
    /// What the number counts, where the codec alone says it.
    static var unit: OptionUnit? { get }
    /// The names of values, where the codec alone says them.
    static var names: [OptionName] { get }
    /// What the value's text looks like, as the end of a sentence, where ``kind`` does not say it all.
    static var expectation: String? { get }

    /// Reads the option (`getsockopt(2)`).
    static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> Value
    /// Sets the option (`setsockopt(2)`).
    static func write(_ value: Value, to socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno)

    /// The value in the form that every option's value has.
    static func optionValue(_ value: Value) -> OptionValue
    /// The value from the form that every option's value has; `nil` when it is not one of this option's.
    static func value(_ optionValue: OptionValue) -> Value?
}

/// A codec whose value always takes the same number of bytes.
public protocol FixedOptionCodec: OptionCodec {
    /// The C type.
    associatedtype Form: BitwiseCopyable

    /// A form with all bits zero: the kernel may fill in less than it was offered.
    static var emptyForm: Form { get }
    /// The value that a form stands for.
    static func value(ofForm form: Form) -> Value
    /// The form of a value.
    ///
    /// - Throws: `.invalidArgument` for a value that has none.
    static func form(of value: Value) throws(Errno) -> Form
}

extension FixedOptionCodec {
    /// Reads the option into its C type.
    @inlinable
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> Value {
        var form = emptyForm
        var length = socklen_t(MemoryLayout<Form>.size)
        let descriptor = socket.rawValue
        // Once: no signal interrupts these two calls, and trying again would cost a caller's loop its registers.
        _ = try systemCallOnce { unsafe getsockopt(descriptor, level, number, &form, &length) }
        return value(ofForm: form)
    }

    /// Sets the option from its C type.
    @inlinable
    public static func write(
        _ value: Value, to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        var form = try form(of: value)
        let descriptor = socket.rawValue
        _ = try systemCallOnce {
            unsafe setsockopt(descriptor, level, number, &form, socklen_t(MemoryLayout<Form>.size))
        }
    }
}

extension OptionCodec {
    /// None.
    public static var unit: OptionUnit? { nil }
    /// None.
    public static var names: [OptionName] { [] }
    /// As the kind says.
    public static var expectation: String? { nil }
}

extension OptionCodec {
    /// Reads the option in the form that every option's value has.
    static func readAny(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> OptionValue {
        optionValue(try read(from: socket, level: level, number: number))
    }

    /// Sets the option from the form that every option's value has.
    static func writeAny(
        _ any: OptionValue, to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        guard let value = value(any) else { throw .invalidArgument }
        try write(value, to: socket, level: level, number: number)
    }
}
