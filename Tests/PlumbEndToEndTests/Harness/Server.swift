import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import SystemPackage
import Testing

/// The program that a server runs as its workers.
enum WorkerProgram {
    /// The one that is built in.
    case demonstration
    /// PlumbTestWorker in a mode; it writes into ``Server/ledger``.
    case test(_ mode: String, [String] = [])
    case command([String])
}

/// A running `plumb serve`, in a directory of its own.
final class Server {
    let directory: TemporaryDirectory
    let process: ChildProcess
    let control: String
    /// Where the test workers write.
    let ledger: String

    var pid: pid_t { process.pid }
    var log: String { process.errors }

    /// - Parameter circumstances: a command and its first arguments that run what follows them.
    init(
        _ flags: [String], listen: [String], worker: WorkerProgram, environment: [String: String],
        circumstances: [String], directory: TemporaryDirectory
    ) throws {
        self.directory = directory
        control = directory.file("control")
        ledger = directory.file("ledger")
        try FileManager.default.createDirectory(atPath: ledger, withIntermediateDirectories: true)
        var command = circumstances + [try Built.plumb(), "serve", "--control", control] + flags
        for address in listen { command += ["--listen", address] }
        switch worker {
        case .demonstration: break
        case .test(let mode, let options): command += ["--", try Built.testWorker(), mode, ledger] + options
        case .command(let words): command += ["--"] + words
        }
        process = try ChildProcess(
            command[0], Array(command.dropFirst()), environment: environment, in: directory, name: "server")
    }

    /// Ends everything that this server has started.
    func killAll() {
        // Stopped, it starts nobody any more.
        process.signal(SIGSTOP)
        process.kill()
        for pid in remaining where pid != process.pid {
            ProcessTable.signal(pid, SIGKILL) { ProcessTable.has(pid, ChildProcess.mark, directory.path) }
        }
    }

    /// Sends a signal to one of its workers.
    ///
    /// - Returns: whether there is such a worker.
    @discardableResult
    func signal(_ signal: CInt, worker pid: pid_t) -> Bool {
        ProcessTable.signal(pid, signal) { ProcessTable.parent(of: pid) == self.pid }
    }

    /// Stops a worker, and waits until it has stopped.
    func stop(worker pid: pid_t) throws {
        try #require(signal(SIGSTOP, worker: pid))
        try waitUntil("the stop") { ProcessTable.state(pid) == "T" }
    }

    /// Processes of this run that there still are.
    var remaining: [pid_t] { ProcessTable.having(ChildProcess.mark, directory.path) }

    // MARK: What it says

    /// The line that says where it listens.
    private func announcement() -> Substring? {
        process.output.split(separator: "\n").first { $0.hasPrefix("plumb: listening on ") }
    }

    /// Waits until every worker was ready, or has failed.
    @discardableResult
    func waitUntilListening() throws -> String {
        try waitUntil("a line that says where it listens; the log is\n\(log)") {
            if let status = process.exitStatus { throw ServerEnded(status: status, log: log) }
            return announcement() != nil
        }
        return String(announcement() ?? "")
    }

    struct ServerEnded: Error {
        let status: EndOfProcess
        let log: String
    }

    /// Where it listens.
    var addresses: [SocketAddress] {
        get throws { try status().addresses.compactMap { SocketAddress($0) } }
    }

