import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// php-fpm speaks FastCGI: three records are enough to ask it for its ping page.
@Suite(.enabled(if: Machine.phpFastCGI != nil, Machine.phpFastCGIReason))
struct ExecFastCGITests {
    @Test func overIPv4() throws { try expectPong(Machine.quietAddress()) }

    @Test(.enabled(if: Machine.hasIPv6, Machine.ipv6Reason))
    func overIPv6() throws {
        try expectPong(.ipv6(.loopback, port: .random(in: 10_000...30_000)))
    }

    @Test func overUnix() throws {
        let directory = try TemporaryDirectory()
        try expectPong(try #require(SocketAddress("unix:\(directory.file("fpm.sock"))")))
    }

    private func expectPong(_ address: SocketAddress) throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("fpm.conf")
        try """
        [global]
        error_log = /dev/stderr
        daemonize = no
        [test]
        listen = \(address.pathname ?? "\(address)")
        user = \(Machine.isRoot ? "nobody" : NSUserName())
        pm = static
        pm.max_children = 1
        ping.path = /ping

        """.write(toFile: file, atomically: false, encoding: .utf8)
        let command = [try #require(Machine.phpFastCGI), "--nodaemonize", "--fpm-config", file]
        let flags = ["--convention", "php-fpm", "--listen", "\(address)"]
        try withExecuted(flags, command, in: directory) { executed in
            _ = try executed.addresses()
            let client = try Client(address)
            try client.send(bytes: Self.ping)
            let answer = try client.readToEnd()
            #expect(answer.contains("\r\n\r\npong"), "\(executed.process.errors)")
            try executed.stop()
        }
    }

    /// The records of a request for /ping: its beginning, its variables, and the end of both its streams.
    private static let ping: [UInt8] = {
        func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
            [1, type, 0, 1, UInt8(content.count >> 8), UInt8(content.count & 0xff), 0, 0] + content
        }
        let variables = ["SCRIPT_FILENAME": "/ping", "SCRIPT_NAME": "/ping", "REQUEST_METHOD": "GET"]
        let pairs = variables.flatMap { [UInt8($0.utf8.count), UInt8($1.utf8.count)] + $0.utf8 + $1.utf8 }
        return record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, pairs) + record(4, []) + record(5, [])
    }()
}
