import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// A server in another language that was not made for us, behind listeners of every kind.
@Suite(.enabled(if: Machine.python != nil, Machine.pythonReason))
struct ExecPythonTests {
    @Test(arguments: ["127.0.0.1:0", "localhost:0", "unix:@plumb-python-\(getpid())", "unix:PATH"])
    func serves(text: String) throws {
        try expectReport(text)
    }

    @Test(.enabled(if: Machine.hasIPv6, Machine.ipv6Reason), arguments: ["[::1]:0", ":0"])
    func servesIPv6(text: String) throws {
        try expectReport(text)
    }

    private func expectReport(_ text: String) throws {
        let directory = try TemporaryDirectory()
        let address = text.replacingOccurrences(of: "PATH", with: directory.file("socket"))
        try withExecuted(["--listen", address], PythonServer.command(in: directory), in: directory) { executed in
            let addresses = try executed.addresses()
            let report = try PythonServer.report(from: reachable(addresses[0]))
            #expect(report.pid == executed.process.pid && report.parent == getpid())
            #expect(report.descriptors.map(\.number) == Array(0..<3 + addresses.count))
            #expect(report.descriptors.allSatisfy { !$0.isCloseOnExec && !$0.isNonBlocking })
        }
    }

    /// A wildcard address is no address to connect to on every system.
    private func reachable(_ address: SocketAddress) -> SocketAddress {
        guard let port = address.port, address.description.hasPrefix("[::]:") else { return address }
        return .ipv6(.loopback, port: port)
    }

    /// In the order of the flags: streams, datagrams, packets.
    @Test func severalListeners() throws {
        let directory = try TemporaryDirectory()
        let flags = [
            "--listen", "127.0.0.1:0", "--listen-datagram", "127.0.0.1:0", "--listen", "unix:\(directory.file("a"))",
            "--listen", "127.0.0.1:0", "--listen-datagram", "unix:\(directory.file("b"))",
        ]
        try withExecuted(flags, PythonServer.command(in: directory), in: directory) { executed in
            let addresses = try executed.addresses(5)
            #expect(addresses.map(\.isUnix) == [false, true, false, false, true])
            for (index, address) in addresses.prefix(3).enumerated() {
                #expect(try PythonServer.report(from: address).listener == index)
            }
            let client = try Descriptor.connecting(to: addresses[3], type: .datagram)
            #expect(try echo("ping", over: client) == "ping")
        }
    }

    private func echo(_ text: String, over socket: borrowing Descriptor) throws -> String {
        let bytes = Array(text.utf8)
        _ = try unsafe socket.borrowed.send(bytes.span.bytes)
        let isReadable = try socket.borrowed.waitUntilReadable()
        try #require(isReadable)
        var room = [UInt8](repeating: 0, count: 64)
        var span = room.mutableSpan
        var buffer = unsafe span.mutableBytes
        let count = try socket.borrowed.read(into: &buffer)
        return String(decoding: room[..<count], as: UTF8.self)
    }

    @Test func backlog() throws {
        let limit = try #require(
            Int(Machine.text("/proc/sys/net/core/somaxconn").trimmingCharacters(in: .whitespacesAndNewlines)))
        let cases: [(flags: [String], backlog: Int)] = [
            ([], min(limit, 65535)), (["--backlog", "7"], 7), (["--backlog", "2147483647"], limit),
        ]
        for (flags, backlog) in cases {
            let directory = try TemporaryDirectory()
            let flags = ["--listen", "127.0.0.1:0"] + flags
            try withExecuted(flags, PythonServer.command(in: directory), in: directory) { executed in
                let address = try #require(try executed.addresses().first)
                #expect(try PythonServer.report(from: address).backlog == backlog)
                let note = "plumb: --backlog 2147483647 is more than net.core.somaxconn, so the kernel takes \(limit)"
                #expect(executed.process.errors.contains(note) == flags.contains("2147483647"))
            }
        }
    }

    /// What libsystemd itself makes of what we pass.
    @Test(.enabled(if: Machine.hasSystemdLibrary, Machine.systemdReason))
    func systemdReader() throws {
        let directory = try TemporaryDirectory()
        let flags = ["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0", "--name", "web server"]
        try withExecuted(flags, PythonServer.command(in: directory), in: directory) { executed in
            let report = try PythonServer.report(from: try #require(try executed.addresses(2).first))
            #expect(report.count == 2 && report.names == ["web server", "unknown"])
        }
    }

    @Test(.enabled(if: Machine.curl != nil, Machine.curlReason), arguments: ["127.0.0.1:0", "unix:PATH", "unix:@NAME"])
    func servesCurl(text: String) throws {
        let directory = try TemporaryDirectory()
        let address = text.replacingOccurrences(of: "PATH", with: directory.file("socket"))
            .replacingOccurrences(of: "NAME", with: "plumb-curl-\(getpid())")
        try withExecuted(["--listen", address], PythonServer.command(in: directory), in: directory) { executed in
            let page = try curl(try #require(try executed.addresses().first), in: directory)
            #expect(page.contains("\"pid\": \(executed.process.pid)"), "\(page)")
        }
    }
}

extension BorrowedDescriptor {
    fileprivate func waitUntilReadable() throws -> Bool {
        var entry = pollfd(fd: rawValue, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 30_000) > 0
    }
}

/// The page that curl gets from an address.
func curl(_ address: SocketAddress, in directory: TemporaryDirectory) throws -> String {
    var words = ["--silent", "--show-error", "--fail", "--max-time", "30"]
    var host = address.description
    if let path = address.pathname {
        words += ["--unix-socket", path]
        host = "localhost"
    } else if address.isUnix {
        words += ["--abstract-unix-socket", String(host.dropFirst("unix:@".count))]
        host = "localhost"
    }
    let run = try ChildProcess.run(try #require(Machine.curl), words + ["http://\(host)/"], in: directory)
    #expect(run.status == .exited(0), "curl \(host): \(run.errors)")
    return run.output
}
