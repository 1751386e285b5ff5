import Testing

@testable import PlumbWorkers

/// A supervisor, a clock that moves when it is told to, and the world as the supervisor's events and actions make it:
/// which workers live, what was sent to whom, which connections are open.
///
/// The world keeps its own account, carries the supervisor's actions out, and throws ``Broken`` at the first that
/// contradicts it. ``checkInvariants()`` compares the two accounts after every event.
struct World {
    var supervisor: Supervisor
    var now: MonotonicTime
    /// What was performed because of the last event.
    var actions: [SupervisorAction] = []
    /// Everything that was logged since the start.
    var notes: [SupervisorNote] = []
    var outcome: SupervisorOutcome?

    /// Connections that wait in the kernel, for the acceptance at the stop.
    var backlog = 0
    /// What the next spawns fail with; `nil` when they succeed.
    var spawnError: Int32?

    var workers: [WorkerID: Worker] = [:]
    /// Every process that there ever was, by name.
    var names: [String: WorkerID] = [:]
    var failedToStart: Set<WorkerID> = []
    var connections: [Int: Connection] = [:]
    /// Connections that wait in the master, as they should.
    var queue: [Int] = []
    var totals = Totals()
    var listenersAreClosed = false
    var isFinishingListeners = false
    /// Connections that ended with their workers after the stop, or that no worker took, or that were left in the backlog.
    var cutOff: UInt64 = 0
    var isAccepting = false
    var announced: Int?

    /// Places of closed connections: the next connection gets the last one, as in the master's table.
    private var freePlaces: [Int] = []
    private var placesUsed = 0
    /// What the event being handled must lead to.
    var mustBeKilled: WorkerID?
    var mayKill = true

    struct Totals: Equatable {
        var accepted: UInt64 = 0
        var taken: UInt64 = 0
        var finished: UInt64 = 0
        var lost: UInt64 = 0
        var endedWithWorker: UInt64 = 0
    }

    /// A worker process.
    struct Worker {
        let id: WorkerID
        let number: Int
        /// `1` for the first process of worker 1, `1b` for its replacement, and so on.
        let name: String
        let startedAt: MonotonicTime
        var isLive = true
        var isReady = false
        var isKilled: Bool { killedAt != nil }
        var killedAt: MonotonicTime?
        /// Killed, and not waited for any longer.
        var isStuck = false
        var isDrained = false
        var isChannelClosed = false
        var sent: UInt64 = 0
        var taken: UInt64 = 0
        var finished: UInt64 = 0
        /// Refused, and passed over by `taken`.
        var passedOver: UInt64 = 0
        /// What it was sent and has neither acknowledged nor refused, in order.
        var untaken: [Sent] = []
        var waitingSince: MonotonicTime?
        var isSuspect = false
        var congestedUntil: MonotonicTime?
        var allowance: Int
        var refusedThrough: UInt64 = 0

        var held: UInt64 { taken - passedOver - finished }
        /// Whether it serves: it may be sent connections but for what it owes.
        var serves: Bool { isLive && isReady && !isKilled && !isDrained && !isChannelClosed }

        var canTake: Bool {
            serves && !isSuspect && congestedUntil == nil && sent - taken < UInt64(allowance)
        }
    }

    struct Sent: Equatable {
        let sequence: UInt64
        let connection: Int
    }

    struct Connection {
        var place: Place
        let arrival: UInt64
        /// Workers that it was sent to and that ended before they took it, and the one that has it now.
        var attempts = 0
    }

    enum Place: Equatable {
        case queued
        case sent(WorkerID)
        /// To be closed before the event is over: a worker has it.
        case taken
        /// To be closed before the event is over: no worker gets it.
        case givenUp
    }

    init(
        _ balancing: Balancing = .roundRobin, seed: UInt64 = 1, _ adjust: (inout Supervisor.Settings) -> Void = { _ in }
    ) {
        var settings = Supervisor.Settings()
        settings.credits = 4
        adjust(&settings)
        now = MonotonicTime(nanoseconds: 1_000_000_000_000)
        supervisor = Supervisor(settings, balancing: balancing, seed: seed, at: now)
    }

    var settings: Supervisor.Settings { supervisor.settings }

