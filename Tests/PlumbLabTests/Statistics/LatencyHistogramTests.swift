import FoundationEssentials
import Testing

@testable import PlumbLab

/// The histogram against the same times sorted.
@Suite
struct LatencyHistogramTests {
    /// Times from nanoseconds to tens of seconds: every percentile is within a thousandth of the sorted one's.
    @Test(arguments: [1, 2, 3])
    func accuracy(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var histogram = LatencyHistogram()
        var times: [UInt64] = []
        for _ in 0..<50_000 {
            let time = UInt64(1 << Int.random(in: 0...34, using: &random)) + random.next() % 1000
            times.append(time)
            histogram.record(nanoseconds: time)
        }
        times.sort()
        #expect(histogram.count == times.count && histogram.minimum == times[0])
        for percentile in [1, 10, 25, 50, 75, 90, 99, 99.9, 99.99] {
            let exact = times[max(Int((percentile / 100 * Double(times.count)).rounded(.up)) - 1, 0)]
            let value = histogram.value(atPercentile: percentile)
            #expect(Double(value) >= Double(exact) && Double(value) <= Double(exact) * 1.001 + 1, "\(percentile)")
        }
        #expect(Double(histogram.maximum) <= Double(times[times.count - 1]) * 1.001)
    }

    @Test func percentilesCarryTheirCounts() {
        var histogram = LatencyHistogram()
        for time in 1...2000 { histogram.record(nanoseconds: UInt64(time)) }
        #expect(histogram.percentiles.map(\.percentile) == [50, 90, 99])
        #expect(histogram.percentiles.map(\.samplesBeyond) == [1000, 200, 20])
        #expect(histogram.percentiles.map(\.nanoseconds) == [1000, 1800, 1980])
    }

    @Test func emptyHasNothingToSay() {
        let histogram = LatencyHistogram()
        #expect(histogram.count == 0 && histogram.percentiles.isEmpty)
        #expect(histogram.minimum == 0 && histogram.maximum == 0 && histogram.value(atPercentile: 50) == 0)
    }

    @Test func beyondRangeIsCounted() {
        var histogram = LatencyHistogram()
        histogram.record(nanoseconds: .max)
        histogram.record(nanoseconds: LatencyHistogram.longest + 1)
        histogram.record(nanoseconds: LatencyHistogram.longest)
        #expect(histogram.count == 3 && histogram.beyondRange == 2)
    }

    @Test func adding() {
        var (first, second) = (LatencyHistogram(), LatencyHistogram())
        for time in 1...100 { first.record(nanoseconds: UInt64(time)) }
        for time in 101...200 { second.record(nanoseconds: UInt64(time)) }
        first.add(second)
        #expect(first.count == 200 && first.value(atPercentile: 50) == 100 && first.maximum == 200)
    }

    @Test func codingKeepsEverythingThatIsAsked() throws {
        var random = SeededRandom(seed: 11)
        var histogram = LatencyHistogram()
        for _ in 0..<20_000 { histogram.record(nanoseconds: 1000 + random.next() % 10_000_000) }
        histogram.record(nanoseconds: .max)
        let data = try JSONEncoder().encode(histogram)
        let copy = try JSONDecoder().decode(LatencyHistogram.self, from: data)
        #expect(copy.count == histogram.count && copy.beyondRange == 1 && copy.percentiles == histogram.percentiles)
        #expect(copy.minimum == histogram.minimum && copy.maximum == histogram.maximum)
    }

    @Test(arguments: [
        #"{"counts":[[1]],"beyondRange":0}"#, #"{"counts":[[200000000000,1]],"beyondRange":0}"#,
        #"{"counts":[[1,99999999999]],"beyondRange":0}"#, #"{"counts":[[1,1]]}"#,
    ])
    func badText(text: String) {
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(LatencyHistogram.self, from: Data(text.utf8))
        }
    }
}
