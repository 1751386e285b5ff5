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

@Suite("Peer identity") struct PeerIdentityTests {
    @Test("a peer's process, user, group and groups", arguments: [SocketType.stream, .sequencedPacket])
    func connection(_ type: SocketType) throws {
        let pair = try Descriptor.socketPair(type: type)
        let peer = try Peer(of: pair.first)
        #expect(peer.source == .connection && peer.credentials == ourselves)
        #expect(peer.groups == ourGroups())
        #expect(peer.label?.isEmpty != true)
    }

    @Test(
        "the process is a descriptor of the very process, close-on-exec",
        .enabled(if: Machine.hasPeerProcess, Machine.peerProcessReason))
    func process() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let peer = try Peer(of: pair.first)
        #expect(peer.processID == getpid() && peer.isAlive == true && peer.isCloseOnExec == true)
        #expect(try peer.executable?.path == link("/proc/self/exe"))
    }

    @Test("more groups than usual", .enabled(if: Machine.isRoot, Machine.rootReason))
    func manyGroups() async {
        await #expect(processExitsWith: .success) {
            var groups = (0..<500).map { gid_t($0 + 1000) }
            try #require(unsafe setgroups(groups.count, &groups) == 0)
            let pair = try Descriptor.socketPair(type: .stream)
            #expect(try Peer(of: pair.first).groups?.sorted() == groups)
        }
    }

    @Test("SO_PEERGROUPS says ERANGE when there is no room, and how much is needed")
    func rangeOfGroups() async {
        await #expect(processExitsWith: .success) {
            guard Machine.isRoot else { return }
            var groups: [gid_t] = [7, 8, 9]
            try #require(unsafe setgroups(groups.count, &groups) == 0)
            let pair = try Descriptor.socketPair(type: .stream)
            var room: UInt32 = 0
            var length = socklen_t(4)
            let result = unsafe getsockopt(pair.first.rawValue, SOL_SOCKET, PLUMB_SO_PEERGROUPS, &room, &length)
            #expect(result == -1 && Errno.current == .outOfRange && length == 12)
        }
    }

    @Test("a TCP socket has no identity, though SO_PEERCRED succeeds on it with (0, -1, -1)")
    func tcp() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.connecting(to: listener.address)
        #expect(throws: Errno.notSupportedOnSocket) { _ = try Peer(of: client) }
        var credentials = plumb_ucred()
        var length = socklen_t(MemoryLayout<plumb_ucred>.size)
        try #require(unsafe getsockopt(client.rawValue, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0)
        #expect(credentials.pid == 0 && credentials.uid == .max && credentials.gid == .max)
    }

    @Test("a socket without a peer has no identity", arguments: [SocketType.stream, .datagram])
    func notConnected(_ type: SocketType) throws {
        let socket = try Descriptor.socket(family: AF_UNIX, type: type)
        #expect(throws: Errno.socketNotConnected) { _ = try Peer(of: socket) }
    }

    /// A client that connects, leaves the connection to a child, and ends.
    private static let handOver = """
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(sys.argv[1])
        if os.fork():
            sys.exit(0)
        while sys.stdin.readline():
            connection.send(str(os.getpid()).encode())
        """

    @Test(
        "a connection's identity is of the process that made it, reaped or not; a message's is of who sent it",
        .enabled(if: Machine.python != nil, Machine.pythonReason))
    func handedOn() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
        try identifySenders(listener.descriptor)
        let client = try Python(Self.handOver, [directory.file("socket")])
        #expect(try client.wait() == 0)
        let connection = try require(listener.accept())
        let peer = try Peer(of: connection)
        #expect(peer.credentials.processID == client.pid && peer.credentials.userID == geteuid())
        if peer.hasProcess {
            // Linux 6.18 has a descriptor even for a process that has been reaped.
            #expect(peer.processID == nil && peer.isAlive == false && peer.executable == nil)
        }
        try client.write("speak")
        let message = try Message(from: connection)
        let speaker = try #require(pid_t(message.text))
        #expect(speaker != client.pid && message.peer?.credentials.processID == speaker)
        #expect(message.peer?.source == .message)
        if Machine.hasPeerProcess { #expect(message.peer?.processID == speaker && message.peer?.isAlive == true) }
        // Once more, to end it.
        #expect(message.peer?.groups == nil)
    }

    @Test(
        "on Linux 6.16 and later a process that has been reaped still has its descriptor",
        .enabled(if: Machine.hasPassRights, "this kernel is older than 6.16"),
        .enabled(if: Machine.python != nil, Machine.pythonReason))
    func reaped() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
        let client = try Python(
            "socket.socket(socket.AF_UNIX).connect(sys.argv[1])", [directory.file("socket")])
        #expect(try client.wait() == 0)
        let peer = try Peer(of: require(listener.accept()))
        #expect(peer.hasProcess && peer.isAlive == false)
        #expect(peer.credentials.processID == client.pid)
    }

    @Test("every field says how far it can be trusted")
    func trust() {
        #expect(PeerIdentity.fields.map(\.name) == ["pid", "uid", "gid", "groups", "process", "executable", "label"])
        for field in PeerIdentity.fields {
            let trust = field.trust[.connection]
            #expect(trust != nil && field.trust.values.allSatisfy { $0.description.hasSuffix(".") }, "\(field.name)")
            #expect(field.kernelNames.contains("SO_PEER"))
        }
        let levels = PeerIdentity.fields.map { $0.trust[.connection]?.level }
        #expect(levels == [.hint, .recorded, .recorded, .recorded, .stable, .recorded, .recorded])
    }

    // MARK: Messages

    @Test(
        "each message says who sent it", arguments: [SocketType.stream, .sequencedPacket, .datagram], [0, 1, 253])
    func message(_ type: SocketType, _ count: Int) throws {
        let pair = try Descriptor.socketPair(type: type)
        try identifySenders(pair.second)
        let sent = try makeSockets(count)
        if count == 0 { try send("x", over: pair.first) } else { try send("x", sent, over: pair.first) }
        let message = try Message(from: pair.second)
        #expect(message.text == "x" && message.peer?.credentials == ourselves)
        #expect(message.peer?.hasProcess == Machine.hasPeerProcess)
        #expect(try inodes(message.descriptors) == inodes(sent))
        #expect(message.received.lostDescriptors == nil)
    }

    @Test("the limit holds beside the credentials: what is beyond it is closed", arguments: [0, 1, 2, 5])
    func limit(_ limit: Int) async {
        await #expect(processExitsWith: .success) { [limit = limit as Int] in
            try expectNoLeak {
                let pair = try Descriptor.socketPair(type: .stream)
                try identifySenders(pair.second)
                for count in 1...20 {
                    try send("x", makeSockets(count), over: pair.first)
                    let message = try Message(from: pair.second, limit: limit)
                    #expect(message.descriptors.count == min(count, limit))
                    #expect(message.received.lostDescriptors == (count > limit ? .moreThanLimit : nil))
                    #expect(message.peer?.credentials == ourselves)
                }
            }
        }
    }

    @Test("a process descriptor that nobody asked this receive for is closed")
    func strayProcess() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                let pair = try Descriptor.socketPair(type: .stream)
                try identifySenders(pair.second)
                for _ in 0..<10 {
                    try send("x", over: pair.first)
                    let received = try receive(over: pair.second)
                    #expect(received.text == "x" && received.descriptors.isEmpty)
                }
            }
        }
    }

    @Test("out of descriptors the credentials come, and no process")
    func outOfDescriptors() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                let pair = try Descriptor.socketPair(type: .stream)
                try identifySenders(pair.second)
                try send("x", makeSockets(2), over: pair.first)
                var peers: [Peer?] = []
                try withDescriptorsExhausted(free: 1) {
                    let message = try Message(from: pair.second)
                    peers.append(message.peer)
                    #expect(message.descriptors.count == 1)
                    #expect(message.received.lostDescriptors == .tooManyOpenFiles)
                }
                #expect(peers.map { $0?.credentials } == [ourselves])
                #expect(peers.map { $0?.hasProcess } == [false])
            }
        }
    }

    @Test("asked for after a message was sent, it says (0, 65534, 65534), which is nobody")
    func askedTooLate() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
        let client = try Descriptor.connecting(to: listener.address)
        let connection = try require(listener.accept())
        try send("early", over: client)
        try identifySenders(connection)
        try send("late", over: client)
        let early = try Message(from: connection, size: 5)
        let late = try Message(from: connection)
        #expect(early.text == "early" && early.peer == nil)
        #expect(late.text == "late" && late.peer?.credentials == ourselves)
    }

    @Test("asked for on the listener, it holds from the first byte that a client can send")
    func askedOnListener() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
        try identifySenders(listener.descriptor)
        let client = try Descriptor.connecting(to: listener.address)
        try send("x", over: client)
        #expect(try Message(from: require(listener.accept())).peer?.credentials == ourselves)
    }

    @Test("a client that asks before it connects gets an abstract name (autobind)")
    func autobind() throws {
        let listener = try Listener(on: .unnamed)
        let client = try Descriptor.socket(family: AF_UNIX, type: .stream)
        try identifySenders(client)
        try connect(client, to: listener.address)
        #expect(try name(of: client).description.hasPrefix("unix:@"))
    }
}

