import Histogram

/// Times in nanoseconds, counted with three significant digits from 1 ns to 100 s (HDR histogram).
public struct LatencyHistogram: Sendable {
    private var histogram: Histogram<UInt32>
    /// How many were longer than 100 s; they are counted as that.
    public private(set) var beyondRange = 0

    /// The longest time that is told from longer ones.
    static let longest: UInt64 = 100_000_000_000

    /// Creates an empty histogram. All its memory is allocated here, none by ``record(nanoseconds:)``.
    public init() {
        histogram = Histogram<UInt32>(
            lowestDiscernibleValue: 1, highestTrackableValue: LatencyHistogram.longest,
            numberOfSignificantValueDigits: .three)
    }

    /// Counts one time.
    @inline(__always)
    package mutating func record(nanoseconds: UInt64) {
        if nanoseconds > LatencyHistogram.longest {
            beyondRange += 1
            histogram.record(LatencyHistogram.longest)
        } else {
            histogram.record(nanoseconds)
        }
    }

    /// Adds what another one counted.
    public mutating func add(_ other: LatencyHistogram) {
        histogram.add(other.histogram)
        beyondRange += other.beyondRange
    }

    /// How many times were counted.
    public var count: Int { Int(histogram.totalCount) }

    /// The shortest time, in nanoseconds; 0 without any.
    public var minimum: UInt64 { count == 0 ? 0 : histogram.min }

    /// The longest time, in nanoseconds, within a thousandth.
    public var maximum: UInt64 { histogram.maxRecorded }

    /// The time that `percentile` percent of the counted ones do not exceed, within a thousandth.
    ///
    /// - Parameter percentile: 0 to 100.
    /// - Returns: nanoseconds; 0 without any.
    public func value(atPercentile percentile: Double) -> UInt64 { histogram.valueAtPercentile(percentile) }

    /// Percentiles, each with the number of samples that lie beyond it, as far as the counted times carry them.
    ///
    /// A percentile beyond which there are fewer than ten samples says nothing that the next run would repeat, so it is
    /// left out.
    public var percentiles: [Percentile] {
        Percentile.usual.compactMap { percentile in
            let beyond = Int((Double(count) * (100 - percentile) / 100).rounded(.down))
            guard beyond >= Percentile.leastBeyond else { return nil }
            return Percentile(
                percentile: percentile, nanoseconds: value(atPercentile: percentile), samplesBeyond: beyond)
        }
    }
}

/// A time that a percentage of samples do not exceed.
public struct Percentile: Hashable, Sendable, Codable {
    /// The percentage: 99.9.
    public let percentile: Double
    /// The time.
    public let nanoseconds: UInt64
    /// How many samples were longer.
    public let samplesBeyond: Int

    /// The least number of samples that carry a percentile.
    static let leastBeyond = 10

    /// The percentages that are asked for.
    static let usual: [Double] = [50, 90, 99, 99.9, 99.99, 99.999]
}

/// Pairs of a time and how often it was counted, in ascending order: `[[5120,17],[5124,9]]`.
extension LatencyHistogram: Codable {
    private enum Key: String, CodingKey { case counts, beyondRange }

    /// Reads the pairs.
    public init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Key.self)
        for pair in try container.decode([[UInt64]].self, forKey: .counts) {
            guard pair.count == 2, pair[0] <= LatencyHistogram.longest, let count = UInt32(exactly: pair[1]) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .counts, in: container, debugDescription: "a pair is a time below 100 s and its count")
            }
            histogram.record(pair[0], count: count)
        }
        beyondRange = try container.decode(Int.self, forKey: .beyondRange)
    }

    /// Writes the pairs.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(
            histogram.recordedValues().map { [min($0.value, LatencyHistogram.longest), UInt64($0.count)] },
            forKey: .counts)
        try container.encode(beyondRange, forKey: .beyondRange)
    }
}
