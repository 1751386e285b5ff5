import Testing

@testable import PlumbWorkers

/// From the first wish to stop to the end.
struct SupervisorDrainTests {
    @Test("What waits in the backlog is accepted and served before anybody is told to drain")
    func backlog() throws {
        var world = World()
        try world.startReady()
        world.backlog = 3
        try world.stop()
        #expect(
            world.performed
                == "accept the rest and close; send #0 to 1; send #1 to 2; send #2 to 1; do not accept")
        try world.acknowledge("1")
        try world.acknowledge("2")
        #expect(world.performed == "close #1; drain 1; drain 2")
        try world.finishAll("1")
        try world.exit("1", 0)
        try world.exit("2", 0)
        #expect(world.outcome == .drained)
        #expect(world.totals.lost == 0)
    }

    @Test("A backlog that is longer than the queue is accepted as there is room, and then the listeners are closed")
    func longBacklog() throws {
        var world = World { $0.queueLimit = 2 }
        try world.startReady()
        world.backlog = 50
        try world.stop()
        #expect(world.queue.count == 2 && world.backlog == 40 && !world.listenersAreClosed)
        while world.totals.taken < 50 {
            #expect(world.supervisor.processes.allSatisfy { $0.state == .ready }, "nobody is told to drain")
            try world.acknowledge("1")
            try world.acknowledge("2")
        }
        #expect(world.listenersAreClosed && ["1", "2"].allSatisfy { world.state($0) == "draining" })
        try world.finishAll("1")
        try world.finishAll("2")
        try world.exit("1", 0)
        try world.exit("2", 0)
        #expect(world.outcome == .drained)
        #expect(world.totals.accepted == 50 && world.totals.lost == 0)
    }

    @Test("Without descriptors for the rest of the backlog, it is tried again after a pause")
    func backlogWithoutDescriptors() throws {
        var world = World()
        try world.startReady()
        try world.handle(.acceptFailed(24))
        world.backlog = 3
        try world.stop()
        #expect(world.performed == "accept the rest and close")
        #expect(world.supervisor.nextDeadline == world.now + world.settings.acceptPause)
        // A worker that dies meanwhile is replaced: there are connections for it.
        try world.advance(by: .milliseconds(1))
        try world.crash("1")
        #expect(world.performed == "forget 1; spawn 1b")
        try world.advance(by: world.settings.acceptPause)
        #expect(world.performed == "accept; send #0 to 2; send #1 to 2; send #2 to 2; do not accept")
    }

    @Test("What is left in the backlog at the deadline is cut off, and counted with the rest")
    func backlogAtTheDeadline() throws {
        var world = World { ($0.workers, $0.credits, $0.queueLimit, $0.hangDeadline) = (1, 1, 2, nil) }
        try world.startReady()
        world.backlog = 10
        try world.stop()
        #expect(world.backlog == 7)
        try world.advance(by: .seconds(30))
        #expect(world.performed == "close listeners; kill 1; close #1; close #2")
        #expect(world.notes.suffix(2) == [.cutOff(connections: 3), .cutOff(connections: 7)])
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.outcome == .cutOff(connections: 10))
    }

    @Test("Nobody is told to drain while a connection is on its way, whoever has it")
    func notWhileInFlight() throws {
        var world = World()
        try world.startReady()
        try world.accept(2)
        try world.stop()
        try world.acknowledge("1")
        #expect(world.performed == "close #0")
        // The other dies: the first can take over, because it was not told yet.
        try world.crash("2")
        #expect(world.performed == "forget 2; spawn 2b; send #1 to 1")
        try world.acknowledge("1")
        #expect(world.performed == "close #1; drain 1; kill 2b")
    }

    @Test("A dead worker is replaced while connections wait for one, and only then")
    func respawn() throws {
        var world = World { $0.workers = 1 }
        try world.startReady()
        try world.accept(2)
        try world.stop()
        try world.crash("1")
        #expect(world.performed == "forget 1; spawn 1b")
        try world.ready("1b")
        #expect(world.performed == "send #0 to 1b; send #1 to 1b")
        try world.finishAll("1b")
        #expect(world.performed == "close #0; close #1; drain 1b")
        try world.crash("1b")
        #expect(world.performed == "forget 1b; finish: drained")
    }

    @Test("A restart that nobody needs any more is given up")
    func restartIsGivenUp() throws {
        var world = World()
        try world.start()
        try world.ready("2")
        try world.exit("1", 1)
        #expect(world.supervisor.slots[0].restartAt != nil)
        try world.stop()
        #expect(world.supervisor.slots[0].restartAt == nil)
        try world.exit("2", 0)
        #expect(world.outcome == .drained)
    }

    @Test("Workers that are starting are killed, unless connections wait for them")
    func starting() throws {
        var world = World()
        try world.start()
        try world.accept()
        try world.stop()
        #expect(world.performed == "accept the rest and close; do not accept")
        try world.ready("2")
        #expect(world.performed == "send #0 to 2")
        try world.acknowledge("2")
        #expect(world.performed == "close #0; kill 1; drain 2")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        try world.exit("2", 0)
        #expect(world.outcome == .drained)
    }

    @Test("Stopping while every breaker is open ends at once, or at the deadline if connections wait")
    func broken() throws {
        for waiting in [false, true] {
            var world = World { ($0.workers, $0.drainTimeout) = (1, .seconds(20)) }
            try world.startReady()
            for _ in 0..<5 {
                while world.supervisor.slots[0].row == nil { try world.advanceToDeadline() }
                let name = try #require(world.workers.values.first?.name)
                if !world.supervisor.hasBeenReady || world.state(name) == "starting" { try world.ready(name) }
                try world.crash(name)
            }
            #expect(world.supervisor.slots[0].isBroken)
            if waiting { try world.accept() }
            try world.stop()
            #expect(world.outcome == (waiting ? nil : .drained))
            guard waiting else { continue }
            try world.advance(by: .seconds(20))
            #expect(world.outcome == .cutOff(connections: 1))
            #expect(world.totals.lost == 1)
        }
    }

    @Test("At the deadline everybody is killed, and what was not finished is counted")
    func deadline() throws {
        var world = World()
        try world.startReady()
        try world.accept(6)
        try world.progress("1", taken: 3, finished: 1)
        try world.acknowledge("2")
        try world.stop()
        #expect(world.notes.last == .draining(connections: 5, deadline: .seconds(30)))
        try world.advance(by: .seconds(29))
        try world.progress("2", taken: 3, finished: 1)
        try world.advance(by: .seconds(1))
        #expect(world.performed == "kill 1; kill 2")
        #expect(world.notes.last == .cutOff(connections: 4))
        for name in ["1", "2"] { try world.handle(.exited(world.id(name), .signalled(9))) }
        #expect(world.outcome == .cutOff(connections: 4))
        #expect(world.totals.endedWithWorker == 4)
    }

    @Test("The count has what is held, what is on its way and what waits")
    func countOfAll() throws {
        var world = World { ($0.workers, $0.credits, $0.hangDeadline) = (1, 2, nil) }
        try world.startReady()
        try world.accept()
        try world.acknowledge("1")
        try world.accept(5)
        try world.stop()
        try world.stop()
        #expect(world.performed == "kill 1; close #2; close #3; close #4")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.performed == "close #1; close #0; forget 1; finish: 6 cut off")
        #expect(world.totals.lost == 5)
        #expect(world.totals.endedWithWorker == 1)
    }

    enum End: CaseIterable { case exited0, exited1, signalled, hungUp, violation }

    @Test("Connections that a worker holds when it crashes after the stop are cut off", arguments: End.allCases)
    func crashWhileDraining(end: End) throws {
        var world = World()
        try world.startReady()
        try world.accept(6)
        try world.acknowledge("1")
        try world.acknowledge("2")
        try world.stop()
        try world.progress("1", taken: 3, finished: 1)
        switch end {
        case .exited0: try world.exit("1", 0)
        case .exited1: try world.exit("1", 1)
        case .signalled: try world.crash("1")
        case .hungUp:
            try world.closeChannel("1")
            try world.crash("1")
        case .violation:
            try world.progress("1", taken: 3, finished: 4)
            try world.handle(.exited(world.id("1"), .signalled(9)))
        }
        // The other one finishes, and that is the end of it.
        try world.finishAll("2")
        try world.exit("2", 0)
        #expect(world.outcome == (end == .exited0 ? .drained : .cutOff(connections: 2)))
        #expect(world.totals.endedWithWorker == 2)
    }

    @Test("What was cut off before the deadline is counted with what is cut off there")
    func crashBeforeTheDeadline() throws {
        var world = World()
        try world.startReady()
        try world.accept(6)
        try world.acknowledge("1")
        try world.acknowledge("2")
        try world.stop()
        try world.crash("1")
        try world.advance(by: .seconds(30))
        #expect(world.notes.last == .cutOff(connections: 6))
        try world.handle(.exited(world.id("2"), .signalled(9)))
        #expect(world.outcome == .cutOff(connections: 6))
    }

    @Test("A connection that is given up after the stop is cut off, one that was lost before is not")
    func givenUpWhileDraining() throws {
        for isStopped in [false, true] {
            var world = World { $0.attemptLimit = 1 }
            try world.startReady()
            try world.accept()
            if isStopped { try world.stop() }
            try world.crash("1")
            if !isStopped { try world.stop() }
            try world.exit("2", 0)
            if let next = world.workers.values.first(where: \.isKilled) {
                try world.handle(.exited(next.id, .signalled(9)))
            }
            #expect(world.totals.lost == 1)
            #expect(world.outcome == (isStopped ? .cutOff(connections: 1) : .drained))
        }
    }

    @Test("A worker that does not end although it was killed, until the very deadline")
    func stuckAtTheDeadline() throws {
        var world = World {
            ($0.hangDeadline, $0.killGrace, $0.drainTimeout) = (.seconds(5), .seconds(5), .seconds(10))
        }
        try world.startReady()
        try world.accept()
        try world.stop()
        try world.advance(by: .seconds(10))
        #expect(world.performed == "kill 1; kill 2; close #0; abandon 1")
        #expect(world.notes.contains(.cutOff(connections: 1)))
        try world.handle(.exited(world.id("2"), .signalled(9)))
        #expect(world.outcome == .cutOff(connections: 1))
    }

    @Test("Workers that have ended are called that, not waited for in the status")
    func statusWhileDraining() throws {
        var world = World { $0.workers = 3 }
        try world.startReady()
        try world.accept(3)
        for name in ["1", "2", "3"] { try world.acknowledge(name) }
        try world.stop()
        try world.finishAll("1")
        try world.exit("1", 0)
        try world.crash("2")
        let (workers, reasons) = world.supervisor.statusOfWorkers(at: world.now)
        #expect(workers.map(\.state) == ["ended", "ended", "draining"])
        #expect(workers.map(\.lastEnd) == ["was told to end", "was killed by SIGSEGV", nil])
        #expect(reasons.isEmpty)
        #expect(world.supervisor.stateName(reasons: reasons) == "draining")
    }

    @Test("A second stop kills everybody at once, and a third changes nothing")
    func secondStop() throws {
        var world = World()
        try world.startReady()
        try world.accept()
        try world.acknowledge("1")
        try world.stop()
        try world.stop()
        #expect(world.performed == "kill 1; kill 2")
        try world.stop()
        #expect(world.performed == "")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.outcome == nil)
        try world.handle(.exited(world.id("2"), .signalled(9)))
        #expect(world.outcome == .cutOff(connections: 1))
    }

    @Test("Two stops at once: what is in the backlog is cut off")
    func twoStopsAtOnce() throws {
        var world = World()
        try world.startReady()
        // Both arrive before the first one's actions are performed.
        world.backlog = 2
        world.supervisor.handle(.stop, at: world.now)
        try world.stop()
        #expect(
            world.performed
                == "accept the rest and close; close listeners; kill 1; kill 2; do not accept")
        for name in ["1", "2"] { try world.handle(.exited(world.id(name), .signalled(9))) }
        #expect(world.connections.isEmpty)
        #expect(world.outcome == .cutOff(connections: 2))
    }

    @Test("A refusal that arrives after the cut is closed with the rest")
    func refusedAfterTheCut() throws {
        var world = World { $0.workers = 1 }
        try world.startReady()
        try world.accept(2)
        try world.stop()
        try world.stop()
        try world.refuse("1", 1)
        #expect(world.performed == "close #0")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.performed == "close #1; forget 1; finish: 2 cut off")
    }

    @Test("A worker that had closed its channel finishes what it holds, beside its successor")
    func leftWorker() throws {
        var world = World()
        try world.startReady()
        try world.accept(2)
        try world.acknowledge("1")
        try world.acknowledge("2")
        try world.closeChannel("1")
        try world.advance(by: world.settings.exitGrace)
        #expect(world.performed == "spawn 1b")
        try world.ready("1b")
        #expect(world.supervisor.statusOfWorkers(at: world.now).workers.map(\.state) == ["ready", "ready", "draining"])
        try world.stop()
        #expect(world.performed == "accept the rest and close; do not accept; drain 2; drain 1b")
        try world.exit("1b", 0)
        try world.exit("2", 0)
        #expect(world.outcome == nil)
        try world.exit("1", 0)
        #expect(world.outcome == .drained)
    }

    @Test("One that left and does not end is killed at its own deadline, and leaves no deadline that spins")
    func leftWorkerIsKilled() throws {
        var world = World()
        try world.startReady()
        try world.advance(by: .seconds(1))
        try world.closeChannel("1")
        try world.advance(by: world.settings.exitGrace)
        // The successor dies young, so that the slot waits for a stable worker.
        try world.ready("1b")
        try world.crash("1b")
        try world.ready("1c")
        try world.advance(by: world.settings.drainTimeout - .nanoseconds(1))
        #expect(world.state("1") == "draining")
        try world.advance(by: .nanoseconds(1))
        #expect(world.performed == "kill 1")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.performed == "forget 1")
        #expect(world.state("1c") == "ready")
    }
}
