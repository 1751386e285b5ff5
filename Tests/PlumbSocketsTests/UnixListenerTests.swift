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

@Suite("Unix listeners") struct UnixListenerTests {
    enum Name: CaseIterable {
        case path, abstract, chosenByKernel
    }

    @Test(
        "every kind of name, every kind of connection: peers are let in and identified", arguments: Name.allCases,
        [SocketType.stream, .sequencedPacket])
    func connections(_ name: Name, _ type: SocketType) throws {
        let directory = try TemporaryDirectory()
        var listener = try UnixListener(on: address(name, in: directory), type: type, policy: .sameUserOrRoot)
        #expect((name == .path) == (listener.address.pathname != nil))
        let nobodyWaits = try listener.accept() == nil
        #expect(nobodyWaits)
        let client = try Descriptor.connecting(to: listener.address, type: type)
        let guest = try admitted(listener.accept())
        #expect(try isNonBlocking(guest.connection) && isCloseOnExec(guest.connection))
        #expect(guest.identity.source == .connection && guest.identity.credentials == ourselves)
        try send("hello", over: client)
        #expect(try read(guest.connection) == "hello")
        #expect(listener.counts == AdmissionCounts(admitted: 1, refused: 0))
    }

    @Test("every kind of name: datagrams are let in and identified", arguments: Name.allCases)
    func datagrams(_ name: Name) throws {
        let directory = try TemporaryDirectory()
        var listener = try UnixListener(on: address(name, in: directory), type: .datagram, policy: .sameUserOrRoot)
        let client = try Descriptor.connecting(to: listener.address, type: .datagram)
        try send("hello", over: client)
        let datagram = try Datagram(&listener)
        let (text, address) = (datagram.text, datagram.sender.address)
        #expect(text == "hello" && address == nil)
        #expect(try credentials(datagram.sender) == ourselves)
        #expect(listener.counts == AdmissionCounts(admitted: 1, refused: 0))
        #expect(throws: Errno.wouldBlock) { _ = try Datagram(&listener) }
    }

    @Test("a datagram's sender has an address to answer to, if it is bound")
    func answer() throws {
        let directory = try TemporaryDirectory()
        var listener = try UnixListener(on: address(.path, in: directory), type: .datagram, policy: .sameUserOrRoot)
        let own = SocketAddressTests.path(directory.file("client"))
        let client = try Listener(on: own, type: .datagram)
        try connect(client, to: listener.address)
        try send("hello", over: client.descriptor)
        let datagram = try Datagram(&listener)
        let name = datagram.sender.address
        #expect(name == own)
    }

