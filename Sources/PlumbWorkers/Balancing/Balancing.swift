import PlumbSockets

/// What the choice of a worker for a connection rests on.
public struct WorkerLoad: Equatable, Sendable {
    /// The worker's number, from 1, which its replacements keep.
    public let number: Int
    /// Connections that the worker holds or was sent: what the master sent less what the worker says it finished. The
    /// second figure is the worker's own word.
    public let connections: Int
    /// Connections sent and not yet acknowledged.
    public let unacknowledged: Int
    /// Where the master keeps the worker.
    let row: Int
}

/// How the master chooses the worker for a connection, among those that can take one.
public struct Balancing: Sendable, CustomStringConvertible {
    enum Policy: Sendable {
        case roundRobin
        case leastConnections
        case twoChoices
        case sourceHash
        case custom(@Sendable (_ sourceHash: UInt64, _ workers: Span<WorkerLoad>) -> Int)
    }

    let policy: Policy

    /// The policy's name on the command line; `custom` for a closure.
    public let description: String

    /// One after the other.
    public static var roundRobin: Balancing { Balancing(policy: .roundRobin, description: "round-robin") }
    /// The worker with the fewest connections; among equals, one after the other.
    public static var leastConnections: Balancing {
        Balancing(policy: .leastConnections, description: "least-connections")
    }
    /// Of two workers chosen at random, the one with fewer connections.
    public static var twoChoices: Balancing { Balancing(policy: .twoChoices, description: "two-choices") }
    /// The same worker number for every connection from one host, as long as that worker can take connections
    /// (rendezvous hashing, so that the others keep their hosts when it cannot). Unix peers have no host: they go to
    /// the worker with the fewest connections.
    public static var sourceHash: Balancing { Balancing(policy: .sourceHash, description: "source-hash") }
    /// A closure that returns an index into the workers it is shown.
    ///
    /// It is called on the master's thread for each connection and must not wait. An index out of range counts as 0.
    public static func custom(
        _ choose: @escaping @Sendable (_ sourceHash: UInt64, _ workers: Span<WorkerLoad>) -> Int
    ) -> Balancing {
        Balancing(policy: .custom(choose), description: "custom")
    }

    /// The policies that have a name, for the command line.
    public static var named: [Balancing] { [.roundRobin, .leastConnections, .twoChoices, .sourceHash] }
}

/// The part of the choice that changes from one connection to the next.
struct Balancer {
    let policy: Balancing.Policy
    private var turn = 0
    private var random: UInt64

    init(_ balancing: Balancing, seed: UInt64) {
        policy = balancing.policy
        random = seed | 1
    }

    /// An index into `workers`, which is not empty.
    mutating func choose(_ sourceHash: UInt64, among workers: [WorkerLoad]) -> Int {
        switch policy {
        case .roundRobin:
            return nextInTurn(among: workers)
        case .leastConnections:
            return leastLoaded(among: workers)
        case .twoChoices:
            if workers.count == 1 { return 0 }
            let first = randomIndex(below: workers.count)
            // Another one than the first.
            let second = (first + 1 + randomIndex(below: workers.count - 1)) % workers.count
            return workers[second].connections < workers[first].connections ? second : first
        case .sourceHash where sourceHash != 0:
            var best = 0
            var bestWeight: UInt64 = 0
            for index in workers.indices {
                let weight = splitMix(sourceHash ^ splitMix(UInt64(workers[index].number)))
                if weight >= bestWeight { (best, bestWeight) = (index, weight) }
            }
            return best
        case .sourceHash:
            return leastLoaded(among: workers)
        case .custom(let choose):
            let index = choose(sourceHash, workers.span)
            return workers.indices.contains(index) ? index : 0
        }
    }

    /// The worker whose number follows the last one chosen. Numbers, not indices: the workers that can take a
    /// connection differ from one time to the next.
    private mutating func nextInTurn(among workers: [WorkerLoad]) -> Int {
        var next = 0
        var nextDistance = Int.max
        for index in workers.indices {
            // Distance around the ring from the last number; the last number itself comes last.
            let ahead = workers[index].number - turn
            let distance = ahead > 0 ? ahead : ahead + Int(Int32.max)
            if distance < nextDistance { (next, nextDistance) = (index, distance) }
        }
        turn = workers[next].number
        return next
    }

    private mutating func leastLoaded(among workers: [WorkerLoad]) -> Int {
        var least = 0
        var leastKey = (Int.max, Int.max)
        for index in workers.indices {
            let ahead = workers[index].number - turn
            let key = (workers[index].connections, ahead > 0 ? ahead : ahead + Int(Int32.max))
            if key < leastKey { (least, leastKey) = (index, key) }
        }
        turn = workers[least].number
        return least
    }

    private mutating func randomIndex(below bound: Int) -> Int {
        // xorshift64*: a choice between workers needs no better one, and a seed makes tests repeatable.
        random ^= random >> 12
        random ^= random << 25
        random ^= random >> 27
        return Int((random &* 0x2545_f491_4f6c_dd1d).multipliedFullWidth(by: UInt64(bound)).high)
    }
}