/// What a peer's identity says, as values that can be compared.
struct Peer: Sendable {
    let source: PeerIdentity.Source
    let credentials: PeerCredentials
    let groups: [UInt32]?
    let label: String?
    let executable: Executable?
    let hasProcess: Bool
    var processID: pid_t?
    var isAlive: Bool?
    var isCloseOnExec: Bool?

    init(_ identity: borrowing PeerIdentity) {
        source = identity.source
        credentials = identity.credentials
        groups = identity.supplementaryGroups
        label = identity.securityLabel
        executable = identity.executable
        switch identity.process {
        case .some(let process):
            hasProcess = true
            processID = try? process.borrowed.processID()
            isAlive = try? process.borrowed.processIsAlive()
            isCloseOnExec = try? process.borrowed.isCloseOnExec()
        case .none:
            hasProcess = false
        }
    }

    init(of socket: borrowing Descriptor) throws {
        self.init(try socket.borrowed.peerIdentity())
    }
}

/// A message and who sent it.
struct Message: ~Copyable {
    var text = ""
    var peer: Peer?
    var descriptors = UniqueArray<Descriptor>()
    var received = ReceivedMessage.endOfFile

    init(from socket: borrowing Descriptor, limit: Int = DescriptorPassing.limit, size: Int = 4096) throws {
        try waitUntilReadable(socket)
        var room = [UInt8](repeating: 0, count: size)
        var span = room.mutableSpan
        var bytes = unsafe span.mutableBytes
        var sender = MessageSender()
        received = try socket.borrowed.receive(
            into: &bytes, descriptors: &descriptors, limit: limit, sender: &sender)
        text = String(decoding: room[..<received.count], as: UTF8.self)
        switch sender.identity {
        case .some(let identity): peer = Peer(identity)
        case .none: peer = nil
        }
    }
}

func identifySenders(_ socket: borrowing Descriptor) throws { try socket.borrowed.identifySenders() }

private func connect(_ socket: borrowing Descriptor, to address: SocketAddress) throws {
    try socket.borrowed.connect(to: address)
}

private func name(of socket: borrowing Descriptor) throws -> SocketAddress { try socket.borrowed.localAddress() }

private func ourGroups() -> [UInt32] {
    var groups = [gid_t](repeating: 0, count: 65536)
    let count = unsafe getgroups(CInt(groups.count), &groups)
    return Array(groups.prefix(Int(count)))
}

private func link(_ path: String) throws -> String {
    try FileManager.default.destinationOfSymbolicLink(atPath: path)
}
