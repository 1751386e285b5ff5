import Foundation
import PlumbWorkers

/// The status as JSON and as a table.
enum StatusReport {
    /// One line of JSON, with keys in order.
    static func json(_ status: SupervisorStatus) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(status) else { return Array("error: no status\n".utf8) }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    /// What a person reads at a glance.
    static func table(_ answer: [UInt8]) throws -> String {
        let status = try JSONDecoder().decode(SupervisorStatus.self, from: Data(answer))
        var lines = [
            "\(status.state)  pid \(status.pid)  up \(age(status.age))  "
                + "\(status.addresses.joined(separator: ", "))  \(status.dispatch)"
                + (status.dispatch == Dispatch.handoff.rawValue ? ", \(status.balance)" : "")
        ]
        lines += status.reasons.map { "  \($0)" }
        lines.append("")
        lines += columns(
            [["WORKER", "STATE", "PID", "GEN", "AGE", "LIVE", "TAKEN", "UNACKED", "RESTARTS", "LAST END"]]
                + status.workers.map { worker in
                    [
                        "\(worker.number)", worker.state, worker.pid.map(String.init) ?? "-", "\(worker.generation)",
                        worker.age.map(age) ?? "-", "\(worker.live)", "\(worker.taken)",
                        "\(worker.unacknowledged)/\(worker.credits)", "\(worker.restarts)", worker.lastEnd ?? "-",
                    ]
                })
        let totals = status.totals
        lines.append("")
        lines.append(
            "accepted \(totals.accepted)  taken \(totals.taken)  finished \(totals.finished)  queued \(totals.queued)  "
                + "in flight \(totals.inFlight)")
        lines.append(
            "redispatched \(totals.redispatched)  lost \(totals.lost)  ended with worker \(totals.endedWithWorker)"
                + (totals.acceptFailures > 0 ? "  accept failures \(totals.acceptFailures)" : ""))
        return lines.joined(separator: "\n")
    }

    private static func columns(_ rows: [[String]]) -> [String] {
        let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ").trimmingCharacters(in: .whitespaces)
        }
    }

    private static func age(_ seconds: Double) -> String {
        switch seconds {
        case ..<60: String(format: "%.1fs", seconds)
        case ..<3600: "\(Int(seconds) / 60)m\(Int(seconds) % 60)s"
        case ..<86400: "\(Int(seconds) / 3600)h\(Int(seconds) % 3600 / 60)m"
        default: "\(Int(seconds) / 86400)d\(Int(seconds) % 86400 / 3600)h"
        }
    }
}
