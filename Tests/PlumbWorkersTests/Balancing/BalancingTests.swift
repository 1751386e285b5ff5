import PlumbSockets
import Testing

@testable import PlumbWorkers

/// Which worker a connection goes to.
struct BalancingTests {
    /// Workers with these numbers, holding these many connections.
    private func workers(_ loads: [(number: Int, connections: Int)]) -> [WorkerLoad] {
        loads.enumerated().map { row, load in
            WorkerLoad(number: load.number, connections: load.connections, unacknowledged: 0, row: row)
        }
    }

    private func workers(numbers: Int...) -> [WorkerLoad] { workers(numbers.map { ($0, 0) }) }

    /// The numbers chosen, one after the other.
    private func choices(
        _ balancing: Balancing, _ sets: [[WorkerLoad]], hash: UInt64 = 0, seed: UInt64 = 1
    ) -> [Int] {
        var balancer = Balancer(balancing, seed: seed)
        return sets.map { $0[balancer.choose(hash, among: $0)].number }
    }

    @Test("Round robin goes around by number")
    func roundRobin() {
        let all = workers(numbers: 1, 2, 3)
        #expect(choices(.roundRobin, Array(repeating: all, count: 7)) == [1, 2, 3, 1, 2, 3, 1])
    }

    @Test("Round robin goes on from the last number when some cannot take a connection")
    func roundRobinWithGaps() {
        let sets = [
            workers(numbers: 1, 2, 3, 4), workers(numbers: 1, 3, 4), workers(numbers: 1, 2),
            workers(numbers: 1, 2, 3, 4), workers(numbers: 4), workers(numbers: 4), workers(numbers: 2, 3),
        ]
        #expect(choices(.roundRobin, sets) == [1, 3, 1, 2, 4, 4, 2])
    }

    @Test("Round robin does not depend on the order of the table")
    func roundRobinInAnyOrder() {
        let shuffled = workers(numbers: 3, 1, 2)
        #expect(choices(.roundRobin, Array(repeating: shuffled, count: 6)) == [1, 2, 3, 1, 2, 3])
    }

    @Test("Least connections takes the least, and equals in turn")
    func leastConnections() {
        let sets = [
            workers([(1, 5), (2, 3), (3, 4)]), workers([(1, 1), (2, 1), (3, 1)]), workers([(1, 1), (2, 1), (3, 1)]),
            workers([(1, 0), (2, 0), (3, 9)]), workers([(1, 0), (2, 0), (3, 0)]),
        ]
        #expect(choices(.leastConnections, sets) == [2, 3, 1, 2, 3])
    }

    @Test("Least connections keeps the loads equal")
    func leastConnectionsConverges() {
        var balancer = Balancer(.leastConnections, seed: 1)
        var loads = [7, 0, 3, 0]
        for _ in 0..<50 {
            let choice = balancer.choose(0, among: workers(loads.enumerated().map { ($0.offset + 1, $0.element) }))
            loads[choice] += 1
        }
        #expect(loads == [15, 15, 15, 15])
    }

    @Test("Two choices never takes the most loaded of all, and takes each other one", arguments: [2, 3, 8])
    func twoChoices(count: Int) {
        // The first has most, the last least.
        let loaded = workers((1...count).map { ($0, 100 - $0) })
        let chosen = choices(.twoChoices, Array(repeating: loaded, count: 10_000))
        var counts: [Int: Int] = [:]
        for number in chosen { counts[number, default: 0] += 1 }
        #expect(counts[1] == nil)
        #expect(counts.count == count - 1)
        // Of k workers, the one with rank r from the top is the lesser of two distinct ones in r of k(k-1)/2 pairs.
        for number in 2...count {
            let expected = 10_000.0 * Double(number - 1) / Double(count * (count - 1) / 2)
            #expect(abs(Double(counts[number] ?? 0) - expected) < 0.15 * expected + 50, "worker \(number)")
        }
    }

