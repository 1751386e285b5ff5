import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A value that is set, and what the kernel then returns.
struct OptionCase: Sendable, CustomTestStringConvertible {
    let name: String
    let testDescription: String
    /// Sets the value.
    let set: @Sendable (borrowing Descriptor) throws -> Void
    /// The value as text, and the text that is expected after `set`.
    let get: @Sendable (borrowing Descriptor) throws -> String
    let expected: String

    init<Codec>(_ name: String, _ option: SocketOption<Codec>, _ value: Codec.Value, reads: Codec.Value? = nil) {
        self.name = name
        testDescription = "\(name) = \(value)"
        set = { try $0.set(option, to: value) }
        get = { "\(try $0.get(option))" }
        expected = "\(reads ?? value)"
    }
}

@Suite("Socket options") struct SocketOptionTests {
    /// Every option of the catalogue that can be set on IPv4, with a value that is not the kernel's default last.
    static let cases: [OptionCase] = [
        OptionCase("SO_REUSEADDR", .reuseAddress, true),
        OptionCase("SO_REUSEPORT", .reusePort, true),
        OptionCase("SO_KEEPALIVE", .keepAlive, true),
        // The kernel doubles the request, for its own overhead.
        OptionCase("SO_SNDBUF", .sendBuffer, 50_000, reads: 100_000),
        OptionCase("SO_RCVBUF", .receiveBuffer, 50_000, reads: 100_000),
        OptionCase("SO_PRIORITY", .priority, 6),
        OptionCase("TCP_NODELAY", .noDelay, true),
        OptionCase("TCP_QUICKACK", .quickAcknowledge, false),
        OptionCase("TCP_KEEPIDLE", .keepAliveIdle, .seconds(90)),
        OptionCase("TCP_KEEPINTVL", .keepAliveInterval, .seconds(11)),
        OptionCase("TCP_KEEPCNT", .keepAliveCount, 7),
        OptionCase("TCP_USER_TIMEOUT", .userTimeout, .milliseconds(12_345)),
        OptionCase("TCP_MAXSEG", .maximumSegment, 1200),
    ]

    /// More values of some of them: both ways, and rounded up.
    static let furtherCases: [OptionCase] = [
        OptionCase("SO_REUSEADDR", .reuseAddress, false),
        OptionCase("SO_KEEPALIVE", .keepAlive, false),
        OptionCase("TCP_NODELAY", .noDelay, false),
        OptionCase("TCP_QUICKACK", .quickAcknowledge, true),
        OptionCase("TCP_KEEPIDLE", .keepAliveIdle, .milliseconds(1500), reads: .seconds(2)),
        OptionCase("TCP_KEEPIDLE", .keepAliveIdle, .nanoseconds(1), reads: .seconds(1)),
        OptionCase("TCP_KEEPINTVL", .keepAliveInterval, .milliseconds(2001), reads: .seconds(3)),
        OptionCase("TCP_USER_TIMEOUT", .userTimeout, .microseconds(1_500_001), reads: .milliseconds(1501)),
        OptionCase("TCP_USER_TIMEOUT", .userTimeout, .nanoseconds(1), reads: .milliseconds(1)),
        OptionCase("TCP_USER_TIMEOUT", .userTimeout, .zero),
    ]

    @Test("set, then read", arguments: cases + furtherCases)
    func roundTrip(_ option: OptionCase) throws {
        let socket = try Descriptor.socket(family: AF_INET, type: .stream)
        try option.set(socket)
        #expect(try option.get(socket) == option.expected)
    }

    @Test("an accepted socket has the listener's value, or not, as the catalogue says", arguments: cases)
    func inheritance(_ option: OptionCase) throws {
        let description = try #require(OptionDescription.catalogue.first { $0.name == option.name })
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        try option.set(listener.descriptor)
        let client = try Descriptor.connecting(to: listener.address)
        try waitUntilReadable(listener.descriptor)
        let accepted = try require(listener.accept())
        #expect((try option.get(accepted) == option.expected) == description.isInherited)
        _ = client
    }

    @Test("IPV6_V6ONLY, both ways", .enabled(if: Machine.hasIPv6, Machine.ipv6Reason), arguments: [true, false])
    func ipv6Only(_ only: Bool) throws {
        let socket = try Descriptor.socket(family: AF_INET6, type: .stream)
        try socket.set(.ipv6Only, to: only)
        #expect(try socket.get(.ipv6Only) == only)
    }

