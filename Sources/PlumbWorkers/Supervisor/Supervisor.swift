import DequeModule

/// The supervisor of one master: a pure state machine.
///
/// ``handle(_:at:)`` takes an event and the time, and appends to ``actions`` what is to be done. It makes no system call
/// and reads no clock, so every transition is tested without a kernel. Handling a connection allocates nothing once the
/// tables have grown to their size.
///
/// Connections go QUEUED → SENT(worker, sequence) → TAKEN. The table of what was sent is a ring per worker, because
/// sequence numbers are consecutive and acknowledgements cumulative.
struct Supervisor: Sendable {
    /// What does not change while the supervisor lives.
    struct Settings {
        var workers = 2
        var generation = 1
        /// Whether connections come through the master (`handoff`), or the workers accept by themselves.
        var handsOff = true
        /// Connections that a worker may have unacknowledged.
        var credits = 32
        /// Connections that wait in the master; more wait in the kernel's backlog.
        var queueLimit = 1024
        /// Connections that the master may hold, queued and in flight: what its descriptors allow. Beyond, connections
        /// wait in the backlog, so that there is always a descriptor left to replace a worker with.
        var connectionLimit = Int.max
        /// Connections a second that no worker can accept by itself, however fast the machine: who says that it did, lies.
        var acceptsPerSecond: UInt64 = 10_000_000
        /// Workers that a connection is sent to before it is given up.
        var attemptLimit = 3
        var startDeadline: Duration = .seconds(10)
        var suspectAfter: Duration = .milliseconds(250)
        var hangDeadline: Duration? = .seconds(10)
        var drainTimeout: Duration = .seconds(30)
        /// How long a closed channel waits for the news that its process has ended.
        var exitGrace: Duration = .milliseconds(500)
        /// How long the end of a killed worker is waited for.
        var killGrace: Duration = .seconds(5)
        /// How long accepting pauses when there are no descriptors, unless one becomes free.
        var acceptPause: Duration = .milliseconds(100)
        /// For how long the want of descriptors must have been over for the next one to be worth a line of log.
        var shortageQuiet: Duration = .seconds(5)
        var restart = RestartPolicy()
    }

    enum Phase: Equatable {
        /// Until each slot has had a worker ready or has failed for good.
        case starting
        case serving
        /// No connection is accepted any more; workers finish.
        case draining(deadline: MonotonicTime)
        /// Every worker was killed; only their ends are waited for.
        case ending
        case finished
    }

    /// The place of a worker, which outlives the processes in it.
    struct Slot {
        let number: Int
        /// The row of the process that serves or starts in this slot.
        var row: Int?
        var restartAt: MonotonicTime?
        var restarts = 0
        var lastCause: TerminationCause?
        /// Failures in a row, by kind.
        var startFailures = 0
        var crashes = 0
        var isBroken = false
    }

    enum ProcessState: Equatable {
        case starting(deadline: MonotonicTime)
        case ready
        /// Its channel is closed; whether it lives is not known yet.
        case channelClosed(deadline: MonotonicTime)
        /// It was told to end, or closed its channel: it finishes what it holds.
        case draining(deadline: MonotonicTime)
        /// It was killed for this reason; its end is awaited until the deadline.
        case killed(TerminationCause, deadline: MonotonicTime)
    }

    /// A worker process.
    struct Process {
        var id: WorkerID
        var slot: Int
        var generation: Int
        var pid: Int32 = 0
        var state: ProcessState
        var startedAt: MonotonicTime
        var readyAt: MonotonicTime?
        /// Whether the row holds a process whose end has not been handled.
        var isLive = true
        /// Whether the process is past for everybody but the kernel, in which it waits: it keeps the row.
        var isStuck = false
        /// The last sequence number sent.
        var sent: UInt64 = 0
        /// The worker's cumulative acknowledgement.
        var taken: UInt64 = 0
        /// Sequence numbers up to `taken` whose connection the worker gave back.
        var refused: UInt64 = 0
        var finished: UInt64 = 0
        /// Connections that it was sent and another got.
        var redispatched = 0
        /// Since when nothing was acknowledged although something is to be.
        var waitingSince: MonotonicTime?
        var suspectSince: MonotonicTime?
        /// It refused connections for want of descriptors: nothing more until something is finished, or this moment.
        var congestedUntil: MonotonicTime?
        /// When it last refused a connection.
        var refusedAt: MonotonicTime?
        /// Why it could not take its listeners: an `errno`.
        var listenersRefused: Int32?
        /// Connections that it may have unacknowledged: its credits, or fewer after it refused some.
        var allowance: Int
        /// What had been sent when it last refused a connection.
        var refusedThrough: UInt64 = 0

        var unacknowledged: Int { Int(sent - taken) }
        /// Connections that are the worker's, by its own account.
        var held: UInt64 { taken - refused - finished }
    }

