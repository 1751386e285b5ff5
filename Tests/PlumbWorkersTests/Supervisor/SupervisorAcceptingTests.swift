import Testing

@testable import PlumbWorkers

/// When the master accepts, and when it leaves connections in the kernel's backlog.
struct SupervisorAcceptingTests {
    private func pauses(_ world: World) -> Int {
        world.notes.filter { if case .acceptPaused = $0 { true } else { false } }.count
    }

    @Test("It accepts from the start, before a worker is ready, and keeps what comes")
    func beforeReady() throws {
        var world = World()
        try world.start()
        #expect(world.performed == "spawn 1; spawn 2; accept")
        try world.accept(3)
        #expect(world.queue == [0, 1, 2])
        try world.ready("2")
        #expect(world.performed == "send #0 to 2; send #1 to 2; send #2 to 2")
    }

    @Test("It stops accepting when the queue is full, and goes on when there is room")
    func queueLimit() throws {
        var world = World { ($0.queueLimit, $0.credits, $0.workers) = (3, 2, 1) }
        try world.startReady()
        try world.accept(4)
        #expect(world.isAccepting)
        try world.accept()
        #expect(world.performed == "do not accept")
        try world.acknowledge("1", through: 1)
        #expect(world.performed == "close #0; send #2 to 1; accept")
    }

    @Test("What a dead worker leaves may exceed the limit, and is kept")
    func beyondTheLimit() throws {
        var world = World { ($0.queueLimit, $0.credits, $0.workers) = (2, 4, 1) }
        try world.startReady()
        try world.accept(6)
        #expect(!world.isAccepting)
        try world.crash("1")
        #expect(world.queue == [0, 1, 2, 3, 4, 5])
        try world.ready("1b")
        #expect(world.performed == "send #0 to 1b; send #1 to 1b; send #2 to 1b; send #3 to 1b")
        #expect(!world.isAccepting)
        try world.acknowledge("1b", through: 1)
        #expect(world.isAccepting)
    }

    @Test("Without descriptors it pauses, and tries again when the pause is over")
    func pause() throws {
        var world = World()
        try world.startReady()
        try world.handle(.acceptFailed(24))
        #expect(world.performed == "do not accept")
        #expect(world.supervisor.nextDeadline == world.now + world.settings.acceptPause)
        try world.advance(by: world.settings.acceptPause - .nanoseconds(1))
        #expect(!world.isAccepting)
        try world.advance(by: .nanoseconds(1))
        #expect(world.performed == "accept")
        #expect(world.supervisor.totals.acceptFailures == 1)
    }

    @Test("Every connection that is closed makes room at once", arguments: ["taken", "given up"])
    func resumesAtOnce(how: String) throws {
        var world = World { ($0.workers, $0.attemptLimit) = (2, 1) }
        try world.startReady()
        try world.accept(2)
        try world.handle(.acceptFailed(23))
        #expect(!world.isAccepting)
        if how == "taken" {
            try world.acknowledge("1")
            #expect(world.performed == "close #0; accept")
        } else {
            try world.crash("1")
            #expect(world.performed == "close #0; forget 1; spawn 1b; accept")
        }
        #expect(world.supervisor.nextDeadline == nil || world.isAccepting)
    }

    @Test("A shortage that lasts, or comes and goes with each connection, is one line of log")
    func loggedOnce() throws {
        var world = World()
        try world.startReady()
        for _ in 0..<100 {
            try world.handle(.acceptFailed(24))
            try world.advance(by: world.settings.acceptPause)
            #expect(world.isAccepting)
        }
        for _ in 0..<100 {
            try world.accept(2)
            try world.handle(.acceptFailed(24))
            try world.acknowledge("1")
            try world.acknowledge("2")
            #expect(world.isAccepting)
        }
        #expect(pauses(world) == 1)
        try world.advance(by: world.settings.shortageQuiet)
        try world.handle(.acceptFailed(24))
        #expect(pauses(world) == 2)
        #expect(world.supervisor.totals.acceptFailures == 201)
    }

    @Test("A worker without descriptors gets nothing until it has finished something, or the pause is over")
    func congestion() throws {
        var world = World()
        try world.startReady()
        try world.accept(4)
        try world.acknowledge("1", through: 1)
        try world.refuse("1", 2)
        #expect(world.performed == "send #2 to 2")
        try world.accept()
        #expect(world.performed == "send #0 to 2")
        try world.acknowledge("2")
        try world.progress("1", taken: 2, finished: 0)
        #expect(world.state("1") == "congested", "an acknowledgement makes no room")
        try world.progress("1", taken: 2, finished: 1)
        #expect(world.state("1") == "ready")
    }

    @Test("When every worker is out of descriptors, connections wait for the first that is not")
    func allCongested() throws {
        var world = World { $0.workers = 1 }
        try world.startReady()
        try world.accept(2)
        try world.refuse("1", 2)
        #expect(world.performed == "")
        try world.refuse("1", 1)
        #expect(world.queue == [0, 1])
        try world.progress("1", taken: 2, finished: 0)
        try world.advance(by: world.settings.acceptPause)
        #expect(world.performed == "send #0 to 1")
        try world.acknowledge("1")
        #expect(world.performed == "close #0; send #1 to 1")
    }

