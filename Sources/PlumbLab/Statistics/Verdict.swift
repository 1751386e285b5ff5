/// Which way of a figure is better.
public enum Direction: String, Sendable, Codable, CaseIterable {
    /// A rate.
    case higherIsBetter = "higher"
    /// A time or a cost.
    case lowerIsBetter = "lower"
}

/// What a comparison says.
public enum Verdict: String, Sendable, Codable, CaseIterable {
    /// Better by more than the tolerance, with confidence.
    case faster
    /// Worse by more than the tolerance, with confidence.
    case slower
    /// Neither: the interval of the ratio reaches into the tolerance around 1.
    case noDifference = "no difference"

    /// Judges the ratio of the new figure over the old one.
    ///
    /// A difference is one only when the whole interval lies outside of the tolerance: a difference that is certain and
    /// small is no difference for anybody, and one that is large and uncertain is none yet.
    ///
    /// - Parameter tolerance: the greatest difference that does not count, as a share: 0.05 takes 0.95…1.053 for equal.
    public init(ratio: Estimate, _ direction: Direction, tolerance: Double) {
        precondition(tolerance >= 0 && tolerance < 1, "a tolerance is between 0 and 1")
        if ratio.low > 1 / (1 - tolerance) {
            self = direction == .higherIsBetter ? .faster : .slower
        } else if ratio.high < 1 - tolerance {
            self = direction == .higherIsBetter ? .slower : .faster
        } else {
            self = .noDifference
        }
    }
}