    @Test("Two choices spreads over equals, and manages with one")
    func twoChoicesOfEquals() {
        let chosen = choices(.twoChoices, Array(repeating: workers(numbers: 1, 2, 3, 4), count: 8000))
        for number in 1...4 {
            let count = chosen.filter { $0 == number }.count
            #expect((1700...2300).contains(count), "worker \(number): \(count)")
        }
        #expect(choices(.twoChoices, [workers(numbers: 6)]) == [6])
    }

    @Test("Two choices with another seed chooses otherwise, with the same seed the same")
    func twoChoicesSeed() {
        let sets = Array(repeating: workers(numbers: 1, 2, 3, 4), count: 100)
        #expect(choices(.twoChoices, sets, seed: 7) == choices(.twoChoices, sets, seed: 7))
        #expect(choices(.twoChoices, sets, seed: 7) != choices(.twoChoices, sets, seed: 8))
    }

    @Test("The same host always goes to the same worker, and hosts spread over all")
    func sourceHash() {
        let all = workers(numbers: 1, 2, 3, 4)
        var counts: [Int: Int] = [:]
        for host in 1...4000 {
            let hash = splitMix(UInt64(host))
            let chosen = choices(.sourceHash, [all, all, workers(numbers: 4, 2, 3, 1)], hash: hash)
            #expect(Set(chosen).count == 1)
            counts[chosen[0], default: 0] += 1
        }
        for number in 1...4 { #expect((850...1150).contains(counts[number] ?? 0), "worker \(number): \(counts)") }
    }

    @Test("When a worker leaves, only its own hosts move, and they come back with it")
    func minimalMovement() {
        let all = workers(numbers: 1, 2, 3, 4)
        let without = workers(numbers: 1, 2, 4)
        var moved = 0
        for host in 1...2000 {
            let hash = splitMix(UInt64(host))
            let chosen = choices(.sourceHash, [all, without, all], hash: hash)
            #expect(chosen[0] == chosen[2])
            if chosen[0] == 3 {
                #expect(chosen[1] != 3)
                moved += 1
            } else {
                #expect(chosen[1] == chosen[0])
            }
        }
        #expect((400...600).contains(moved))
    }

    @Test("A peer without a host goes to the worker with the fewest connections")
    func hashZero() {
        let sets = [workers([(1, 2), (2, 1), (3, 2)]), workers([(1, 1), (2, 1), (3, 1)])]
        #expect(choices(.sourceHash, sets, hash: 0) == [2, 3])
    }

    @Test(
        "A closure sees the host and the workers; an index out of range is the first",
        arguments: [-1, 0, 1, 2, 3, .max, .min])
    func custom(index: Int) {
        let all = workers([(1, 4), (2, 5), (3, 6)])
        let balancing = Balancing.custom { hash, workers in
            #expect(hash == 99)
            #expect(workers.count == 3)
            #expect((0..<3).map { workers[$0].connections } == [4, 5, 6])
            return index
        }
        #expect(choices(balancing, [all], hash: 99) == [(0...2).contains(index) ? index + 1 : 1])
        #expect(balancing.description == "custom")
    }

    @Test("The names are those of the command line")
    func names() {
        #expect(
            Balancing.named.map(\.description) == ["round-robin", "least-connections", "two-choices", "source-hash"])
        #expect(Balancing.named.map(\.needsPeer) == [false, false, false, true])
        #expect(Balancing.custom { _, _ in 0 }.needsPeer)
    }

    @Test("The supervisor shows a policy only workers that can take a connection, with what they hold and owe")
    func loads() throws {
        let seen = Seen()
        var world = World(
            .custom { _, workers in
                seen.record((0..<workers.count).map { workers[$0] })
                return 0
            }
        ) { $0.workers = 3 }
        try world.start()
        try world.ready("1", "3")
        try world.accept(3)
        try world.progress("1", taken: 2, finished: 1)
        try world.accept()
        let last = try #require(seen.last)
        #expect(last.map(\.number) == [1, 3])
        #expect(last.map(\.connections) == [2, 0])
        #expect(last.map(\.unacknowledged) == [1, 0])
    }
}
