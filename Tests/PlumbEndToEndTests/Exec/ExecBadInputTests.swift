import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// What `plumb exec` says when it cannot do what it was asked: one sentence, the documented status, nothing left behind.
@Suite
struct ExecBadInputTests {
    // MARK: The command

    @Test(arguments: ["no-such-program", "/nonexistent/program", "./nonexistent"])
    func commandIsNotFound(name: String) throws {
        try expectSentence([name], ["cannot run '\(name)'", "check the"], status: 127)
    }

    @Test(arguments: [("/tmp", "it is a directory"), ("/etc/passwd", "you may not execute it")])
    func commandIsNotExecutable(name: String, says: String) throws {
        try expectSentence([name], ["cannot run '\(name)'", says], status: 126)
    }

    /// What only the kernel finds: the listeners were there already, and are gone again.
    @Test(arguments: [
        ("no program\n", "neither a program for this machine nor a script"), ("#!/nonexistent/sh\n", "does not exist"),
    ])
    func commandIsRefused(text: String, says: String) throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("program")
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        try expectSentence([file], ["cannot run '\(file)'", says], status: 126, in: directory)
    }

    // MARK: Addresses

    @Test func addressInUse() throws {
        let owner = try Listener(on: .ipv4(.loopback, port: 0))
        try expectSentence(
            ["true"], listen: ["\(owner.address)"],
            ["cannot listen on \(owner.address)", "another socket has the port", "choose another port"])
    }

    /// What was made for the first address goes again when the second cannot be had.
    @Test func secondAddressInUse() throws {
        let directory = try TemporaryDirectory()
        let owner = try Listener(on: .ipv4(.loopback, port: 0))
        try expectSentence(
            ["true"], listen: ["unix:\(directory.file("socket"))", "\(owner.address)"],
            ["cannot listen on \(owner.address)"], in: directory)
    }

    @Test(.enabled(if: Machine.isRoot && Machine.firstUnprivilegedPort > 80, Machine.portReason))
    func privilegedPort() throws {
        let directory = try TemporaryDirectory(mode: 0o777)
        let plumb = try copyOfPlumb(in: directory)
        let run = try ChildProcess.run(
            try Built.testWorker(), ["as-nobody", plumb, "exec", "--listen", "127.0.0.1:80", "--", "true"],
            in: directory)
        try expect(run, says: ["cannot listen on 127.0.0.1:80", "CAP_NET_BIND_SERVICE", "choose a higher port"])
    }

    @Test func unknownHost() throws {
        try expectSentence(
            ["true"], listen: ["no-such-host.invalid:80"],
            ["cannot find the host 'no-such-host.invalid'", "write a name that resolves here, or a number"])
    }

    @Test(arguments: ["127.0.0.1", "127.0.0.1:99999", "[::1:80", "unix:", "tcp://127.0.0.1:80", ""])
    func malformedAddress(address: String) throws {
        try expectSentence(["true"], listen: [address], ["cannot use the address '\(address)'"], status: 64)
    }

    // MARK: Flags

    static let malformed: [(words: [String], says: String)] = [
        ([], "No command is given"),
        (["--listen", "127.0.0.1:0"], "No command is given"),
        (["--listen", "127.0.0.1:0", "--"], "No command is given"),
        (["--", "true"], "No address is given"),
        (["--listen", "127.0.0.1:0", "true"], "Write it after --"),
        (["--listen"], "--listen"),
        (["--listen", "127.0.0.1:0", "--name", "a", "--name", "b", "--", "true"], "2 names (--name) for 1"),
        (["--listen", "127.0.0.1:0", "--name", "a:b", "--", "true"], "--name"),
        (["--listen", "127.0.0.1:0", "--name", "ä", "--", "true"], "--name"),
        (["--listen", "127.0.0.1:0", "--convention", "inetd", "--", "true"], "server-starter"),
        (["--listen", "127.0.0.1:0", "--backlog", "0", "--", "true"], "from 1 to 2147483647, not 0"),
        (["--listen", "127.0.0.1:0", "--backlog", "2147483648", "--", "true"], "from 1 to 2147483647"),
        (["--listen", "127.0.0.1:0", "--backlog", "many", "--", "true"], "--backlog"),
        (["--listen", "127.0.0.1:0", "--mode", "888", "--", "true"], "--mode"),
        (["--listen", "127.0.0.1:0", "--mode", "1777", "--", "true"], "--mode"),
        (["--listen-seqpacket", "127.0.0.1:0", "--", "true"], "--listen-seqpacket takes unix:/path"),
        (["--listen", "127.0.0.1:0", "--no-such-flag", "--", "true"], "--no-such-flag"),
    ]

    @Test(arguments: malformed)
    func malformedFlag(words: [String], says: String) throws {
        let run = try ChildProcess.run(try Built.plumb(), ["exec"] + words, in: TemporaryDirectory())
        #expect(run.status == .exited(64))
        #expect(run.errors.hasPrefix("Error: ") && run.errors.contains("Usage: plumb exec"))
        #expect(run.errors.contains(says), "\(run.errors)")
        #expect(run.output.isEmpty)
    }

    // MARK: Limits

    @Test func noDescriptorsToSpare() throws {
        let directory = try TemporaryDirectory()
        let listen = (0..<12).flatMap { _ in ["--listen", "127.0.0.1:0"] }
        let run = try ChildProcess.run(
            try Built.testWorker(),
            ["limit-files", "24", try Built.plumb(), "exec", "--quiet"] + listen + ["--", "true"], in: directory)
        try expect(run, says: ["cannot pass 12 listeners", "raise the limit (ulimit -n)"])
    }

    // MARK: Steps

    private func expectSentence(
        _ command: [String], listen: [String]? = nil, _ words: [String], status: CInt = 1,
        in directory: TemporaryDirectory? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let directory = try directory ?? TemporaryDirectory()
        let before = try directory.contents()
        let addresses = listen ?? ["unix:\(directory.file("listener"))"]
        let flags = ["exec", "--quiet"] + addresses.flatMap { ["--listen", $0] }
        let run = try ChildProcess.run(try Built.plumb(), flags + ["--"] + command, in: directory)
        try expect(run, says: words, status: status, sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        #expect(try directory.contents() == before, "no file is left", sourceLocation: sourceLocation)
    }
}
