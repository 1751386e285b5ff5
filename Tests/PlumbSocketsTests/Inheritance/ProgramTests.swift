import BasicContainers
import CPlumb
import FoundationEssentials
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Programs to become") struct ProgramTests {
    // MARK: Looking up

    @Test("a name is looked up in PATH: the first that can be executed, also after one that cannot")
    func path() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            for name in ["none", "plain", "directory", "first", "second"] {
                try #require(unsafe mkdir(directory.file(name), 0o755) == 0)
            }
            try write("", to: directory.file("plain/tool"), mode: 0o644)
            try #require(unsafe mkdir(directory.file("directory/tool"), 0o755) == 0)
            for name in ["first", "second"] { try write("", to: directory.file("\(name)/tool"), mode: 0o755) }
            let entries = ["none", "missing", "plain/tool", "plain", "directory", "first", "second"]
            unsafe setenv("PATH", entries.map { directory.file($0) }.joined(separator: ":"), 1)
            #expect(try Program("tool").file.string == directory.file("first/tool"))
            let program = try Program("tool", arguments: ["-x", "ä"])
            #expect(program.words.map { String(decoding: $0, as: UTF8.self) } == ["tool", "-x", "ä"])
            // An empty entry is the working directory.
            try #require(unsafe chdir(directory.file("second")) == 0)
            for path in [":/missing", "/missing:", "/missing::/other", ""] {
                unsafe setenv("PATH", path, 1)
                #expect(try Program("tool").file.string == "tool")
            }
            unsafe unsetenv("PATH")
            #expect(["/bin/sh", "/usr/bin/sh"].contains(try Program("sh").file.string))
        }
    }

    static let wrong: [(name: String, code: SocketsError.Code, says: String)] = [
        ("no-such-program", .commandNotFound, "cannot run 'no-such-program': there is no such program in PATH"),
        ("", .commandNotFound, "no such program"),
        ("/no/such/program", .commandNotFound, "there is no such file"),
        ("/dev/null/program", .commandNotFound, "there is no such file"),
        ("/tmp", .commandNotExecutable, "it is a directory"),
        ("/dev/null", .commandNotExecutable, "you may not execute it"),
        ("/proc/self/environ", .commandNotExecutable, "you may not execute it"),
    ]

    @Test("what cannot be run, and why", arguments: wrong)
    func cannotRun(_ name: String, _ code: SocketsError.Code, _ says: String) throws {
        let error = try #require(throws: SocketsError.self) { _ = try Program(name) }
        #expect(error.code == code)
        #expect(error.description.contains(says), "\(error)")
    }

    @Test(
        "a directory in PATH into which one may not look does not make a missing program one that may not be executed",
        .enabled(if: Machine.canBeUnprivileged, Machine.unprivilegedReason))
    func closedDirectoryInPath() async throws {
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .success) { [directory = directory.path as String] in
            let closed = "\(directory)/closed"
            try #require(unsafe mkdir(closed, 0o700) == 0)
            try write("", to: closed + "/tool", mode: 0o755)
            try #require(unsafe chmod(closed, 0) == 0 && chmod(directory, 0o755) == 0)
            try becomeUnprivileged()
            unsafe setenv("PATH", "\(closed):/usr/bin:/bin", 1)
            let expected = [("tool", SocketsError.Code.commandNotFound), (closed + "/tool", .commandNotExecutable)]
            for (name, code) in expected {
                let error = try #require(throws: SocketsError.self) { _ = try Program(name) }
                #expect(error.code == code, "\(error)")
            }
            #expect(["/bin/sh", "/usr/bin/sh"].contains(try Program("sh").file.string))
        }
        _ = unsafe chmod(directory.path + "/closed", 0o700)
    }

    // MARK: Becoming it

    @Test("a program gets the listeners from 3 up, the streams, the variables, and nothing else")
    func becomes() async throws {
        let result = try await #require(processExitsWith: .exitCode(7), observing: [\.standardOutputContent]) {
            for number in [30, 31] as [CInt] { try #require(dup2(1, number) != -1) }
            unsafe setenv("LISTEN_PIDFDID", "stale", 1)
            unsafe setenv("LISTEN_FDNAMES", "stale", 1)
            unsafe setenv("KEPT", "as it is", 1)
            let script = """
                echo "$LISTEN_FDS $LISTEN_FDNAMES ${LISTEN_PIDFDID-none} $KEPT $1"
                [ "$LISTEN_PID" = $$ ] && echo mine
                # Not by the shell's own pattern and pipelines, whose descriptors would be among them now and then.
                ls -l /proc/$$/fd
                exit 7
                """
            let program = try Program("sh", arguments: ["-c", script, "sh", "word"])
            var listeners = UniqueArray<PassedListener>()
            listeners.append(PassedListener(try Listener(on: .ipv4(.loopback, port: 0)), name: ListenerName("a b")))
            listeners.append(PassedListener(try Listener(on: .ipv4(.loopback, port: 0))))
            throw program.execute(passing: listeners)
        }
        let lines = String(decoding: result.standardOutputContent, as: UTF8.self).split(separator: "\n")
        #expect(lines.prefix(2) == ["2 a b:unknown none as it is word", "mine"])
        let open = lines.compactMap { line in line.firstRange(of: "-> ").map { line[$0.upperBound...] } }
        #expect(open.count == 5 && open.suffix(2).allSatisfy { $0.hasPrefix("socket:") }, "\(lines)")
    }

    enum Refused: String, CaseIterable, Codable {
        case noFormat, noInterpreter, tooLong
    }

    @Test("a program that the kernel refuses leaves this process as it was", arguments: Refused.allCases)
    func refused(_ kind: Refused) async {
        await #expect(processExitsWith: .success) { [kind] in
            let directory = try TemporaryDirectory()
            let file = directory.file("program")
            try write(kind == .noInterpreter ? "#!/no/such/interpreter\n" : "text", to: file, mode: 0o755)
            let words = kind == .tooLong ? [String](repeating: String(repeating: "x", count: 100_000), count: 200) : []
            let program = try Program(file, arguments: words)
            var listeners = UniqueArray<PassedListener>()
            for name in ["first", "second"] {
                listeners.append(PassedListener(try Listener(on: SocketAddressTests.path(directory.file(name)))))
            }
            signal(SIGUSR1, SIG_IGN)
            var mask = sigset_t()
            unsafe sigemptyset(&mask)
            unsafe sigaddset(&mask, SIGUSR2)
            unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
            try isolateDescriptors()
            let before = try openDescriptors()
            let inodes = try before.map { try inode(at: $0) }

            let error = program.execute(passing: listeners)
            #expect(error.code == .commandNotExecutable)
            let says: [Refused: String] = [
                .noFormat: "neither a program for this machine nor a script", .noInterpreter: "does not exist",
                .tooLong: "too long together",
            ]
            #expect(error.description.contains(says[kind] ?? "?"), "\(error)")
            #expect(try openDescriptors() == before)
            #expect(try before.map { try inode(at: $0) } == inodes)
            #expect(try isNonBlocking(listeners[0].listener.descriptor))
            #expect(connects(to: listeners[1].listener.address))
            unsafe pthread_sigmask(SIG_SETMASK, nil, &mask)
            #expect(unsafe sigismember(&mask, SIGUSR2) == 1)
            var action = sigaction()
            try #require(unsafe sigaction(SIGUSR1, nil, &action) == 0)
            #expect(unsafe plumb_is_ignored(&action) == 1)
            _ = consume listeners
            #expect(try directory.contents() == ["program"], "the listeners' files are gone with them")
        }
    }

    @Test("without descriptors to spare the error says so")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            let program = try Program("true")
            var listeners = UniqueArray<PassedListener>()
            listeners.append(PassedListener(try Listener(on: .ipv4(.loopback, port: 0))))
            try expectLimit(program, listeners)
        }
    }
}

