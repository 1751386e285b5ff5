import Testing

@testable import PlumbLab

/// Ratios and what is said of them.
@Suite
struct ComparisonTests {
    @Test func pairedRoundsForgetWhatSlowsBoth() throws {
        // Both halve in every other round; the first is always 1.5 times the second.
        let second = (0..<9).map { $0.isMultiple(of: 2) ? 100.0 : 50.0 }
        let ratio = try #require(Ratio.paired(second.map { $0 * 1.5 }, over: second))
        #expect(ratio.median == 1.5 && ratio.low == 1.5 && ratio.high == 1.5 && ratio.count == 9)
    }

    @Test func pairsThatAreNone() {
        #expect(Ratio.paired([1, 2], over: [1]) == nil)
        #expect(Ratio.paired([1, 2], over: [1, 0]) == nil)
        #expect(Ratio.paired([], over: []) == nil)
        #expect(Ratio.independent([], over: [1]) == nil)
        #expect(Ratio.independent([1], over: [-1]) == nil)
    }

    @Test func independentIsRepeatable() throws {
        let first = [10.0, 11, 12, 9, 10, 11, 10, 12, 9]
        let second = first.map { $0 * 2 }
        let ratio = try #require(Ratio.independent(second, over: first))
        #expect(ratio == Ratio.independent(second, over: first))
        #expect(ratio.median == 2 && ratio.low <= 2 && 2 <= ratio.high)
        #expect(ratio.low >= 18.0 / 12 && ratio.high <= 24.0 / 9)
        #expect(ratio.low < ratio.high)
    }

    /// Two series of one distribution: the bootstrap's interval covers 1 about as often as it says.
    @Test func independentCoverage() throws {
        var random = SeededRandom(seed: 3)
        var covered = 0
        for _ in 0..<300 {
            let series = (0..<2).map { _ in (0..<11).map { _ in 100 + 20 * random.unit() } }
            let ratio = try #require(Ratio.independent(series[0], over: series[1], resamples: 400))
            if ratio.low <= 1 && 1 <= ratio.high { covered += 1 }
        }
        #expect(covered > 264)
    }

    @Test(arguments: [
        // (low, high, higher is better, tolerance, verdict)
        (1.06, 1.2, true, 0.05, Verdict.faster), (1.06, 1.2, false, 0.05, .slower),
        (0.8, 0.94, true, 0.05, .slower), (0.8, 0.94, false, 0.05, .faster),
        (1.04, 1.2, true, 0.05, .noDifference), (0.8, 0.96, true, 0.05, .noDifference),
        (0.9, 1.2, true, 0.05, .noDifference), (1.001, 1.002, true, 0.05, .noDifference),
        (1.001, 1.002, true, 0, .faster), (0.998, 0.999, true, 0, .slower), (1, 1, true, 0, .noDifference),
    ])
    func verdicts(low: Double, high: Double, isRate: Bool, tolerance: Double, verdict: Verdict) {
        let ratio = Estimate(median: (low + high) / 2, low: low, high: high, confidence: 0.96, count: 9)
        #expect(
            Verdict(ratio: ratio, isRate ? .higherIsBetter : .lowerIsBetter, tolerance: tolerance) == verdict)
        // Turned around, the verdict is the opposite.
        let turned = Estimate(median: 1 / ratio.median, low: 1 / high, high: 1 / low, confidence: 0.96, count: 9)
        let opposite: [Verdict: Verdict] = [.faster: .slower, .slower: .faster, .noDifference: .noDifference]
        #expect(
            Verdict(ratio: turned, isRate ? .higherIsBetter : .lowerIsBetter, tolerance: tolerance)
                == opposite[verdict])
    }
}
