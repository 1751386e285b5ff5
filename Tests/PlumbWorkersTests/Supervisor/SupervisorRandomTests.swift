import PlumbSockets
import Testing

@testable import PlumbWorkers

/// Whatever happens in whatever order: the world objects to the first action that contradicts its own account.
struct SupervisorRandomTests {
    private static let seedsPerBlock: UInt64 = 25
    private static let steps = 300

    @Test("Random events, then a stop with workers that cooperate", arguments: 0..<24 as Range<UInt64>)
    func random(block: UInt64) throws {
        for seed in block * Self.seedsPerBlock..<(block + 1) * Self.seedsPerBlock {
            var chaos = Chaos(seed: seed)
            do {
                try chaos.world.start()
                while chaos.step < Self.steps, chaos.world.outcome == nil { try chaos.happen() }
                try chaos.settle()
            } catch {
                // `Chaos(seed:)` with this seed repeats it.
                throw Broken("seed \(seed), step \(chaos.step): \(error)")
            }
        }
    }
}

/// A world in which anything happens.
struct Chaos {
    var world: World
    var step = 0
    private var random: SplitMix
    /// Whether workers lie, and not only crash, stall and close their channels.
    private let hasLiars: Bool

    init(seed: UInt64) {
        var random = SplitMix(state: seed &* 0x1_0000_0000)
        let policies = Balancing.named + [.custom { hash, _ in Int(truncatingIfNeeded: hash) }]
        let policy = policies[random.below(policies.count)]
        world = World(policy, seed: random.next()) { settings in
            settings.workers = 1 + random.below(4)
            settings.credits = 1 + random.below(6)
            settings.queueLimit = 1 + random.below(8)
            settings.handsOff = random.below(8) > 0
            if random.below(5) == 0 { settings.hangDeadline = nil }
            // Longer than anything that a worker who cooperates could need.
            settings.drainTimeout = .seconds(3600)
        }
        hasLiars = random.below(3) > 0
        self.random = random
    }

    /// The live workers, in the order of their start.
    private var workers: [World.Worker] { world.workers.values.sorted { $0.id.serial < $1.id.serial } }

    /// A live worker whose channel is open.
    private mutating func speaker() -> World.Worker? {
        let speakers = workers.filter { !$0.isChannelClosed }
        return speakers.isEmpty ? nil : speakers[random.below(speakers.count)]
    }

    mutating func happen() throws {
        step += 1
        world.spawnError = random.below(20) == 0 ? 12 : nil
        world.backlog = random.below(6)
        switch random.below(100) {
        case ..<32: try accept()
        case ..<44: try becomeReady()
        case ..<62: try acknowledge()
        case ..<67: try refuse()
        case ..<72: try lie()
        case ..<75: try closeChannel()
        case ..<82: try end()
        case ..<93: try passTime()
        case ..<96: if world.isAccepting { try world.handle(.acceptFailed(24)) }
        case ..<99: try hearOfThePast()
        default: if random.below(3) == 0 { try world.stop() }
        }
    }

    private mutating func passTime() throws {
        let durations: [Duration] = [.zero, .milliseconds(1), .milliseconds(90), .seconds(1), .seconds(11)]
        try world.advance(by: durations[random.below(durations.count)])
    }

    private mutating func accept() throws {
        guard world.isAccepting else { return }
        try world.accept(hash: UInt64(random.below(4)))
    }

    private mutating func becomeReady() throws {
        guard let worker = workers.first(where: { !$0.isReady && !$0.isChannelClosed }) else { return }
        try world.handle(.message(worker.id, .ready))
    }

    private mutating func acknowledge() throws {
        guard let worker = speaker(), worker.isReady else { return }
        if !world.settings.handsOff {
            let taken = worker.taken + UInt64(random.below(3))
            let finished = worker.finished + UInt64(random.below(Int(min(taken - worker.finished, 5)) + 1))
            return try world.handle(.message(worker.id, .progress(taken: taken, finished: finished)))
        }
        let taken = worker.taken + UInt64(random.below(Int(worker.sent - worker.taken) + 1))
        let arrived = worker.untaken.filter { $0.sequence <= taken }.count
        let most = worker.held + UInt64(arrived)
        let finished = worker.finished + UInt64(random.below(Int(most) + 1))
        try world.handle(.message(worker.id, .progress(taken: taken, finished: finished)))
    }

