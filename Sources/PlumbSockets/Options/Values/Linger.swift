public import CPlumb
public import SystemPackage

/// What `close(2)` does about data that is not sent yet (`SO_LINGER`).
public enum Linger: Hashable, Sendable {
    /// Returns at once; the kernel goes on sending. The default.
    case off
    /// Waits until all is sent and acknowledged, at most so long, even on a non-blocking descriptor. Whole seconds.
    case wait(Duration)

    /// Throws the data away and resets the connection: the peer sees `ECONNRESET`.
    public static var reset: Linger { .wait(.zero) }
}

/// ``Linger``, as a `struct linger`. A fraction of a second is rounded up; a negative time is refused.
public enum LingerCodec: FixedOptionCodec {
    /// A time, `reset` or `off`.
    public static var kind: OptionKind { .linger }
    /// Off.
    public static var emptyForm: linger { linger() }
    /// Off, or the time.
    public static func value(ofForm form: linger) -> Linger {
        form.l_onoff == 0 ? .off : .wait(.seconds(Int64(form.l_linger)))
    }
    /// On or off, and the seconds.
    public static func form(of value: Linger) throws(Errno) -> linger {
        switch value {
        case .off: return linger(l_onoff: 0, l_linger: 0)
        case .wait(let time):
            guard time >= .zero else { throw .invalidArgument }
            return linger(l_onoff: 1, l_linger: CInt(clamping: time.roundedUp(toMultipleOf: .seconds(1))))
        }
    }
    /// A duration, or none for off.
    public static func optionValue(_ value: Linger) -> OptionValue {
        switch value {
        case .off: .absent
        case .wait(let time): .duration(time)
        }
    }
    /// From a duration, or none for off.
    public static func value(_ optionValue: OptionValue) -> Linger? {
        switch optionValue {
        case .absent: .off
        case .duration(let time): .wait(time)
        default: nil
        }
    }
}
