import CPlumb
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Socket addresses as text") struct SocketAddressTests {
    /// Text that is printed as it is read.
    static let canonical: [(text: String, address: SocketAddress)] = [
        ("127.0.0.1:8080", .ipv4(.loopback, port: 8080)),
        ("0.0.0.0:0", .ipv4(.any, port: 0)),
        ("192.0.2.255:65535", .ipv4(IPv4Address(rawValue: 0xc000_02ff), port: 65535)),
        ("[::1]:8080", .ipv6(.loopback, port: 8080)),
        ("[::]:1", .ipv6(.any, port: 1)),
        ("[2001:db8::1]:443", .ipv6(IPv6Address(high: 0x2001_0db8_0000_0000, low: 1), port: 443)),
        ("[::ffff:192.0.2.1]:80", .ipv6(IPv6Address(high: 0, low: 0xffff_c000_0201), port: 80)),
        ("[fe80::1%lo]:80", .ipv6(linkLocal, port: 80, scope: 1)),
        ("[fe80::1%4000000000]:80", .ipv6(linkLocal, port: 80, scope: 4_000_000_000)),
        ("unix:/run/plumb.sock", path("/run/plumb.sock")),
        ("unix:relative:name with spaces", path("relative:name with spaces")),
        ("unix:\\x40file", path("@file")),
        ("unix:/back\\\\slash", path("/back\\slash")),
        ("unix:/caf\u{e9}", path("/caf\u{e9}")),
        ("unix:/not\\xffUTF-8", SocketAddress(.pathname(Array("/not".utf8) + [0xff] + Array("UTF-8".utf8)))),
        ("unix:@plumb", abstract("plumb")),
        ("unix:@", abstract("")),
        ("unix:@@", abstract("@")),
        ("unix:@a\\x00b\\x1b[2J\\x0a", abstract("a\0b\u{1b}[2J\n")),
        ("unix:@\\xff\\xfe", SocketAddress(.abstract([0xff, 0xfe]))),
        ("unix:", .unnamed),
    ]

    @Test("printed and read back", arguments: canonical)
    func roundTrip(_ text: String, _ address: SocketAddress) {
        #expect(address.description == text)
        #expect(SocketAddress(text) == address)
    }

    @Test(
        "other ways to write an address",
        arguments: [
            (":8080", "[::]:8080"),
            ("127.0.0.1:08080", "127.0.0.1:8080"),
            ("[0:0:0:0:0:0:0:1]:80", "[::1]:80"),
            ("[::FFFF:1.2.3.4]:80", "[::ffff:1.2.3.4]:80"),
            ("[fe80::1%1]:80", "[fe80::1%lo]:80"),
            ("unix:/a\\x2fb", "unix:/a/b"),
            ("unix:@\\x41\\x7a", "unix:@Az"),
            ("unix:@\\xC3\\xa9", "unix:@\u{e9}"),
        ])
    func otherForms(_ text: String, _ printed: String) {
        #expect(SocketAddress(text)?.description == printed)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", ":", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
            "127.0.0.1:8o", "127.0.0.1:８０", "127.0.0.1:99999999999999999999", "127.0.0.256:80", "127.0.1:80",
            " 127.0.0.1:80", "127.0.0.1 :80", "127.0.0.1: 80", "127.0.0.1:80 ", "127.0.0.1\0:80", "127.0.0.1\0x:80",
            "127.0.0.1:80\0", "localhost:80", "::1:80", "::1", "[::1]", "[::1]:", "[::1]80", "[::1:80", "::1]:80",
            "[]:80", "[127.0.0.1]:80", "[[::1]]:80", "[::1\0]:80", "[:::1]:80", "[fe80::1%]:80", "[fe80::1%0]:80",
            "[fe80::1%+1]:80", "[fe80::1%no-such-interface]:80", "[fe80::1%lo\0]:80", "[fe80::1%4294967296]:80",
            "unix", "unix:\\", "unix:/a\\q", "unix:/a\\x", "unix:/a\\x0", "unix:/a\\xg0", "unix:/a\\x+1",
            "unix:/a\\x-0", "unix:/a\\x\u{e9}", "unix:/a\0b", "unix:/a\\x00", "unix:\\x00abstract", "UNIX:/a",
            "unix:" + String(repeating: "x", count: 4096), "unix:@" + String(repeating: "x", count: 108),
        ])
    func refused(_ text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test("a Unix path has at most 4095 bytes, an abstract name 107")
    func longestNames() {
        #expect(SocketAddress.unix(pathname: String(repeating: "x", count: 4095)) != nil)
        #expect(SocketAddress.unix(pathname: String(repeating: "x", count: 4096)) == nil)
        #expect(SocketAddress.unix(pathname: String(repeating: "\u{e9}", count: 2048)) == nil)
        #expect(SocketAddress.unix(pathname: "") == nil)
        #expect(SocketAddress.unix(pathname: "a\0b") == nil)
        #expect(SocketAddress.unix(abstract: Array(repeating: 0, count: 107)) != nil)
        #expect(SocketAddress.unix(abstract: Array(repeating: 0, count: 108)) == nil)
        #expect(SocketAddress.unix(abstract: []) != nil)
    }

    @Test("any name reads back from its text, which is one line without control characters")
    func anyName() {
        // Pieces that are awkward together: a combining mark joins "@", ":" or a backslash to one Character.
        let pieces: [[UInt8]] =
            [0...31, 0x7e...0xff].joined().map { [$0] }
            + [
                "@", ":", "\\", "\\x", "x41", "/", "[", "]", "%", "\u{308}", "\u{e9}", "e\u{301}", "\r\n", "\u{200b}",
                "\u{2028}", "\u{2029}", "\u{85}", "\u{202e}", "\u{feff}", "\u{1f469}\u{200d}\u{1f680}", "unix:", " ",
            ].map { Array($0.utf8) }
        var random = SplitMix(state: 1)
        for round in 0..<5000 {
            var name = (0..<Int.random(in: 0...6, using: &random)).flatMap { _ in
                pieces[Int.random(in: 0..<pieces.count, using: &random)]
            }
            let isAbstract = round.isMultiple(of: 2)
            if !isAbstract { name.removeAll { $0 == 0 } }
            if !isAbstract && name.isEmpty { continue }
            let address = SocketAddress(isAbstract ? .abstract(name) : .pathname(name))
            let text = address.description
            #expect(SocketAddress(text) == address, "\(name) printed as \(text)")
            let breaking: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
            #expect(!text.unicodeScalars.contains { breaking.contains($0.properties.generalCategory) }, "\(name)")
        }
    }

    @Test("what an address says about itself")
    func properties() throws {
        let mapped = try #require(IPv6Address("::ffff:192.0.2.1"))
        #expect(mapped.mappedIPv4 == IPv4Address("192.0.2.1"))
        #expect(IPv6Address.loopback.mappedIPv4 == nil)
        #expect(SocketAddress.ipv4(.any, port: 7).port == 7)
        #expect(Self.path("/a").port == nil)
        #expect(Self.path("/a").pathname == "/a")
        #expect(Self.abstract("/a").pathname == nil)
        #expect(SocketAddress(.pathname([0xff])).pathname == nil)
        let unix = [Self.path("/a"), Self.abstract("/a"), .unnamed]
        #expect(unix.allSatisfy { $0.isUnix && $0.family == AF_UNIX })
        #expect(!SocketAddress.ipv6(.any, port: 0).isUnix)
    }

    // MARK: Looking hosts up

    @Test("localhost is this host, on the port that was asked for")
    func resolvesLocalhost() throws {
        let addresses = try SocketAddress.resolve("localhost:8080")
        #expect(addresses.contains { ["127.0.0.1:8080", "[::1]:8080"].contains($0.description) })
        #expect(addresses.allSatisfy { $0.port == 8080 })
        #expect(Set(addresses).count == addresses.count)
    }

    @Test(
        "numbers and Unix names are not looked up",
        arguments: ["127.0.0.1:80", ":80", "[::1]:80", "unix:/a", "unix:@a"])
    func resolvesNumbers(_ text: String) throws {
        #expect(try SocketAddress.resolve(text) == [#require(SocketAddress(text))])
    }

    static let failures: [(text: String, code: SocketsError.Code, sentence: String)] = [
        ("no-such-host.invalid:80", .unknownHost, "cannot find the host 'no-such-host.invalid': "),
        ("localhost", .invalidAddress, "cannot use the address 'localhost': it is not an address and a port"),
        ("localhost:99999", .invalidAddress, "a port from 0 to 65535; write 127.0.0.1:8080, :8080, "),
        ("::1:80", .invalidAddress, "[::1]:8080"),
        (
            "[fe80::1%nosuch]:80", .invalidAddress,
            "cannot use the address '[fe80::1%nosuch]:80': there is no interface 'nosuch' on this host; choose one of "
                + "`ip link`"
        ),
        ("[fe80::1%0]:80", .invalidAddress, "there is no interface '0' on this host"),
        ("[fe80::1%]:80", .invalidAddress, "it is not an address and a port"),
        ("[fe80::x%nosuch]:80", .invalidAddress, "it is not an address and a port"),
        ("[fe80::1%nosuch]:x", .invalidAddress, "it is not an address and a port"),
        ("/run/plumb.sock", .invalidAddress, "unix:/path"),
        ("localhost\0x:80", .invalidAddress, "it is not an address"),
        ("", .invalidAddress, "cannot use the address '': it is not"),
        ("unix:", .invalidAddress, "a Unix address is unix:/path or unix:@name"),
        ("unix:/a\\q", .invalidAddress, "a Unix address is unix:/path or unix:@name"),
        (
            "unix:" + String(repeating: "x", count: 4096), .invalidAddress,
            "has 4096 bytes, and a Unix socket's has at most 4095"
        ),
        (
            "unix:@" + String(repeating: "x", count: 108), .invalidAddress,
            "has 108 bytes, and an abstract socket's has at most 107"
        ),
    ]

    @Test("a text that cannot be used: why, and what to write instead", arguments: failures)
    func failure(_ text: String, _ code: SocketsError.Code, _ sentence: String) throws {
        let error = try #require(throws: SocketsError.self) { try SocketAddress.resolve(text) }
        #expect(error.code == code)
        #expect(error.description.contains(sentence))
    }

    private static let linkLocal = IPv6Address(high: 0xfe80_0000_0000_0000, low: 1)
    static func path(_ name: String) -> SocketAddress { SocketAddress(.pathname(Array(name.utf8))) }
    static func abstract(_ name: String) -> SocketAddress { SocketAddress(.abstract(Array(name.utf8))) }
}
