import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// The control socket, and `plumb ctl status` over it.
@Suite
struct ControlTests {
    @Test func statusAsJSON() throws {
        try withServer(["--workers", "2", "--balance", "two-choices"], listen: ["127.0.0.1:0", "unix:@\(UUID())"]) {
            server in
            let client = try Client(try server.address)
            _ = try client.get("/health")
            try server.waitForStatus("the connection") { $0.totals.taken == 1 }
            let status = try server.statusOfCommand()
            #expect(status.state == "serving" && status.reasons.isEmpty)
            #expect(status.pid == server.pid && status.age > 0)
            #expect(status.addresses.count == 2)
            #expect(server.process.output.contains("listening on \(status.addresses.joined(separator: ", ")) with 2"))
            #expect(status.dispatch == "handoff" && status.balance == "two-choices")
            #expect(status.workers.map(\.number) == [1, 2])
            for worker in status.workers {
                #expect(worker.state == "ready" && worker.generation == 1 && worker.restarts == 0)
                #expect(worker.age ?? 0 > 0 && worker.unacknowledged == 0 && worker.credits == 32)
                #expect(worker.lastEnd == nil && worker.restartIn == nil)
            }
            #expect(Set(status.workers.compactMap(\.pid)) == Set(ProcessTable.children(of: server.pid)))
            #expect(status.workers.map(\.live).reduce(0, +) == 1 && status.workers.map(\.taken).reduce(0, +) == 1)
            #expect(status.totals.accepted == 1 && status.totals.taken == 1 && status.totals.finished == 0)
        }
    }

    @Test func statusAsATable() throws {
        try withServer(["--workers", "2"], worker: .test("ledger")) { server in
            let first = try server.pid(ofWorker: 1)
            server.signal(SIGKILL, worker: first)
            let second = try server.waitForReplacement(ofWorker: 1, pid: first)
            let run = try ChildProcess.run(
                try Built.plumb(), ["ctl", "status", "--control", server.control], in: server.directory)
            #expect(run.status == .exited(0) && run.errors.isEmpty)
            let lines = run.output.split(separator: "\n")
            #expect(lines.first?.contains("serving  pid \(server.pid)") ?? false)
            #expect(lines.first?.contains("\(try server.address)  handoff, least-connections") ?? false)
            let heading = try #require(lines.first { $0.hasPrefix("WORKER") })
            let row = try #require(lines.first { $0.hasPrefix("1 ") })
            // The columns stand below each other.
            for (title, value) in [("STATE", "ready"), ("PID", "\(second)"), ("UNACKED", "0/32"), ("RESTARTS", "1")] {
                let column = try #require(heading.range(of: title)).lowerBound
                let offset = heading.distance(from: heading.startIndex, to: column)
                #expect(row.dropFirst(offset).hasPrefix(value), "\(title)")
            }
            #expect(row.hasSuffix("was killed by SIGKILL"))
            #expect(lines.contains { $0.hasPrefix("accepted 0  taken 0  finished 0") })
            #expect(lines.contains { $0.hasPrefix("redispatched 0  lost 0  ended with worker 0") })
        }
    }

    @Test func modeIs0600() throws {
        try withServer { server in
            let mode = try FileManager.default.attributesOfItem(atPath: server.control)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    /// By the mode of the file, and by the kernel's word on the peer where the mode was changed.
    @Test(.enabled(if: Machine.isRoot, Machine.rootReason))
    func anotherUserIsRefused() throws {
        try withServer { server in
            let place = try TemporaryDirectory(mode: 0o755)
            let command = [
                "as-nobody", try copyOfPlumb(in: place), "ctl", "--control", server.control, "status", "--json",
            ]
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: server.directory.path)
            let byMode = try ChildProcess.run(try Built.testWorker(), command, in: place)
            try expect(byMode, says: ["cannot reach the control socket", "it belongs to another user"])
            try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: server.control)
            // Several times: the server may have hung up before the request comes, or after.
            for _ in 0..<10 {
                let byPeer = try ChildProcess.run(try Built.testWorker(), command, in: place)
                try expect(byPeer, says: ["cannot ask the server at", "user 65534 may not steer this server"])
                #expect(byPeer.output.isEmpty)
            }
            #expect(byMode.output.isEmpty)
            // Logged, though not each of ten in a row, and counted.
            let lines = server.logLines("warning: control socket refused user 65534, group 65534, process ")
            #expect((1...10).contains(lines.count))
            #expect(lines.first?.hasSuffix(": it is not user 0 refused=1") ?? false)
        }
    }

    @Test func unknownRequest() throws {
        try withServer { server in
            let client = try Client(try #require(.unix(pathname: server.control)))
            try client.send("make coffee\n")
            #expect(try client.readToEnd() == "error: unknown request\n")
        }
    }

    /// Clients that say nothing, too much, half of something, or leave.
    @Test func badClientsDoNotHoldTheMasterUp() throws {
        try withServer(["--workers", "1"]) { server in
            let control = try #require(SocketAddress.unix(pathname: server.control))
            let address = try server.address
            let before = ProcessTable.openDescriptors(server.pid)

            let long = try Client(control)
            // The server may hang up before all is sent.
            _ = try? long.send(String(repeating: "x", count: 100_000))
            #expect((try? long.readToEnd()) ?? "" == "", "a request that is too long gets no answer")
            for _ in 0..<50 { _ = try Client(control) }
            try waitUntil("their ends") { (try? server.status()) != nil }
            let garbage = try Client(control)
            try garbage.send("\u{0}\u{1}\u{7f}\n")
            #expect(try garbage.readToEnd().hasPrefix("error: "))

            var silent = try (0..<16).map { _ in try Client(control) }
            try silent[0].send("stat")
            let processorTime = ProcessTable.processorTime(server.pid)
            let oneTooMany = try Client(control)
            #expect(try oneTooMany.readToEnd() == "error: too many clients\n")
            for _ in 0..<20 { #expect(try get("/health", from: address).status == 200) }

            // They are dropped after five seconds, each by its own deadline.
            for client in silent { #expect(try client.readToEnd().isEmpty) }
            #expect(
                ProcessTable.processorTime(server.pid) - processorTime < .seconds(2),
                "the master waits, and does not spin")
            silent = []
            #expect(try server.status().state == "serving")
            try waitUntil("the descriptors of before") { ProcessTable.openDescriptors(server.pid) == before }
        }
    }
}