    @Test("nobody is let in unless a rule says so; refusals are counted, and say who and why")
    func refused() throws {
        let directory = try TemporaryDirectory()
        for type in [SocketType.stream, .sequencedPacket] {
            var listener = try UnixListener(on: address(.path, in: directory), type: type, policy: .nobody)
            for count in 1...3 {
                let client = try Descriptor.connecting(to: listener.address, type: type)
                let refusal = try refusal(listener.accept())
                #expect(refusal.credentials?.userID == geteuid() && refusal.reason == "nobody is let in")
                #expect(
                    refusal.description
                        == "user \(geteuid()), group \(getegid()), process \(getpid()): nobody is let in")
                #expect(try read(client).isEmpty, "closed")
                #expect(listener.counts == AdmissionCounts(admitted: 0, refused: count))
            }
        }
    }

    @Test("a refused datagram's descriptors are closed")
    func refusedDatagram() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try expectNoLeak {
                var listener = try UnixListener(
                    on: SocketAddressTests.path(directory.file("socket")), type: .datagram, policy: .nobody,
                    acceptsDescriptors: true)
                let client = try Descriptor.connecting(to: listener.address, type: .datagram)
                try send("x", makeSockets(3), over: client)
                let datagram = try Datagram(&listener, limit: 8)
                let refusal = datagram.refusal
                #expect(refusal?.credentials?.userID == geteuid())
                let taken = datagram.descriptors.count
                #expect(taken == 0)
                #expect(listener.counts == AdmissionCounts(admitted: 0, refused: 1))
            }
        }
    }

    @Test(
        "descriptors that are not expected do not come in: their sender gets EPERM",
        .enabled(if: Machine.hasPassRights, Machine.passRightsReason),
        arguments: [SocketType.stream, .sequencedPacket, .datagram])
    func noDescriptors(_ type: SocketType) throws {
        let directory = try TemporaryDirectory()
        var listener = try UnixListener(on: address(.path, in: directory), type: type, policy: .sameUserOrRoot)
        let client = try Descriptor.connecting(to: listener.address, type: type)
        let connection = type == .datagram ? nil : try admitted(listener.accept())
        let sockets = try makeSockets(1)
        let error = try #require(throws: SocketsError.self) { try send("x", sockets, over: client) }
        #expect(error.errno == .notPermitted)
        _ = connection
    }

    @Test("only Unix sockets know their peers")
    func notUnix() throws {
        let error = try #require(throws: SocketsError.self) {
            _ = try UnixListener(on: .ipv4(.loopback, port: 0), policy: .everybody)
        }
        #expect(error.description.contains("only a Unix socket knows who its peers are"), "\(error)")
    }

    @Test("a connection of another family is nobody's, whatever the policy")
    func unidentified() throws {
        let directory = try TemporaryDirectory()
        let tcp = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.connecting(to: tcp.address)
        var listener = try UnixListener(on: address(.path, in: directory), policy: .everybody)
        let refusal = try refusal(listener.admit(client))
        #expect(refusal.description == "an unknown peer: the kernel does not say who it is")
    }

    @Test("without descriptors to spare the connection waits")
    func tooManyOpenFiles() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            var listener = try UnixListener(
                on: SocketAddressTests.path(directory.file("socket")), policy: .sameUserOrRoot)
            let client = try Descriptor.connecting(to: listener.address)
            var failures: [Errno] = []
            try withDescriptorsExhausted(free: 0) {
                do throws(Errno) { _ = try listener.accept() } catch { failures.append(error) }
            }
            #expect(failures == [.tooManyOpenFiles], "\(failures)")
            let guest = try admitted(listener.accept())
            try send("x", over: client)
            #expect(try read(guest.connection) == "x")
        }
    }

    // MARK: Another user

    @Test(
        "another user is refused by the file's mode, and where that lets everybody in, by the policy",
        .enabled(if: Machine.isRoot && Machine.canBeUnprivileged, Machine.rootReason),
        arguments: [SocketType.stream, .sequencedPacket, .datagram])
    func anotherUser(_ type: SocketType) async {
        await #expect(processExitsWith: .success) { [type = type.rawValue as CInt] in
            let type = SocketType(rawValue: type)
            let directory = try TemporaryDirectory()
            try #require(unsafe chmod(directory.path, 0o755) == 0)
            let path = directory.file("closed")
            let closed = try UnixListener(on: SocketAddressTests.path(path), type: type, policy: .everybody)
            var open = try UnixListener(
                on: SocketAddressTests.path(directory.file("open")), type: type, permissions: .everybody,
                policy: .sameUserOrRoot)
            var abstract = try UnixListener(on: .unnamed, type: type, policy: .sameUserOrRoot)
            try becomeUnprivileged()
            #expect(throws: Errno.permissionDenied) { _ = try Descriptor.connecting(to: closed.address, type: type) }
            for address in [open.address, abstract.address] {
                let client = try Descriptor.connecting(to: address, type: type)
                if type == .datagram { try send("let me in", over: client) }
                let refusal = try address == open.address ? refusal(at: &open, type) : refusal(at: &abstract, type)
                #expect(refusal.credentials?.userID == nobody, "\(refusal)")
                #expect(refusal.description.contains("it is not user 0"), "\(refusal)")
            }
            #expect(open.counts.refused == 1 && abstract.counts.refused == 1)
        }
    }

    private func address(_ name: Name, in directory: borrowing TemporaryDirectory) -> SocketAddress {
        switch name {
        case .path: SocketAddressTests.path(directory.file("socket"))
        case .abstract: SocketAddressTests.abstract("plumb-listener-\(getpid())-\(UInt64.random(in: 0 ... .max))")
        case .chosenByKernel: .unnamed
        }
    }
}

let ourselves = PeerCredentials(processID: getpid(), userID: geteuid(), groupID: getegid())

/// A peer that was let in.
private struct Guest: ~Copyable {
    let connection: Descriptor
    let identity: PeerIdentity
}

private func admitted(_ arrival: consuming UnixListener.Arrival?) throws -> Guest {
    switch consume arrival {
    case .some(.admitted(let connection, let identity)): return Guest(connection: connection, identity: identity)
    case .some(.refused(_, let refusal)): throw Unexpected(refusal: refusal)
    case .none: throw NothingThere()
    }
}

private func refusal(_ arrival: consuming UnixListener.Arrival?) throws -> Refusal {
    switch consume arrival {
    case .some(.admitted): throw Unexpected(refusal: nil)
    case .some(.refused(_, let refusal)): return refusal
    case .none: throw NothingThere()
    }
}

/// The refusal of whoever waits.
private func refusal(at listener: inout UnixListener, _ type: SocketType) throws -> Refusal {
    if type != .datagram { return try refusal(listener.accept()) }
    let datagram = try Datagram(&listener)
    guard let refusal = datagram.refusal else { throw NothingThere() }
    return refusal
}

private struct Unexpected: Error {
    let refusal: Refusal?
}

/// A datagram as a listener received it.
private struct Datagram: ~Copyable {
    var text = ""
    var sender = MessageSender()
    var refusal: Refusal? = nil
    var descriptors = UniqueArray<Descriptor>()

    init(_ listener: inout UnixListener, limit: Int = 0) throws {
        var room = [UInt8](repeating: 0, count: 1024)
        var span = room.mutableSpan
        var bytes = unsafe span.mutableBytes
        switch try listener.receive(into: &bytes, descriptors: &descriptors, limit: limit) {
        case .admitted(let message, let sender):
            text = String(decoding: room[..<message.count], as: UTF8.self)
            self.sender = sender
        case .refused(let refusal):
            self.refusal = refusal
        }
    }
}

private func connect(_ client: borrowing Listener, to address: SocketAddress) throws {
    try client.descriptor.borrowed.connect(to: address)
}

/// Who sent it, or a failed test.
func credentials(_ sender: borrowing MessageSender) throws -> PeerCredentials {
    switch sender.identity {
    case .some(let identity): return identity.credentials
    case .none: throw NothingThere()
    }
}
