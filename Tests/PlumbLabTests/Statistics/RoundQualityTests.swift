import Testing

@testable import PlumbLab

/// What marks a round: other processes, other machines, a client that is the limit.
@Suite
struct RoundQualityTests {
    @Test func procStat() throws {
        let text = "cpu  100 20 30 400 50 6 7 8 9 10\ncpu0 1 2 3 4 5 6 7 8 9 10\n"
        let times = try #require(ProcessorTimes(text: text))
        #expect(times == ProcessorTimes(user: 120, system: 30, idle: 450, interrupts: 13, stolen: 8))
        #expect(ProcessorTimes(text: "") == nil)
        #expect(ProcessorTimes(text: "cpu  1 2 3\n") == nil)
        #expect(ProcessorTimes(text: "intr 1 2 3 4 5 6 7 8\n") == nil)
    }

    @Test func sinceNeverWraps() {
        let later = ProcessorTimes(user: 10, system: 5, idle: 3)
        let earlier = ProcessorTimes(user: 4, system: 5, idle: 9)
        #expect(later.since(earlier) == ProcessorTimes(user: 6))
    }

    @Test(arguments: [
        // One second, two processors, ours used 1.5 s: (busy ticks, stolen ticks, waiting ms, share that counts)
        (150, 0, 0, 0.0, false), (152, 0, 0, 0.0, false), (170, 0, 0, 0.09, false), (182, 0, 0, 0.15, true),
        (150, 30, 0, 0.15, true), (150, 0, 80, 0.08, false), (150, 0, 200, 0.2, true),
    ])
    func contamination(busy: UInt64, stolen: UInt64, waiting: Int, share: Double, isContaminated: Bool) {
        let contamination = Contamination(
            times: ProcessorTimes(user: busy / 2, system: busy - busy / 2, stolen: stolen), own: .milliseconds(1500),
            elapsed: .seconds(1), waiting: .milliseconds(waiting), ticksPerSecond: 100, processors: 2)
        #expect(contamination.isContaminated == isContaminated)
        #expect(abs(max(contamination.foreign, contamination.stolen, contamination.waiting) - share) < 1e-9)
    }

    @Test func noTimeNoContamination() {
        let contamination = Contamination(
            times: ProcessorTimes(user: 5), own: .zero, elapsed: .zero, waiting: .zero, ticksPerSecond: 100,
            processors: 2)
        #expect(contamination == .none)
    }

    @Test func clientBound() {
        #expect(Saturation(clientBusy: 0.99, serverBusy: 0.5) == .clientBound)
        #expect(Saturation(clientBusy: 0.99, serverBusy: 0.97) == .none)
        #expect(Saturation(clientBusy: 0.6, serverBusy: 0.3) == .none)
    }

    @Test func behindSchedule() {
        #expect(Saturation(lateness: 40_000, tolerated: 10_000) == .behindSchedule)
        #expect(Saturation(lateness: 4000, tolerated: 10_000) == .none)
    }
}
