import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Synchronization
import Testing

/// Not Testing's type of the name.
typealias EndOfProcess = PlumbWorkers.ExitStatus

/// A program that a test started, its output in files.
final class ChildProcess: Sendable {
    /// Names the run in the environment of everything it starts, so that nothing of it is overlooked.
    static let mark = "PLUMB_END_TO_END_RUN"

    let pid: pid_t
    private let process: Descriptor
    private let ended = Mutex<EndOfProcess?>(nil)
    private let outputPath: String
    private let errorsPath: String

    /// Starts a program with signals as a shell would leave them and no other descriptors than the standard three.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], in directory: TemporaryDirectory,
        name: String = "run"
    ) throws {
        outputPath = directory.file("\(name).out")
        errorsPath = directory.file("\(name).err")
        let entries = ProcessInfo.processInfo.environment
            .merging([ChildProcess.mark: directory.path]) { $1 }.merging(environment) { $1 }
        pid = try ChildProcess.spawn(
            [program] + arguments, entries.map { "\($0.key)=\($0.value)" }, outputPath, errorsPath)
        process = Descriptor(owning: plumb_pidfd_open(pid))
    }

    private static func spawn(
        _ command: [String], _ environment: [String], _ output: String, _ errors: String
    ) throws -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        let append = O_WRONLY | O_CREAT | O_APPEND
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, append, 0o644)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, append, 0o644)
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

        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let error = unsafe posix_spawn(&pid, command[0], &actions, &attributes, &arguments, &variables)
        try #require(error == 0, "cannot start \(command[0]): errno \(error)")
        return pid
    }

    deinit { kill() }

    var output: String { Machine.text(outputPath) }
    var errors: String { Machine.text(errorsPath) }

    func signal(_ signal: CInt) { _ = plumb_pidfd_send_signal(process.rawValue, signal) }

    /// How it ended; `nil` while it runs.
    var exitStatus: EndOfProcess? {
        ended.withLock { ended in
            if ended != nil { return ended }
            var (code, status, reaped): (CInt, CInt, pid_t) = (0, 0, 0)
            let result = unsafe plumb_waitid_pidfd(process.rawValue, WEXITED | WNOHANG, &code, &status, &reaped)
            guard result == 0, reaped != 0 else { return nil }
            ended = code == PLUMB_CLD_EXITED ? .exited(status) : .signalled(status)
            return ended
        }
    }

    @discardableResult
    func waitForExit(within deadline: Duration = generous) throws -> EndOfProcess {
        var status: EndOfProcess?
        try waitUntil("the end of process \(pid); it has said:\n\(errors.suffix(2000))", within: deadline) {
            status = exitStatus
            return status != nil
        }
        return try #require(status)
    }

    /// Ends it, and waits for that.
    func kill() {
        guard exitStatus == nil else { return }
        signal(SIGKILL)
        _ = try? waitForExit()
    }

    /// Runs a program to its end.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], in directory: TemporaryDirectory,
        name: String = "run-\(UInt32.random(in: 0...UInt32.max))"
    ) throws -> Finished {
        let child = try ChildProcess(program, arguments, environment: environment, in: directory, name: name)
        let status = try child.waitForExit()
        let finished = Finished(status: status, output: child.output, errors: child.errors)
        for path in [child.outputPath, child.errorsPath] { try? FileManager.default.removeItem(atPath: path) }
        return finished
    }

    struct Finished {
        let status: EndOfProcess
        let output: String
        let errors: String
    }
}
