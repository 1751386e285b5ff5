import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// "A worker can crash, lie, stall, or send garbage: the master survives, says which worker did it, and replaces it."
@Suite
struct MisbehaviourTests {
    /// What worker 1 does once, and what the log says of it.
    @Test(arguments: [
        ("garbage", "(length)"), ("garbage-after-ready", "(length)"), ("wrong-version", "(version)"),
        ("wrong-type", "(type)"), ("ready-twice", "(order)"), ("progress-first", "(order)"),
        ("with-descriptor", "(descriptors)"), ("refuse-unsent", "(refusal)"), ("lie-taken", "(counts)"),
    ])
    func violation(mode: String, says: String) throws {
        try withServer(["--workers", "2"], worker: .test(mode, ["--worker", "1", "--times", "1"])) { server in
            for client in try connectNumbered(6, to: try server.address) { _ = try client.readAnswer() }
            try server.waitForLog("broke the hand-off protocol")
            let status = try server.waitUntilQuiet()
            let line = try #require(server.logLines("broke the hand-off protocol").first)
            #expect(line.contains(says) && line.contains("worker=1"))
            #expect(status.workers.map(\.restarts) == [1, 0])
            #expect(status.workers[0].lastEnd?.contains(says) ?? false)
            #expect(status.totals.lost == 0 && status.totals.endedWithWorker == 0)
        }
    }

    /// These acknowledge before they lie, so what they acknowledged ends with them.
    @Test(arguments: ["lie-finished", "shrink"])
    func violationAfterTaking(mode: String) throws {
        try withServer(["--workers", "2"], worker: .test(mode, ["--worker", "1", "--times", "1"])) { server in
            let (connections, _) = Load(clients: 4, to: try server.address, limit: 40).join()
            let failures = connections.filter { $0.failure != nil }.count
            let status = try server.waitUntilQuiet()
            #expect(server.logLines("broke the hand-off protocol (counts)").first?.contains("worker=1") ?? false)
            #expect(failures > 0 && failures == status.totals.endedWithWorker)
            #expect(status.totals.accepted == 40 && status.totals.lost == 0)
        }
    }

    @Test func refusesEverything() throws {
        try withServer(["--workers", "2"], worker: .test("refuse", ["--worker", "1"])) { server in
            let (connections, _) = Load(clients: 8, to: try server.address, limit: 400).join()
            #expect(connections.allSatisfy { $0.failure == nil })
            let status = try server.waitUntilQuiet()
            #expect(status.totals.redispatched > 0 && status.totals.lost == 0)
            #expect(status.workers[0].taken == 0 && status.workers[0].restarts == 0)
            #expect(status.totals.taken == 400)
            try server.waitForLog("worker refused a connection, which another gets: Too many open files worker=1")
        }
    }

