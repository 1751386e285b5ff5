import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("What the kernel does with Unix sockets") struct UnixSocketFactsTests {
    @Test(
        "a client of another type: EPROTOTYPE where the name is a path, ECONNREFUSED where it is abstract",
        arguments: [SocketType.stream, .sequencedPacket, .datagram], [SocketType.stream, .sequencedPacket, .datagram])
    func wrongType(_ server: SocketType, _ client: SocketType) throws {
        let directory = try TemporaryDirectory()
        let path = try Listener(on: SocketAddressTests.path(directory.file("socket")), type: server)
        let abstract = try Listener(on: .unnamed, type: server)
        for (address, error) in [
            (path.address, Errno.protocolWrongTypeForSocket), (abstract.address, .connectionRefused),
        ] {
            #expect(failure(connectingTo: address, client) == (server == client ? nil : error))
        }
    }

    @Test("a connection that does not wait says EAGAIN at a full backlog, and not EINPROGRESS")
    func fullBacklog() throws {
        let listener = try Listener(on: .unnamed, backlog: 0)
        let first = try Descriptor.connecting(to: listener.address)
        let second = try Descriptor.socket(family: AF_UNIX, type: .stream, nonBlocking: true)
        #expect(throws: Errno.wouldBlock) { try connect(second, to: listener.address) }
        _ = first
    }

    @Test("sun_path holds 108 bytes without a NUL, and no more")
    func longestName() throws {
        let directory = try TemporaryDirectory()
        let socket = try Descriptor.socket(family: AF_UNIX, type: .stream)
        let path = Array(directory.file(length: 108).utf8)
        var form = sockaddr_storage()
        form.ss_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &form) { unsafe $0[2...].copyBytes(from: path) }
        let results = unsafe withUnsafePointer(to: &form) { form in
            unsafe form.withMemoryRebound(to: sockaddr.self, capacity: 1) { form in
                [111, 110].map { length in unsafe plumb_bind(socket.rawValue, form, socklen_t(length)) }
            }
        }
        #expect(results == [-1, 0])
        #expect(try directory.contents().map { directory.file($0).utf8.count } == [108])
    }

    @Test("the whole structure passed for an abstract name makes another name, with NULs to its end")
    func wholeStructure() throws {
        let name = Array("plumb-whole-\(getpid())".utf8)
        let socket = try Descriptor.socket(family: AF_UNIX, type: .stream)
        var form = sockaddr_un()
        form.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &form) { unsafe $0[3...].copyBytes(from: name) }
        let result = unsafe withUnsafePointer(to: &form) { form in
            unsafe form.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe plumb_bind(socket.rawValue, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        try listen(socket)
        #expect(failure(connectingTo: SocketAddress(.abstract(name)), .stream) == .connectionRefused)
        let padding = [UInt8](repeating: 0, count: 107 - name.count)
        #expect(failure(connectingTo: SocketAddress(.abstract(name + padding)), .stream) == nil)
    }

    @Test("an accepted connection inherits SO_PASS*, and not the buffers")
    func inheritance() throws {
        let listener = try Listener(on: .unnamed)
        let passCredentials = SocketOption<FlagCodec>.passCredentials
        try listener.descriptor.set(passCredentials, to: true)
        try listener.descriptor.set(.sendBuffer, to: 40_000)
        let client = try Descriptor.connecting(to: listener.address)
        let connection = try require(listener.accept())
        #expect(try connection.get(passCredentials))
        #expect(try connection.get(.sendBuffer) != listener.descriptor.get(.sendBuffer))
        if Machine.hasPassRights {
            try allowDescriptors(false, over: listener.descriptor)
            let next = try Descriptor.connecting(to: listener.address)
            let passRights = SocketOption<FlagCodec>(level: SOL_SOCKET, number: PLUMB_SO_PASSRIGHTS)
            #expect(try connection.get(passRights) && !require(listener.accept()).get(passRights))
            _ = next
        }
        _ = client
    }
}

private func failure(connectingTo address: SocketAddress, _ type: SocketType) -> Errno? {
    do throws(Errno) {
        _ = try Descriptor.connecting(to: address, type: type)
        return nil
    } catch {
        return error
    }
}

private func connect(_ socket: borrowing Descriptor, to address: SocketAddress) throws {
    try socket.borrowed.connect(to: address)
}

private func listen(_ socket: borrowing Descriptor) throws { try socket.borrowed.listen(backlog: 4) }
