public import CPlumb
public import SystemPackage

/// What a time of an option is counted in.
public protocol OptionTimeUnit {
    /// One of it.
    static var unit: Duration { get }
    /// Its name.
    static var optionUnit: OptionUnit { get }
}

/// Seconds.
public enum WholeSeconds: OptionTimeUnit {
    /// One second.
    public static var unit: Duration { .seconds(1) }
    /// Its name.
    public static var optionUnit: OptionUnit { .seconds }
}

/// Milliseconds.
public enum WholeMilliseconds: OptionTimeUnit {
    /// One millisecond.
    public static var unit: Duration { .milliseconds(1) }
    /// Its name.
    public static var optionUnit: OptionUnit { .milliseconds }
}

/// Microseconds.
public enum WholeMicroseconds: OptionTimeUnit {
    /// One microsecond.
    public static var unit: Duration { .microseconds(1) }
    /// Its name.
    public static var optionUnit: OptionUnit { .microseconds }
}

/// A time, as one `int` of whole units. A fraction is rounded away from zero, so that a short time never becomes "none";
/// what is beyond `int` is clamped, never wrapped.
public enum DurationCodec<Unit: OptionTimeUnit>: FixedOptionCodec {
    /// A time.
    public static var kind: OptionKind { .duration }
    /// The unit.
    public static var unit: OptionUnit? { Unit.optionUnit }
    /// 0.
    public static var emptyForm: CInt { 0 }
    /// So many units.
    public static func value(ofForm form: CInt) -> Duration { Unit.unit * Int(form) }
    /// How many units cover the time.
    public static func form(of value: Duration) -> CInt { CInt(clamping: value.roundedUp(toMultipleOf: Unit.unit)) }
    /// A duration.
    public static func optionValue(_ value: Duration) -> OptionValue { .duration(value) }
    /// From a duration.
    public static func value(_ optionValue: OptionValue) -> Duration? {
        if case .duration(let value) = optionValue { value } else { nil }
    }
}

/// A time, as one `int` of seconds.
public typealias SecondsCodec = DurationCodec<WholeSeconds>
/// A time, as one `int` of milliseconds.
public typealias MillisecondsCodec = DurationCodec<WholeMilliseconds>
/// A time, as one `int` of microseconds.
public typealias MicrosecondsCodec = DurationCodec<WholeMicroseconds>

/// How long a call waits, as a `timeval`; `nil` is for ever (`SO_RCVTIMEO`, `SO_SNDTIMEO`).
///
/// A time is rounded up to a microsecond here, and to a jiffy by the kernel. Zero is for ever in the kernel, so it is here.
/// A negative time is refused, because the kernel takes it for zero; the longest is a thousandth of what 64 bits hold,
/// because the kernel takes more for for ever.
public enum TimeoutCodec: FixedOptionCodec {
    /// A time, or none.
    public static var kind: OptionKind { .timeout }
    /// Microseconds.
    public static var unit: OptionUnit? { .microseconds }
    /// 0.
    public static var emptyForm: timeval { timeval() }
    /// The time; `nil` for zero.
    public static func value(ofForm form: timeval) -> Duration? {
        let time = Duration.seconds(Int64(form.tv_sec)) + .microseconds(Int64(form.tv_usec))
        return time == .zero ? nil : time
    }
    /// Whole microseconds that cover the time.
    public static func form(of value: Duration?) throws(Errno) -> timeval {
        let longest = Duration.seconds(Int64.max / 2000)
        let time = min(value ?? .zero, longest)
        guard time >= .zero else { throw .invalidArgument }
        var form = timeval()
        form.tv_sec = .init(time.components.seconds)
        // The rest is below a second, so it cannot overflow.
        let rest = Duration(secondsComponent: 0, attosecondsComponent: time.components.attoseconds)
        form.tv_usec = .init(rest.roundedUp(toMultipleOf: .microseconds(1)))
        if form.tv_usec == 1_000_000 { (form.tv_sec, form.tv_usec) = (form.tv_sec + 1, 0) }
        return form
    }
    /// A duration, or none.
    public static func optionValue(_ value: Duration?) -> OptionValue { value.map { .duration($0) } ?? .absent }
    /// From a duration, or none.
    public static func value(_ optionValue: OptionValue) -> Duration?? {
        switch optionValue {
        case .absent: .some(nil)
        case .duration(let time): .some(time)
        default: nil
        }
    }
}

extension Duration {
    /// How many times `unit` covers this duration, rounded away from zero, at most what fits.
    func roundedUp(toMultipleOf unit: Duration) -> Int64 {
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: unit.attoseconds)
        return Int64(clamping: whole + rest.signum())
    }
}
