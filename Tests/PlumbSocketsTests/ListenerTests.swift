import BasicContainers
import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Listeners") struct ListenerTests {
    @Test("port 0 becomes the port that the kernel chose")
    func portIsFilledIn() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        #expect(listener.address.port != 0)
        #expect(listener.address.description.hasPrefix("127.0.0.1:"))
        #expect(connects(to: listener.address))
    }

    @Test("no name becomes the abstract name that the kernel chose")
    func nameIsFilledIn() throws {
        let listener = try Listener(on: .unnamed)
        #expect(listener.address.description.hasPrefix("unix:@"))
        #expect(connects(to: listener.address))
    }

    @Test("[::] takes IPv4 as well", .enabled(if: Machine.hasIPv6, Machine.ipv6Reason))
    func dualStack() throws {
        let listener = try Listener(on: .ipv6(.any, port: 0))
        let port = try #require(listener.address.port)
        var peers: [String] = []
        for host in ["127.0.0.1", "[::1]"] {
            let client = try Descriptor.connecting(to: #require(SocketAddress("\(host):\(port)")))
            var peer = PeerBuffer()
            _ = try accept(listener, &peer)
            peers.append(try #require(peer.address).description)
            _ = client
        }
        #expect(peers[0].hasPrefix("[::ffff:127.0.0.1]:") && peers[1].hasPrefix("[::1]:"), "\(peers)")
    }

    @Test("[::] alone, beside 0.0.0.0", .enabled(if: Machine.hasIPv6, Machine.ipv6Reason))
    func besideIPv4() throws {
        let first = try Listener(on: .ipv4(.any, port: 0))
        let address = SocketAddress.ipv6(.any, port: try #require(first.address.port))
        #expect(try failure(address).code == .addressInUse)
        let second = try Listener(on: address, ipv6Only: true)
        #expect(second.address == address)
        #expect(try second.descriptor.get(.ipv6Only))
    }

    @Test(
        "a datagram socket is bound and receives; nobody else can have its address", arguments: ["127.0.0.1:0", "unix"])
    func datagrams(_ text: String) throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddress(text) ?? SocketAddressTests.path(directory.file("socket"))
        let listener = try Listener(on: address, type: .datagram)
        #expect(listener.address.port != 0)
        let client = try Descriptor.connecting(to: listener.address, type: .datagram)
        try send("hello", over: client)
        #expect(try read(listener.descriptor) == "hello")
        #expect(throws: Errno.notSupportedOnSocket) { _ = try listener.accept() }
        #expect(try failure(listener.address, type: .datagram).code == .addressInUse)
    }

    @Test("a backlog of 0 keeps those who wait, and lets nobody else in before they are accepted")
    func shorterBacklog() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let clients = try (0..<3).map { _ in try Descriptor.connecting(to: listener.address).release() }
        defer { clients.forEach { _ = plumb_close($0) } }
        try shortenBacklog(listener)
        // Its first packet is dropped; the kernel would try again in a second.
        #expect(throws: Errno.nowInProgress) { try connectOnce(to: listener.address) }
        for _ in clients { #expect(try accepts(listener)) }
        #expect(try !accepts(listener))
        #expect(connects(to: listener.address))
    }

    @Test("nil when nothing waits, then the connection that does: non-blocking, close-on-exec")
    func accepting() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        #expect(try isNonBlocking(listener.descriptor))
        let none = try listener.accept() == nil
        #expect(none)
        let client = try Descriptor.connecting(to: listener.address)
        try waitUntilReadable(listener.descriptor)
        let accepted = try require(listener.accept())
        let noMore = try listener.accept() == nil
        #expect(noMore)
        #expect(try isNonBlocking(accepted))
        #expect(try isCloseOnExec(accepted))
        try send("hello", over: client)
        #expect(try read(accepted) == "hello")
    }

    @Test("the peer's address, when it is wanted, and a number for its host")
    func peers() throws {
        let listener = try Listener(on: .ipv4(.any, port: 0))
        let port = try #require(listener.address.port)
        var peer = PeerBuffer()
        var hosts: [UInt64] = []
        for host: UInt32 in [0x7f00_0001, 0x7f00_0001, 0x7f00_0002] {
            let client = try Descriptor.socket(family: AF_INET, type: .stream)
            try connect(client, from: .ipv4(IPv4Address(rawValue: host), port: 0), to: .ipv4(.loopback, port: port))
            _ = try accept(listener, &peer)
            #expect(try peer.address == localAddress(client))
            hosts.append(peer.hostHash)
        }
        #expect(hosts[0] == hosts[1], "two connections of one host")
        #expect(hosts[0] != hosts[2], "two hosts")
        #expect(!hosts.contains(0))
    }

    @Test("a Unix client that did not bind has no name, and no number")
    func unnamedPeer() throws {
        let listener = try Listener(on: SocketAddress(.abstract(Array("plumb-peer-\(getpid())".utf8))))
        let client = try Descriptor.connecting(to: listener.address)
        var peer = PeerBuffer()
        _ = try accept(listener, &peer)
        #expect(peer.address == .unnamed)
        #expect(peer.hostHash == 0)
        _ = client
    }

    @Test("two listeners share an address if both ask for it")
    func reusePort() throws {
        let first = try Listener(on: .ipv4(.loopback, port: 0), reusePort: true)
        let second = try Listener(on: first.address, reusePort: true)
        #expect(second.address == first.address)
        #expect(throws: SocketsError.self) { _ = try Listener(on: second.address) }
    }

    @Test("the port is free again at once, whatever the last server's connections still wait for")
    func rebind() async {
        await #expect(processExitsWith: .success) {
            let address = try serveOneConnection()
            let listener = try Listener(on: address)
            #expect(connects(to: listener.address))
        }
    }

    @Test("as many connections wait as the backlog says, and one", arguments: [0, 1, 5])
    func backlog(_ backlog: Int) throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")), backlog: backlog)
        for _ in 0...backlog { #expect(connects(to: listener.address)) }
        let client = try Descriptor.socket(family: AF_UNIX, type: .stream, nonBlocking: true)
        #expect(throws: Errno.wouldBlock) { try connect(client, to: listener.address) }
    }

    @Test("without descriptors to spare the connection waits")
    func tooManyOpenFiles() async {
        await #expect(processExitsWith: .success) {
            let listener = try Listener(on: .ipv4(.loopback, port: 0))
            let client = try Descriptor.connecting(to: listener.address)
            try waitUntilReadable(listener.descriptor)
            var failures: [Errno] = []
            try withDescriptorsExhausted(free: 0) {
                do throws(Errno) { _ = try listener.accept() } catch { failures.append(error) }
            }
            #expect(failures == [.tooManyOpenFiles], "\(failures)")
            let accepted = try require(listener.accept())
            try send("x", over: client)
            #expect(try read(accepted) == "x", "another connection")
        }
    }

    @Test("what cannot accept throws instead of trying for ever")
    func notAListener() async {
        await #expect(processExitsWith: .success) {
            alarm(60)
            var peer = PeerBuffer()
            let idle = try Descriptor.socket(family: AF_INET, type: .stream, nonBlocking: true)
            #expect(throws: Errno.invalidArgument) { _ = try accept(idle, &peer) }
            for family in [AF_INET, AF_UNIX] {
                let datagrams = try Descriptor.socket(family: family, type: .datagram, nonBlocking: true)
                #expect(throws: Errno.notSupportedOnSocket) { _ = try accept(datagrams, &peer) }
            }
        }
    }

    // MARK: Why it cannot listen

    @Test("an address in use: the error names it and says how to find its owner", arguments: ["127.0.0.1:0", "unix"])
    func addressInUse(_ text: String) throws {
        let name = SocketAddress(.abstract(Array("plumb-in-use-\(getpid())".utf8)))
        let listener = try Listener(on: SocketAddress(text) ?? name)
        let error = try failure(listener.address)
        #expect(error.code == .addressInUse && error.errno == .addressInUse)
        #expect(error.description.hasPrefix("cannot listen on \(listener.address): "))
        let hint = listener.address.port.map { "ss -ltnp 'sport = :\($0)" } ?? "a live server has this name"
        #expect(error.description.contains(hint), "\(error)")
        #expect(connects(to: listener.address), "the first listener still serves")
    }

    static let failures: [(address: String, errno: Errno, hint: String)] = [
        // TEST-NET-1 of RFC 5737 is no interface's address.
        ("192.0.2.1:80", .addressNotAvailable, "no interface of this host has the address"),
        ("unix:/no/such/directory/socket", .noSuchFileOrDirectory, "its directory does not exist"),
        ("unix:/proc/self/maps/socket", .notDirectory, "a part of its path is not a directory"),
    ]

    @Test("an address that cannot be had", arguments: failures)
    func cannotListen(_ address: String, _ errno: Errno, _ hint: String) throws {
        let error = try failure(#require(SocketAddress(address)))
        #expect(error.code == .system)
        #expect(error.errno == errno)
        #expect(error.description.contains(hint), "\(error)")
        #expect(error.description.contains(address.hasPrefix("unix:") ? String(address.dropFirst(5)) : address))
    }

    @Test(
        "what an ordinary user may not do: a low port, a directory and a socket of somebody else",
        .enabled(if: Machine.canBeUnprivileged, Machine.unprivilegedReason),
        .enabled(if: Machine.firstUnprivilegedPort > 1, "every port is free to every user on this machine"))
    func permissions() async throws {
        // Made here, because the child can no longer remove it when it is an ordinary user.
        let directory = try TemporaryDirectory()
        await #expect(processExitsWith: .success) { [directory = directory.path as String] in
            let sockets = ["closed/socket", "open/socket"].map { SocketAddressTests.path("\(directory)/\($0)") }
            for (name, mode) in [("closed", 0o555 as mode_t), ("open", 0o1777)] {
                let path = "\(directory)/\(name)"
                try #require(unsafe mkdir(path, 0o700) == 0 && chmod(path, mode) == 0)
            }
            try #require(unsafe chmod(directory, 0o755) == 0)
            try leaveSocket(at: sockets[1], mode: 0)
            try becomeUnprivileged()
            let port = UInt16(min(Machine.firstUnprivilegedPort - 1, 1023))
            let low = try failure(.ipv4(.loopback, port: port))
            #expect(low.errno == .permissionDenied, "\(low)")
            #expect(low.description.contains("127.0.0.1:\(port): ports below "), "\(low)")
            let closed = try failure(sockets[0])
            #expect(closed.errno == .permissionDenied, "\(closed)")
            #expect(closed.description.contains("you may not write to its directory"), "\(closed)")
            let foreign = try failure(sockets[1])
            #expect(foreign.code == .addressInUse, "\(foreign)")
            #expect(foreign.description.contains("another user's socket is there"), "\(foreign)")
        }
    }

    @Test("a failed listener leaves nothing open")
    func failuresDoNotLeak() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let taken = try Listener(on: .ipv4(.loopback, port: 0))
            let path = try Listener(on: SocketAddressTests.path(directory.file("socket")))
            let addresses = try Self.failures.map { try #require(SocketAddress($0.address)) }
            try expectNoLeak {
                for address in addresses + [taken.address, path.address] { _ = try failure(address) }
                // Bound and claimed, but a datagram socket by its other number (SOCK_RAW) cannot listen.
                _ = try failure(SocketAddressTests.path(directory.file("raw")), type: SocketType(rawValue: 3))
            }
            #expect(try directory.contents() == ["socket", "socket.lock"])
        }
    }
}

