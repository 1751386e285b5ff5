import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// What `plumb` prints, and what it does when it is told nothing.
@Suite
struct CommandTests {
    @Test(arguments: [
        ["--help"], ["serve", "--help"], ["ctl", "--help"], ["ctl", "status", "--help"], ["exec", "--help"],
        ["--version"],
    ])
    func help(words: [String]) throws {
        let run = try ChildProcess.run(try Built.plumb(), words, in: TemporaryDirectory())
        #expect(run.status == .exited(0) && run.errors.isEmpty && !run.output.isEmpty)
    }

    @Test func oneWorkerPerProcessor() throws {
        try withServer { server in
            let count = max(ProcessInfo.processInfo.activeProcessorCount, 2)
            let line = try server.waitUntilListening()
            #expect(line == "plumb: listening on \(try server.address) with \(count) workers")
            #expect(try server.status().workers.count == count)
        }
    }

    @Test func logAsText() throws {
        let lines = try logOfAShortLife(format: "text")
        for line in lines {
            // The time, the level, and a message with figures after it.
            #expect(line.wholeMatch(of: /\d\d:\d\d:\d\d\.\d{3} (info|notice|warning|error): .+/) != nil, "\(line)")
        }
        #expect(lines.contains { $0.contains("warning: worker was killed by SIGKILL held=0 pid=") })
        #expect(lines.contains { $0.contains("notice: stopping: no new connections connections=0 deadline=30000ms") })
    }

    @Test func logAsJSON() throws {
        let objects = try logOfAShortLife(format: "json").map { line in
            try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        }
        #expect(objects.allSatisfy { $0["time"] != nil && $0["level"] != nil && $0["message"] != nil })
        let end = try #require(objects.first { $0["message"] == "worker was killed by SIGKILL" })
        #expect(end["level"] == "warning" && end["worker"] == "1" && end["held"] == "0" && end["pid"] != nil)
    }

    /// Starts a server, kills a worker, and stops the server.
    private func logOfAShortLife(format: String) throws -> [Substring] {
        var log = ""
        try withServer(["--workers", "2", "--log-format", format], worker: .test("ledger")) { server in
            let pid = try server.pid(ofWorker: 1)
            server.signal(SIGKILL, worker: pid)
            _ = try server.waitForReplacement(ofWorker: 1, pid: pid)
            server.process.signal(SIGTERM)
            try server.process.waitForExit()
            log = server.log
        }
        let lines = log.split(separator: "\n")
        #expect(lines.count >= 5)
        return lines
    }

    /// Two servers of one user: the second cannot have the default control socket, says so, and serves.
    @Test func defaultControlSocket() throws {
        let directory = try TemporaryDirectory(mode: 0o777)
        let plumb = try copyOfPlumb(in: directory)
        // Root's default is the machine's, so root's tests do not touch it.
        let command = Machine.isRoot ? [try Built.testWorker(), "as-nobody", plumb] : [plumb]
        let own = ["XDG_RUNTIME_DIR": directory.path]
        func start(_ words: [String], name: String) throws -> ChildProcess {
            try ChildProcess(command[0], command.dropFirst() + words, environment: own, in: directory, name: name)
        }
        func serve(name: String) throws -> ChildProcess {
            let server = try start(["serve", "--workers", "2", "--listen", "127.0.0.1:0"], name: name)
            try waitUntil("the \(name): \(server.errors)") { server.output.contains("with 2 workers") }
            return server
        }
        let first = try serve(name: "first")
        defer { first.kill() }
        let second = try serve(name: "second")
        defer { second.kill() }
        #expect(second.errors.contains("warning: no control socket: cannot listen on "))
        #expect(second.errors.contains("give --control PATH to have one"))

        let status = try start(["ctl", "status", "--json"], name: "status")
        try #expect(status.waitForExit() == .exited(0))
        let answer = try JSONDecoder().decode(SupervisorStatus.self, from: Data(status.output.utf8))
        #expect(answer.pid == first.pid)
        for process in [first, second] {
            process.signal(SIGTERM)
            try #expect(process.waitForExit() == .exited(0))
        }
        #expect(try !directory.contents().contains { $0.hasPrefix("plumb.sock") }, "no file is left")
    }
}
