import Testing

@testable import PlumbLab

/// Medians with intervals, against tables and by drawing.
@Suite
struct EstimateTests {
    /// Coverage of the order-statistic interval of a median as the tables have it.
    @Test(arguments: [
        (1, 0, 0, 0.0), (2, 0, 1, 0.5), (5, 0, 4, 0.9375), (6, 0, 5, 0.96875), (8, 0, 7, 0.9921875),
        (9, 1, 7, 0.9609375), (10, 1, 8, 0.978515625), (12, 2, 9, 0.9614257812), (15, 3, 11, 0.9648437500),
        (20, 5, 14, 0.9586105347), (25, 7, 17, 0.9567147493), (100, 39, 60, 0.9647997997),
    ])
    func ranks(count: Int, lower: Int, upper: Int, confidence: Double) {
        let rank = OrderStatistics.medianRank(count: count, confidence: 0.95)
        #expect(rank.lower == lower && rank.upper == upper)
        #expect(abs(rank.confidence - confidence) < 1e-9)
    }

    /// The interval is the narrowest: the next one misses the wanted confidence.
    @Test(arguments: [0.8, 0.9, 0.95, 0.99, 0.999])
    func narrowest(confidence: Double) {
        for count in 20...200 {
            let rank = OrderStatistics.medianRank(count: count, confidence: confidence)
            #expect(rank.confidence >= confidence && rank.lower + rank.upper == count - 1)
            #expect(1 - 2 * OrderStatistics.binomialTail(count, atMost: rank.lower + 1) < confidence)
        }
    }

    @Test func manyObservations() {
        let rank = OrderStatistics.medianRank(count: 10_000, confidence: 0.95)
        // n/2 ± 1.96·√n/2
        #expect(rank.lower == 4901 && rank.upper == 5098)
        #expect(rank.confidence > 0.95 && rank.confidence < 0.952)
    }

    @Test func medians() {
        #expect(OrderStatistics.median([3.0, 1, 2]) == 2)
        #expect(OrderStatistics.median([4.0, 1, 2, 3]) == 2.5)
        #expect(OrderStatistics.median([Double]()) == nil)
    }

    @Test func estimate() throws {
        let estimate = try #require(Estimate(of: [9, 1, 8, 2, 7, 3, 6, 4, 5]))
        #expect(estimate.median == 5 && estimate.low == 2 && estimate.high == 8 && estimate.count == 9)
        #expect(estimate.relativeUncertainty == 0.6)
        #expect(Estimate(of: [Double]()) == nil)
        #expect(Estimate(of: [1, .nan]) == nil)
        let one = try #require(Estimate(of: [3]))
        #expect(one.low == 3 && one.high == 3 && one.confidence == 0)
    }

    /// Of intervals that claim 96 %, about so many cover the true median, whatever the distribution.
    @Test(arguments: [0, 1, 2])
    func coverage(distribution: Int) throws {
        var random = SeededRandom(seed: 7)
        var covered = 0
        for _ in 0..<4000 {
            let draws = (0..<9).map { _ in
                let unit = random.unit()
                // Each has the median that `unit` = 0.5 gives.
                return distribution == 0 ? unit : distribution == 1 ? 1 / (1 - unit) : unit * unit * unit
            }
            let estimate = try #require(Estimate(of: draws))
            let truth = [0.5, 2, 0.125][distribution]
            if estimate.low <= truth && truth <= estimate.high { covered += 1 }
        }
        #expect(abs(Double(covered) / 4000 - 0.9609) < 0.015)
    }
}
