import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// One of two workers stops (SIGSTOP) under load.
@Suite(.serialized)
struct StoppedWorkerTests {
    @Test func theOthersGoOn() throws {
        try withServer(["--workers", "2", "--hang-timeout", "0s"], worker: .test("ledger")) { server in
            let load = Load(clients: 32, to: try server.address)
            try waitUntil("some answers") { load.answered > 500 }
            let victim = try server.pid(ofWorker: 1)
            server.signal(SIGSTOP, worker: victim)
            // Under load it may be that the stopped worker holds more than the other ever will: connections that wait
            // make the other the fuller one.
            var idle: [Client] = []
            try waitUntil("suspicion") {
                let status = try server.status()
                #expect(status.workers[0].unacknowledged <= status.workers[0].credits)
                if status.workers[0].state == "suspect" { return true }
                if idle.count < 64, status.workers[0].unacknowledged == 0 {
                    idle.append(try Client(try server.address))
                }
                return false
            }
            let suspect = try server.status()
            #expect(suspect.state == "degraded")
            #expect(suspect.reasons.contains { $0.hasPrefix("worker 1 (pid \(victim)) leaves ") })

            let answered = load.answered
            try waitUntil("answers of the other one") { load.answered > answered + 2000 }
            let later = try server.status().workers[0]
            #expect(later.state == "suspect" && later.pid == victim)
            #expect(later.unacknowledged <= suspect.workers[0].unacknowledged, "it is sent nothing more")

            server.signal(SIGCONT, worker: victim)
            try server.waitForLog("worker acknowledges again")
            for (number, client) in idle.enumerated() {
                try client.send("\(number)\n")
                #expect(try client.readAnswer().number == number)
            }
            let (connections, refused) = load.finish()
            #expect(refused.isEmpty && connections.allSatisfy { $0.failure == nil }, "every connection is answered")
            let status = try server.waitUntilQuiet()
            #expect(status.state == "serving" && status.workers[0].pid == victim)
            #expect(status.totals.accepted == UInt64(connections.count + idle.count))
            #expect(status.totals.lost == 0 && status.totals.endedWithWorker == 0)
        }
    }

    @Test func aHungWorkerIsReplaced() throws {
        let flags = ["--workers", "2", "--hang-timeout", "3s", "--balance", "round-robin"]
        try withServer(flags, worker: .test("ledger")) { server in
            let victim = try server.pid(ofWorker: 1)
            try server.stop(worker: victim)
            let load = Load(clients: 32, to: try server.address)
            let second = try server.waitForReplacement(ofWorker: 1, pid: victim)
            let answered = load.answered
            try waitUntil("answers after that") { load.answered > answered + 500 }
            let (connections, _) = load.finish()
            // Stopped from the start, it had taken nothing.
            #expect(connections.allSatisfy { $0.failure == nil && $0.answeredBy != victim })
            #expect(connections.contains { $0.answeredBy == second })
            let status = try server.waitUntilQuiet()
            #expect(status.totals.redispatched > 0 && status.totals.lost == 0)
            #expect(status.workers[0].lastEnd == "left connections unacknowledged until the hang deadline")
        }
    }
}