    /// Connections that every worker refuses wait, and cost next to nothing meanwhile.
    @Test func allRefuseEverything() throws {
        try withServer(["--workers", "2", "--drain-timeout", "200ms"], worker: .test("refuse")) { server in
            let clients = try connectNumbered(3, to: try server.address)
            try server.waitForStatus("many refusals") { $0.totals.redispatched > 12 }
            try expectRest(server)
            let status = try server.status()
            #expect(status.totals.queued + status.totals.inFlight == 3 && status.totals.lost == 0)
            #expect(status.workers.allSatisfy { $0.restarts == 0 })

            server.process.signal(SIGTERM)
            for client in clients { #expect(throws: ClientFailure.self) { try client.readAnswer() } }
            let end = try server.process.waitForExit()
            #expect(end == .exited(1) && server.log.contains("plumb: cannot finish 3 connections"))
        }
    }

    @Test func neverAcknowledges() throws {
        let flags = ["--workers", "2", "--hang-timeout", "2s"]
        try withServer(flags, worker: .test("hang", ["--worker", "1", "--times", "1"])) { server in
            for client in try connectNumbered(8, to: try server.address) { _ = try client.readAnswer() }
            let status = try server.waitUntilQuiet()
            #expect(status.workers[0].restarts == 1)
            #expect(status.workers[0].lastEnd == "left connections unacknowledged until the hang deadline")
            #expect(status.totals.redispatched > 0 && status.totals.lost == 0)
            try server.waitForLog("worker does not acknowledge: it gets no connections until it does")
        }
    }

    /// What hangs, or outlives its wrapper, is the wrapper's child.
    @Test(arguments: ["hang", "kill"])
    func theServerBehindAWrapper(what: String) throws {
        let place = try TemporaryDirectory()
        let worker = try Built.testWorker()
        let command = ["sh", "-c", "\"$@\" & wait", "sh", worker, "ledger", place.path]
        let flags = ["--workers", "1", "--hang-timeout", what == "hang" ? "2s" : "0s"]
        try withServer(flags, worker: .command(command)) { server in
            let wrapper = try server.pid(ofWorker: 1)
            let hanging = try #require(ProcessTable.children(of: wrapper).first)
            // Stopped, it does not notice that its channel is closed, and would stay.
            try stop(hanging, ofParent: wrapper)
            let clients = try connectNumbered(3, to: try server.address)
            try server.waitForStatus("three connections sent") { $0.workers[0].unacknowledged == 3 }
            if what == "kill" { server.signal(SIGKILL, worker: wrapper) }
            for (number, client) in clients.enumerated() { #expect(try client.readAnswer().number == number) }
            try waitUntil("the end of the old one") { !server.remaining.contains(hanging) }
            let status = try server.waitUntilQuiet()
            #expect(status.totals.redispatched == 3 && status.totals.lost == 0)
            #expect(status.workers[0].restarts == 1 && status.workers[0].pid != wrapper)
            server.process.signal(SIGTERM)
            let end = try server.process.waitForExit()
            #expect(end == .exited(0))
            #expect(server.remaining.isEmpty)
        }
    }

    private func stop(_ pid: pid_t, ofParent parent: pid_t) throws {
        let isStopped = ProcessTable.signal(pid, SIGSTOP) { ProcessTable.parent(of: pid) == parent }
        try #require(isStopped)
        try waitUntil("the stop") { ProcessTable.state(pid) == "T" }
    }

    @Test func closesItsChannelAndLivesOn() throws {
        let flags = ["--workers", "2", "--balance", "round-robin"]
        try withServer(flags, worker: .test("close-channel", ["--worker", "1", "--times", "1"])) { server in
            let address = try server.address
            let first = try server.pid(ofWorker: 1)
            var clients: [Client] = []
            try waitUntil("the worker's closing") {
                if clients.count < 8 { clients += try connectNumbered(1, to: address) }
                return server.ledgerLines("events") == ["closed"]
            }
            let status = try server.waitForStatus("the old worker beside its replacement") { status in
                status.workers.contains { $0.number == 1 && $0.state == "ready" && $0.pid != first }
                    && status.workers.contains { $0.number == 1 && $0.state == "draining" && $0.pid == first }
            }
            #expect(status.workers.count == 3 && status.totals.redispatched > 0)

            server.touch("go")
            let pids = try clients.map { try $0.readAnswer().pid }
            #expect(pids.filter { $0 == first }.count == 1, "it answered what it had taken, and nothing else")
            try server.waitForStatus("its end") { $0.workers.count == 2 }
            #expect(try server.status().totals.lost == 0)
        }
    }

    @Test func ignoresDrain() throws {
        try withServer(["--workers", "2", "--drain-timeout", "300ms"], worker: .test("ignore-drain")) { server in
            server.process.signal(SIGTERM)
            let end = try server.process.waitForExit()
            #expect(end == .exited(0), "nothing was cut off")
            #expect(server.remaining.isEmpty)
        }
    }
}
