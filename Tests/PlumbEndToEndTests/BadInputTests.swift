import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// What `plumb serve` says when it cannot do what it was asked: one sentence with what, why and what to do, the
/// documented exit status, and nothing left behind.
@Suite
struct BadInputTests {
    // MARK: Addresses

    @Test func addressInUse() throws {
        let owner = try Listener(on: .ipv4(.loopback, port: 0))
        try expectSentence(
            ["--listen", "\(owner.address)"],
            "cannot listen on \(owner.address)", "another socket has the port", "choose another port")
    }

    @Test func unixAddressInUse() throws {
        let directory = try TemporaryDirectory()
        let owner = try Listener(on: try #require(.unix(pathname: directory.file("socket"))))
        try expectSentence(
            ["--listen", "\(owner.address)"], "cannot listen on \(owner.address)", "a live server has this path",
            "choose another path", in: directory)
        #expect(try directory.contents() == ["socket", "socket.lock"], "the owner's files are untouched")
    }

    @Test(.enabled(if: Machine.isRoot && Machine.firstUnprivilegedPort > 80, Machine.portReason))
    func privilegedPort() throws {
        let directory = try TemporaryDirectory(mode: 0o777)
        let plumb = try copyOfPlumb(in: directory)
        let run = try ChildProcess.run(
            try Built.testWorker(),
            ["as-nobody", plumb, "serve", "--control", directory.file("control"), "--listen", "127.0.0.1:80"],
            in: directory)
        try expect(
            run, says: ["cannot listen on 127.0.0.1:80", "CAP_NET_BIND_SERVICE", "choose a higher port"])
    }

    @Test func unknownHost() throws {
        try expectSentence(
            ["--listen", "no-such-host.invalid:80"],
            "cannot find the host 'no-such-host.invalid'", "write a name that resolves here, or a number")
    }

    @Test func addressOfAnotherHost() throws {
        try expectSentence(
            ["--listen", "192.0.2.1:8080"],
            "cannot listen on 192.0.2.1:8080", "no interface of this host has the address", "choose one of `ip address`"
        )
    }

    @Test(arguments: [
        "127.0.0.1", "8080", "127.0.0.1:", "127.0.0.1:99999", "127.0.0.1:80x", "[::1:80", "::1:80", "[127.0.0.1]:80",
        "unix:", "tcp://127.0.0.1:80", "",
    ])
    func malformedAddress(address: String) throws {
        try expectSentence(["--listen", address], "cannot use the address '\(address)'", status: 64)
    }

    @Test func unknownInterface() throws {
        try expectSentence(
            ["--listen", "[fe80::1%nosuch]:80"], "cannot use the address '[fe80::1%nosuch]:80'",
            "there is no interface 'nosuch'", "choose one of `ip link`", status: 64)
    }

    @Test func unixAddressIsTooLong() throws {
        let path = "/tmp/" + String(repeating: "x", count: 4100)
        try expectSentence(
            ["--listen", "unix:\(path)"], "4105 bytes", "at most 4095", "choose a shorter one", status: 64)
    }

    @Test func reuseportOnAUnixSocket() throws {
        let directory = try TemporaryDirectory()
        try expectSentence(
            ["--dispatch", "reuseport", "--listen", "unix:\(directory.file("socket"))"],
            "a Unix socket has no SO_REUSEPORT", "choose --dispatch handoff or shared", in: directory,
            status: 64)
    }

    /// What was made for the first address goes again when the second cannot be had.
    @Test func secondAddressInUse() throws {
        let directory = try TemporaryDirectory()
        let owner = try Listener(on: .ipv4(.loopback, port: 0))
        try expectSentence(
            ["--listen", "unix:\(directory.file("socket"))", "--listen", "\(owner.address)"],
            "cannot listen on \(owner.address)", in: directory)
    }

    // MARK: Worker commands

    @Test func commandDoesNotExist() throws {
        try expectSentence(
            ["--", "/nonexistent/worker", "--flag"], "cannot start the worker command '/nonexistent/worker --flag'",
            "No such file or directory", "check the name")
    }

    @Test func commandIsNotExecutable() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("worker")
        try "echo".write(toFile: file, atomically: false, encoding: .utf8)
        try expectSentence(
            ["--", file], "cannot start the worker command '\(file)'", "Permission denied", "permissions", in: directory
        )
    }

    @Test func commandIsADirectory() throws {
        try expectSentence(["--", "/tmp"], "cannot start the worker command '/tmp'", "Permission denied")
    }

    @Test func workerExitsAtOnce() throws {
        try expectSentence(
            ["--workers", "2", "--"] + worker("exit-at-once", "--status", "3"), "cannot start the worker command '",
            "exited with status 3 before it was ready", "run it by hand")
    }

    @Test func workerIsNeverReady() throws {
        try expectSentence(
            ["--workers", "2", "--start-timeout", "500ms", "--"] + worker("never-ready"),
            "cannot start the worker command '", "did not say READY within 500ms", "--start-timeout")
    }

    /// A program that knows nothing of the protocol.
    @Test func workerIsAnotherProgram() throws {
        try expectSentence(
            ["--start-timeout", "300ms", "--", "sleep", "60"], "cannot start the worker command 'sleep 60'",
            "does it speak the hand-off protocol?")
    }

    @Test func workerWritesGarbage() throws {
        try expectSentence(
            ["--workers", "2", "--"] + worker("garbage"), "cannot start the worker command '",
            "broke the hand-off protocol (length)", "Documentation/handoff-protocol.md")
    }

    // MARK: Control sockets

