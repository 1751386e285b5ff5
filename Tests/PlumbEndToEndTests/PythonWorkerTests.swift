import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// The worker in another language, Examples/python-worker.
@Suite(.enabled(if: Machine.python != nil, Machine.pythonReason))
struct PythonWorkerTests {
    private var command: [String] {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return ["python3", package.appending(path: "Examples/python-worker/worker.py").path()]
    }

    @Test func serves() throws {
        try withServer(["--workers", "2"], worker: .command(command)) { server in
            let address = try server.address
            let victim = try server.pid(ofWorker: 1)
            for _ in 0..<10 { try expectAnswer(address) }
            server.signal(SIGKILL, worker: victim)
            let next = try server.waitForReplacement(ofWorker: 1, pid: victim)
            var seen: Set<pid_t> = []
            try waitUntil("the replacement's answer") {
                seen.insert(try expectAnswer(address))
                return seen.contains(next)
            }
            #expect(!seen.contains(victim))
            let status = try server.waitUntilQuiet()
            #expect(status.totals.lost == 0 && status.totals.accepted == status.totals.taken)
        }
    }

    @Test func untakenConnectionsGoToAnother() throws {
        try withServer(["--workers", "2", "--balance", "round-robin"], worker: .command(command)) { server in
            let address = try server.address
            let victim = try server.pid(ofWorker: 1)
            try server.stop(worker: victim)
            let clients = try (0..<8).map { _ in
                let client = try Client(address)
                try client.request("GET", "/")
                return client
            }
            try server.waitForStatus("some with the stopped one") { $0.workers[0].unacknowledged > 0 }
            server.signal(SIGKILL, worker: victim)
            for client in clients { #expect(try client.readResponse().status == 200) }
            let totals = try server.status().totals
            #expect(totals.redispatched > 0 && totals.lost == 0 && totals.endedWithWorker == 0)
        }
    }

    @Test func drains() throws {
        try withServer(["--workers", "2"], worker: .command(command)) { server in
            try expectAnswer(try server.address)
            server.process.signal(SIGTERM)
            let end = try server.process.waitForExit()
            #expect(end == .exited(0))
            #expect(server.remaining.isEmpty)
        }
    }

    @Test func leavesWhenTheMasterDies() throws {
        try withServer(["--workers", "2"], worker: .command(command)) { server in
            try expectAnswer(try server.address)
            server.process.kill()
            try waitUntil("the workers' leaving") { server.remaining.isEmpty }
        }
    }

    @discardableResult
    private func expectAnswer(_ address: SocketAddress) throws -> pid_t {
        let response = try get("/", from: address)
        #expect(response.status == 200)
        let words = response.body.split(whereSeparator: \.isWhitespace)
        #expect(words.count == 5 && words.starts(with: ["Python", "worker"]), "\(response.body)")
        return try #require(pid_t(words.last ?? ""))
    }
}
