import Testing

@testable import PlumbWorkers

/// Every state of a process, and every event of one.
///
/// Worker 1 is the subject; worker 2 is ready and owes nothing. Where the subject serves, it holds connections #0 and
/// #2, its sequence numbers 1 and 2, and has acknowledged neither.
struct SupervisorTransitionTests {
    enum State: String, CaseIterable {
        case starting, ready, suspect, congested, channelClosed, draining, left, killed, stuck

        func world() throws -> World {
            var world = World()
            try world.start()
            try world.ready("2")
            if self == .starting { return world }
            try world.ready("1")
            try world.accept(4)
            try world.acknowledge("2")
            switch self {
            case .starting, .ready:
                break
            case .suspect:
                try world.advance(by: .milliseconds(250))
            case .congested:
                try world.refuse("1", 2)
                try world.acknowledge("2")
            case .channelClosed:
                try world.closeChannel("1")
                try world.acknowledge("2")
            case .draining:
                try world.acknowledge("1")
                try world.stop()
            case .left:
                try world.closeChannel("1")
                try world.acknowledge("2")
                try world.advance(by: world.settings.exitGrace)
                try world.ready("1b")
            case .killed, .stuck:
                try world.handle(.violation(world.id("1"), .length))
                guard self == .stuck else { break }
                try world.advance(by: world.settings.killGrace)
                try world.acknowledge("2")
                try world.ready("1b")
            }
            return world
        }
    }

    enum Event: String, CaseIterable {
        case ready, progress, lie, refused, violation, channelClosed, exited0, exited1, signalled, spawnFailed, deadline

        func happen(in world: inout World) throws {
            let id = try world.id("1")
            switch self {
            case .ready: try world.ready("1")
            case .progress:
                let worker = try world.worker("1")
                let taken = min(worker.taken + 1, worker.sent)
                try world.progress("1", taken: taken, finished: min(worker.finished + 1, taken))
            case .lie: try world.progress("1", taken: 3, finished: 0)
            case .refused: try world.refuse("1", 2)
            case .violation: try world.handle(.violation(id, .descriptors))
            case .channelClosed: try world.closeChannel("1")
            case .exited0: try world.exit("1", 0)
            case .exited1: try world.exit("1", 1)
            case .signalled: try world.crash("1")
            case .spawnFailed: try world.handle(.spawnFailed(id, 12))
            case .deadline: if try !world.advanceToDeadline() { try world.handle(.tick) }
            }
        }
    }

