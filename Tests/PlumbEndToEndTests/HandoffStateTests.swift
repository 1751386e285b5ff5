import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// A real worker is killed while a connection is in each state of the hand-off.
@Suite(.serialized)
struct HandoffStateTests {
    private let flags = ["--workers", "2", "--balance", "round-robin", "--hang-timeout", "0s"]

    @Test func queued() throws {
        let gates = try TemporaryDirectory()
        let gate = gates.file("gate")
        try withServer(["--workers", "1"], worker: .test("ledger", ["--gate", gate])) { server in
            let address = try server.address
            let first = try server.pid(ofWorker: 1)
            _ = FileManager.default.createFile(atPath: gate, contents: nil)
            server.signal(SIGKILL, worker: first)
            let waiting = try server.waitForStatus("a worker that is not ready") { status in
                status.workers[0].state == "starting" && status.workers[0].pid != first
            }

            let clients = try connectNumbered(5, to: address)
            try server.waitForStatus("five connections in the queue") { $0.totals.queued == 5 }
            let second = try #require(waiting.workers[0].pid)
            server.signal(SIGKILL, worker: second)
            try server.waitForStatus("the next worker") { status in
                status.workers[0].pid.map { $0 != second } ?? false && status.totals.queued == 5
            }
            try FileManager.default.removeItem(atPath: gate)
            for (number, client) in clients.enumerated() { #expect(try client.readAnswer().number == number) }

            let totals = try server.statusOfCommand().totals
            #expect(totals.accepted == 5 && totals.taken == 5)
            #expect(totals.redispatched == 0 && totals.lost == 0 && totals.endedWithWorker == 0)
        }
    }

    /// The worker is stopped before it looks into its channel.
    @Test func sentAndNotReceived() throws {
        try withServer(flags, worker: .test("ledger")) { server in
            let victim = try server.pid(ofWorker: 1)
            try server.stop(worker: victim)
            let clients = try connectNumbered(8, to: try server.address)
            try killHolder(victim, of: clients, in: server)
        }
    }

    @Test func receivedAndNotAcknowledged() throws {
        try withServer(flags, worker: .test("hang", ["--worker", "1", "--times", "1"])) { server in
            let victim = try server.pid(ofWorker: 1)
            let clients = try connectNumbered(8, to: try server.address)
            let unacknowledged = try waitUntilSent(8, server)
            try waitUntil("every descriptor in the worker") {
                server.ledgerLines("events").filter { $0 == "received" }.count == unacknowledged
            }
            try killHolder(victim, of: clients, in: server)
        }
    }

    @Test func takenAndNotRead() throws {
        try withServer(flags, worker: .test("take-unread", ["--worker", "1", "--times", "1"])) { server in
            let victim = try server.pid(ofWorker: 1)
            let clients = try connectNumbered(8, to: try server.address)
            let before = try server.waitForStatus("eight connections taken") { $0.totals.taken == 8 }
            let taken = try #require(before.workers.first { $0.number == 1 }).taken
            #expect(taken > 0 && taken < 8)
            server.signal(SIGKILL, worker: victim)

            let answers = clients.map { client in Result { () throws(ClientFailure) in try client.readAnswer() } }
            #expect(
                answers.filter { (try? $0.get()) == nil }.count == Int(taken), "those that it had taken end with it")
            _ = try server.waitForReplacement(ofWorker: 1, pid: victim)
            let totals = try server.statusOfCommand().totals
            #expect(totals.endedWithWorker == taken)
            #expect(totals.redispatched == 0 && totals.lost == 0)
        }
    }