/// The error of an attempt to listen.
private func failure(_ address: SocketAddress, type: SocketType = .stream) throws -> SocketsError {
    try #require(throws: SocketsError.self) { _ = try Listener(on: address, type: type) }
}

func connects(to address: SocketAddress) -> Bool {
    succeeds { _ = try Descriptor.connecting(to: address) }
}

/// Listens on any port, and leaves a connection of it in TIME_WAIT, as the side that closes first does.
private func serveOneConnection() throws -> SocketAddress {
    let listener = try Listener(on: .ipv4(.loopback, port: 0))
    let client = try Descriptor.connecting(to: listener.address)
    try waitUntilReadable(listener.descriptor)
    try require(listener.accept()).close()
    #expect(try read(client).isEmpty)
    return listener.address
}

private func connect(_ socket: borrowing Descriptor, to: SocketAddress) throws {
    try socket.borrowed.connect(to: to)
}

private func connect(_ socket: borrowing Descriptor, from: SocketAddress, to: SocketAddress) throws {
    try socket.borrowed.bind(to: from)
    try socket.borrowed.connect(to: to)
}

private func localAddress(_ socket: borrowing Descriptor) throws -> SocketAddress {
    try socket.borrowed.localAddress()
}

/// Waits for a connection and takes it.
private func accept(_ listener: borrowing Listener, _ peer: inout PeerBuffer) throws -> Descriptor {
    try waitUntilReadable(listener.descriptor)
    return try accept(listener.descriptor, &peer)
}

private func accept(_ socket: borrowing Descriptor, _ peer: inout PeerBuffer) throws -> Descriptor {
    try require(socket.borrowed.accept(peer: &peer, wanted: true))
}

private func shortenBacklog(_ listener: borrowing Listener) throws {
    try listener.descriptor.borrowed.listen(backlog: 0)
}

private func accepts(_ listener: borrowing Listener) throws -> Bool { try listener.accept() != nil }

private func connectOnce(to address: SocketAddress) throws {
    let socket = try Descriptor.socket(family: address.family, type: .stream, nonBlocking: true)
    try socket.borrowed.connect(to: address)
}
