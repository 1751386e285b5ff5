import Testing

@testable import PlumbWorkers

/// Workers that accept by themselves (`shared`, `reuseport`): the master only supervises.
struct SupervisorSharedTests {
    private func world() throws -> World {
        var world = World { $0.handsOff = false }
        try world.startReady()
        return world
    }

    @Test("The master accepts nothing")
    func acceptsNothing() throws {
        var world = World { $0.handsOff = false }
        try world.start()
        #expect(world.performed == "spawn 1; spawn 2")
        try world.ready("1", "2")
        #expect(world.performed == "announce 2")
        #expect(!world.supervisor.isAccepting)
    }

    @Test("Counts are taken as told")
    func counts() throws {
        var world = try world()
        try world.progress("1", taken: 1000, finished: 400)
        try world.progress("2", taken: 7, finished: 7)
        try world.progress("1", taken: 1001, finished: 1000)
        #expect(world.supervisor.totals.accepted == 1008)
        #expect(world.supervisor.totals.taken == 1008)
        #expect(world.supervisor.totals.finished == 1007)
        let workers = world.supervisor.statusOfWorkers(at: world.now).workers
        #expect(workers.map(\.live) == [1, 0])
        #expect(workers.map(\.unacknowledged) == [0, 0])
    }

    struct Lie: CustomTestStringConvertible {
        let message: WorkerMessage
        let violation: ProtocolViolation
        var testDescription: String { "\(message)" }
    }

    @Test(
        "Counts that shrink or contradict each other are violations",
        arguments: [
            Lie(message: .progress(taken: 9, finished: 5), violation: .counts),
            Lie(message: .progress(taken: 10, finished: 4), violation: .counts),
            Lie(message: .progress(taken: 10, finished: 11), violation: .counts),
            Lie(message: .progress(taken: 0, finished: 0), violation: .counts),
            Lie(message: .progress(taken: .max, finished: 5), violation: .counts),
            Lie(message: .progress(taken: .max, finished: .max), violation: .counts),
            Lie(message: .refused(sequence: 1, reason: 24), violation: .refusal),
            Lie(message: .refused(sequence: 11, reason: 24), violation: .refusal),
            Lie(message: .ready, violation: .order),
        ])
    func lies(lie: Lie) throws {
        var world = try world()
        try world.progress("1", taken: 10, finished: 5)
        try world.say("1", lie.message)
        #expect(world.performed == "kill 1")
        #expect(world.state("1") == "killed (\(lie.violation.rawValue))")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.totals.endedWithWorker >= 5 || lie.message == .progress(taken: 10, finished: 11))
    }

    @Test("More connections than can have been accepted since the worker's start are a violation")
    func largestNumbers() throws {
        var world = try world()
        let most = world.settings.acceptsPerSecond * 61
        try world.advance(by: .seconds(60))
        try world.progress("1", taken: most, finished: most - 1)
        #expect(world.state("1") == "ready")
        try world.progress("2", taken: most + 1, finished: 0)
        #expect(world.state("2") == "killed (counts)")
        // Nothing of the lie is in the totals, and nothing is when it is a successor's first word.
        try world.handle(.exited(world.id("2"), .signalled(9)))
        try world.ready("2b")
        try world.progress("2b", taken: .max, finished: .max)
        #expect(world.state("2b") == "killed (counts)")
        try world.handle(.exited(world.id("2b"), .signalled(9)))
        #expect(world.totals.taken == most && world.totals.endedWithWorker == 0)
        try world.stop()
        #expect(world.notes.last == .draining(connections: 1, deadline: .seconds(30)))
    }

    @Test("A worker that cannot take its listeners leaves for that reason", arguments: [false, true])
    func refusesItsListeners(isReady: Bool) throws {
        var world = World { $0.handsOff = false }
        try world.start()
        try world.ready("2")
        if isReady { try world.ready("1") }
        try world.refuse("1", 0)
        #expect(world.performed == "")
        try world.exit("1", 1)
        #expect(world.supervisor.slots[0].lastCause == .listenersRefused(24))
        #expect(world.supervisor.slots[0].startFailures == (isReady ? 0 : 1))
        // A row of such ends opens the breaker.
        for name in ["1b", "1c", "1d", "1e"] {
            while world.supervisor.slots[0].row == nil { try world.advanceToDeadline() }
            if isReady { try world.ready(name) }
            try world.refuse(name, 0)
            try world.exit(name, 1)
        }
        #expect(world.supervisor.slots[0].isBroken)
        let reasons = world.supervisor.statusOfWorkers(at: world.now).reasons
        #expect(reasons.first?.contains("it could not take its listeners: Too many open files") ?? false)
    }

    @Test("A worker that gives its listeners back and stays is killed", arguments: [false, true])
    func refusesItsListenersAndStays(isReady: Bool) throws {
        var world = World { $0.handsOff = false }
        try world.start()
        if isReady { try world.ready("1") }
        try world.refuse("1", 0)
        try world.advance(by: world.settings.exitGrace)
        #expect(world.performed == "kill 1")
        #expect(world.state("1") == "killed (could not take its listeners: Too many open files)")
    }

    @Test("A stop tells everybody to drain at once, after the listeners are closed")
    func drainAtOnce() throws {
        var world = try world()
        try world.progress("1", taken: 3, finished: 1)
        try world.stop()
        #expect(world.performed == "close listeners; drain 1; drain 2")
        #expect(world.notes.last == .draining(connections: 2, deadline: .seconds(30)))
        // What it accepts from the backlog while it drains.
        try world.progress("1", taken: 8, finished: 8)
        try world.exit("1", 0)
        try world.exit("2", 0)
        #expect(world.outcome == .drained)
    }

    @Test("Nobody is replaced while draining")
    func noReplacement() throws {
        var world = try world()
        try world.progress("1", taken: 3, finished: 0)
        try world.stop()
        try world.crash("1")
        #expect(world.performed == "forget 1")
        #expect(world.totals.endedWithWorker == 3)
        try world.exit("2", 0)
        #expect(world.outcome == .cutOff(connections: 3))
    }

    @Test("A dead worker is replaced as in hand-off mode, and never suspect")
    func replacement() throws {
        var world = try world()
        try world.progress("1", taken: 100, finished: 0)
        try world.advance(by: .seconds(3600))
        #expect(world.state("1") == "ready")
        try world.crash("1")
        #expect(world.performed == "forget 1; spawn 1b")
    }
}
