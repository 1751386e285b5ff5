import Testing

@testable import PlumbSockets

@Suite("Conventions for passing listeners on") struct ListenerConventionTests {
    private static let listeners: [ListenerConvention.Entry] = [
        .init(number: 3, address: .ipv4(.loopback, port: 80), name: nil),
        .init(number: 4, address: .ipv6(.loopback, port: 8080), name: ListenerName("admin")),
        .init(number: 5, address: SocketAddressTests.path("/run/x.sock"), name: nil),
    ]

    private func variables(_ name: String, _ count: Int = 3) throws -> [String] {
        let convention = try #require(ListenerConvention(named: name))
        return convention.variables(Array(Self.listeners.prefix(count)), 42).map { "\($0.name)=\($0.value)" }
    }

    @Test("systemd") func systemd() throws {
        let expected = ["LISTEN_FDS=3", "LISTEN_PID=42", "LISTEN_FDNAMES=unknown:admin:unknown"]
        #expect(try variables("systemd") == expected)
        #expect(try variables("systemd", 1) == ["LISTEN_FDS=1", "LISTEN_PID=42"], "no names at all")
        #expect(ListenerConvention.systemd.name == "systemd")
    }

    @Test("the others, as those programs write and read them") func others() throws {
        #expect(try variables("nginx") == ["NGINX=3;4;5;"])
        #expect(try variables("php-fpm") == ["FPM_SOCKETS=127.0.0.1:80=3,::1:8080=4,/run/x.sock=5"])
        let ports = "SERVER_STARTER_PORT=127.0.0.1:80=3;[::1]:8080=4;/run/x.sock=5"
        #expect(try variables("server-starter") == [ports])
    }

    @Test("only nginx relies on listeners that do not wait") func nonBlocking() {
        #expect(ListenerConvention.all.filter(\.needsNonBlocking).map(\.name) == ["nginx"])
    }

    @Test("the table: a name once, and a sentence") func table() {
        let all = ListenerConvention.all
        #expect(Set(all.map(\.name)).count == all.count && all.allSatisfy { !$0.summary.isEmpty })
        #expect(ListenerConvention(named: "inetd") == nil)
    }

    @Test("what systemd's reader makes of what we write", arguments: [1, 2, 3])
    func roundTrip(_ count: Int) throws {
        let entries = Array(Self.listeners.prefix(count))
        let written = ListenerConvention.systemd.variables(entries, 42)
        func value(_ name: String) -> String? { written.first { $0.name == name }?.value }
        let read = InheritanceVariables(
            process: value("LISTEN_PID"), processIdentity: nil, count: value("LISTEN_FDS"),
            names: value("LISTEN_FDNAMES"))
        let inheritance = try read.inheritance(process: 42, identity: nil)
        #expect(inheritance.count == count)
        #expect((0..<count).map { inheritance.name($0) } == entries.map { $0.name ?? .unknown })
    }
}
