#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A median with the interval in which the true median lies, whatever the distribution is.
///
/// The interval's bounds are two of the observations (order statistics), so nothing is assumed about their distribution:
/// the true median lies between the k-th smallest and the k-th greatest of n observations unless fewer than k of them
/// fell on one side of it, and that is a matter of coin tosses.
public struct Estimate: Hashable, Sendable, Codable {
    /// The median of the observations.
    public let median: Double
    /// The interval's lower bound.
    public let low: Double
    /// The interval's upper bound.
    public let high: Double
    /// How probable it is that the interval covers the true median. Five or fewer observations cannot reach 0.95; then
    /// the interval is the whole range of the observations and this says what it is worth.
    public let confidence: Double
    /// How many observations there were.
    public let count: Int

    init(median: Double, low: Double, high: Double, confidence: Double, count: Int) {
        self.median = median
        self.low = low
        self.high = high
        self.confidence = confidence
        self.count = count
    }

    /// The median of observations, with the narrowest symmetric interval that has at least the wanted confidence.
    ///
    /// - Parameter confidence: between 0 and 1, both excluded.
    /// - Returns: `nil` without observations, or when one of them is no number.
    public init?(of observations: some Collection<Double>, confidence: Double = 0.95) {
        precondition(confidence > 0 && confidence < 1, "a confidence is between 0 and 1")
        guard !observations.isEmpty, !observations.contains(where: \.isNaN) else { return nil }
        let sorted = observations.sorted()
        let rank = OrderStatistics.medianRank(count: sorted.count, confidence: confidence)
        self.init(
            median: OrderStatistics.median(sorted: sorted), low: sorted[rank.lower], high: sorted[rank.upper],
            confidence: rank.confidence, count: sorted.count)
    }

    /// Half the interval's width as a share of the median: how finely this estimate can tell two things apart.
    public var relativeUncertainty: Double {
        median == 0 ? 0 : (high - low) / 2 / median.magnitude
    }
}

/// Medians and their intervals by rank.
public enum OrderStatistics {
    /// The median of observations in ascending order; the middle of the two in the middle for an even number.
    static func median(sorted: [Double]) -> Double {
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The median, by sorting; `nil` without observations.
    public static func median(_ observations: some Collection<Double>) -> Double? {
        observations.isEmpty ? nil : median(sorted: observations.sorted())
    }

    /// Which of `count` sorted observations bound the median, and with what confidence.
    static func medianRank(
        count: Int, confidence: Double
    ) -> (lower: Int, upper: Int, confidence: Double) {
        // With k observations below the lower bound's rank excluded on each side, the interval misses the median when k
        // or fewer of `count` coins show heads, or as few tails.
        var best = (lower: 0, upper: count - 1, confidence: 1 - 2 * binomialTail(count, atMost: 0))
        var lower = 1
        while lower < count - 1 - lower {
            let covered = 1 - 2 * binomialTail(count, atMost: lower)
            if covered < confidence { break }
            best = (lower, count - 1 - lower, covered)
            lower += 1
        }
        return best
    }

    /// How probable it is that at most `limit` of `count` fair coins show heads.
    static func binomialTail(_ count: Int, atMost limit: Int) -> Double {
        // Through logarithms, because 0.5 to the power of 2000 is no number.
        var logarithm = -Double(count) * log(2)
        var sum = 0.0
        for heads in 0...max(limit, 0) {
            if heads > 0 { logarithm += log(Double(count - heads + 1) / Double(heads)) }
            sum += exp(logarithm)
        }
        return min(sum, 1)
    }
}