    var isDraining: Bool { if case .draining = supervisor.phase { true } else { false } }

    // MARK: What happens

    mutating func start() throws {
        supervisor.start(at: now)
        try perform()
        try checkInvariants()
    }

    /// The supervisor handles an event, its actions are carried out, and the accounts are compared.
    mutating func handle(_ event: SupervisorEvent) throws {
        actions.removeAll()
        try apply(event)
        supervisor.handle(event, at: now)
        try perform()
        if let id = mustBeKilled, let worker = workers[id], !worker.isKilled {
            throw Broken("\(worker.name) lives after \(event)")
        }
        try checkInvariants()
    }

    /// Time passes; the timer goes off at each of the supervisor's deadlines.
    mutating func advance(by duration: Duration) throws {
        let end = now + duration
        var all: [SupervisorAction] = []
        while let next = supervisor.nextDeadline, next <= end {
            now = max(now, next)
            try tick()
            all += actions
        }
        now = end
        try tick()
        actions = all + actions
    }

    /// The clock moves to the supervisor's next deadline, and the timer goes off; `false` when there is none.
    @discardableResult
    mutating func advanceToDeadline() throws -> Bool {
        guard let next = supervisor.nextDeadline else { return false }
        now = max(now, next)
        try tick()
        return true
    }

    /// The timer goes off. A deadline that stays in the past would make the event loop spin.
    private mutating func tick() throws {
        var all: [SupervisorAction] = []
        for _ in 0..<3 {
            try handle(.tick)
            all += actions
            guard let next = supervisor.nextDeadline, next <= now else {
                actions = all
                return try checkDeadlines()
            }
        }
        throw Broken("a deadline that no tick serves: the loop spins")
    }

    /// A connection comes.
    mutating func accept(hash: UInt64 = 0) throws {
        try handle(.accepted(ConnectionID(index: newPlace()), sourceHash: hash))
    }

    mutating func accept(_ count: Int) throws {
        for _ in 0..<count { try accept() }
    }

    mutating func newPlace() -> Int {
        if let place = freePlaces.popLast() { return place }
        placesUsed += 1
        return placesUsed - 1
    }

    mutating func free(_ place: Int) { freePlaces.append(place) }

    // MARK: What workers do

    func id(_ name: String) throws -> WorkerID { try #require(names[name], "there never was a worker \(name)") }
    func worker(_ name: String) throws -> Worker {
        try #require(workers[try id(name)], "worker \(name) is past")
    }

    mutating func say(_ name: String, _ message: WorkerMessage) throws { try handle(.message(try id(name), message)) }

    mutating func ready(_ names: String...) throws {
        for name in names { try say(name, .ready) }
    }

    /// Starts, and all workers become ready.
    mutating func startReady() throws {
        try start()
        for number in 1...settings.workers { try ready("\(number)") }
    }

    mutating func progress(_ name: String, taken: UInt64, finished: UInt64) throws {
        try say(name, .progress(taken: taken, finished: finished))
    }

    /// The worker acknowledges what it was sent, up to a sequence number.
    mutating func acknowledge(_ name: String, through sequence: UInt64? = nil) throws {
        let worker = try worker(name)
        try progress(name, taken: sequence ?? worker.sent, finished: worker.finished)
    }

    /// The worker acknowledges and finishes everything.
    mutating func finishAll(_ name: String) throws {
        let worker = try worker(name)
        let refusedNow = worker.sent - worker.taken - UInt64(worker.untaken.count)
        try progress(name, taken: worker.sent, finished: worker.sent - worker.passedOver - refusedNow)
    }

    mutating func refuse(_ name: String, _ sequence: UInt64) throws {
        try say(name, .refused(sequence: sequence, reason: 24))
    }

    mutating func closeChannel(_ name: String) throws { try handle(.channelClosed(try id(name))) }
    mutating func exit(_ name: String, _ status: Int32) throws { try handle(.exited(try id(name), .exited(status))) }
    mutating func crash(_ name: String) throws { try handle(.exited(try id(name), .signalled(11))) }
    mutating func stop() throws { try handle(.stop) }
}

/// The supervisor did what it must not do.
struct Broken: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
