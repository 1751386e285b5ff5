import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// SIGTERM and SIGINT drain; a second signal ends at once; a master that dies takes nobody's connection along.
@Suite
struct StopTests {
    @Test(arguments: [SIGTERM, SIGINT])
    func drains(signal: CInt) throws {
        // Nobody else gets the port when this server has gone.
        try withServer(["--workers", "1"], listen: ["\(Machine.quietAddress())"]) { server in
            let address = try server.address
            // Longer than all that comes before its end, on a slow machine too.
            let slow = try startSlowRequests(1, milliseconds: 3000, server)[0]
            let idle = try Client(address)
            #expect(try idle.get("/health").status == 200)

            server.process.signal(signal)
            try server.waitForLog("stopping: no new connections")
            #expect(throws: ClientFailure(operation: "connect", cause: .refused)) { try Client(address) }
            #expect(try idle.readToEnd().isEmpty, "an idle connection is closed")
            let response = try slow.readResponse()
            #expect(response.status == 200 && response.body == "answered after 3000 ms\n")
            #expect(response.headers["connection"] == "close")
            #expect(try slow.readToEnd().isEmpty)
            try expectEnd(.exited(0), server)
            #expect(server.process.errors.split(separator: "\n").allSatisfy { $0.first?.isNumber ?? false })
        }
    }

    /// Nobody is connected, so nothing is waited for.
    @Test(arguments: ["handoff", "shared", "reuseport"], ["demonstration worker", "test worker"])
    func idle(dispatch: String, program: String) throws {
        let worker: WorkerProgram = program == "test worker" ? .test("ledger") : .demonstration
        try withServer(["--workers", "2", "--drain-timeout", "10m", "--dispatch", dispatch], worker: worker) { server in
            server.process.signal(SIGTERM)
            try expectEnd(.exited(0), server)
        }
    }

