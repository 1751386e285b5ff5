import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// What a program finds that `plumb exec` has become. The program does nothing, so that what is seen is what it was
/// given.
@Suite
struct ExecTests {
    private func withIdle(
        _ flags: [String] = ["--listen", "127.0.0.1:0"], circumstances: [String] = [],
        in directory: TemporaryDirectory? = nil, name: String = "executed", _ body: (Executed) throws -> Void
    ) throws {
        try withExecuted(flags, ["sleep", "600"], circumstances: circumstances, in: directory, name: name) { executed in
            try executed.waitForProgram("sleep")
            try body(executed)
        }
    }

    private func descriptors(_ pid: pid_t) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").sorted()
    }

    // MARK: The process

    /// Nobody is left of plumb: the process that was started is the program, and there is no other.
    @Test func execsInPlace() throws {
        try withIdle { executed in
            #expect(ProcessTable.having(ChildProcess.mark, executed.directory.path) == [executed.process.pid])
            #expect(executed.variable("LISTEN_PID") == "\(executed.process.pid)")
            let addresses = try executed.addresses()
            #expect(executed.process.errors == "plumb: listening on \(addresses[0]) as descriptor 3\n")
            #expect(executed.process.output.isEmpty)
        }
    }

    /// The status is the program's own.
    @Test func exitStatus() throws {
        let run = try ChildProcess.run(
            try Built.plumb(), ["exec", "--quiet", "--listen", "127.0.0.1:0", "--", "sh", "-c", "echo said; exit 42"],
            in: TemporaryDirectory())
        #expect(run.status == .exited(42) && run.output == "said\n" && run.errors.isEmpty)
    }

    /// From a shell that leaves two descriptors open: the standard streams, the listeners, and nothing else.
    @Test func descriptors() throws {
        let listen = ["--listen", "127.0.0.1:0", "--listen", "unix:@plumb-exec-\(getpid())", "--listen", "127.0.0.1:0"]
        let circumstances = ["/bin/sh", "-c", "exec 4</dev/null 7</dev/null 9</dev/null; exec \"$@\"", "sh"]
        try withIdle(listen, circumstances: circumstances) { executed in
            // Its program may have something open for a moment while it starts; what it was left would stay.
            try waitUntil("nothing but the standard streams and the listeners") {
                try descriptors(executed.process.pid) == ["0", "1", "2", "3", "4", "5"]
            }
            for number in 3...5 {
                let link = "/proc/\(executed.process.pid)/fd/\(number)"
                #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link).hasPrefix("socket:"))
            }
        }
    }

    /// Closed standard streams stay closed; no listener slips into their place.
    @Test func closedStreams() throws {
        let circumstances = ["/bin/sh", "-c", "exec <&- >&-; exec \"$@\"", "sh"]
        try withIdle(circumstances: circumstances) { executed in
            try waitUntil("standard error and the listener") {
                try descriptors(executed.process.pid) == ["2", "3"]
            }
        }
    }

    /// By a parent that blocks and ignores signals: nothing of it is left but what nohup(1) would ask for.
    @Test func signals() throws {
        try withIdle(circumstances: [try Built.testWorker(), "odd-signals"]) { executed in
            func mask(_ name: String) -> UInt64? {
                let text = Machine.text("/proc/\(executed.process.pid)/status")
                let line = text.split(separator: "\n").first { $0.hasPrefix(name + ":") }
                return (line?.split(whereSeparator: \.isWhitespace).last).flatMap { UInt64($0, radix: 16) }
            }
            // The C library ignores two signals of its own (32 and 33) in what posix_spawn(3) starts.
            let internals: UInt64 = 3 << 31
            let hangup: UInt64 = 1 << (UInt64(SIGHUP) - 1)
            #expect(mask("SigBlk") == 0)
            #expect((mask("SigIgn") ?? .max) & ~internals == hangup)
        }
    }

    @Test func limits() throws {
        try withIdle(circumstances: [try Built.testWorker(), "limit-files", "137"]) { executed in
            let text = Machine.text("/proc/\(executed.process.pid)/limits")
            let line = text.split(separator: "\n").first { $0.hasPrefix("Max open files") }
            #expect(line?.split(whereSeparator: \.isWhitespace)[3] == "137", "\(line ?? "")")
        }
    }

    /// Words and variables that are not UTF-8 arrive as they are.
    @Test func bytes() throws {
        let script = """
            BYTES=$(printf 'a\\377b') exec "$0" exec --quiet --listen 127.0.0.1:0 -- \
            sh -c '[ "$1" = "$(printf "\\376x")" ] && [ "$BYTES" = "$(printf "a\\377b")" ] && exit 9' \
            sh "$(printf '\\376x')"
            """
        let run = try ChildProcess.run("/bin/sh", ["-c", script, try Built.plumb()], in: TemporaryDirectory())
        #expect(run.status == .exited(9), "\(run.errors)")
    }

    // MARK: The listeners

    /// Waiting, as systemd's default is, unless asked otherwise or needed.
    @Test(arguments: [([], false), (["--non-blocking"], true), (["--convention", "nginx"], true)])
    func nonBlocking(flags: [String], expected: Bool) throws {
        try withIdle(["--listen", "127.0.0.1:0"] + flags) { executed in
            let isNonBlocking = try executed.isNonBlocking(3)
            #expect(isNonBlocking == expected)
        }
    }

    @Test(arguments: [
        ([], nil),
        (["--name", "http", "--name", "admin"], "http:admin"),
        (["--name", "http"], "http:unknown"),
    ])
    func variables(flags: [String], names: String?) throws {
        let listen = ["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]
        let stale = ["LISTEN_FDNAMES=stale", "LISTEN_PIDFDID=1", "LISTEN_FDS=9", "LISTEN_PID=1"]
        try withIdle(listen + flags, circumstances: ["/usr/bin/env"] + stale) { executed in
            #expect(executed.variable("LISTEN_FDS") == "2")
            #expect(executed.variable("LISTEN_FDNAMES") == names)
            #expect(executed.variable("LISTEN_PIDFDID") == nil)
        }
    }

    /// With another convention nothing says that it is systemd's.
    @Test func otherConvention() throws {
        let flags = ["--convention", "nginx", "--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"]
        try withIdle(flags, circumstances: ["/usr/bin/env", "LISTEN_FDS=9", "NGINX=77;"]) { executed in
            #expect(executed.variable("NGINX") == "3;4;")
            #expect(executed.variable("LISTEN_FDS") == nil && executed.variable("LISTEN_PID") == nil)
        }
    }

    /// What plumb itself inherited is replaced, not added to.
    @Test func chained() throws {
        let inner = [try Built.plumb(), "exec", "--listen", "127.0.0.1:0", "--", "sleep", "600"]
        // Not the kernel's choice, which gives a free port to the next who asks.
        let gone = [Machine.quietAddress(), Machine.quietAddress()]
        let outer = gone.flatMap { ["--listen", "\($0)"] } + ["--name", "outer"]
        try withExecuted(outer, inner) { executed in
            try executed.waitForProgram("sleep")
            let addresses = try executed.addresses(3)
            try waitUntil("one listener") { try descriptors(executed.process.pid) == ["0", "1", "2", "3"] }
            #expect(executed.variable("LISTEN_FDS") == "1" && executed.variable("LISTEN_FDNAMES") == nil)
            #expect(gone.allSatisfy(refuses) && !refuses(addresses[2]))
        }
    }

    private func refuses(_ address: SocketAddress) -> Bool {
        do throws(ClientFailure) {
            _ = try Client(address)
            return false
        } catch {
            return error.cause == .refused
        }
    }

    /// As nginx has them: a socket for IPv4 and one for IPv6 on one port.
    @Test(.enabled(if: Machine.hasIPv6, Machine.ipv6Reason), arguments: [false, true])
    func bothFamilies(isApart: Bool) throws {
        let port = try #require(Machine.quietAddress().port)
        let listen = ["--listen", "0.0.0.0:\(port)", "--listen", "[::]:\(port)"]
        guard isApart else {
            let words = ["exec"] + listen + ["--", "true"]
            let run = try ChildProcess.run(try Built.plumb(), words, in: TemporaryDirectory())
            try expect(run, says: ["cannot listen on [::]:\(port)", "another socket has the port"])
            return
        }
        try withIdle(listen + ["--ipv6-only"]) { executed in
            let addresses = try executed.addresses(2)
            #expect(addresses.map(\.description) == ["0.0.0.0:\(port)", "[::]:\(port)"])
        }
    }

    /// A connection that comes before the program is ready waits for it.
    @Test func backlog() throws {
        try withIdle(["--listen", "unix:@plumb-exec-backlog-\(getpid())", "--backlog", "3"]) { executed in
            let address = try #require(try executed.addresses().first)
            // One more than the backlog is what Linux takes.
            let clients = try (0..<4).map { _ in try Client(address) }
            #expect(try !isTaken(address))
            _ = clients
        }
    }

    /// Whether a connection is taken at once.
    private func isTaken(_ address: SocketAddress) throws -> Bool {
        let socket = Descriptor(
            owning: plumb_socket(AF_UNIX, PLUMB_SOCK_STREAM | PLUMB_SOCK_CLOEXEC | PLUMB_SOCK_NONBLOCK, 0))
        var form = sockaddr_un()
        form.sun_family = sa_family_t(AF_UNIX)
        let name = Array(address.description.utf8.dropFirst("unix:@".utf8.count))
        unsafe withUnsafeMutableBytes(of: &form.sun_path) { unsafe $0[1...].copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.count)
        let result = unsafe withUnsafePointer(to: &form) { form in
            unsafe form.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe plumb_connect(socket.rawValue, $0, length)
            }
        }
        return result == 0
    }

    /// Its end is the listeners' end.
    @Test func addressesAreReleased() throws {
        var addresses: [SocketAddress] = []
        let listen = ["--listen", "127.0.0.1:0", "--listen", "unix:@plumb-exec-released-\(getpid())"]
        try withIdle(listen + ["--listen-datagram", "127.0.0.1:0"]) { executed in
            addresses = try executed.addresses(3)
            #expect(throws: SocketsError.self) { _ = try Listener(on: addresses[0]) }
            #expect(throws: SocketsError.self) { _ = try Listener(on: addresses[2], type: .datagram) }
            try executed.stop()
        }
        for address in addresses.prefix(2) { _ = try Listener(on: address) }
        _ = try Listener(on: addresses[2], type: .datagram)
    }

    // MARK: Unix paths

    /// The file stays behind, without a lock; the next start takes the path over, of whoever died.
    @Test(arguments: [SIGTERM, SIGKILL])
    func takesOverADeadPath(signal: CInt) throws {
        let directory = try TemporaryDirectory()
        let listen = ["--listen", "unix:\(directory.file("socket"))"]
        for round in 1...2 {
            try withIdle(listen, in: directory, name: "round-\(round)") { executed in
                let address = try #require(try executed.addresses().first)
                _ = try Client(address)
                #expect(try !directory.contents().contains("socket.lock"))
                try executed.stop(signal)
            }
            #expect(try directory.contents().contains("socket"))
        }
        let address = try #require(SocketAddress("unix:\(directory.file("socket"))"))
        do {
            let listener = try Listener(on: address)
            _ = try Client(listener.address)
        }
        #expect(try !directory.contents().contains { $0.hasPrefix("socket") })
    }

    /// While the program lives, nobody takes its path, also not when its backlog is full or plumb's own kind asks.
    @Test(arguments: ["listen", "listen-seqpacket", "listen-datagram"], [false, true])
    func keepsALivePath(flag: String, isFull: Bool) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        // Each who asks leaves a connection in the backlog, because the program does not accept.
        let backlog = isFull ? "1" : "8"
        try withIdle(["--\(flag)", "unix:\(path)", "--backlog", backlog], in: directory) { executed in
            let address = try #require(try executed.addresses().first)
            let clients = isFull && flag == "listen" ? try (0..<2).map { _ in try Client(address) } : []
            let run = try ChildProcess.run(
                try Built.plumb(), ["exec", "--listen", "unix:\(path)", "--", "true"], in: directory)
            try expect(run, says: ["cannot listen on unix:\(path)", "a live server has this path"])
            #expect(throws: SocketsError.self) { _ = try Listener(on: address) }
            #expect(try directory.contents().filter { $0.hasPrefix("socket") } == ["socket"], "no lock is left")
            if !isFull && flag == "listen" { _ = try Client(address) }
            _ = clients
        }
    }

    @Test(arguments: [("600", 0o600), ("666", 0o666)])
    func mode(text: String, expected: UInt32) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        let circumstances = ["/bin/sh", "-c", "umask 022; exec \"$@\"", "sh"]
        try withIdle(["--listen", "unix:\(path)", "--mode", text], circumstances: circumstances, in: directory) { _ in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect((attributes[.posixPermissions] as? Int) == Int(expected))
        }
    }

    // MARK: Both sides

    /// Our own taking side, in another process.
    @Test func ourOwnReader() throws {
        let directory = try TemporaryDirectory()
        let flags = [
            "--quiet", "--listen", "127.0.0.1:0", "--name", "http", "--listen", "unix:\(directory.file("socket"))",
            "--listen-datagram", "127.0.0.1:0", "--listen-seqpacket", "unix:@plumb-exec-reader-\(getpid())",
            "--name", "two words",
        ]
        let run = try ChildProcess.run(
            try Built.plumb(), ["exec"] + flags + ["--", try Built.testWorker(), "inherited"], in: directory)
        #expect(run.status == .exited(0), "\(run.errors)")
        let lines = run.output.split(separator: "\n").map { $0.split(separator: "|") }
        #expect(lines.map { $0[0] } == ["http", "two words", "unknown", "unknown"])
        #expect(lines.map { $0[1] } == ["3", "4", "5", "6"])
        #expect(lines.map { $0[2] } == ["stream listening", "stream listening", "datagram", "packets listening"])
        #expect(lines.allSatisfy { $0[3] == "close-on-exec" })
        #expect(lines[1][4] == "unix:\(directory.file("socket"))")
    }

    /// Variables that say what is not so.
    @Test(arguments: [
        ("LISTEN_FDS=x", "LISTEN_FDS is 'x'"), ("LISTEN_FDS=-1", "LISTEN_FDS is '-1'"),
        ("LISTEN_FDS=2147483647", "LISTEN_FDS is '2147483647'"), ("LISTEN_FDS=2147483000", "is not a socket"),
        ("LISTEN_FDS=1", "descriptor 3 is not a socket"),
        ("LISTEN_FDS=1 LISTEN_FDNAMES=a:b", "2 names"),
    ])
    func ourOwnReaderIsLiedTo(variables: String, says: String) throws {
        let script = "export LISTEN_PID=$$ \(variables); exec \"$0\" inherited 3</dev/null"
        let run = try ChildProcess.run("/bin/sh", ["-c", script, try Built.testWorker()], in: TemporaryDirectory())
        #expect(run.status == .exited(1))
        #expect(run.errors.hasPrefix("cannot take the inherited listeners: "), "\(run.errors)")
        #expect(run.errors.contains(says), "\(run.errors)")
    }
}
