import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// What a worker finds when it starts: its channel, the standard streams, its number, and nothing of the master's.
@Suite
struct WorkerEnvironmentTests {
    /// A program that does nothing, so that what is seen is what it was given.
    private func withIdleWorker(_ circumstances: [String] = [], _ body: (pid_t, Server) throws -> Void) throws {
        try withServer(
            ["--workers", "2", "--start-timeout", "5m"], worker: .command(["sleep", "600"]),
            environment: ["PLUMB_CHANNEL": "77"],
            circumstances: circumstances, awaitStart: false
        ) { server in
            let pid = try server.pid(ofWorker: 2)
            // The name is there a moment before the environment.
            try waitUntil("the worker's program") {
                Machine.text("/proc/\(pid)/comm") == "sleep\n" && !Machine.contents("/proc/\(pid)/environ").isEmpty
            }
            try body(pid, server)
        }
    }

    @Test func descriptors() throws {
        // A shell that leaves two descriptors open in what it becomes.
        let circumstances = ["/bin/sh", "-c", "exec 7</dev/null 9</dev/null; exec \"$@\"", "sh"]
        try withIdleWorker(circumstances) { pid, server in
            #expect(FileManager.default.fileExists(atPath: "/proc/\(server.pid)/fd/9"))
            // Its program may have something open for a moment while it starts; what it was left would stay.
            try waitUntil("nothing but the standard streams and the channel in the worker") {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").sorted() == ["0", "1", "2", "3"]
            }
            let channel = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/3")
            #expect(channel.hasPrefix("socket:"))
        }
    }

    @Test func signals() throws {
        try withIdleWorker { pid, server in
            func mask(_ name: String, of pid: pid_t) -> UInt64? {
                let line = Machine.text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix(name + ":") }
                return (line?.split(whereSeparator: \.isWhitespace).last).flatMap { UInt64($0, radix: 16) }
            }
            let terminate = UInt64(1) << (UInt64(SIGTERM) - 1)
            let blockedByMaster = mask("SigBlk", of: server.pid) ?? 0
            #expect(blockedByMaster & terminate != 0, "the master blocks SIGTERM")
            // The C library ignores two signals of its own (32 and 33) in what posix_spawn(3) starts.
            let internals: UInt64 = 3 << 31
            #expect(mask("SigBlk", of: pid) == 0 && (mask("SigIgn", of: pid) ?? .max) & ~internals == 0)
            #expect(getpgid(pid) == pid && getpgid(pid) != getpgid(server.pid), "Ctrl-C reaches the master alone")
        }
    }

    @Test func variables() throws {
        try withIdleWorker { pid, _ in
            let variables = Machine.contents("/proc/\(pid)/environ").split(separator: 0)
                .map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasPrefix("PLUMB_") }
            let own = variables.filter { !$0.hasPrefix(ChildProcess.mark) && !$0.hasPrefix("PLUMB_SOAK") }
            #expect(own.sorted() == ["PLUMB_CHANNEL=3", "PLUMB_GENERATION=1", "PLUMB_WORKER=2"])
        }
    }
}
