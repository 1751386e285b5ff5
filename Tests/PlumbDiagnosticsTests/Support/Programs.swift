import CPlumb
import Foundation
import PlumbSockets
import SystemPackage
import Testing

/// A program that a test runs beside itself.
final class Program: Sendable {
    let pid: pid_t
    private let process: Descriptor
    private let outputPath: String

    init(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws {
        outputPath = NSTemporaryDirectory() + "/plumb-\(UUID().uuidString)"
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        unsafe posix_spawn_file_actions_adddup2(&actions, 1, 2)
        _ = unsafe plumb_spawn_close_from(&actions, 3)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        let entries = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
        var variables = unsafe entries.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let error = unsafe posix_spawn(&pid, program, &actions, &attributes, &words, &variables)
        try #require(error == 0, "cannot start \(program): errno \(error)")
        self.pid = pid
        process = Descriptor(owning: plumb_pidfd_open(pid))
    }

    deinit {
        _ = plumb_pidfd_send_signal(process.rawValue, SIGKILL)
        _ = try? waitForExit()
        try? FileManager.default.removeItem(atPath: outputPath)
    }

    var output: String { Machine.text(outputPath) }

    func signal(_ number: CInt) { _ = plumb_pidfd_send_signal(process.rawValue, number) }

    /// Waits until it has ended, and reaps it.
    @discardableResult
    func waitForExit() throws -> CInt {
        let view = unsafe BorrowedDescriptor(unsafeRawValue: process.rawValue)
        let hasEnded = try view.waitUntil(writable: false, timeoutMilliseconds: 30_000)
        try #require(hasEnded, "process \(pid) does not end; it has said: \(output)")
        var (code, status, reaped): (CInt, CInt, pid_t) = (0, 0, 0)
        unsafe plumb_waitid_pidfd(process.rawValue, WEXITED | WNOHANG, &code, &status, &reaped)
        return status
    }

    /// Runs a program to its end and returns what it has written.
    static func run(_ program: String, _ arguments: [String]) throws -> String {
        let run = try Program(program, arguments)
        try run.waitForExit()
        return run.output
    }
}
