import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// Masters and workers that can open no more descriptors neither spin nor end.
@Suite(.serialized)
struct DescriptorExhaustionTests {
    @Test(.enabled(if: Machine.prlimit != nil, Machine.prlimitReason))
    func acceptWaits() throws {
        try withServer(["--workers", "1"], worker: .test("ledger")) { server in
            let address = try server.address
            let give = try takeDescriptors(of: server)
            let clients = try connectNumbered(5, to: address)
            try server.waitForLog("cannot accept: Too many open files")
            try expectRest(server)
            try give()
            for (number, client) in clients.enumerated() { #expect(try client.readAnswer().number == number) }
            let status = try server.waitUntilQuiet()
            #expect(status.totals.acceptFailures > 0 && status.totals.lost == 0)
            #expect(status.totals.accepted == 5 && status.workers[0].restarts == 0)
        }
    }

    @Test(.enabled(if: Machine.prlimit != nil, Machine.prlimitReason))
    func controlWaits() throws {
        try withServer(["--workers", "1"], worker: .test("ledger")) { server in
            let give = try takeDescriptors(of: server)
            let control = try Client(try #require(.unix(pathname: server.control)))
            try control.send("status\n")
            try expectRest(server)
            #expect(!control.hasNews)
            try give()
            #expect(try control.readToEnd().hasPrefix("{"), "it is answered once there is room")
        }
    }

    /// More clients than descriptors: what the master cannot hold waits in the backlog, and there is always room left to
    /// replace the worker that all of them wait for.
    @Test func aFullMasterReplacesItsWorkers() throws {
        let circumstances = [try Built.testWorker(), "limit-files", "64"]
        let flags = ["--workers", "1", "--hang-timeout", "0s"]
        try withServer(flags, worker: .test("ledger"), circumstances: circumstances) { server in
            let address = try server.address
            let victim = try server.pid(ofWorker: 1)
            try server.stop(worker: victim)
            let clients = try connectNumbered(100, to: address)
            let full = try server.waitForStatus("a full master") { $0.totals.accepted > 8 && $0.totals.inFlight > 8 }
            #expect(full.totals.accepted < 64)
            try expectRest(server)
            server.signal(SIGKILL, worker: victim)
            for (number, client) in clients.enumerated() {
                let answer = try client.readAnswer()
                #expect(answer.number == number && answer.pid != victim)
            }
            let status = try server.waitUntilQuiet()
            #expect(status.totals.accepted == 100 && status.totals.taken == 100 && status.totals.lost == 0)
            #expect(status.workers[0].restarts == 1)
        }
    }

    /// At the stop, more connections in the backlog than descriptors: they are taken as there is room, and none is lost.
    @Test func stopWithAlongBacklog() throws {
        let circumstances = [try Built.testWorker(), "limit-files", "64"]
        try withServer(["--workers", "2"], worker: .test("ledger"), circumstances: circumstances) { server in
            let address = try server.address
            server.process.signal(SIGSTOP)
            try waitUntil("the stop") { ProcessTable.state(server.pid) == "T" }
            let clients = try connectNumbered(200, to: address)
            server.process.signal(SIGTERM)
            server.process.signal(SIGCONT)
            for (number, client) in clients.enumerated() { #expect(try client.readAnswer().number == number) }
            let end = try server.process.waitForExit()
            #expect(end == .exited(0))
        }
    }

    /// A worker out of descriptors gives back what it cannot hold; others take it.
    @Test func workersRefuse() throws {
        let circumstances = [try Built.testWorker(), "limit-files", "60"]
        try withServer(["--workers", "2"], worker: .test("ledger"), circumstances: circumstances) { server in
            let address = try server.address
            // Each worker has room for some fifty, and the master closes what was taken.
            let clients = try (0..<140).map { _ in try Client(address) }
            try server.waitForLog("worker refused a connection, which another gets: Too many open files")
            for (number, client) in clients.enumerated() {
                try client.send("\(number)\n")
                #expect(try client.readAnswer().number == number)
            }
            let status = try server.waitUntilQuiet()
            #expect(status.totals.lost == 0 && status.totals.taken == 140)
            #expect(status.workers.allSatisfy { $0.restarts == 0 })
        }
    }

    /// A worker without room for its listeners is not one that is there on some addresses only.
    @Test(arguments: ["shared", "reuseport"])
    func workersRefuseTheirListeners(dispatch: String) throws {
        let place = try TemporaryDirectory()
        let worker = try Built.testWorker()
        // Worker 1's descriptors are few, worker 2's enough.
        let script = #"[ $PLUMB_WORKER = 2 ] && exec "$@"; exec "$1" limit-files 20 "$@""#
        let command = ["sh", "-c", script, "sh", worker, "ledger", place.path]
        let listen = Array(repeating: "127.0.0.1:0", count: 30)
        let flags = ["--workers", "2", "--dispatch", dispatch]
        try withServer(flags, listen: listen, worker: .command(command)) { server in
            try server.waitForLog("worker could not take its listeners: Too many open files held=0")
            #expect(server.log.contains("cannot take 30 listeners: only "), "the worker says so too")
            #expect(server.log.contains("raise its limit"))
            let status = try server.waitForStatus("worker 2 alone") { status in
                status.workers[0].lastEnd != nil && status.workers[1].state == "ready"
            }
            #expect(status.workers[0].lastEnd == "could not take its listeners: Too many open files")
            #expect(status.workers[1].restarts == 0)
        }
    }

    /// Lowers the master's limit so that it can open nothing more.
    ///
    /// - Returns: gives it back.
    private func takeDescriptors(of server: Server) throws -> () throws -> Void {
        let prlimit = try #require(Machine.prlimit)
        func limit(to count: Int) throws {
            let run = try ChildProcess.run(
                prlimit, ["--pid", "\(server.pid)", "--nofile=\(count):"], in: server.directory)
            try #require(run.status == .exited(0), "\(run.errors)")
        }
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(server.pid)/fd").compactMap { Int($0) }
        // The limit is on the number, and a new descriptor gets the lowest that is free.
        try limit(to: try #require((0...open.count).first { !open.contains($0) }))
        return { try limit(to: 1000) }
    }
}
