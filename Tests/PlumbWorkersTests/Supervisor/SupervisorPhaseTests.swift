import Testing

@testable import PlumbWorkers

/// Every phase of a master's life, and what moves it on.
struct SupervisorPhaseTests {
    enum Phase: String, CaseIterable {
        case starting, serving, drainingUntaken, drainingHeld, ending, finished

        /// Worker 1 holds #0; worker 2 was sent #1, which it has not acknowledged.
        func world() throws -> World {
            // Killed workers whose end does not come are another test's.
            var world = World { $0.killGrace = .seconds(86_400) }
            try world.start()
            if self == .starting { return world }
            try world.ready("1", "2")
            try world.accept(2)
            try world.acknowledge("1")
            if self == .serving { return world }
            try world.stop()
            if self == .drainingUntaken { return world }
            try world.acknowledge("2")
            if self == .drainingHeld { return world }
            try world.stop()
            if self == .ending { return world }
            try world.handle(.exited(world.id("1"), .signalled(9)))
            try world.handle(.exited(world.id("2"), .signalled(9)))
            return world
        }
    }

    enum Event: String, CaseIterable {
        case stop, stopTwice, deadline, acknowledged, worker1Ends, bothEnd

        func happen(in world: inout World) throws {
            var all: [SupervisorAction] = []
            switch self {
            case .stop:
                try world.stop()
            case .stopTwice:
                try world.stop()
                all = world.actions
                try world.stop()
            case .deadline:
                try world.advance(by: world.settings.drainTimeout)
            case .acknowledged:
                try world.handle(.message(world.id("2"), .progress(taken: 1, finished: 0)))
            case .worker1Ends:
                try world.handle(.exited(world.id("1"), .exited(0)))
            case .bothEnd:
                try world.handle(.exited(world.id("1"), .exited(0)))
                all = world.actions
                try world.handle(.exited(world.id("2"), .exited(0)))
            }
            world.actions = all + world.actions
        }
    }

    /// The phase that follows, and what is done.
    static let table = """
        starting        | stop         | draining | accept the rest and close; do not accept; kill 1; kill 2
        starting        | stopTwice    | ending   | accept the rest and close; do not accept; kill 1; kill 2
        starting        | deadline     | starting | kill 1; kill 2
        starting        | acknowledged | starting | kill 2
        starting        | worker1Ends  | starting | forget 1
        starting        | bothEnd      | finished | forget 1; forget 2; close listeners; do not accept; \
        finish: worker 2 exited with status 0 before it was ready
        serving         | stop         | draining | accept the rest and close; do not accept
        serving         | stopTwice    | ending   | accept the rest and close; do not accept; kill 1; kill 2
        serving         | deadline     | serving  | kill 2
        serving         | acknowledged | serving  | close #1
        serving         | worker1Ends  | serving  | forget 1; spawn 1b
        serving         | bothEnd      | serving  | forget 1; spawn 1b; forget 2; spawn 2b
        drainingUntaken | stop         | ending   | kill 1; kill 2
        drainingUntaken | stopTwice    | ending   | kill 1; kill 2
        drainingUntaken | deadline     | ending   | kill 2; kill 1
        drainingUntaken | acknowledged | draining | close #1; drain 1; drain 2
        drainingUntaken | worker1Ends  | draining | forget 1
        drainingUntaken | bothEnd      | draining | forget 1; forget 2; spawn 2b
        drainingHeld    | stop         | ending   | kill 1; kill 2
        drainingHeld    | stopTwice    | ending   | kill 1; kill 2
        drainingHeld    | deadline     | ending   | kill 1; kill 2
        drainingHeld    | acknowledged | draining |
        drainingHeld    | worker1Ends  | draining | forget 1
        drainingHeld    | bothEnd      | finished | forget 1; forget 2; finish: drained
        ending          | stop         | ending   |
        ending          | stopTwice    | ending   |
        ending          | deadline     | ending   |
        ending          | acknowledged | ending   |
        ending          | worker1Ends  | ending   | forget 1
        ending          | bothEnd      | finished | forget 1; forget 2; finish: 2 cut off
        finished        | stop         | finished |
        finished        | stopTwice    | finished |
        finished        | deadline     | finished |
        finished        | acknowledged | finished |
        finished        | worker1Ends  | finished |
        finished        | bothEnd      | finished |
        """

    static let expectations = Table(table)

    @Test("Phase × event", arguments: Phase.allCases, Event.allCases)
    func transition(phase: Phase, event: Event) throws {
        let expected = try #require(Self.expectations["\(phase)", "\(event)"])
        var world = try phase.world()
        try event.happen(in: &world)
        #expect([world.phase, world.performed] == expected)
    }

    @Test("The table has a row for every pair, and no other")
    func tableIsComplete() {
        let pairs = Phase.allCases.flatMap { phase in Event.allCases.map { "\(phase) \($0)" } }
        #expect(Set(pairs) == Self.expectations.keys)
    }
}
