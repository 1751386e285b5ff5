import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// "After 100,000 connections and 200 worker deaths the master's open descriptors and memory are where they were."
@Suite
struct HygieneTests {
    private let connections = Machine.isSoak ? 100_000 : 5_000
    private let deaths = Machine.isSoak ? 200 : 20
    /// KiB.
    private let tolerance = 4096

    @Test func theMasterStaysAsItWas() throws {
        try withServer(["--workers", "4"], worker: .test("ledger")) { server in
            let master = server.pid
            try server.waitUntilQuiet()
            let descriptors = ProcessTable.openDescriptors(master)

            try serve(connections / 5, killing: deaths / 5, server)
            try waitUntil("the descriptors of the start") { ProcessTable.openDescriptors(master) == descriptors }
            let memory = ProcessTable.residentMemory(master)

            try serve(connections, killing: deaths, server)
            try waitUntil("the descriptors of the start") { ProcessTable.openDescriptors(master) == descriptors }
            let growth = ProcessTable.residentMemory(master) - memory
            #expect(memory > 0 && growth < tolerance, "\(growth) KiB more than \(memory) KiB")

            let children = ProcessTable.children(of: master)
            #expect(children.count == 4 && !children.contains { ProcessTable.state($0) == "Z" })
            let status = try server.status()
            #expect(status.totals.accepted == UInt64(connections / 5 + connections))
            #expect(status.workers.map(\.restarts).reduce(0, +) == deaths / 5 + deaths)
            #expect(status.totals.lost == 0 && status.totals.queued == 0 && status.totals.inFlight == 0)
            print(
                "\(descriptors) descriptors, \(memory) KiB, \(growth) KiB more after \(status.totals.accepted) "
                    + "connections and \(status.workers.map(\.restarts).reduce(0, +)) worker deaths")

            server.process.signal(SIGTERM)
            let end = try server.process.waitForExit()
            #expect(end == .exited(0))
            #expect(server.remaining.isEmpty, "no process is left")
            #expect(try server.directory.contents() == ["ledger", "server.err", "server.out"], "no file is left")
        }
    }

    /// Serves so many connections, and kills so many workers meanwhile.
    private func serve(_ count: Int, killing deaths: Int, _ server: Server) throws {
        let load = Load(clients: 16, to: try server.address, limit: count)
        for death in 1...deaths {
            try waitUntil("connection \(count * death / deaths)") { load.made >= count * death / deaths }
            var victim: SupervisorStatus.Worker?
            // One that has served for a while, or its slot would count as crashing in a loop.
            try server.waitForStatus("a worker to kill") { status in
                victim = status.workers.filter { server.hasServed($0, .milliseconds(300)) }.randomElement()
                return victim != nil
            }
            let (number, pid, restarts) = (victim?.number, victim?.pid ?? 0, victim?.restarts ?? 0)
            try #require(server.signal(SIGKILL, worker: pid))
            try server.waitForStatus("its replacement") { status in
                status.workers.contains { $0.number == number && $0.restarts == restarts + 1 }
            }
        }
        let (connections, refused) = load.join()
        #expect(refused.isEmpty && connections.count == count)
        try server.waitUntilQuiet()
    }
}
