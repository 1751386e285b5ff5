import PlumbSockets

/// How many times one thing is another, with an interval.
public enum Ratio {
    /// The ratio of two things that were measured in turns, round by round.
    ///
    /// Each round gives one ratio, so that what slows both in a round does not count; the estimate is the median of the
    /// rounds' ratios with its distribution-free interval.
    ///
    /// - Parameters:
    ///   - numerator: one figure a round.
    ///   - denominator: the other's figures, of the same rounds.
    /// - Returns: `nil` when the numbers of rounds differ, there are none, or a denominator is not positive.
    public static func paired(
        _ numerator: [Double], over denominator: [Double], confidence: Double = 0.95
    ) -> Estimate? {
        guard numerator.count == denominator.count, denominator.allSatisfy({ $0 > 0 }) else { return nil }
        return Estimate(of: zip(numerator, denominator).map { $0 / $1 }, confidence: confidence)
    }

    /// The ratio of the medians of two series that have nothing to do with each other, such as two runs on two days.
    ///
    /// The interval is the percentile bootstrap's: both series are drawn from with replacement many times, and the
    /// interval holds the middle of the ratios that come out. It is the same every time for the same figures.
    ///
    /// - Parameter resamples: how many times to draw.
    /// - Returns: `nil` when one series is empty or not all positive.
    public static func independent(
        _ numerator: [Double], over denominator: [Double], confidence: Double = 0.95, resamples: Int = 4000
    ) -> Estimate? {
        precondition(confidence > 0 && confidence < 1, "a confidence is between 0 and 1")
        guard let top = OrderStatistics.median(numerator), let bottom = OrderStatistics.median(denominator),
            numerator.allSatisfy({ $0 > 0 }), denominator.allSatisfy({ $0 > 0 })
        else { return nil }
        var random = SeededRandom(seed: UInt64(numerator.count) << 32 | UInt64(denominator.count))
        var ratios: [Double] = []
        ratios.reserveCapacity(resamples)
        for _ in 0..<resamples {
            ratios.append(medianOfDraws(numerator, &random) / medianOfDraws(denominator, &random))
        }
        ratios.sort()
        let outside = Int((Double(resamples) * (1 - confidence) / 2).rounded(.down))
        return Estimate(
            median: top / bottom, low: ratios[outside], high: ratios[resamples - 1 - outside],
            confidence: confidence, count: min(numerator.count, denominator.count))
    }

    private static func medianOfDraws(_ values: [Double], _ random: inout SeededRandom) -> Double {
        var draws = [Double](repeating: 0, count: values.count)
        for index in draws.indices { draws[index] = values[Int.random(in: 0..<values.count, using: &random)] }
        draws.sort()
        return OrderStatistics.median(sorted: draws)
    }
}

/// Random numbers that are the same in every run with the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        let value = splitMix(state)
        state &+= 0x9e37_79b9_7f4a_7c15
        return value
    }

    /// A number from 0 up to and without 1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}
