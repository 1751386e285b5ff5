import Testing

@testable import PlumbWorkers

/// When the next process of a row starts.
struct RestartPolicyTests {
    struct Case: CustomTestStringConvertible {
        let row: Int
        let servedBefore: Bool
        let delay: Duration

        init(_ row: Int, servedBefore: Bool, _ delay: Duration) {
            (self.row, self.servedBefore, self.delay) = (row, servedBefore, delay)
        }

        var testDescription: String { "failure \(row)\(servedBefore ? ", having served" : "")" }
    }

    @Test(
        "Without jitter, a row doubles its delays until the breaker opens",
        arguments: [
            Case(1, servedBefore: false, .milliseconds(100)), Case(2, servedBefore: false, .milliseconds(200)),
            Case(3, servedBefore: false, .milliseconds(400)), Case(4, servedBefore: false, .milliseconds(800)),
            Case(5, servedBefore: false, .seconds(30)), Case(6, servedBefore: false, .seconds(30)),
            Case(0, servedBefore: true, .zero), Case(1, servedBefore: true, .zero),
            Case(2, servedBefore: true, .milliseconds(100)), Case(3, servedBefore: true, .milliseconds(200)),
            Case(4, servedBefore: true, .milliseconds(400)), Case(5, servedBefore: true, .seconds(30)),
        ])
    func delays(test: Case) {
        let policy = RestartPolicy()
        #expect(policy.delay(row: test.row, servedBefore: test.servedBefore, random: 0) == test.delay)
    }

    @Test("Jitter shortens a delay by up to a half, and never the breaker's", arguments: [0, 0.25, 0.5, 0.999_999, 1])
    func jitter(random: Double) {
        let policy = RestartPolicy()
        for row in 1..<policy.breakerThreshold {
            let whole = policy.delay(row: row, servedBefore: false, random: 0)
            let delay = policy.delay(row: row, servedBefore: false, random: random)
            #expect(delay <= whole && delay * 2 >= whole)
        }
        #expect(policy.delay(row: 5, servedBefore: false, random: random) == policy.maximumDelay)
    }

    @Test("No delay is longer than the longest, however long the row", arguments: [10, 64, 1000, 100_000])
    func longRows(row: Int) {
        var policy = RestartPolicy()
        policy.breakerThreshold = .max
        #expect(policy.delay(row: row, servedBefore: false, random: 0) == policy.maximumDelay)
    }

    @Test(
        "A value outside its range counts as the nearest one in it",
        arguments: [
            (Duration.seconds(-1), -1.0, Int.min, "1ms 1.0 10ms 1ms 1"), (.zero, 0, 0, "1ms 1.0 10ms 1ms 1"),
            (.seconds(Int64.max), .infinity, .max, "86400000ms 100.0 86400000ms 86400000ms \(Int.max)"),
            (.seconds(Int64.min), .nan, -7, "1ms 1.0 10ms 1ms 1"), (.milliseconds(20), 1.5, 3, "20ms 1.5 20ms 20ms 3"),
        ])
    func ranges(duration: Duration, multiplier: Double, threshold: Int, expected: String) {
        var configuration = MasterConfiguration(addresses: [], command: WorkerCommand("worker"))
        configuration.restart.initialDelay = duration
        configuration.restart.multiplier = multiplier
        configuration.restart.maximumDelay = duration
        configuration.restart.stableAfter = duration
        configuration.restart.breakerThreshold = threshold
        let policy = configuration.settings.restart
        func text(_ duration: Duration) -> String { "\(Int(duration.inSeconds * 1000))ms" }
        let texts = [
            text(policy.initialDelay), "\(policy.multiplier)", text(policy.maximumDelay), text(policy.stableAfter),
            "\(policy.breakerThreshold)",
        ]
        #expect(texts.joined(separator: " ") == expected)
        // Whatever the row, a delay is one that can be waited for.
        for row in [1, 2, 3, 4, 5, 100, 10_000] {
            let delay = policy.delay(row: row, servedBefore: false, random: 1)
            #expect(delay > .zero && delay <= policy.maximumDelay)
        }
    }

    @Test("The supervisor's jitter is a number from 0 to 1, and not always the same")
    func supervisorsRandom() {
        var world = World(seed: 42)
        let numbers = (0..<1000).map { _ in world.supervisor.nextRandom() }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(Set(numbers).count > 990)
        let mean = numbers.reduce(0, +) / 1000
        #expect((0.4...0.6).contains(mean))
    }
}
