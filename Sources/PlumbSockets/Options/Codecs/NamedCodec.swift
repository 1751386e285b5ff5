/// A value that is one `int` with names for some of its numbers.
public protocol NamedOptionValue: RawRepresentable, Hashable, Sendable where RawValue == CInt {
    /// The names, in the order in which they are shown.
    static var valueNames: [OptionName] { get }
    /// ``OptionKind/choice``, or ``OptionKind/set`` for flags.
    static var optionKind: OptionKind { get }
    /// The value of a number; numbers without a name are values too.
    init(rawValue: CInt)
}

extension NamedOptionValue {
    /// One of the names.
    public static var optionKind: OptionKind { .choice }
}

extension NamedOptionValue where Self: OptionSet {
    /// Some of the names.
    public static var optionKind: OptionKind { .set }
}

/// A number with names, as one `int`.
public enum NamedCodec<Value: NamedOptionValue>: FixedOptionCodec {
    /// One of the names, or some of them.
    public static var kind: OptionKind { Value.optionKind }
    /// The names.
    public static var names: [OptionName] { Value.valueNames }
    /// 0.
    public static var emptyForm: CInt { 0 }
    /// The number.
    public static func value(ofForm form: CInt) -> Value { Value(rawValue: form) }
    /// The number.
    public static func form(of value: Value) -> CInt { value.rawValue }
    /// An integer.
    public static func optionValue(_ value: Value) -> OptionValue { .integer(Int(value.rawValue)) }
    /// From an integer that fits.
    public static func value(_ optionValue: OptionValue) -> Value? {
        optionValue.integerValue.flatMap { CInt(exactly: $0) }.map { Value(rawValue: $0) }
    }
}