    var address: SocketAddress {
        get throws { try #require(try addresses.first) }
    }

    /// Lines of the log that contain a text.
    func logLines(_ text: String) -> [Substring] { log.split(separator: "\n").filter { $0.contains(text) } }

    func waitForLog(_ text: String) throws {
        try waitUntil("'\(text)' in the log, which is\n\(log)") { log.contains(text) }
    }

    // MARK: Its status

    /// What the control socket answers.
    func status() throws -> SupervisorStatus {
        var answer: [UInt8]?
        try waitUntil("the control socket of \(pid)") {
            if let status = process.exitStatus { throw ServerEnded(status: status, log: log) }
            do throws(SocketsError) {
                answer = try ControlClient.request("status", path: control)
            } catch {
                // At the start: there is no file yet, or nobody listens yet.
                guard error.errno == .noSuchFileOrDirectory || error.errno == .connectionRefused else { throw error }
            }
            return answer != nil
        }
        return try JSONDecoder().decode(SupervisorStatus.self, from: Data(answer ?? []))
    }

    /// What `plumb ctl status --json` prints.
    func statusOfCommand() throws -> SupervisorStatus {
        let run = try ChildProcess.run(
            try Built.plumb(), ["ctl", "--control", control, "status", "--json"], in: directory)
        #expect(run.status == .exited(0), "\(run.errors)")
        return try JSONDecoder().decode(SupervisorStatus.self, from: Data(run.output.utf8))
    }

    /// Waits for a status of a kind.
    @discardableResult
    func waitForStatus(
        _ what: String, within deadline: Duration = generous, _ condition: (SupervisorStatus) -> Bool
    ) throws -> SupervisorStatus {
        var last: SupervisorStatus?
        do {
            try waitUntil(what, within: deadline) {
                let status = try status()
                last = status
                return condition(status)
            }
        } catch let error as DeadlinePassed {
            throw DeadlinePassed(description: "\(error), but \(String(describing: last)); the log is\n\(log)")
        }
        return try #require(last)
    }

    /// Waits until every worker is ready and nothing is on its way to one.
    @discardableResult
    func waitUntilQuiet() throws -> SupervisorStatus {
        try waitForStatus("every worker ready, nothing queued") { status in
            status.workers.allSatisfy { $0.state == "ready" } && status.totals.queued == 0
                && status.totals.inFlight == 0
        }
    }

    /// A worker's process.
    func pid(ofWorker number: Int) throws -> pid_t {
        try #require(try status().workers.first { $0.number == number }?.pid)
    }

    /// The process of a worker once it is another one than it was, and ready.
    func waitForReplacement(ofWorker number: Int, pid: pid_t) throws -> pid_t {
        let status = try waitForStatus("a replacement of worker \(number)") { status in
            status.workers.contains { $0.number == number && $0.pid != nil && $0.pid != pid && $0.state == "ready" }
        }
        return try #require(status.workers.first { $0.number == number && $0.state == "ready" }?.pid)
    }

    /// Whether a worker has been ready for so long, so that its death is none of a row. Its age has its start in it, which
    /// takes its time on a busy machine.
    func hasServed(_ worker: SupervisorStatus.Worker, _ duration: Duration) -> Bool {
        guard worker.state == "ready", let pid = worker.pid, let age = worker.age,
            let line = logLines("worker ready").last(where: { $0.contains(" pid=\(pid) ") }),
            let after = line.firstMatch(of: /after=(\d+)ms/).flatMap({ Double($0.1) })
        else { return false }
        return .seconds(age - after / 1000) >= duration
    }

    /// Lines that the test workers have written to files of a kind.
    func ledgerLines(_ kind: String) -> [Substring] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: ledger)) ?? []
        return names.filter { $0.hasPrefix(kind + ".") }
            .flatMap { Machine.text("\(ledger)/\($0)").split(separator: "\n") }
    }

    func touch(_ name: String) { _ = FileManager.default.createFile(atPath: "\(ledger)/\(name)", contents: nil) }
}

/// Runs a server, and leaves nothing of it behind, whatever happens.
func withServer(
    _ flags: [String] = [], listen: [String] = ["127.0.0.1:0"], worker: WorkerProgram = .demonstration,
    environment: [String: String] = [:], circumstances: [String] = [], awaitStart: Bool = true,
    _ body: (Server) throws -> Void
) throws {
    let server = try Server(
        flags, listen: listen, worker: worker, environment: environment, circumstances: circumstances,
        directory: TemporaryDirectory())
    defer { server.killAll() }
    if awaitStart { try server.waitUntilListening() }
    try body(server)
}

/// Expects the master to use next to no processor time for a second.
func expectRest(_ server: Server, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let before = ProcessTable.processorTime(server.pid)
    let end = ContinuousClock.now + .seconds(1)
    try waitUntil("the end of that second") { ContinuousClock.now >= end }
    let used = ProcessTable.processorTime(server.pid) - before
    #expect(used < .milliseconds(250), "the master used \(used) of a second", sourceLocation: sourceLocation)
}