    @Test func midRequest() throws {
        try withServer(flags, worker: .test("ledger")) { server in
            let address = try server.address
            let slow = try Client(address)
            try slow.send("1 60000\n")
            try waitUntil("the request in the worker") { server.ledgerLines("read") == ["1"] }
            let taken = try server.waitForStatus("its holder") { $0.workers.contains { $0.live == 1 } }
            let holder = try #require(taken.workers.first { $0.live == 1 })
            let victim = try #require(holder.pid)
            server.signal(SIGKILL, worker: victim)
            #expect(throws: ClientFailure.self) { try slow.readAnswer() }
            // The client learns of the death before the master does, which until then might send to the dead one.
            _ = try server.waitForReplacement(ofWorker: holder.number, pid: victim)

            let next = try connectNumbered(4, to: address)
            for client in next { #expect(try client.readAnswer().pid != holder.pid) }
            let totals = try server.statusOfCommand().totals
            #expect(totals.endedWithWorker == 1)
            #expect(totals.accepted == 5 && totals.taken == 5)
            #expect(totals.redispatched == 0 && totals.lost == 0)
        }
    }

    @Test func twoWorkersInARowDieUntaken() throws {
        try withServer(["--workers", "3"], worker: .test("die-after-receiving", ["--times", "2"])) { server in
            let client = try connectNumbered(1, to: try server.address)[0]
            _ = try client.readAnswer()
            let totals = try server.statusOfCommand().totals
            #expect(totals.accepted == 1 && totals.taken == 1)
            #expect(totals.redispatched == 2 && totals.lost == 0 && totals.endedWithWorker == 0)
        }
    }

    @Test func threeWorkersInARowDieUntaken() throws {
        try withServer(["--workers", "3"], worker: .test("die-after-receiving")) { server in
            let client = try connectNumbered(1, to: try server.address)[0]
            #expect(throws: ClientFailure.self) { try client.readAnswer() }
            let totals = try server.waitForStatus("the connection counted as lost") { $0.totals.lost == 1 }.totals
            #expect(totals.accepted == 1 && totals.taken == 0)
            #expect(totals.redispatched == 2 && totals.endedWithWorker == 0)
            try server.waitForLog("connection closed: 3 workers ended before they took it")
            #expect(try server.statusOfCommand().totals == totals)
        }
    }

    /// Worker 1 dies at the same point whenever it is sent a connection.
    @Test(arguments: [
        ("die-before-receiving", false), ("die-after-receiving", false), ("die-after-progress", true),
        ("die-while-serving", true),
    ])
    func again(mode: String, hasTaken: Bool) throws {
        try withServer(["--workers", "2"], worker: .test(mode, ["--worker", "1"])) { server in
            let load = Load(clients: 8, to: try server.address)
            try server.waitForStatus("an open breaker") { $0.workers[0].state == "broken" }
            let (connections, refused) = load.finish()
            let totals = try server.waitForStatus("nothing on its way") { status in
                status.totals.queued == 0 && status.totals.inFlight == 0
            }.totals
            let failures = connections.filter { $0.failure != nil }.count
            #expect(refused.isEmpty)
            #expect(totals.accepted == UInt64(connections.count) && totals.lost == 0)
            if hasTaken {
                #expect(failures >= 5 && failures == totals.endedWithWorker, "what it had taken ends with it")
            } else {
                #expect(failures == 0 && totals.redispatched >= 5 && totals.endedWithWorker == 0)
            }
        }
    }

    // MARK: Steps

    /// Waits until `count` connections were sent.
    ///
    /// - Returns: how many worker 1 has not acknowledged.
    private func waitUntilSent(_ count: UInt64, _ server: Server) throws -> Int {
        let status = try server.waitForStatus("\(count) connections sent") { status in
            status.totals.accepted == count && status.totals.taken + UInt64(status.totals.inFlight) == count
                && status.workers[1].unacknowledged == 0
        }
        #expect(status.workers[0].unacknowledged > 0)
        return status.workers[0].unacknowledged
    }

    /// Kills the worker that has connections unacknowledged: every client is answered, by others.
    private func killHolder(_ victim: pid_t, of clients: [Client], in server: Server) throws {
        let unacknowledged = try waitUntilSent(UInt64(clients.count), server)
        server.signal(SIGKILL, worker: victim)
        for (number, client) in clients.enumerated() {
            let answer = try client.readAnswer()
            #expect(answer.number == number && answer.pid != victim)
        }
        _ = try server.waitForReplacement(ofWorker: 1, pid: victim)
        let totals = try server.statusOfCommand().totals
        #expect(totals.accepted == UInt64(clients.count) && totals.taken == totals.accepted)
        #expect(totals.redispatched == UInt64(unacknowledged))
        #expect(totals.lost == 0 && totals.endedWithWorker == 0)
    }
}
