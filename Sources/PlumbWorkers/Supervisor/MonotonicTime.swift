import CPlumb

/// A moment on `CLOCK_MONOTONIC`, in nanoseconds: eight bytes, and the same in every process of the machine.
struct MonotonicTime: Comparable, Hashable, Codable {
    var nanoseconds: UInt64

    static var now: MonotonicTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Later by a duration; for ever where that is too long to count.
    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return MonotonicTime(nanoseconds: overflow ? .max : sum)
    }

    /// The time since an earlier moment; zero since a later one.
    static func - (later: MonotonicTime, earlier: MonotonicTime) -> Duration {
        .nanoseconds(Int64(clamping: later > earlier ? later.nanoseconds - earlier.nanoseconds : 0))
    }
}

extension Duration {
    /// The duration in nanoseconds: 0 for a negative one, clamped for one of more than 584 years.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, tooLong) = product.addingReportingOverflow(UInt64(attoseconds) / 1_000_000_000)
        return overflow || tooLong ? .max : sum
    }

    /// The duration in seconds.
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
