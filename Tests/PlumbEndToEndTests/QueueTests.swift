import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// Where connections wait when no worker can take them: first in the master's queue, then in the kernel's backlog.
@Suite
struct QueueTests {
    private static let clients = 1200
    private static let descriptorReason: Comment = "this process may not open \(clients + 100) descriptors"

    @Test(.enabled(if: raiseDescriptorLimit(to: clients + 100), descriptorReason))
    func aFullQueue() throws {
        try withServer(["--workers", "1", "--hang-timeout", "0s"], worker: .test("ledger")) { server in
            let worker = try server.pid(ofWorker: 1)
            try server.stop(worker: worker)
            let clients = try connectNumbered(QueueTests.clients, to: try server.address)
            let full = try server.waitForStatus("a full queue") { $0.totals.queued >= 1024 }
            #expect(full.workers[0].unacknowledged == full.workers[0].credits)
            #expect(full.totals.queued == 1024 && full.totals.inFlight == full.workers[0].credits)
            #expect(full.totals.accepted == UInt64(1024 + full.workers[0].credits), "the rest is in the backlog")

            server.signal(SIGCONT, worker: worker)
            for (number, client) in clients.enumerated() { #expect(try client.readAnswer().number == number) }
            let status = try server.waitUntilQuiet()
            #expect(
                status.totals.accepted == UInt64(QueueTests.clients) && status.totals.taken == status.totals.accepted)
            #expect(status.totals.redispatched == 0 && status.totals.lost == 0)
        }
    }

    /// Without a worker's turn in between, connections are served in the order in which they came.
    @Test func firstComeFirstServed() throws {
        try withServer(["--workers", "1", "--hang-timeout", "0s"], worker: .test("ledger")) { server in
            let worker = try server.pid(ofWorker: 1)
            try server.stop(worker: worker)
            let clients = try connectNumbered(100, to: try server.address)
            let ports = clients.map { "\($0.port)" }
            server.signal(SIGCONT, worker: worker)
            for client in clients { _ = try client.readAnswer() }
            #expect(server.ledgerLines("taken").map { String($0.split(separator: " ")[1]) } == ports)
        }
    }

    private static func raiseDescriptorLimit(to count: Int) -> Bool {
        var limit = rlimit()
        guard unsafe plumb_getrlimit_nofile(&limit) == 0 else { return false }
        if limit.rlim_cur >= rlim_t(count) { return true }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        return unsafe plumb_setrlimit_nofile(&limit) == 0 && limit.rlim_cur >= rlim_t(count)
    }
}
