import Testing

@testable import PlumbWorkers

/// Handling a connection allocates nothing once the tables have grown to their size.
struct SupervisorCapacityTests {
    /// The capacities of everything that an event could make grow.
    private struct Capacities: Equatable {
        let actions, attempts, arrivals, hashes, ring, candidates, processes: Int

        init(_ supervisor: Supervisor) {
            actions = supervisor.actions.capacity
            attempts = supervisor.attempts.capacity
            arrivals = supervisor.arrivals.capacity
            hashes = supervisor.sourceHashes.capacity
            ring = supervisor.sentRing.capacity
            candidates = supervisor.candidates.capacity
            processes = supervisor.processes.capacity
        }
    }

    @Test("No table grows while connections come and go", arguments: Balancing.named.map(\.description))
    func steady(balance: String) throws {
        let balancing = try #require(Balancing.named.first { $0.description == balance })
        let start = MonotonicTime(nanoseconds: 1)
        var settings = Supervisor.Settings()
        settings.workers = 4
        var supervisor = Supervisor(settings, balancing: balancing, at: start)
        supervisor.start(at: start)
        let ids = supervisor.processes.map(\.id)
        for id in ids { supervisor.handle(.message(id, .ready), at: start) }
        supervisor.actions.removeAll(keepingCapacity: true)

        /// 64 connections come, and are taken and finished.
        func round(_ number: UInt64) {
            for index in 0..<64 {
                supervisor.handle(.accepted(ConnectionID(index: index), sourceHash: number &+ UInt64(index)), at: start)
            }
            for id in ids {
                let sent = supervisor.processes[id.row].sent
                supervisor.handle(.message(id, .progress(taken: sent, finished: sent)), at: start)
            }
            supervisor.handle(.tick, at: start)
            supervisor.actions.removeAll(keepingCapacity: true)
        }

        for number in 0..<10 as Range<UInt64> { round(number) }
        let warm = Capacities(supervisor)
        for number in 10..<100 as Range<UInt64> { round(number) }
        #expect(Capacities(supervisor) == warm)
        #expect(supervisor.totals.taken == 100 * 64)
    }

    @Test("A worker that dies again and again uses the same row")
    func rows() throws {
        var world = World()
        try world.startReady()
        for _ in 0..<200 {
            try world.advance(by: .seconds(1))
            try world.accept(3)
            let row = try #require(world.supervisor.slots[0].row)
            let id = world.supervisor.processes[row].id
            try world.handle(.exited(id, .signalled(11)))
            let next = try #require(world.supervisor.slots[0].row)
            try world.handle(.message(world.supervisor.processes[next].id, .ready))
            try world.acknowledge("2")
            let name = try #require(world.workers[world.supervisor.processes[next].id]?.name)
            try world.acknowledge(name)
        }
        #expect(world.supervisor.processes.count == 2)
        #expect(world.supervisor.sentRing.count == 2 * world.settings.credits)
    }
}