    @Test func controlPathIsTooLong() throws {
        let path = "/tmp/" + String(repeating: "x", count: 4100)
        try expectSentence(
            ["--control", path], "cannot listen on the control socket '\(path)'", "the path has 4105 bytes",
            "choose a shorter one with --control")
    }

    @Test func controlPathIsInUse() throws {
        try withServer { server in
            try expectSentence(
                ["--control", server.control], "cannot listen on", server.control, "a live server has this path",
                "choose another path")
            #expect(try server.status().state == "serving", "its socket is still the live server's")
        }
    }

    @Test func controlPathIsAFile() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("file")
        try "mine".write(toFile: file, atomically: false, encoding: .utf8)
        try expectSentence(
            ["--control", file], "cannot listen on", file, "there is a file that is not a socket",
            "choose another path or remove it", in: directory)
        #expect(Machine.text(file) == "mine")
    }

    @Test func controlDirectoryIsMissing() throws {
        try expectSentence(
            ["--control", "/tmp/no-such-directory/control"], "/tmp/no-such-directory/control",
            "its directory does not exist", "create it or choose another path")
    }

    @Test func nobodyListensOnTheControlSocket() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("control")
        let run = try ChildProcess.run(try Built.plumb(), ["ctl", "--control", path, "status"], in: directory)
        try expect(
            run,
            says: ["cannot reach the control socket '\(path)'", "there is no such socket", "is `plumb serve` running"])
    }

    @Test func serverOfTheControlSocketIsDead() throws {
        let directory = try TemporaryDirectory()
        let dead = try Server(
            [], listen: ["127.0.0.1:0"], worker: .demonstration, environment: [:], circumstances: [],
            directory: directory)
        defer { dead.killAll() }
        try dead.waitUntilListening()
        dead.killAll()
        let run = try ChildProcess.run(try Built.plumb(), ["ctl", "--control", dead.control, "status"], in: directory)
        try expect(run, says: ["cannot reach the control socket", "no server listens there any more"])
    }

    // MARK: Flags

    @Test(arguments: [
        (["--workers", "0"], "--workers takes a number from 1 to 1024, not 0"),
        (["--workers", "1025"], "--workers takes a number from 1 to 1024, not 1025"),
        (["--workers", "x"], "--workers"), (["--workers"], "--workers"),
        (["--dispatch", "foo"], "handoff"), (["--balance", "foo"], "least-connections"),
        (["--drain-timeout", "5"], "--drain-timeout"), (["--drain-timeout", "-5s"], "--drain-timeout"),
        (["--start-timeout", "s"], "--start-timeout"), (["--hang-timeout", "1d"], "--hang-timeout"),
        (["--log-format", "xml"], "--log-format"), (["--no-such-flag"], "--no-such-flag"),
        (["stray"], "stray"), (["--listen"], "--listen"),
    ])
    func malformedFlag(flags: [String], names: String) throws {
        let run = try run(flags, in: TemporaryDirectory())
        #expect(run.status == .exited(64))
        #expect(run.errors.hasPrefix("Error: ") && run.errors.contains("Usage: plumb serve"))
        #expect(run.errors.split(separator: "\n")[0].contains(names), "\(run.errors)")
    }

    @Test(arguments: [["no-such-command"], ["ctl", "no-such-command"], ["ctl", "status", "--no-such-flag"]])
    func malformedCommand(words: [String]) throws {
        let run = try ChildProcess.run(try Built.plumb(), words, in: TemporaryDirectory())
        #expect(run.status == .exited(64))
        #expect(run.errors.contains("Usage: plumb"))
    }

    // MARK: Steps

    private func worker(_ mode: String, _ options: String...) throws -> [String] {
        [try Built.testWorker(), mode, "/dev/null"] + options
    }

    /// Runs `plumb serve` to its end, and expects nothing of it to remain.
    private func run(_ flags: [String], in directory: TemporaryDirectory) throws -> ChildProcess.Finished {
        let before = try directory.contents()
        // The last of several is the one that counts, so that a test may name another.
        let run = try ChildProcess.run(
            try Built.plumb(), ["serve", "--control", directory.file("control")] + flags, in: directory)
        #expect(run.output.isEmpty)
        #expect(try directory.contents() == before, "no file is left")
        #expect(ProcessTable.having(ChildProcess.mark, directory.path).isEmpty, "no process is left")
        return run
    }

    private func expectSentence(
        _ flags: [String], _ words: String..., in directory: TemporaryDirectory? = nil, status: CInt = 1,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let usual = flags.contains("--listen") ? [] : ["--listen", "127.0.0.1:0"]
        let run = try run(usual + flags, in: directory ?? TemporaryDirectory())
        try expect(run, says: words, status: status, sourceLocation: sourceLocation)
    }
}

/// Expects a status and exactly one sentence beside the log, which contains the words.
func expect(
    _ run: ChildProcess.Finished, says words: [String], status: CInt = 1,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    #expect(run.status == .exited(status), sourceLocation: sourceLocation)
    // A line of log begins with the time.
    let sentences = run.errors.split(separator: "\n").filter { !($0.first?.isNumber ?? false) }
    #expect(sentences.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
    let sentence = try #require(sentences.first, sourceLocation: sourceLocation)
    #expect(sentence.hasPrefix("plumb: cannot "), "\(sentence)", sourceLocation: sourceLocation)
    for word in words { #expect(sentence.contains(word), sourceLocation: sourceLocation) }
}

/// A copy of `plumb` that every user may execute, wherever the build directory is.
func copyOfPlumb(in directory: TemporaryDirectory) throws -> String {
    let copy = directory.file("plumb")
    try FileManager.default.copyItem(atPath: Built.plumb(), toPath: copy)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy)
    return copy
}
