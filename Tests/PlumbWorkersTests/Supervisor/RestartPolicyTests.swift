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
