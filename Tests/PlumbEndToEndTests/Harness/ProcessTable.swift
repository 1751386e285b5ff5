import CPlumb
import Foundation
import PlumbSockets

/// What /proc says of processes.
enum ProcessTable {
    /// Every process.
    static var all: [pid_t] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { pid_t($0) }
    }

    /// The fields of /proc/PID/stat from the third on; `nil` when there is no such process.
    private static func fields(_ pid: pid_t) -> [Substring]? {
        let text = Machine.text("/proc/\(pid)/stat")
        guard let name = text.lastIndex(of: ")") else { return nil }
        return text[name...].dropFirst(2).split(separator: " ")
    }

    /// `R`, `S`, `T` (stopped), `Z` (zombie), …; `nil` when there is no such process.
    static func state(_ pid: pid_t) -> Character? { fields(pid)?.first?.first }

    /// A zombie has ended; its parent has not asked how.
    static func isRunning(_ pid: pid_t) -> Bool { state(pid).map { $0 != "Z" } ?? false }

    static func children(of pid: pid_t) -> [pid_t] {
        all.filter { parent(of: $0) == pid }
    }

    /// Processor time that the process has used.
    static func processorTime(_ pid: pid_t) -> Duration {
        guard let fields = fields(pid), fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12])
        else {
            return .zero
        }
        return .seconds(user + system) / sysconf(CInt(_SC_CLK_TCK))
    }

    /// Sends a signal to a process that `isIt` knows.
    ///
    /// Numbers come again soon on a machine where tests start thousands of threads a second. A process descriptor does
    /// not, so it is opened first, and then asked about.
    @discardableResult
    static func signal(_ pid: pid_t, _ signal: CInt, if isIt: () -> Bool) -> Bool {
        let number = plumb_pidfd_open(pid)
        guard number >= 0 else { return false }
        let process = Descriptor(owning: number)
        return isIt() && plumb_pidfd_send_signal(process.rawValue, signal) == 0
    }

    static func parent(of pid: pid_t) -> pid_t? {
        fields(pid).flatMap { $0.count > 1 ? pid_t($0[1]) : nil }
    }

    static func openDescriptors(_ pid: pid_t) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd"))?.count ?? -1
    }

    /// Resident memory in KiB.
    static func residentMemory(_ pid: pid_t) -> Int {
        let line = Machine.text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? -1
    }

    /// Processes that have `variable=value` in their environment: what a test started, and what that started.
    static func having(_ variable: String, _ value: String) -> [pid_t] {
        all.filter { has($0, variable, value) }
    }

    static func has(_ pid: pid_t, _ variable: String, _ value: String) -> Bool {
        let entry = Array("\(variable)=\(value)".utf8)
        return Machine.contents("/proc/\(pid)/environ").split(separator: 0).contains { $0.elementsEqual(entry) }
    }
}