    private mutating func refuse() throws {
        guard let worker = speaker(), !worker.untaken.isEmpty else { return }
        let sequence = worker.untaken[random.below(worker.untaken.count)].sequence
        try world.handle(.message(worker.id, .refused(sequence: sequence, reason: 24)))
    }

    private mutating func lie() throws {
        guard hasLiars, let worker = speaker() else { return try refuse() }
        let lies: [WorkerMessage] = [
            .ready,
            .progress(taken: worker.sent &+ 1, finished: worker.finished),
            .progress(taken: worker.taken &- 1, finished: worker.finished),
            .progress(taken: worker.taken, finished: worker.finished &- 1),
            .progress(taken: worker.sent, finished: worker.sent &+ 1),
            .progress(taken: worker.sent, finished: worker.sent),
            .progress(taken: .max, finished: .max), .progress(taken: .max, finished: 0),
            .refused(sequence: 0, reason: 0), .refused(sequence: worker.taken, reason: .max),
            .refused(sequence: worker.sent &+ 1, reason: 24), .refused(sequence: .max, reason: 24),
        ]
        let choice = random.below(lies.count + 1)
        try world.handle(choice == lies.count ? .violation(worker.id, .type) : .message(worker.id, lies[choice]))
    }

    private mutating func closeChannel() throws {
        guard let worker = speaker() else { return }
        try world.handle(.channelClosed(worker.id))
    }

    private mutating func end() throws {
        let all = workers
        guard !all.isEmpty else { return }
        // Mostly those whose end is due.
        let due = all.filter { $0.isKilled || $0.isChannelClosed || $0.isDrained }
        let worker = due.isEmpty || random.below(3) == 0 ? all[random.below(all.count)] : due[random.below(due.count)]
        let statuses: [PlumbWorkers.ExitStatus] = [.exited(0), .exited(1), .signalled(11)]
        try world.handle(.exited(worker.id, worker.isKilled ? .signalled(9) : statuses[random.below(3)]))
    }

    /// News of a worker that has ended, or that never was.
    private mutating func hearOfThePast() throws {
        let past = world.names.values.filter { world.workers[$0] == nil }.sorted { $0.serial < $1.serial }
        let unknown = WorkerID(row: 100, serial: 1)
        let id = past.isEmpty ? unknown : past[random.below(past.count)]
        let events: [SupervisorEvent] = [
            .message(id, .ready), .message(id, .progress(taken: 1, finished: 0)), .channelClosed(id),
            .message(id, .refused(sequence: 1, reason: 24)), .exited(id, .exited(0)), .spawnFailed(id, 2),
            .violation(id, .length), .spawned(id, pid: 3),
        ]
        try world.handle(events[random.below(events.count)])
        if !world.actions.isEmpty { throw Broken("\(world.performed) because of a worker that is past") }
    }

    /// Stops, and from here on every worker does what it should: all ends, and soon.
    mutating func settle() throws {
        if world.outcome != nil { return }
        world.spawnError = nil
        let wasCutOff = world.supervisor.phase == .ending
        if world.phase == "starting" || world.phase == "serving" { try world.stop() }
        for _ in 0..<2000 where world.outcome == nil {
            var hasActed = false
            for worker in workers where world.outcome == nil {
                world.actions.removeAll()
                try cooperate(worker.id)
                hasActed = hasActed || !world.actions.isEmpty
            }
            if !hasActed, try !world.advanceToDeadline() { throw Broken("it waits for nothing") }
        }
        guard let outcome = world.outcome else { throw Broken("it does not end") }
        if wasCutOff { return }
        let count = world.cutOff
        if outcome != (count == 0 ? .drained : .cutOff(connections: count)) { throw Broken("it ends \(outcome)") }
    }

    private mutating func cooperate(_ id: WorkerID) throws {
        guard let worker = world.workers[id] else { return }
        // Some are stuck in the kernel.
        if worker.isKilled && id.serial % 5 == 0 { return }
        if worker.isKilled { return try world.handle(.exited(id, .signalled(9))) }
        if worker.isChannelClosed { return try world.handle(.exited(id, .exited(0))) }
        if !worker.isReady { return try world.handle(.message(id, .ready)) }
        try world.finishAll(worker.name)
        if world.workers[id]?.isDrained == true { try world.handle(.exited(id, .exited(0))) }
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 1
        return splitMix(state)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
