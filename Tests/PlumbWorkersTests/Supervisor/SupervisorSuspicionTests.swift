import Testing

@testable import PlumbWorkers

/// Workers that leave connections unacknowledged.
struct SupervisorSuspicionTests {
    /// Worker 1 was sent #0, which it does not acknowledge; worker 2 acknowledges at once.
    private func world(_ adjust: (inout Supervisor.Settings) -> Void = { _ in }) throws -> World {
        var world = World(.roundRobin, adjust)
        try world.startReady()
        try world.accept(2)
        try world.acknowledge("2")
        return world
    }

    @Test("A suspect gets nothing more while others do")
    func othersGetEverything() throws {
        var world = try world()
        try world.advance(by: world.settings.suspectAfter - .nanoseconds(1))
        #expect(world.state("1") == "ready")
        try world.advance(by: .nanoseconds(1))
        #expect(world.state("1") == "suspect")
        #expect(world.notes.last == .workerSuspect(number: 1, pid: 1001, unacknowledged: 1))
        for index in 1...10 {
            try world.accept()
            #expect(world.performed == "send #1 to 2", "connection \(index)")
            try world.acknowledge("2")
        }
    }

    @Test("When all are suspect, connections wait, and go out when one recovers")
    func allSuspect() throws {
        var world = try world()
        try world.accept(2)
        try world.advance(by: world.settings.suspectAfter)
        #expect(world.state("2") == "suspect")
        try world.accept(2)
        #expect(world.queue.count == 2)
        try world.acknowledge("2")
        #expect(world.performed == "close #2; send #3 to 2; send #4 to 2")
        #expect(world.notes.contains(.workerRecovered(number: 2, pid: 1002)))
    }

    @Test("Acknowledging one of several starts the time anew")
    func timeStartsAnew() throws {
        var world = try world()
        try world.accept(1)
        #expect(world.performed == "send #1 to 1")
        try world.advance(by: .milliseconds(200))
        try world.acknowledge("1", through: 1)
        try world.advance(by: .milliseconds(200))
        #expect(world.state("1") == "ready")
        try world.advance(by: .milliseconds(50))
        #expect(world.state("1") == "suspect")
        try world.acknowledge("1")
        #expect(world.state("1") == "ready")
        #expect(world.supervisor.nextDeadline == nil)
    }

    @Test("News of finished connections is no acknowledgement")
    func finishedIsNoAcknowledgement() throws {
        var world = try world()
        try world.acknowledge("1")
        try world.accept()
        try world.advance(by: .milliseconds(200))
        try world.progress("1", taken: 1, finished: 1)
        try world.advance(by: .milliseconds(50))
        #expect(world.state("1") == "suspect")
    }

    @Test("A worker that owes nothing is never suspect")
    func owesNothing() throws {
        var world = try world()
        try world.acknowledge("1")
        try world.advance(by: .seconds(3600))
        #expect(world.state("1") == "ready")
    }

    @Test("At the hang deadline it is killed, and once it has ended its connections go elsewhere in their order")
    func hung() throws {
        var world = try world()
        try world.accept(4)
        #expect(try world.worker("1").untaken.map(\.connection) == [0, 1, 3])
        try world.acknowledge("2")
        try world.advance(by: .seconds(10) - .nanoseconds(1))
        #expect(world.state("1") == "suspect")
        try world.advance(by: .nanoseconds(1))
        #expect(world.performed == "kill 1")
        #expect(world.state("1") == "killed (left connections unacknowledged until the hang deadline)")
        // Not before its end: it might still take them.
        try world.accept()
        #expect(world.performed == "send #4 to 2")
        try world.acknowledge("2")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.performed == "forget 1; spawn 1b; send #0 to 2; send #1 to 2; send #3 to 2")
        #expect(world.supervisor.slots[0].lastCause == .hung)
    }

    @Test("What it acknowledged with its last words stays with it")
    func lastWords() throws {
        var world = try world()
        try world.accept()
        try world.advance(by: .seconds(10))
        #expect(world.state("1").hasPrefix("killed"))
        try world.acknowledge("1", through: 1)
        #expect(world.performed == "close #0")
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.performed == "forget 1; spawn 1b; send #1 to 2")
        #expect(world.totals.endedWithWorker == 1)
    }

    @Test("Without a hang deadline it is never killed")
    func neverKilled() throws {
        var world = try world { $0.hangDeadline = nil }
        try world.advance(by: .seconds(86_400))
        #expect(world.state("1") == "suspect")
        try world.acknowledge("1")
        #expect(world.state("1") == "ready")
    }

    @Test("A hang deadline before suspicion holds")
    func shortHangDeadline() throws {
        var world = try world {
            $0.hangDeadline = .milliseconds(100)
            $0.suspectAfter = .seconds(1)
        }
        #expect(world.supervisor.nextDeadline == world.now + .milliseconds(100))
        try world.advanceToDeadline()
        #expect(world.performed == "kill 1")
    }

    @Test("A killed worker that does not end is left behind, and loses what it had not taken")
    func stuck() throws {
        var world = try world()
        try world.acknowledge("1")
        try world.accept(2)
        try world.acknowledge("2")
        try world.advance(by: .seconds(10))
        #expect(world.state("1").hasPrefix("killed"))
        try world.advance(by: .seconds(5) - .nanoseconds(1))
        #expect(world.performed == "")
        try world.advance(by: .nanoseconds(1))
        #expect(world.performed == "abandon 1; spawn 1b; send #0 to 2")
        #expect(
            world.notes.contains(
                .workerStuck(
                    number: 1, pid: 1001, .hung, after: .seconds(5), heldConnections: 1, redispatched: 1)))
        #expect(world.totals.endedWithWorker == 1)
        // Its place in the table is not its successor's.
        #expect(try world.id("1b").row != world.id("1").row)
        try world.ready("1b")
        try world.acknowledge("2")
        let workers = world.supervisor.statusOfWorkers(at: world.now).workers
        #expect(workers.map(\.state) == ["ready", "ready", "stuck"] && workers[2].pid == 1001)
        #expect(world.supervisor.nextDeadline == nil)
        // It ends after all.
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.performed == "forget 1")
        try world.crash("2")
        #expect(try world.id("2b").row == world.id("1").row)
    }

    @Test("The end does not wait for a worker that does not end")
    func stuckAtTheEnd() throws {
        var world = try world()
        try world.acknowledge("1")
        try world.stop()
        try world.stop()
        #expect(world.performed == "kill 1; kill 2")
        try world.handle(.exited(world.id("2"), .signalled(9)))
        try world.advance(by: .seconds(5))
        #expect(world.performed == "abandon 1; finish: 2 cut off")
    }

    @Test("The status names the suspect")
    func status() throws {
        var world = try world()
        try world.advance(by: world.settings.suspectAfter)
        let (workers, reasons) = world.supervisor.statusOfWorkers(at: world.now)
        #expect(workers.map(\.state) == ["suspect", "ready"])
        #expect(reasons == ["worker 1 (pid 1001) leaves 1 connections unacknowledged"])
    }
}