    @Test("what can only be read")
    func readOnly() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let packets = try Descriptor.socketPair(type: .sequencedPacket)
        #expect(try listener.descriptor.get(.type) == Int(SocketType.stream.rawValue))
        #expect(try packets.first.get(.type) == Int(SocketType.sequencedPacket.rawValue))
        #expect(try listener.descriptor.get(.domain) == Int(AF_INET))
        #expect(try packets.first.get(.domain) == Int(AF_UNIX))
        #expect(try listener.descriptor.get(.isListening))
        #expect(try !packets.first.get(.isListening))
    }

    @Test("SO_ERROR: reading it clears it")
    func pendingError() throws {
        let socket = try Descriptor.socket(family: AF_INET, type: .stream, nonBlocking: true)
        let address = try Listener(on: .ipv4(.loopback, port: 0)).address
        // Refused at once, or while we wait.
        #expect(throws: Errno.self) { try connectOnce(socket, address) }
        let isReady = try waitUntilWritable(socket)
        try #require(isReady)
        #expect(try [CInt(socket.get(.pendingError)), CInt(socket.get(.pendingError))] == [ECONNREFUSED, 0])
    }

    // MARK: Kernel facts that Plumb relies on

    @Test(
        "a buffer beyond the system's limit is clamped to it without an error",
        arguments: ["rmem_max", "wmem_max"], [1 << 30, Int.max])
    func clampedBuffer(_ name: String, _ request: Int) throws {
        let limit = try #require(Machine.number(in: "/proc/sys/net/core/" + name))
        let socket = try Descriptor.socket(family: AF_INET, type: .stream)
        let option: SocketOption<IntegerCodec> = name == "rmem_max" ? .receiveBuffer : .sendBuffer
        try socket.set(option, to: request)
        #expect(try socket.get(option) == min(2 * limit, Int(CInt.max)))
    }

    @Test("a time beyond the kernel's range is refused, never wrapped into it")
    func outOfRange() throws {
        let socket = try Descriptor.socket(family: AF_INET, type: .stream)
        let longest = Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999)
        // 2^32 s would wrap to 0, and 2^32 + 5 to a time in range.
        for time: Duration in [.zero, .seconds(-1), .seconds(32_768), .seconds(1 << 32 + 5), longest] {
            #expect(throws: Errno.invalidArgument, "\(time)") { try socket.set(.keepAliveIdle, to: time) }
        }
        for time: Duration in [.milliseconds(-1), .microseconds(-1), .microseconds(-1500), .seconds(-1)] {
            #expect(throws: Errno.invalidArgument, "\(time)") { try socket.set(.userTimeout, to: time) }
        }
        for time in [longest, Duration(secondsComponent: .max / 1000, attosecondsComponent: 999_999_999_999_999_999)] {
            try socket.set(.userTimeout, to: time)
            #expect(try socket.get(.userTimeout) == .milliseconds(Int(CInt.max)))
        }
    }

    @Test("an option of another level's protocol is refused")
    func wrongProtocol() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        #expect(throws: Errno.notSupportedOnSocket) { try pair.first.get(.noDelay) }
        #expect(throws: Errno.notSupportedOnSocket) { try pair.first.set(.noDelay, to: true) }
        let socket = try Descriptor.socket(family: AF_INET, type: .stream)
        #expect(throws: Errno.self) { try socket.get(.ipv6Only) }
    }

    // MARK: The catalogue

    @Test("each option is in the catalogue once, with all that is to be said about it")
    func catalogueEntries() {
        let catalogue = OptionDescription.catalogue
        #expect(Set(catalogue.map(\.name)).count == catalogue.count)
        #expect(Set(catalogue.map { [$0.level.rawValue, $0.number] }).count == catalogue.count)
        for option in catalogue {
            let sentences = [option.purpose, option.cost]
            #expect(sentences.allSatisfy { $0.hasSuffix(".") && $0.first != "." }, "\(option.name)")
        }
    }

    @Test(
        "each option of the catalogue can be read on a TCP socket",
        arguments: OptionDescription.catalogue.filter {
            $0.level != .ipv6 && $0.sockets.contains(.tcp4) && $0.access != .setOnly
        }.map(\.name))
    func catalogueReads(_ name: String) throws {
        #expect(try read(name, family: AF_INET) != nil)
    }

    @Test(
        "each IPv6 option of the catalogue can be read on an IPv6 socket",
        .enabled(if: Machine.hasIPv6, Machine.ipv6Reason),
        arguments: OptionDescription.catalogue.filter { $0.level == .ipv6 && $0.access != .setOnly }.map(\.name))
    func catalogueReadsIPv6(_ name: String) throws {
        #expect(try read(name, family: AF_INET6) != nil)
        #expect(try read(name, family: AF_INET) == nil)
    }

    private func read(_ name: String, family: CInt) throws -> OptionValue? {
        let option = try #require(OptionDescription.catalogue.first { $0.name == name })
        let socket = try Descriptor.socket(family: family, type: .stream)
        return try? option.read(from: socket.borrowed)
    }
}

private func connectOnce(_ socket: borrowing Descriptor, _ address: SocketAddress) throws {
    try socket.borrowed.connect(to: address)
}

private func waitUntilWritable(_ socket: borrowing Descriptor) throws -> Bool {
    try socket.borrowed.waitUntil(writable: true, timeoutMilliseconds: generous)
}