    /// What becomes of the worker, and what is done.
    static let table = """
        starting      | ready         | ready            | announce 2
        starting      | progress      | killed (order)   | kill 1
        starting      | lie           | killed (order)   | kill 1
        starting      | refused       | killed (order)   | kill 1
        starting      | violation     | killed (descriptors) | kill 1
        starting      | channelClosed | channel closed   |
        starting      | exited0       | past             | forget 1
        starting      | exited1       | past             | forget 1
        starting      | signalled     | past             | forget 1
        starting      | spawnFailed   | past             | forget 1
        starting      | deadline      | killed (was not ready by the start deadline) | kill 1
        ready         | ready         | killed (order)   | kill 1
        ready         | progress      | ready            | close #0
        ready         | lie           | killed (counts)  | kill 1
        ready         | refused       | congested        | send #2 to 2
        ready         | violation     | killed (descriptors) | kill 1
        ready         | channelClosed | channel closed   | send #0 to 2; send #2 to 2
        ready         | exited0       | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        ready         | exited1       | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        ready         | signalled     | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        ready         | spawnFailed   | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        ready         | deadline      | suspect          |
        suspect       | ready         | killed (order)   | kill 1
        suspect       | progress      | ready            | close #0
        suspect       | lie           | killed (counts)  | kill 1
        suspect       | refused       | suspect          | send #2 to 2
        suspect       | violation     | killed (descriptors) | kill 1
        suspect       | channelClosed | channel closed   | send #0 to 2; send #2 to 2
        suspect       | exited0       | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        suspect       | exited1       | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        suspect       | signalled     | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        suspect       | spawnFailed   | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        suspect       | deadline      | killed (left connections unacknowledged until the hang deadline) | kill 1
        congested     | ready         | killed (order)   | kill 1
        congested     | progress      | ready            | close #0
        congested     | lie           | killed (counts)  | kill 1
        congested     | refused       | killed (refusal) | kill 1
        congested     | violation     | killed (descriptors) | kill 1
        congested     | channelClosed | channel closed   | send #0 to 2
        congested     | exited0       | past             | forget 1; spawn 1b; send #0 to 2
        congested     | exited1       | past             | forget 1; spawn 1b; send #0 to 2
        congested     | signalled     | past             | forget 1; spawn 1b; send #0 to 2
        congested     | spawnFailed   | past             | forget 1; spawn 1b; send #0 to 2
        congested     | deadline      | ready            |
        channelClosed | ready         | killed (order)   | kill 1
        channelClosed | progress      | channel closed   |
        channelClosed | lie           | killed (counts)  | kill 1
        channelClosed | refused       | killed (refusal) | kill 1
        channelClosed | violation     | killed (descriptors) | kill 1
        channelClosed | channelClosed | channel closed   |
        channelClosed | exited0       | past             | forget 1; spawn 1b
        channelClosed | exited1       | past             | forget 1; spawn 1b
        channelClosed | signalled     | past             | forget 1; spawn 1b
        channelClosed | spawnFailed   | past             | forget 1; spawn 1b
        channelClosed | deadline      | draining         | spawn 1b
        draining      | ready         | killed (order)   | kill 1
        draining      | progress      | draining         |
        draining      | lie           | killed (counts)  | kill 1
        draining      | refused       | killed (refusal) | kill 1
        draining      | violation     | killed (descriptors) | kill 1
        draining      | channelClosed | draining         |
        draining      | exited0       | past             | forget 1
        draining      | exited1       | past             | forget 1
        draining      | signalled     | past             | forget 1
        draining      | spawnFailed   | past             | forget 1
        draining      | deadline      | killed (was told to end) | kill 1; kill 2
        left          | ready         | killed (order)   | kill 1
        left          | progress      | draining         |
        left          | lie           | killed (counts)  | kill 1
        left          | refused       | killed (refusal) | kill 1
        left          | violation     | killed (descriptors) | kill 1
        left          | channelClosed | draining         |
        left          | exited0       | past             | forget 1
        left          | exited1       | past             | forget 1
        left          | signalled     | past             | forget 1
        left          | spawnFailed   | past             | forget 1
        left          | deadline      | killed (closed its channel) | kill 1
        killed        | ready         | killed (length)  |
        killed        | progress      | killed (length)  | close #0
        killed        | lie           | killed (length)  |
        killed        | refused       | killed (length)  | send #2 to 2
        killed        | violation     | killed (length)  |
        killed        | channelClosed | killed (length)  |
        killed        | exited0       | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        killed        | exited1       | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        killed        | signalled     | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        killed        | spawnFailed   | past             | forget 1; spawn 1b; send #0 to 2; send #2 to 2
        killed        | deadline      | stuck            | abandon 1; spawn 1b; send #0 to 2; send #2 to 2
        stuck         | ready         | stuck            |
        stuck         | progress      | stuck            |
        stuck         | lie           | stuck            |
        stuck         | refused       | stuck            |
        stuck         | violation     | stuck            |
        stuck         | channelClosed | stuck            |
        stuck         | exited0       | past             | forget 1
        stuck         | exited1       | past             | forget 1
        stuck         | signalled     | past             | forget 1
        stuck         | spawnFailed   | stuck            |
        stuck         | deadline      | stuck            |
        """

    static let expectations = Table(table)

    @Test("State × event", arguments: State.allCases, Event.allCases)
    func transition(state: State, event: Event) throws {
        let expected = try #require(Self.expectations["\(state)", "\(event)"])
        var world = try state.world()
        try event.happen(in: &world)
        #expect([world.state("1"), world.performed] == expected)
    }

    @Test("The table has a row for every pair, and no other")
    func tableIsComplete() {
        let pairs = State.allCases.flatMap { state in Event.allCases.map { "\(state) \($0)" } }
        #expect(Set(pairs) == Self.expectations.keys)
    }

    @Test("News of a worker that is past changes nothing", arguments: Event.allCases)
    func past(event: Event) throws {
        var world = try State.ready.world()
        try world.crash("1")
        try world.ready("1b")
        let before = world.supervisor.statusOfWorkers(at: world.now).workers
        guard event != .deadline else { return }
        // The name means the dead process; its row has a successor already.
        let id = try world.id("1")
        #expect(try world.id("1b").row == id.row)
        for stale in event.stale(id) {
            try world.handle(stale)
            #expect(world.actions.isEmpty)
        }
        #expect(world.supervisor.statusOfWorkers(at: world.now).workers == before)
    }
}

extension SupervisorTransitionTests.Event {
    /// The event as the effect layer would tell it.
    func stale(_ id: WorkerID) -> [SupervisorEvent] {
        switch self {
        case .ready: [.message(id, .ready), .spawned(id, pid: 7)]
        case .progress: [.message(id, .progress(taken: 1, finished: 1))]
        case .lie: [.message(id, .progress(taken: .max, finished: .max))]
        case .refused: [.message(id, .refused(sequence: 1, reason: 24))]
        case .violation: [.violation(id, .type)]
        case .channelClosed: [.channelClosed(id)]
        case .exited0: [.exited(id, .exited(0))]
        case .exited1: [.exited(id, .exited(1))]
        case .signalled: [.exited(id, .signalled(11))]
        case .spawnFailed: [.spawnFailed(id, 2)]
        case .deadline: []
        }
    }
}
