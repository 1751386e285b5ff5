import Testing

@testable import PlumbWorkers

/// Moments and durations, up to those that cannot be counted.
struct MonotonicTimeTests {
    @Test("The clock runs forward")
    func now() {
        let first = MonotonicTime.now
        let second = MonotonicTime.now
        #expect(first <= second)
        #expect(first.nanoseconds > 0)
    }

    @Test(
        "A duration in nanoseconds: none below zero, and for ever where it is too long",
        arguments: [
            (.zero, 0), (.nanoseconds(1), 1), (.milliseconds(250), 250_000_000), (.seconds(30), 30_000_000_000),
            (.seconds(-1), 0), (.nanoseconds(-1), 0),
            (Duration(secondsComponent: 1, attosecondsComponent: 1), 1_000_000_000),
            (.seconds(18_446_744_073), 18_446_744_073_000_000_000), (.seconds(18_446_744_074), .max),
            (.seconds(18_446_744_073) + .milliseconds(900), .max), (.seconds(Int64.max), .max),
        ] as [(Duration, UInt64)])
    func wholeNanoseconds(duration: Duration, expected: UInt64) {
        #expect(duration.wholeNanoseconds == expected)
    }

    @Test("Sums stop at the end of time, differences at zero")
    func arithmetic() {
        let moment = MonotonicTime(nanoseconds: 1_000)
        #expect(moment + .nanoseconds(5) == MonotonicTime(nanoseconds: 1_005))
        #expect(moment + .seconds(Int64.max) == MonotonicTime(nanoseconds: .max))
        #expect(moment + .seconds(-3) == moment)
        #expect(MonotonicTime(nanoseconds: 1_005) - moment == .nanoseconds(5))
        #expect(moment - MonotonicTime(nanoseconds: 1_005) == .zero)
        #expect(MonotonicTime(nanoseconds: .max) - MonotonicTime(nanoseconds: 0) == .nanoseconds(Int64.max))
    }

    @Test("A duration in seconds")
    func inSeconds() {
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
        #expect(Duration.milliseconds(-250).inSeconds == -0.25)
    }
}
