/// What else the machine did during a round, and whether that spoils the round.
public struct Contamination: Hashable, Sendable, Codable {
    /// The share of all processors' time that other processes used.
    public let foreign: Double
    /// The share of all processors' time that the hypervisor gave to other machines.
    public let stolen: Double
    /// The share of the round for which one of our processes was ready and another had its processor; only where each
    /// of ours had a processor of its own, so that it cannot be the other one of ours.
    public let waiting: Double

    /// The least share that spoils a round.
    static let limit = 0.1

    /// Whether the round is marked.
    public let isContaminated: Bool

    /// Nothing else happened.
    static let none = Contamination(foreign: 0, stolen: 0, waiting: 0)

    init(foreign: Double, stolen: Double, waiting: Double) {
        self.foreign = foreign
        self.stolen = stolen
        self.waiting = waiting
        isContaminated = max(foreign, stolen, waiting) > Contamination.limit
    }

    /// Judges a round.
    ///
    /// - Parameters:
    ///   - times: what the processors did in it.
    ///   - own: processor time of our own processes, which is exact.
    ///   - elapsed: how long it took.
    ///   - waiting: how long our processes were ready and not running (`/proc/self/schedstat`).
    ///   - ticksPerSecond: `sysconf(_SC_CLK_TCK)`.
    ///   - processors: how many there are.
    init(
        times: ProcessorTimes, own: Duration, elapsed: Duration, waiting: Duration, ticksPerSecond: Int,
        processors: Int
    ) {
        let capacity = elapsed.seconds * Double(processors)
        guard capacity > 0 else {
            self = .none
            return
        }
        let tick = 1 / Double(ticksPerSecond)
        // Ticks are samples: of a process that runs all the time each processor may show one more than there were.
        let busy = Double(times.user + times.system) * tick - own.seconds - tick * Double(processors)
        self.init(
            foreign: min(max(busy, 0) / capacity, 1), stolen: min(Double(times.stolen) * tick / capacity, 1),
            waiting: min(waiting.seconds / elapsed.seconds, 1))
    }
}

extension Duration {
    /// The duration in seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    /// The duration in whole nanoseconds, cut off.
    var nanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
