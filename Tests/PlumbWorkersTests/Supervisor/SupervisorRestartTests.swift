import Testing

@testable import PlumbWorkers

/// Which workers are replaced, and when.
struct SupervisorRestartTests {
    /// How long until the slot's next process starts; `nil` when it has one.
    private func restartIn(_ world: World, slot: Int = 0) -> Duration? {
        world.supervisor.slots[slot].restartAt.map { $0 - world.now }
    }

    private func isBroken(_ world: World) -> Bool { world.supervisor.slots[0].isBroken }

    /// The current process of worker 1.
    private func current(_ world: World) throws -> String {
        let row = try #require(world.supervisor.slots[0].row, "worker 1 has no process")
        return try #require(world.workers[world.supervisor.processes[row].id]?.name)
    }

    /// Waits for the process of worker 1 to be started, if it is not.
    private func next(_ world: inout World) throws -> String {
        while world.supervisor.slots[0].row == nil { try #require(try world.advanceToDeadline()) }
        return try current(world)
    }

    private func failToStart(_ world: inout World) throws { try world.exit(next(&world), 1) }

    private func crashAtOnce(_ world: inout World) throws {
        let name = try next(&world)
        try world.ready(name)
        try world.crash(name)
    }

    @Test("A worker that served is replaced at once, as often as it dies")
    func stable() throws {
        var world = World()
        try world.startReady()
        for _ in 0..<20 {
            try world.advance(by: world.settings.restart.stableAfter)
            try world.crash(current(world))
            #expect(restartIn(world) == nil)
            try world.ready(current(world))
        }
        #expect(world.supervisor.slots[0].restarts == 20)
        #expect(!isBroken(world))
    }

    @Test("Crashes in a row wait longer each time, and the fifth opens the breaker")
    func crashes() throws {
        var world = World()
        try world.startReady()
        var delays: [Duration] = []
        for _ in 0..<5 {
            try crashAtOnce(&world)
            delays.append(restartIn(world) ?? .zero)
        }
        let whole: [Duration] = [.zero, .milliseconds(100), .milliseconds(200), .milliseconds(400), .seconds(30)]
        for (delay, whole) in zip(delays, whole) { #expect(delay <= whole && delay * 2 >= whole) }
        #expect(isBroken(world))
        #expect(
            world.notes.last
                == .breakerOpened(number: 1, failures: 5, .ended(.signalled(11)), retryAfter: .seconds(30)))
        // The others go on.
        try world.accept(3)
        #expect(world.performed == "send #2 to 2")
    }

    @Test("Failures to start wait longer each time, and the fifth opens the breaker")
    func startFailures() throws {
        var world = World()
        try world.start()
        try world.ready("2")
        var delays: [Duration] = []
        for _ in 0..<5 {
            try failToStart(&world)
            delays.append(restartIn(world) ?? .zero)
        }
        let whole: [Duration] = [100, 200, 400, 800, 30_000].map { .milliseconds($0) }
        for (delay, whole) in zip(delays, whole) { #expect(delay <= whole && delay * 2 >= whole) }
        #expect(isBroken(world))
        // The start is over, with what there is.
        #expect(world.announced == 1)
        #expect(world.phase == "serving")
    }

    @Test("A death after having served ends the row, also when it is heard of before the timer")
    func stableBeforeTheTimer() throws {
        var world = World()
        try world.startReady()
        for _ in 0..<3 { try crashAtOnce(&world) }
        #expect(world.supervisor.slots[0].crashes == 3)
        try world.ready(next(&world))
        world.now = world.now + world.settings.restart.stableAfter
        try world.crash(current(world))
        #expect(restartIn(world) == nil)
        #expect(world.supervisor.slots[0].crashes == 0)
    }

    enum Failure: CaseIterable { case start, crash }

    @Test(
        "An open breaker tries once per longest delay, whatever fails then", arguments: Failure.allCases,
        Failure.allCases)
    func halfOpen(opened: Failure, retried: Failure) throws {
        var world = World()
        try world.startReady()
        func fail(_ failure: Failure, _ world: inout World) throws {
            switch failure {
            case .start: try failToStart(&world)
            case .crash: try crashAtOnce(&world)
            }
        }
        while !isBroken(world) { try fail(opened, &world) }
        for _ in 0..<7 {
            #expect(restartIn(world) == world.settings.restart.maximumDelay)
            try fail(retried, &world)
            #expect(isBroken(world))
        }
        #expect(world.notes.filter { if case .breakerOpened = $0 { true } else { false } }.count == 1)
    }

    @Test("A worker that stays closes the breaker, and its next death is none of a row", arguments: Failure.allCases)
    func breakerCloses(failure: Failure) throws {
        var world = World()
        try world.startReady()
        while !isBroken(world) {
            if failure == .start { try failToStart(&world) } else { try crashAtOnce(&world) }
        }
        try world.ready(next(&world))
        #expect(isBroken(world), "being ready is not enough")
        try world.advance(by: world.settings.restart.stableAfter)
        #expect(!isBroken(world))
        #expect(world.notes.last == .breakerClosed(number: 1))
        try world.crash(current(world))
        #expect(restartIn(world) == nil)
    }

    @Test("Failures to start and crashes are counted apart")
    func countedApart() throws {
        var world = World()
        try world.startReady()
        try crashAtOnce(&world)
        for _ in 0..<4 { try failToStart(&world) }
        #expect(world.supervisor.slots[0].crashes == 1)
        #expect(world.supervisor.slots[0].startFailures == 4)
        try crashAtOnce(&world)
        #expect(world.supervisor.slots[0].crashes == 2)
        #expect(world.supervisor.slots[0].startFailures == 0)
        #expect(!isBroken(world))
    }

    @Test("Violations and start deadlines before READY are failures to start")
    func failuresBeforeReady() throws {
        var world = World()
        try world.start()
        try world.ready("2")
        try world.handle(.violation(world.id("1"), .length))
        try world.handle(.exited(world.id("1"), .signalled(9)))
        #expect(world.supervisor.slots[0].startFailures == 1)
        let second = try next(&world)
        try world.advance(by: world.settings.startDeadline)
        #expect(world.state(second) == "killed (was not ready by the start deadline)")
        try world.handle(.exited(world.id(second), .signalled(9)))
        #expect(world.supervisor.slots[0].startFailures == 2)
        let third = try next(&world)
        try world.closeChannel(third)
        try world.advance(by: world.settings.exitGrace)
        #expect(world.state(third) == "killed (closed its channel)")
        try world.handle(.exited(world.id(third), .signalled(9)))
        #expect(world.supervisor.slots[0].startFailures == 3)
        #expect(world.supervisor.slots[0].lastCause == .closedChannel)
    }

    @Test("A program that cannot be executed ends the start at once")
    func notExecutable() throws {
        var world = World()
        world.spawnError = 2
        try world.start()
        #expect(world.outcome == .neverReady(worker: 1, .notExecutable(2)))
        #expect(world.names.count == 2)
    }

    @Test("When every worker failed before one was ready, nobody ever will be")
    func everySlotFails() throws {
        var world = World { $0.workers = 3 }
        try world.start()
        try world.exit("1", 1)
        try world.accept()
        try world.exit("2", 1)
        #expect(world.outcome == nil)
        try world.exit("3", 78)
        #expect(world.outcome == .neverReady(worker: 3, .endedBeforeReady(.exited(78))))
        #expect(world.totals.lost == 1)
    }

    @Test("The others are killed when one cannot be executed, and their ends are waited for")
    func othersAreKilled() throws {
        var world = World { $0.workers = 3 }
        try world.start()
        try world.exit("1", 1)
        world.spawnError = 13
        while world.supervisor.phase != .ending { try #require(try world.advanceToDeadline()) }
        #expect(world.performed == "spawn 1b; forget 1b; close listeners; kill 2; kill 3; do not accept")
        for name in ["2", "3"] { try world.handle(.exited(world.id(name), .signalled(9))) }
        #expect(world.outcome == .neverReady(worker: 1, .notExecutable(13)))
    }

    @Test("One that cannot be executed is retried while another is ready")
    func oneIsReady() throws {
        var world = World()
        try world.start()
        try world.ready("2")
        world.spawnError = 12
        try world.exit("1", 1)
        for _ in 0..<4 { try world.advanceToDeadline() }
        #expect(isBroken(world))
        #expect(world.outcome == nil)
        #expect(world.announced == 1)
    }

    @Test("A worker that was ready once and died does not count as never ready")
    func wasReady() throws {
        var world = World()
        try world.start()
        try world.ready("1")
        try world.crash("1")
        // Its row has a successor, which has not been ready.
        #expect(try world.id("1b").row == world.id("1").row)
        try world.exit("1b", 1)
        try world.exit("2", 1)
        #expect(world.outcome == nil)
        #expect(world.phase == "starting")
    }

    @Test("Every breaker open, and nobody ready: that is announced too")
    func announcesNone() throws {
        var world = World { $0.workers = 1 }
        try world.start()
        try world.ready("1")
        #expect(world.announced == 1)
        var two = World()
        try two.start()
        while two.announced == nil {
            for (slot, number) in [(0, 1), (1, 2)] {
                while two.supervisor.slots[slot].row == nil { try two.advanceToDeadline() }
                let row = try #require(two.supervisor.slots[slot].row)
                let name = try #require(two.workers[two.supervisor.processes[row].id]?.name)
                // One of them is ready each time, never both.
                if number == 1 { try two.ready(name) }
                try two.crash(name)
            }
        }
        #expect(two.announced == 0)
        #expect(two.phase == "serving")
    }

    @Test("The status says what is broken, why, and when it is tried again")
    func status() throws {
        var world = World()
        try world.startReady()
        while !isBroken(world) { try failToStart(&world) }
        try world.advance(by: .seconds(10))
        let (workers, reasons) = world.supervisor.statusOfWorkers(at: world.now)
        #expect(workers.map(\.state) == ["broken", "ready"])
        #expect(workers[0].restartIn == 20)
        #expect(
            reasons == [
                "worker 1 failed 5 times in a row: it exited with status 1 before it was ready; next attempt in 20 s"
            ])
        #expect(world.supervisor.stateName(reasons: reasons) == "degraded")
    }
}
