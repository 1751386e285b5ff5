import CPlumb
import Foundation
import PlumbSockets
import Synchronization

/// Clients that make one connection after the other, each with a numbered request, and write down what became of it.
final class Load: Sendable {
    /// One connection, as its client saw it.
    struct Connection: Sendable {
        enum Outcome: Sendable, Equatable {
            case answered(by: pid_t)
            case failed(ClientFailure)
        }

        let number: Int
        /// The client's port.
        let port: UInt16
        /// From before the connect to after the end.
        let from: UInt64
        let until: UInt64
        let outcome: Outcome

        var answeredBy: pid_t? { if case .answered(let pid) = outcome { pid } else { nil } }
        var failure: ClientFailure? { if case .failed(let failure) = outcome { failure } else { nil } }
    }

    /// How a client asks.
    enum Dialect: Sendable {
        /// The test worker's lines; every so many requests ask for some milliseconds until the answer.
        case lines(slowEvery: Int, milliseconds: Int)
        /// `GET /` of the demonstration worker.
        case http

        /// The test worker's lines.
        static var lines: Dialect { .lines(slowEvery: .max, milliseconds: 0) }
    }

    private let address: SocketAddress
    private let dialect: Dialect
    private let limit: Int
    private let isOver = Atomic<Bool>(false)
    private let begun = Atomic<Int>(0)
    private let answers = Atomic<Int>(0)
    private let refusals = Mutex<[ClientFailure]>([])
    private let connections = Mutex<[Connection]>([])
    private let threads = Mutex<Threads?>(nil)

    /// Starts the clients.
    ///
    /// - Parameter limit: how many connections they make together; without one they go on until ``finish()``.
    init(clients: Int, to address: SocketAddress, _ dialect: Dialect = .lines, limit: Int = .max) {
        self.address = address
        self.dialect = dialect
        self.limit = limit
        threads.withLock { $0 = Threads(clients) { _ in self.work() } }
    }

    /// How many connections were answered by now.
    var answered: Int { answers.load(ordering: .relaxed) }
    /// How many connections were begun by now.
    var made: Int { min(begun.load(ordering: .relaxed), limit) }

    /// Lets the clients finish the connection they are at.
    ///
    /// - Returns: every connection that was made, and what became of attempts that made none.
    func finish() -> (connections: [Connection], refused: [ClientFailure]) {
        isOver.store(true, ordering: .relaxed)
        return join()
    }

    /// Waits until the clients have made as many connections as they were to.
    func join() -> (connections: [Connection], refused: [ClientFailure]) {
        threads.withLock { threads in
            threads?.join()
            threads = nil
        }
        return (connections.withLock { $0 }, refusals.withLock { $0 })
    }

    private func work() {
        var own: [Connection] = []
        while !isOver.load(ordering: .relaxed) {
            let number = begun.wrappingAdd(1, ordering: .relaxed).oldValue
            if number >= limit { break }
            let from = monotonicNanoseconds()
            do {
                let client = try Client(address)
                let port = client.port
                let outcome = ask(client, number)
                own.append(
                    Connection(
                        number: number, port: port, from: from, until: monotonicNanoseconds(), outcome: outcome))
            } catch let failure {
                refusals.withLock { $0.append(failure) }
            }
        }
        connections.withLock { $0 += own }
    }

    private func ask(_ client: Client, _ number: Int) -> Connection.Outcome {
        do throws(ClientFailure) {
            let pid =
                switch dialect {
                case .lines(let period, let delay):
                    try askByLine(client, number, delay: number % period == period - 1 ? delay : nil)
                case .http: try askByHTTP(client, number)
                }
            answers.wrappingAdd(1, ordering: .relaxed)
            return .answered(by: pid)
        } catch {
            return .failed(error)
        }
    }

    private func askByLine(_ client: Client, _ number: Int, delay: Int?) throws(ClientFailure) -> pid_t {
        try client.send(delay.map { "\(number) \($0)\n" } ?? "\(number)\n")
        let answer = try client.readAnswer()
        guard answer.number == number else {
            throw ClientFailure(operation: "take \(answer) for \(number)", cause: .other(0))
        }
        return answer.pid
    }

    private func askByHTTP(_ client: Client, _ number: Int) throws(ClientFailure) -> pid_t {
        try client.request("GET", "/?\(number)", "Connection: close")
        let response = try client.readResponse()
        guard response.status == 200, let key = response.body.range(of: "\"pid\" : "),
            let pid = pid_t(response.body[key.upperBound...].prefix { $0.isNumber })
        else { throw ClientFailure(operation: "understand '\(response.body)'", cause: .other(0)) }
        return pid
    }
}

/// What the test workers wrote down as taken.
struct TakenLedger {
    private struct Entry {
        let pid: pid_t
        let time: UInt64
    }

    private var entries: [UInt16: [Entry]] = [:]
    private(set) var count = 0

    init(_ server: Server) {
        for line in server.ledgerLines("taken") {
            let words = line.split(separator: " ")
            guard words.count == 4, let pid = pid_t(words[0]), let port = UInt16(words[1]), let time = UInt64(words[3])
            else { continue }
            entries[port, default: []].append(Entry(pid: pid, time: time))
            count += 1
        }
    }

    /// Which workers took the connection. While it was open no other could have its port, so port and time name it.
    func takers(of connection: Load.Connection) -> [pid_t] {
        (entries[connection.port] ?? []).filter { (connection.from...connection.until).contains($0.time) }.map(\.pid)
    }
}