    /// Counts since the start.
    struct Totals {
        var accepted: UInt64 = 0
        var taken: UInt64 = 0
        var finished: UInt64 = 0
        var redispatched: UInt64 = 0
        /// Given up without any worker having taken them.
        var lost: UInt64 = 0
        /// Taken by a worker that ended before it said it had finished them.
        var endedWithWorker: UInt64 = 0
        var acceptFailures: UInt64 = 0
    }

    let settings: Settings
    var phase: Phase = .starting
    var slots: [Slot]
    var processes: [Process] = []
    var totals = Totals()
    var startedAt: MonotonicTime
    /// What is to be done, in order; the effect layer empties it.
    var actions: [SupervisorAction] = []

    // Connections that wait for a worker, oldest first.
    var queue: Deque<ConnectionID> = []
    /// By connection: how many workers it was sent to.
    var attempts: [UInt8] = []
    /// By connection: its number in the order of arrival, which the queue keeps.
    var arrivals: [UInt64] = []
    /// By connection: the hash of its host.
    var sourceHashes: [UInt64] = []
    /// By row, `credits` places each: what was sent, at sequence modulo credits; -1 where it was given back.
    var sentRing: [Int32] = []
    /// Connections sent and not taken, over all workers.
    var inFlight = 0
    var balancer: Balancer
    /// Reused for each choice.
    var candidates: [WorkerLoad] = []
    var isAccepting = false
    /// Whether no further connection comes from the backlogs.
    var areListenersClosed = false
    var acceptPausedUntil: MonotonicTime?
    /// When accepting last failed.
    var acceptFailedAt: MonotonicTime?
    var nextSerial: UInt32 = 1
    var random: UInt64
    /// Whether any worker was ever ready.
    var hasBeenReady = false
    /// Why it ends, if that is not a stop.
    var outcome: SupervisorOutcome?
    /// Connections that a stop has cut off: with workers that crashed, or at the deadline, or in the backlog.
    var cutOffConnections: UInt64 = 0

    init(_ settings: Settings, balancing: Balancing = .leastConnections, seed: UInt64 = 1, at now: MonotonicTime) {
        precondition(settings.workers > 0 && settings.credits > 0 && settings.queueLimit > 0)
        self.settings = settings
        slots = (1...settings.workers).map { Slot(number: $0) }
        balancer = Balancer(balancing, seed: seed)
        random = seed &* 0x9e37_79b9_7f4a_7c15 | 1
        startedAt = now
        queue.reserveCapacity(settings.queueLimit + settings.workers * settings.credits)
        candidates.reserveCapacity(settings.workers * 2)
        actions.reserveCapacity(1024)
    }

    /// Starts the first workers.
    mutating func start(at now: MonotonicTime) {
        for slot in slots.indices { spawn(slot, at: now) }
        updateAccepting()
    }

    /// Handles an event.
    mutating func handle(_ event: SupervisorEvent, at now: MonotonicTime) {
        switch event {
        case .accepted(let connection, let sourceHash):
            accepted(connection, sourceHash, at: now)
        case .message(let id, let message):
            guard let row = row(id) else { return }
            received(message, from: row, at: now)
        case .spawned(let id, let pid):
            guard let row = row(id) else { return }
            processes[row].pid = pid
        case .spawnFailed(let id, let error):
            guard let row = row(id) else { return }
            ended(row, .notExecutable(error), at: now)
        case .violation(let id, let violation):
            guard let row = row(id) else { return }
            kill(row, .violation(violation), at: now)
        case .channelClosed(let id):
            guard let row = row(id) else { return }
            channelClosed(row, at: now)
        case .exited(let id, let status):
            guard let row = row(id) else { return forgetStuck(id) }
            exited(row, status, at: now)
        case .acceptFailed(let error):
            acceptFailed(error, at: now)
        case .listenersClosed(let dropped):
            listenersClosed(dropped: dropped)
        case .stop:
            stop(at: now)
        case .tick:
            tick(at: now)
        }
        updateAccepting()
        proceedWithEnd(at: now)
    }

    /// The row of a worker that has not ended; `nil` for news of one that is past.
    private func row(_ id: WorkerID) -> Int? {
        guard processes.indices.contains(id.row) else { return nil }
        let process = processes[id.row]
        return process.id == id && process.isLive ? id.row : nil
    }

    private mutating func forgetStuck(_ id: WorkerID) {
        guard processes.indices.contains(id.row), processes[id.row].id == id, processes[id.row].isStuck else { return }
        processes[id.row].isStuck = false
        actions.append(.forget(id))
    }

    /// A number from 0 to 1 for jitter.
    mutating func nextRandom() -> Double {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return Double(random >> 11) / Double(1 << 53)
    }
}
