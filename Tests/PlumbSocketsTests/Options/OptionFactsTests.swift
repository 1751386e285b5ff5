import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("What the kernel does with options") struct OptionFactsTests {
    @Test("what can only be read")
    func readOnly() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let packets = try Descriptor.socketPair(type: .sequencedPacket)
        #expect(try listener.descriptor.get(.type) == .stream)
        #expect(try packets.first.get(.type) == .sequencedPacket)
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

    // MARK: Options that are taken without any effect

    @Test("a Unix socket holds as much, whatever its receive buffer", arguments: [SocketType.stream, .sequencedPacket])
    func unixReceiveBuffer(_ type: SocketType) throws {
        let usual = try Descriptor.socketPair(type: type, nonBlocking: true)
        let small = try Descriptor.socketPair(type: type, nonBlocking: true)
        try small.second.set(.receiveBuffer, to: 1)
        #expect(try fill(small.first) == fill(usual.first))
    }

    /// How many bytes are taken before the socket would wait.
    private func fill(_ socket: borrowing Descriptor) throws -> Int {
        let block = String(repeating: "x", count: 4000)
        var count = 0
        while succeeds({ try send(block, over: socket) }) { count += 1 }
        return count
    }

    @Test(
        "a filter and time stamps are for Unix messages, not for streams",
        arguments: [(SocketType.stream, true), (.datagram, false), (.sequencedPacket, false)])
    func unixFilter(_ type: SocketType, _ arrives: Bool) throws {
        for option in ["SO_ATTACH_FILTER", "SO_TIMESTAMP"] {
            let description = try OptionDescription.named(option)
            #expect(description.inert.contains(.unixStream) && !description.inert.contains(.unixDatagram))
        }
        let pair = try Descriptor.socketPair(type: type, nonBlocking: true)
        try pair.second.set(.filter, to: .none)
        try send("x", over: pair.first)
        #expect(try isReadableNow(pair.second) == arrives)
    }
}

private func connectOnce(_ socket: borrowing Descriptor, _ address: SocketAddress) throws {
    try socket.borrowed.connect(to: address)
}

private func waitUntilWritable(_ socket: borrowing Descriptor) throws -> Bool {
    try socket.borrowed.waitUntil(writable: true, timeoutMilliseconds: generous)
}