private func expectLimit(_ program: Program, _ listeners: borrowing UniqueArray<PassedListener>) throws {
    var errors: [SocketsError] = []
    var limit = rlimit()
    try #require(unsafe plumb_getrlimit_nofile(&limit) == 0)
    // Every number above those that are open.
    limit.rlim_cur = rlim_t((try openDescriptors().max() ?? 0) + 1)
    let numbers = try openDescriptors()
    for number in 0..<CInt(limit.rlim_cur) where !numbers.contains(number) { try #require(dup2(1, number) != -1) }
    try #require(unsafe plumb_setrlimit_nofile(&limit) == 0)
    errors.append(program.execute(passing: listeners))
    #expect(errors[0].code == .limit && errors[0].description.contains("ulimit -n"), "\(errors)")
}

private func write(_ text: String, to path: String, mode: mode_t) throws {
    let number = unsafe plumb_open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    try #require(number >= 0)
    let file = Descriptor(owning: number)
    let bytes = Array(text.utf8)
    try #require(unsafe plumb_write(file.rawValue, bytes, bytes.count) == bytes.count)
    try #require(fchmod(file.rawValue, mode) == 0)
}

private func inode(at number: CInt) throws -> UInt64 {
    var status = stat()
    unsafe try #require(fstat(number, &status) == 0, "\(number) is closed")
    return UInt64(status.st_ino)
}
