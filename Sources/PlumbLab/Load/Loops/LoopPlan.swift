/// What a loop needs to know.
struct LoopPlan: Sendable {
    let messageSize: Int
    let depth: Int
    let batch: Int
    /// Nanoseconds between two sends at a given rate.
    let interval: Double
    /// Nanoseconds.
    let warmUp: UInt64
    /// Nanoseconds.
    let duration: UInt64

    init(_ specification: LoadSpecification) {
        messageSize = specification.messageSize
        depth = specification.depth
        batch = specification.batch
        interval = specification.rate > 0 ? 1e9 / specification.rate : 0
        warmUp = UInt64(specification.warmUpMilliseconds) * 1_000_000
        duration = UInt64(specification.durationMilliseconds) * 1_000_000
    }

    /// After how many sends the clock is looked at: it costs a tenth of a small one.
    var sendsPerLook: Int { min(max((64 << 10) / messageSize, 1), 32) }

    /// How many bytes are compared with what was sent, during the warm-up.
    static let checkedBytes = 1 << 20
}

/// One side's clock: it starts when the warm-up is over.
struct Meter {
    private let warmUp: UInt64
    private var warmUpEnd: UInt64?
    private var usageAtStart = Usage()
    /// When the clock started; `nil` during the warm-up.
    private(set) var start: UInt64?

    init(_ plan: LoopPlan) { warmUp = plan.warmUp }

    /// Whether the clock runs.
    var isRunning: Bool { start != nil }

    /// Looks at the clock.
    ///
    /// - Returns: whether it starts now. The first look of all begins the warm-up.
    mutating func look(at now: UInt64) -> Bool {
        guard start == nil else { return false }
        guard let end = warmUpEnd else {
            warmUpEnd = now + warmUp
            return false
        }
        guard now >= end else { return false }
        usageAtStart = Usage.now()
        start = now
        return true
    }

    /// Stops the clock: how long it ran, and what that cost. Nothing, if it never started.
    func stop(at now: UInt64) -> (nanoseconds: UInt64, usage: Usage) {
        guard let start else { return (0, Usage()) }
        return (now - start, Usage.now().since(usageAtStart))
    }
}
