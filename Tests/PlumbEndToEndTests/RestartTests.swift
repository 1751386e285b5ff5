import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// Workers that fail again and again: the breaker of their slot opens, and the others go on.
@Suite
struct RestartTests {
    @Test func crashLoop() throws {
        let quick = ["SWIFT_BACKTRACE": "enable=no"]
        try withServer(["--workers", "2"], worker: .test("crash-when-ready", ["--worker", "1"]), environment: quick) {
            server in
            let status = try expectBroken(server)
            #expect(status.workers[0].lastEnd?.hasPrefix("was killed by SIG") ?? false)
            // The first replacement came at once, the others later and later, until the fifth end of a row. On a slow
            // machine one may have lived long enough to begin a row anew.
            let ends = server.logLines("worker was killed by SIG").count
            #expect(ends >= 5)
            #expect(server.logLines("replacing the worker").count == ends - 1)
        }
    }

    @Test func failsToStart() throws {
        try withServer(["--workers", "2"], worker: .test("exit-at-once", ["--worker", "1", "--status", "7"])) {
            server in
            let status = try expectBroken(server)
            #expect(status.workers[0].lastEnd == "exited with status 7 before it was ready")
            #expect(server.process.output.contains("with 1 of 2 workers"))
        }
    }

    /// A worker that was killed from outside after it had served is replaced at once, as often as that happens.
    @Test func deathsOfServingWorkersOpenNoBreaker() throws {
        try withServer(["--workers", "1"], worker: .test("ledger")) { server in
            var pid = try server.pid(ofWorker: 1)
            for _ in 0..<8 {
                try server.waitForStatus("a while of service") { server.hasServed($0.workers[0], .milliseconds(400)) }
                server.signal(SIGKILL, worker: pid)
                pid = try server.waitForReplacement(ofWorker: 1, pid: pid)
            }
            let status = try server.status()
            #expect(status.state == "serving" && status.workers[0].restarts == 8)
            #expect(server.logLines("replacing the worker").allSatisfy { $0.contains("after=0ms") })
        }
    }

    /// Waits for worker 1's breaker; worker 2 serves meanwhile.
    private func expectBroken(_ server: Server) throws -> SupervisorStatus {
        let status = try server.waitForStatus("an open breaker") { $0.workers[0].state == "broken" }
        #expect(status.state == "degraded")
        let reason = try #require(status.reasons.first)
        #expect(reason.hasPrefix("worker 1 failed 5 times in a row: it "))
        #expect(reason.contains("; next attempt in "))
        #expect(status.workers[0].pid == nil && status.workers[0].restartIn ?? 0 > 0)
        #expect(status.workers[1].state == "ready" && status.workers[1].restarts == 0)
        for client in try connectNumbered(10, to: try server.address) { #expect(try client.readAnswer().worker == 2) }
        #expect(try server.status().totals.lost == 0)
        try server.waitForLog("worker failed 5 times in a row and is now tried only now and then")
        return status
    }
}
