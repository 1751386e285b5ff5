import CPlumb
import CPlumbLab

/// The monotonic clock and this process's use of the processors.
enum Clock {
    /// Nanoseconds since some moment (`CLOCK_MONOTONIC`), the same for all processes.
    @inline(__always)
    static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
    }
}

extension Usage {
    /// What this process has used since it began, without ``waiting`` (`getrusage(2)`).
    ///
    /// On a kernel without IRQ time accounting the network's work in interrupts counts for whomever it interrupted.
    static func now() -> Usage {
        var usage = plumb_usage()
        unsafe plumb_get_usage(&usage)
        return Usage(usage)
    }

    init(_ usage: plumb_usage) {
        self.init(
            user: usage.user, system: usage.system, voluntarySwitches: usage.voluntary_switches,
            involuntarySwitches: usage.involuntary_switches)
    }

    /// The same with ``waiting`` (`/proc/self/schedstat`), which takes microseconds to read.
    static func nowWithWaiting() -> Usage {
        var usage = now()
        let numbers = (SystemFile.text("/proc/self/schedstat") ?? "").split(separator: " ").map { UInt64($0) ?? 0 }
        if numbers.count >= 2 { usage.waiting = numbers[1] }
        return usage
    }
}
