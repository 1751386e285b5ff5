import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Options whose values are structures") struct OptionTypedValueTests {
    private func tcp() throws -> Descriptor { try Descriptor.socket(family: AF_INET, type: .stream) }
    private func udp() throws -> Descriptor { try Descriptor.socket(family: AF_INET, type: .datagram) }

    /// A UDP socket on a port of its own.
    private func boundUDP() throws -> Descriptor {
        let socket = try udp()
        try bind(socket, to: .ipv4(.loopback, port: 0))
        return socket
    }

    private func bind(_ socket: borrowing Descriptor, to address: SocketAddress) throws(Errno) {
        try socket.borrowed.bind(to: address)
    }

    private func address(of socket: borrowing Descriptor) throws -> SocketAddress { try socket.borrowed.localAddress() }

    @Test("SO_LINGER", arguments: [Linger.off, .reset, .wait(.seconds(3))])
    func linger(_ value: Linger) throws {
        let socket = try tcp()
        try socket.set(.linger, to: value)
        #expect(try socket.get(.linger) == value)
    }

    @Test("SO_RCVTIMEO: nil is for ever, and the longest time is not")
    func timeout() throws {
        let socket = try tcp()
        #expect(try socket.get(.receiveTimeout) == nil)
        try socket.set(.receiveTimeout, to: .seconds(2))
        #expect(try socket.get(.receiveTimeout) == .seconds(2))
        try socket.set(
            .receiveTimeout, to: Duration(secondsComponent: .max, attosecondsComponent: 999_999_999_999_999_999))
        let longest = try #require(try socket.get(.receiveTimeout))
        #expect(longest > .seconds(1 << 40))
        try socket.set(.receiveTimeout, to: nil)
        #expect(try socket.get(.receiveTimeout) == nil)
        #expect(throws: Errno.invalidArgument) { try socket.set(.receiveTimeout, to: .nanoseconds(-1)) }
    }

    @Test("SO_MAX_PACING_RATE: more than 32 bits, and no limit")
    func pacing() throws {
        let socket = try tcp()
        #expect(try socket.get(.maximumPacingRate) == nil)
        try socket.set(.maximumPacingRate, to: 1 << 40)
        #expect(try socket.get(.maximumPacingRate) == 1 << 40)
        try socket.set(.maximumPacingRate, to: nil)
        #expect(try socket.get(.maximumPacingRate) == nil)
    }

    @Test("SO_COOKIE and SO_NETNS_COOKIE: of the socket, and of all of them")
    func cookies() throws {
        let first = try tcp()
        let second = try udp()
        #expect(try first.get(.cookie) != second.get(.cookie))
        #expect(try first.get(.cookie) == first.get(.cookie))
        #expect(try first.get(.networkNamespaceCookie) == second.get(.networkNamespaceCookie))
    }

    @Test("SO_MEMINFO has the buffers' limits")
    func memory() throws {
        let socket = try udp()
        let memory = try socket.get(.memoryInformation)
        #expect(try socket.get(.receiveBuffer) == memory.receiveLimit)
        #expect(try socket.get(.sendBuffer) == memory.sendLimit)
        #expect(memory.drops == 0)
    }

    @Test("SO_BUF_LOCK shows which buffer was set, and lets it go")
    func bufferLock() throws {
        let socket = try tcp()
        #expect(try socket.get(.bufferLock) == [])
        try socket.set(.receiveBuffer, to: 65_536)
        #expect(try socket.get(.bufferLock) == .receive)
        try socket.set(.sendBuffer, to: 65_536)
        #expect(try socket.get(.bufferLock) == [.send, .receive])
        try socket.set(.bufferLock, to: [])
        #expect(try socket.get(.bufferLock) == [])
    }

    @Test("TCP_CONGESTION by name; a name that the kernel would cut off is refused")
    func congestionControl() throws {
        let socket = try tcp()
        try socket.set(.congestionControl, to: .reno)
        #expect(try socket.get(.congestionControl) == .reno)
        // The kernel would take the first 15 bytes for the name of another algorithm.
        #expect(throws: Errno.invalidArgument) { try socket.set(.congestionControl, to: "renorenorenoreno") }
        #expect(throws: Errno.invalidArgument) { try socket.set(.congestionControl, to: "reno\0x") }
    }

    @Test("IP_TOS by the names of RFC 4594")
    func trafficClass() throws {
        let socket = try udp()
        let classes: [(TrafficClass, CInt)] = [
            (.expeditedForwarding, 0xb8), (.assuredForwarding(4, drop: 1), 0x88), (.classSelector(1), 0x20),
            (.lowDelay, 0x10), (.throughput, 0x08), (.lowerEffort, 0x04), (.voiceAdmit, 0xb0), (.bestEffort, 0),
        ]
        for (value, byte) in classes {
            #expect(value.rawValue == byte)
            try socket.set(.typeOfService, to: value)
            #expect(try socket.get(.typeOfService) == value)
        }
    }

    @Test("IP_LOCAL_PORT_RANGE chooses the port of bind(2)")
    func portRange() throws {
        let system = try text(ofFile: "/proc/sys/net/ipv4/ip_local_port_range").split(whereSeparator: \.isWhitespace)
        let bounds = system.compactMap { UInt16($0) }
        try #require(bounds.count == 2 && bounds[1] - bounds[0] > 1000)
        let range = bounds[0] + 500...bounds[0] + 600
        let socket = try tcp()
        #expect(try socket.get(.localPortRange) == nil)
        try socket.set(.localPortRange, to: range)
        #expect(try socket.get(.localPortRange) == range)
        try bind(socket, to: .ipv4(.loopback, port: 0))
        let port = try #require(try address(of: socket).port)
        #expect(range.contains(port))
    }

    @Test("a group is joined once, and left once")
    func membership() throws {
        let socket = try udp()
        let membership = IPv4Membership(group: IPv4Address(rawValue: 0xef01_0203), interface: 1)
        try socket.set(.joinGroup, to: membership)
        #expect(throws: Errno.addressInUse) { try socket.set(.joinGroup, to: membership) }
        try socket.set(.leaveGroup, to: membership)
        #expect(throws: Errno.addressNotAvailable) { try socket.set(.leaveGroup, to: membership) }
    }

    @Test("a member gets what is sent to the group, from the sources that it did not block")
    func sources() throws {
        let receiver = try udp()
        let group = IPv4Address(rawValue: 0xef01_0204)
        try bind(receiver, to: .ipv4(group, port: 0))
        try receiver.set(.joinGroup, to: IPv4Membership(group: group, interface: 1))
        let sender = try udp()
        try sender.set(.multicastInterface, to: .loopback)
        #expect(try sender.get(.multicastInterface) == .loopback)
        try bind(sender, to: .ipv4(.loopback, port: 0))
        try connect(sender, to: address(of: receiver))
        try send("first", over: sender)
        #expect(try read(receiver) == "first")
        let source = GroupSourceMembership(
            group: .ipv4(group, port: 0), source: .ipv4(.loopback, port: 0), interface: 1)
        try receiver.set(.blockSourceOnInterface, to: source)
        try send("second", over: sender)
        try receiver.set(.unblockSourceOnInterface, to: source)
        try send("third", over: sender)
        #expect(try read(receiver) == "third")
    }

    private func connect(_ socket: borrowing Descriptor, to address: SocketAddress) throws(Errno) {
        try socket.borrowed.connect(to: address)
    }

    @Test("a filter drops datagrams, is read back, and is taken away")
    func filter() throws {
        let receiver = try boundUDP()
        let sender = try udp()
        try connect(sender, to: address(of: receiver))
        #expect(try receiver.get(.filter) == SocketFilter([]))
        // Keeps what is longer than 8 bytes of header and 5 of text.
        let filter = SocketFilter([
            .init(code: 0x80, operand: 0), .init(code: 0x25, jumpTrue: 0, jumpFalse: 1, operand: 13), .result(.max),
            .result(0),
        ])
        try receiver.set(.filter, to: filter)
        #expect(try receiver.get(.filter) == filter)
        try send("short", over: sender)
        try send("long enough", over: sender)
        #expect(try read(receiver) == "long enough")
        try perform(.detachFilter, on: receiver)
        try send("short", over: sender)
        #expect(try read(receiver) == "short")
        try receiver.set(.filter, to: .all)
        try receiver.set(.lockFilter, to: true)
        #expect(throws: Errno.notPermitted) { try receiver.set(.filter, to: .none) }
        #expect(throws: Errno.invalidArgument) {
            try udp().set(.filter, to: SocketFilter(Array(repeating: .result(0), count: 5000)))
        }
    }

    private func perform(_ option: SocketOption<ActionCodec>, on socket: borrowing Descriptor) throws(Errno) {
        try socket.borrowed.perform(option)
    }

    @Test("a filter chooses which socket of a port takes a datagram")
    func reusePortFilter() throws {
        let first = try udp()
        let second = try udp()
        try first.set(.reusePort, to: true)
        try second.set(.reusePort, to: true)
        try bind(first, to: .ipv4(.loopback, port: 0))
        try bind(second, to: address(of: first))
        for (index, chosen) in [(UInt32(0), 0), (1, 1)] {
            try first.set(.reusePortFilter, to: SocketFilter([.result(index)]))
            let sender = try udp()
            try connect(sender, to: address(of: first))
            try send("\(index)", over: sender)
            let text = try chosen == 0 ? read(first) : read(second)
            #expect(text == "\(index)")
        }
        try perform(.detachReusePortFilter, on: first)
    }

    @Test("TCP_SAVED_SYN: the headers of the first packet, once")
    func savedSyn() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        try listener.descriptor.set(.saveSyn, to: 1)
        let client = try Descriptor.connecting(to: listener.address)
        try waitUntilReadable(listener.descriptor)
        let accepted = try require(listener.accept())
        let headers = try accepted.get(.savedSyn)
        // Version 4, and TCP.
        #expect(headers.count >= 40 && headers[0] >> 4 == 4 && headers[9] == 6)
        #expect(try accepted.get(.savedSyn) == [])
        _ = client
    }

    @Test("TCP_INFO and TCP_CC_INFO are whole, whatever the C library's structure")
    func information() throws {
        #expect(try tcp().get(.information).count >= 192)
        let socket = try tcp()
        try socket.set(.congestionControl, to: .reno)
        #expect(try socket.get(.congestionInformation) == [])
    }

    @Test("TCP_FASTOPEN_KEY is of 16 or 32 bytes")
    func fastOpenKey() throws {
        let socket = try tcp()
        let key = try #require(FastOpenKey(Array(0..<32)))
        try socket.set(.fastOpenKey, to: key)
        #expect(try socket.get(.fastOpenKey) == key)
        #expect(FastOpenKey(Array(0..<17)) == nil)
        #expect(throws: Errno.invalidArgument) { try socket.set(.fastOpenKey, to: nil) }
    }

    @Test(
        "TCP_MD5SIG: without the key there is no connection, with it there is",
        .enabled(if: OptionPresence.has("md5Signature"), "this kernel has no TCP_MD5SIG"))
    func md5Signature() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let signature = MD5Signature(peer: .ipv4(.loopback, port: 0), key: Array("secret".utf8))
        try listener.descriptor.set(.md5Signature, to: signature)
        let stranger = try Descriptor.socket(family: AF_INET, type: .stream, nonBlocking: true)
        #expect(throws: Errno.nowInProgress) { try connect(stranger, to: listener.address) }
        let client = try tcp()
        try client.set(.md5Signature, to: signature)
        try connect(client, to: listener.address)
        let tooLong = MD5Signature(peer: .ipv4(.loopback, port: 0), key: [UInt8](repeating: 1, count: 81))
        #expect(throws: Errno.invalidArgument) { try client.set(.md5Signature, to: tooLong) }
    }

    @Test(
        "TCP_REPAIR: a connection is taken apart",
        .enabled(if: Capability.has("CAP_NET_ADMIN"), "TCP_REPAIR needs CAP_NET_ADMIN"))
    func repair() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.connecting(to: listener.address)
        try client.set(.repair, to: .on)
        #expect(try client.get(.repair) == .on)
        try client.set(.repairQueue, to: .send)
        #expect(try client.get(.repairQueue) == .send)
        _ = try client.get(.repairSequence)
        let window = try client.get(.repairWindow)
        #expect(window.receiveWindow > 0)
        try client.set(.repairWindow, to: window)
        #expect(try client.get(.repairWindow) == window)
        let clock = try client.get(.timestampClock)
        try client.set(.timestampClock, to: clock)
        try client.set(.repair, to: .offWithoutProbe)
        #expect(try client.get(.repair) == .off)
    }

    @Test(
        "IPV6_ADDRFORM: an IPv6 socket with an IPv4 peer becomes an IPv4 socket",
        .enabled(if: Machine.hasIPv6, Machine.ipv6Reason))
    func addressForm() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.socket(family: AF_INET6, type: .stream)
        let mapped = try #require(IPv6Address("::ffff:127.0.0.1"))
        try connect(client, to: .ipv6(mapped, port: #require(listener.address.port)))
        #expect(try client.get(.addressForm) == Int(AF_INET6))
        try client.set(.addressForm, to: Int(AF_INET))
        #expect(try client.get(.domain) == Int(AF_INET))
    }

    @Test("SO_PEERNAME, SO_DOMAIN, SO_PROTOCOL")
    func identity() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.connecting(to: listener.address)
        #expect(try client.get(.peerName) == listener.address)
        #expect(try client.get(.domain) == Int(AF_INET))
        #expect(try client.get(.protocolNumber) == Int(IPPROTO_TCP))
    }

    @Test("the kind of a socket", arguments: ScratchKind.here)
    func kind(_ scratch: ScratchKind) throws {
        #expect(try kind(of: scratch.fresh()) == scratch.kind)
    }

    private func kind(of socket: borrowing Descriptor) throws(Errno) -> SocketKinds {
        try SocketKinds(of: socket.borrowed)
    }

    // MARK: Raw sockets

    @Test(
        "options of raw sockets",
        .enabled(if: Capability.has("CAP_NET_RAW"), "raw sockets need CAP_NET_RAW"),
        arguments: OptionDescription.catalogue.filter { $0.sockets == .raw })
    func raw(_ option: OptionDescription) throws {
        if option.level == .ipv6, !Machine.hasIPv6 { return }
        let family = option.level == .ip ? AF_INET : AF_INET6
        // IPV6_ROUTER_ALERT wants IPPROTO_RAW, the others any protocol but that.
        let number: CInt = option.swiftName == "ipv6RouterAlert" ? 255 : 253
        let type = SocketType(rawValue: PLUMB_SOCK_RAW | PLUMB_SOCK_CLOEXEC)
        let socket = Descriptor(owning: try systemCall { plumb_socket(family, type.rawValue, number) })
        let trials = OptionTrial.trials(of: option, on: .raw)
        let known = trials.isEmpty ? OptionTrial.table.filter { $0.option == option.swiftName } : trials
        try #require(!known.isEmpty)
        for trial in known {
            try write(option, try option.value(trial.text), socket)
            // Whether a router alert is on cannot be read.
            if option.swiftName.lowercased().hasSuffix("routeralert") { continue }
            let expected = if case .reads(let text) = trial.outcome { text } else { trial.text }
            #expect(try readText(option, socket) == expected)
        }
    }

    // MARK: Peers

    @Test("SO_PEERGROUPS: as many as there are", .enabled(if: Machine.isRoot, Machine.rootReason))
    func manyGroups() async {
        await #expect(processExitsWith: .success) {
            let groups = (0..<1000).map { gid_t(100_000 + $0) }
            let isSet = unsafe setgroups(groups.count, groups) == 0
            try #require(isSet)
            let pair = try Descriptor.socketPair(type: .stream)
            #expect(try pair.first.get(.peerGroups) == groups)
            try #require(setgroups(0, nil) == 0)
            let lonely = try Descriptor.socketPair(type: .stream)
            #expect(try lonely.first.get(.peerGroups) == [])
        }
    }

    @Test(
        "SO_PEERPIDFD: the peer's process, owned",
        .enabled(if: OptionPresence.has("peerProcess"), "this kernel has no SO_PEERPIDFD"))
    func peerProcess() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        #expect(try pair.first.get(.peerProcess) == Int(getpid()))
        let process = try peerProcess(of: pair.first)
        #expect(plumb_pidfd_send_signal(process.rawValue, 0) == 0)
        #expect(try isCloseOnExec(process))
        let socket = try tcp()
        #expect(throws: Errno.noData) { _ = try peerProcess(of: socket).rawValue }
    }

    private func peerProcess(of socket: borrowing Descriptor) throws(Errno) -> Descriptor {
        try socket.borrowed.peerProcess()
    }

    // MARK: Foreign descriptors, and none left open

    @Test("a descriptor that somebody else owns has the same options")
    func foreignDescriptor() throws {
        let number = try tcp().release()
        defer { _ = plumb_close(number) }
        let socket = unsafe BorrowedDescriptor(unsafeRawValue: number)
        try socket.set(.noDelay, to: true)
        #expect(try socket.get(.noDelay))
        let option = try OptionDescription.named("keepAliveIdle")
        try option.write(.duration(.seconds(60)), to: socket)
        #expect(try option.read(from: socket) == .duration(.seconds(60)))
        #expect(throws: Errno.invalidArgument) { try option.write(.text("60s"), to: socket) }
    }

    @Test("a closed descriptor says so")
    func closedDescriptor() throws {
        let socket = unsafe BorrowedDescriptor(unsafeRawValue: 1_000_000_000)
        #expect(throws: Errno.badFileDescriptor) { _ = try socket.get(.noDelay) }
        #expect(throws: Errno.badFileDescriptor) { try socket.set(.noDelay, to: true) }
        #expect(throws: Errno.badFileDescriptor) { _ = try socket.get(.peerGroups) }
        #expect(throws: Errno.badFileDescriptor) { _ = try socket.get(.filter) }
    }

    @Test("reading and setting every option leaves nothing open")
    func noLeak() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                for item in OptionCase.all {
                    let pair = try item.scratch.connected()
                    _ = errno { () throws(Errno) in _ = try readText(item.option, pair.first) }
                    for trial in OptionTrial.trials(of: item.option, on: item.scratch.kind) {
                        guard let value = item.option.parse(trial.text) else { continue }
                        _ = errno { () throws(Errno) in try write(item.option, value, pair.first) }
                    }
                }
            }
        }
    }
}