    /// Ctrl-C at a terminal reaches the master alone: its workers are process groups of their own.
    @Test(.enabled(if: Machine.python != nil, Machine.pythonReason))
    func interruptFromATerminal() throws {
        let place = try TemporaryDirectory()
        let key = place.file("key")
        // A terminal of its own, in which somebody types once the file is there.
        let terminal = """
            import os, pty, select, sys
            pid, terminal = pty.fork()
            if pid == 0: os.execv(sys.argv[2], sys.argv[2:])
            while True:
                if os.path.exists(sys.argv[1]):
                    os.unlink(sys.argv[1])
                    os.write(terminal, b"\\x03")
                if not select.select([terminal], [], [], 0.01)[0]: continue
                try: text = os.read(terminal, 65536)
                except OSError: break
                if not text: break
                os.write(1, text.replace(b"\\r\\n", b"\\n"))
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            """
        let circumstances = [try #require(Machine.python), "-c", terminal, key]
        try withServer(["--workers", "1"], circumstances: circumstances) { server in
            let slow = try startSlowRequests(1, milliseconds: 800, server)[0]
            _ = FileManager.default.createFile(atPath: key, contents: nil)
            #expect(try slow.readResponse().body == "answered after 800 ms\n")
            #expect(try slow.readToEnd().isEmpty)
            let end = try server.process.waitForExit()
            #expect(end == .exited(0))
            #expect(server.process.output.contains("stopping: no new connections connections=1"))
        }
    }

    @Test func deadline() throws {
        try withServer(["--workers", "1", "--drain-timeout", "300ms"]) { server in
            let slow = try startSlowRequests(2, milliseconds: 60_000, server)
            server.process.signal(SIGTERM)
            try expectCutOff(slow, 2, server)
        }
    }

    @Test func secondSignal() throws {
        try withServer(["--workers", "1", "--drain-timeout", "10m"]) { server in
            let slow = try startSlowRequests(1, milliseconds: 60_000, server)
            server.process.signal(SIGTERM)
            try server.waitForLog("stopping: no new connections")
            server.process.signal(SIGINT)
            try expectCutOff(slow, 1, server)
        }
    }

    /// Its connections end before the deadline, unfinished all the same.
    @Test func aWorkerCrashesWhileItDrains() throws {
        try withServer(["--workers", "2", "--drain-timeout", "10m", "--balance", "round-robin"]) { server in
            let address = try server.address
            let slow = try Client(address)
            try slow.request("GET", "/slow?ms=60000")
            let holder = try server.waitForStatus("the request") { $0.workers.contains { $0.live == 1 } }
            server.process.signal(SIGTERM)
            try server.waitForLog("stopping: no new connections")
            let pid = try #require(holder.workers.first { $0.live == 1 }?.pid)
            server.signal(SIGKILL, worker: pid)
            try expectCutOff([slow], 1, server)
            #expect(server.log.contains("worker was killed by SIGKILL held=1 pid=\(pid)"))
        }
    }

    /// A second signal when nothing is held has nothing to cut off.
    @Test func secondSignalWithoutConnections() throws {
        try withServer(["--workers", "2"], worker: .test("ignore-drain")) { server in
            server.process.signal(SIGTERM)
            try server.waitForLog("stopping: no new connections")
            server.process.signal(SIGTERM)
            try expectEnd(.exited(0), server)
        }
    }

    /// They were established for their clients before the signal: more than one turn of the loop accepts.
    @Test(arguments: ["test worker", "demonstration worker"])
    func connectionsInTheBacklogAreAnswered(by program: String) throws {
        let isTestWorker = program == "test worker"
        try withServer(["--workers", "2"], worker: isTestWorker ? .test("ledger") : .demonstration) { server in
            let address = try server.address
            server.process.signal(SIGSTOP)
            try waitUntil("the stop") { ProcessTable.state(server.pid) == "T" }
            let clients = try (0..<200).map { number in
                let client = try Client(address)
                if isTestWorker {
                    try client.send("\(number)\n")
                } else {
                    try client.request("GET", "/health")
                }
                return client
            }
            server.process.signal(SIGTERM)
            server.process.signal(SIGCONT)
            for (number, client) in clients.enumerated() {
                if isTestWorker {
                    #expect(try client.readAnswer().number == number)
                } else {
                    #expect(try client.readResponse().body == "ok\n")
                    #expect(try client.readToEnd().isEmpty)
                }
            }
            try expectEnd(.exited(0), server)
        }
    }

    /// Connections that wait for a worker at the stop are served by the one that is starting.
    @Test func queuedConnectionsAreAnswered() throws {
        let gates = try TemporaryDirectory()
        let gate = gates.file("gate")
        try withServer(["--workers", "1"], worker: .test("ledger", ["--gate", gate])) { server in
            let address = try server.address
            _ = FileManager.default.createFile(atPath: gate, contents: nil)
            server.signal(SIGKILL, worker: try server.pid(ofWorker: 1))
            let clients = try connectNumbered(5, to: address)
            try server.waitForStatus("five connections in the queue") { status in
                status.totals.queued == 5 && status.workers[0].state == "starting"
            }
            server.process.signal(SIGTERM)
            try server.waitForLog("stopping: no new connections connections=5")
            try FileManager.default.removeItem(atPath: gate)
            for (number, client) in clients.enumerated() { #expect(try client.readAnswer().number == number) }
            try expectEnd(.exited(0), server)
        }
    }

    /// A signal before the first worker is ready.
    @Test func whileStarting() throws {
        try withServer(["--workers", "2", "--start-timeout", "5m"], worker: .test("never-ready"), awaitStart: false) {
            server in
            try server.waitForStatus("both workers") { $0.workers.allSatisfy { $0.pid != nil } }
            server.process.signal(SIGTERM)
            try expectEnd(.exited(0), server)
        }
    }

    @Test func masterIsKilled() throws {
        try withServer(["--workers", "1"], listen: ["\(Machine.quietAddress())"]) { server in
            let address = try server.address
            let slow = try startSlowRequests(2, milliseconds: 800, server)
            server.process.kill()
            #expect(throws: ClientFailure.self) { try Client(address).get("/health") }
            for client in slow { #expect(try client.readResponse().status == 200) }
            try waitUntil("the workers' leaving") { server.remaining.isEmpty }

            // What it could not take away does not hinder its successor.
            #expect(FileManager.default.fileExists(atPath: server.control))
            let next = try Server(
                [], listen: ["\(address)"], worker: .demonstration, environment: [:], circumstances: [],
                directory: server.directory)
            defer { next.killAll() }
            try waitUntil("the successor") { (try? next.status().pid) == next.pid }
        }
    }

    // MARK: Steps

    /// Sends requests that take their time to the only worker, and waits until it is at them.
    private func startSlowRequests(_ count: Int, milliseconds: Int, _ server: Server) throws -> [Client] {
        let address = try server.address
        let clients = try (0..<count).map { _ in
            let client = try Client(address)
            try client.request("GET", "/slow?ms=\(milliseconds)")
            return client
        }
        var probes = 0
        try waitUntil("\(count) requests in the worker") {
            probes += 1
            return try get("/", from: address).integer("requests") == count + probes
        }
        try server.waitForStatus("nothing but these") { $0.totals.taken - $0.totals.finished == count }
        return clients
    }

    private func expectEnd(_ expected: EndOfProcess, _ server: Server) throws {
        let end = try server.process.waitForExit()
        #expect(end == expected)
        #expect(server.remaining.isEmpty, "no process is left")
        #expect(try server.directory.contents() == ["ledger", "server.err", "server.out"], "no file is left")
    }

    private func expectCutOff(_ clients: [Client], _ count: Int, _ server: Server) throws {
        for client in clients { #expect(throws: ClientFailure.self) { try client.readResponse() } }
        try expectEnd(.exited(1), server)
        let sentences = server.log.split(separator: "\n").filter { !($0.first?.isNumber ?? false) }
        #expect(sentences.count == 1)
        let sentence = try #require(sentences.first)
        #expect(sentence.hasPrefix("plumb: cannot finish \(count) connection"))
        #expect(sentence.contains("cut off") && sentence.contains("--drain-timeout"))
    }
}
