/// On or off, as one `int`: 0 is false, everything else true.
public enum FlagCodec: FixedOptionCodec {
    /// `on` or `off`.
    public static var kind: OptionKind { .flag }
    /// 0.
    @inlinable
    public static var emptyForm: CInt { 0 }
    /// Whether it is not 0.
    @inlinable
    public static func value(ofForm form: CInt) -> Bool { form != 0 }
    /// 1 or 0.
    @inlinable
    public static func form(of value: Bool) -> CInt { value ? 1 : 0 }
    /// A flag.
    public static func optionValue(_ value: Bool) -> OptionValue { .flag(value) }
    /// From a flag.
    public static func value(_ optionValue: OptionValue) -> Bool? {
        if case .flag(let value) = optionValue { value } else { nil }
    }
}

/// A number, as one `int`, in whatever unit the option has. What is beyond `int` is clamped, never wrapped.
public enum IntegerCodec: FixedOptionCodec {
    /// A whole number.
    public static var kind: OptionKind { .integer }
    /// 0.
    @inlinable
    public static var emptyForm: CInt { 0 }
    /// The number.
    @inlinable
    public static func value(ofForm form: CInt) -> Int { Int(form) }
    /// The number, or the nearest that fits.
    @inlinable
    public static func form(of value: Int) -> CInt { CInt(clamping: value) }
    /// An integer.
    public static func optionValue(_ value: Int) -> OptionValue { .integer(value) }
    /// From an integer.
    public static func value(_ optionValue: OptionValue) -> Int? { optionValue.integerValue }
}

/// A number of 32 bits without a sign (`u32`).
public enum Unsigned32Codec: FixedOptionCodec {
    /// A whole number.
    public static var kind: OptionKind { .integer }
    /// 0.
    @inlinable
    public static var emptyForm: UInt32 { 0 }
    /// The number.
    @inlinable
    public static func value(ofForm form: UInt32) -> UInt32 { form }
    /// The number.
    @inlinable
    public static func form(of value: UInt32) -> UInt32 { value }
    /// An integer.
    public static func optionValue(_ value: UInt32) -> OptionValue { .integer(Int(value)) }
    /// From an integer in range.
    public static func value(_ optionValue: OptionValue) -> UInt32? {
        optionValue.integerValue.flatMap { UInt32(exactly: $0) }
    }
}

/// A number of 64 bits without a sign (`u64`): cookies. The kernel is offered exactly 8 bytes, as `SO_NETNS_COOKIE` wants.
public enum Unsigned64Codec: FixedOptionCodec {
    /// A whole number.
    public static var kind: OptionKind { .integer }
    /// 0.
    @inlinable
    public static var emptyForm: UInt64 { 0 }
    /// The number.
    @inlinable
    public static func value(ofForm form: UInt64) -> UInt64 { form }
    /// The number.
    @inlinable
    public static func form(of value: UInt64) -> UInt64 { value }
    /// An integer.
    public static func optionValue(_ value: UInt64) -> OptionValue { OptionValue(value) }
    /// From an integer in range.
    public static func value(_ optionValue: OptionValue) -> UInt64? { optionValue.unsignedValue }
}

/// A rate in bytes a second, or none (`SO_MAX_PACING_RATE`).
///
/// Read with 8 bytes: with 4 the kernel saturates. `nil` is no limit, which the kernel writes as all ones.
public enum RateCodec: FixedOptionCodec {
    /// Bytes a second.
    public static var kind: OptionKind { .rate }
    /// 0.
    @inlinable
    public static var emptyForm: UInt64 { 0 }
    /// The rate; `nil` when all bits are ones.
    @inlinable
    public static func value(ofForm form: UInt64) -> UInt64? { form == .max ? nil : form }
    /// The rate; all ones for `nil`.
    @inlinable
    public static func form(of value: UInt64?) -> UInt64 { value ?? .max }
    /// An integer, or none.
    public static func optionValue(_ value: UInt64?) -> OptionValue { value.map { OptionValue($0) } ?? .absent }
    /// From an integer, or none.
    public static func value(_ optionValue: OptionValue) -> UInt64?? {
        optionValue == .absent ? .some(nil) : optionValue.unsignedValue.map { .some($0) }
    }
}
