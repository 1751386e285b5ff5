import CPlumb
package import PlumbSockets
package import SystemPackage

// Signals, time and the wishes of other threads as descriptors.

/// The signals that end a master: SIGTERM and SIGINT.
///
/// They are read from a descriptor, never handled. That needs them blocked in every thread, so ``block()`` is to be
/// called before any other thread starts. Not SIGQUIT: the Swift runtime's backtracer takes it.
public enum TerminationSignals {
    /// Blocks SIGTERM and SIGINT in the calling thread and in those it starts from now on.
    public static func block() {
        var set = set
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGTERM)
        unsafe sigaddset(&set, SIGINT)
        return set
    }

    /// A non-blocking signalfd(2) of the two.
    static func descriptor() throws(Errno) -> Descriptor {
        var set = set
        return Descriptor(owning: try systemCall { unsafe signalfd(-1, &set, PLUMB_SFD_FLAGS) })
    }

    /// How many signals came since the last call.
    static func drain(_ descriptor: BorrowedDescriptor) -> Int {
        var count = 0
        var information = signalfd_siginfo()
        while unsafe plumb_read(descriptor.rawValue, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
            count += 1
        }
        return count
    }
}

/// A timer for one moment (`timerfd_create(2)`, CLOCK_MONOTONIC).
struct TimerDescriptor: ~Copyable {
    let descriptor: Descriptor
    private var armedFor: MonotonicTime?

    init() throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { timerfd_create(CLOCK_MONOTONIC, PLUMB_TFD_FLAGS) })
    }

    /// Arms the timer unless it goes off early enough already.
    ///
    /// A deadline that moves away with every acknowledgement would otherwise cost a system call each time; the price is
    /// a tick now and then that finds nothing to do.
    mutating func arm(for deadline: MonotonicTime?) throws(Errno) {
        guard let deadline, deadline < armedFor ?? MonotonicTime(nanoseconds: .max) else { return }
        armedFor = deadline
        var specification = itimerspec()
        // Zero would disarm it: the clock's first nanosecond is long past.
        specification.it_value.tv_sec = time_t(deadline.nanoseconds / 1_000_000_000)
        specification.it_value.tv_nsec = max(Int(deadline.nanoseconds % 1_000_000_000), 1)
        let number = descriptor.rawValue
        _ = try systemCall { unsafe timerfd_settime(number, PLUMB_TFD_ABSTIME, &specification, nil) }
    }

    /// Notes that the timer went off.
    mutating func acknowledge() {
        var expirations: UInt64 = 0
        _ = unsafe plumb_read(descriptor.rawValue, &expirations, 8)
        armedFor = nil
    }
}

/// A wish from another thread (`eventfd(2)`).
package struct WakeUpDescriptor: ~Copyable, Sendable {
    package let descriptor: Descriptor

    package init() throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { eventfd(0, PLUMB_EFD_FLAGS) })
    }

    /// Wakes whoever waits. From any thread.
    package func signal() {
        var one: UInt64 = 1
        _ = unsafe plumb_write(descriptor.rawValue, &one, 8)
    }

    /// How many times ``signal()`` was called since the last call.
    package func drain() -> UInt64 {
        var count: UInt64 = 0
        return unsafe plumb_read(descriptor.rawValue, &count, 8) == 8 ? count : 0
    }
}