    @Test("What is refused keeps its order", arguments: [[1, 2, 3], [3, 2, 1], [2, 3, 1]])
    func refusalsKeepTheirOrder(sequences: [UInt64]) throws {
        var world = World { $0.workers = 1 }
        try world.startReady()
        try world.accept(6)
        for sequence in sequences { try world.refuse("1", sequence) }
        #expect(world.queue == [0, 1, 2, 4, 5])
    }

    @Test("What several dead workers leave is in the order of arrival")
    func orderOfArrival() throws {
        var world = World { ($0.workers, $0.credits) = (3, 2) }
        try world.startReady()
        try world.accept(8)
        for name in ["2", "3", "1"] { try world.crash(name) }
        #expect(world.queue == [0, 1, 2, 3, 4, 5, 6, 7])
    }

    @Test("A worker that refused is tried with one connection, then with more as it takes them")
    func probe() throws {
        var world = World { ($0.workers, $0.credits) = (1, 8) }
        try world.startReady()
        try world.accept(12)
        for sequence in 3...8 as ClosedRange<UInt64> { try world.refuse("1", sequence) }
        // What it took of the same lot says nothing of what it can take now.
        try world.progress("1", taken: 8, finished: 0)
        #expect(world.performed == "close #0; close #1")
        try world.progress("1", taken: 8, finished: 1)
        #expect(world.performed == "send #2 to 1")
        #expect(world.supervisor.statusOfWorkers(at: world.now).workers[0].credits == 1)
        for sends in ["send #3 to 1; send #4 to 1", "send #5 to 1; send #6 to 1; send #7 to 1; send #8 to 1"] {
            try world.acknowledge("1")
            #expect(world.performed.hasSuffix("; " + sends) && !world.performed.dropLast(sends.count).contains("send"))
        }
        // One too many: the next one is alone again, after a pause.
        try world.refuse("1", 15)
        try world.acknowledge("1")
        #expect(world.queue == [8, 9, 10, 11])
        try world.advance(by: world.settings.acceptPause)
        #expect(world.performed == "send #8 to 1")
        try world.acknowledge("1")
        try world.acknowledge("1")
        #expect(world.queue.isEmpty)
    }

    @Test("Refusals do not count as attempts, however many, and are one line of log")
    func refusalsAreNoAttempts() throws {
        var world = World { $0.workers = 1 }
        try world.startReady()
        try world.accept()
        for sequence in 1...300 as ClosedRange<UInt64> {
            try world.refuse("1", sequence)
            try world.progress("1", taken: sequence, finished: 0)
            try world.advance(by: world.settings.acceptPause)
        }
        #expect(world.connections[0]?.attempts == 1)
        #expect(world.notes.filter { if case .connectionRefused = $0 { true } else { false } }.count == 1)
        try world.acknowledge("1")
        #expect(world.performed == "close #0")
        #expect(world.supervisor.totals.redispatched == 300)
    }

    @Test("A worker cannot have finished what it refused")
    func finishedWhatItRefused() throws {
        for (finished, isLie) in [(2, false), (3, true)] as [(UInt64, Bool)] {
            var world = World { $0.workers = 1 }
            try world.startReady()
            try world.accept(3)
            try world.refuse("1", 2)
            try world.progress("1", taken: 3, finished: finished)
            #expect(world.state("1") == (isLie ? "killed (counts)" : "ready"))
            #expect(world.supervisor.processes[0].held == (isLie ? 2 : 0))
        }
    }

    @Test("A connection is sent to three workers, then closed and counted lost")
    func attempts() throws {
        var world = World()
        try world.start()
        try world.ready("1")
        try world.accept()
        // Round robin tries the one that has not died yet.
        try world.ready("2")
        try world.crash("1")
        #expect(world.performed == "forget 1; spawn 1b; send #0 to 2")
        try world.crash("2")
        try world.ready("1b")
        #expect(world.performed == "announce 1; send #0 to 1b" || world.performed == "send #0 to 1b")
        try world.crash("1b")
        #expect(world.performed.hasPrefix("close #0; forget 1b"))
        #expect(world.totals.lost == 1)
        #expect(world.notes.contains(.connectionGivenUp(attempts: 3)))
    }

    @Test("A connection that kills every worker is given up, and the others with it are not")
    func poison() throws {
        var world = World { ($0.workers, $0.credits) = (1, 1) }
        try world.startReady()
        try world.accept(3)
        for name in ["1", "1b", "1c"] {
            while world.supervisor.slots[0].row == nil { try world.advanceToDeadline() }
            if name != "1" { try world.ready(name) }
            #expect(world.supervisor.attempts[0] > 0)
            try world.crash(name)
        }
        #expect(world.totals.lost == 1)
        #expect(world.queue == [1, 2])
    }
}
