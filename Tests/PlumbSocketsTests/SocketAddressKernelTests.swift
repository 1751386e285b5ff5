import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Socket addresses in the kernel's form") struct SocketAddressKernelTests {
    @Test("to the kernel's form and back", arguments: SocketAddressTests.canonical.map(\.address))
    func roundTrip(_ address: SocketAddress) throws {
        let (storage, length) = try kernelForm(address)
        #expect(SocketAddress(storage, length: length) == address)
        #expect(CInt(storage.ss_family) == address.family)
    }

    @Test("the length covers exactly the name; only a path has a NUL, where there is room")
    func lengths() throws {
        func path(_ count: Int) -> SocketAddress { SocketAddress(.pathname(Array(repeating: 0x78, count: count))) }
        func abstract(_ count: Int) -> SocketAddress { SocketAddress(.abstract(Array(repeating: 0, count: count))) }
        let lengths: [(SocketAddress, Int)] = [
            (.unnamed, 2), (path(1), 4), (path(107), 110), (path(108), 110), (abstract(0), 3), (abstract(107), 110),
        ]
        for (address, expected) in lengths {
            let (_, length) = try kernelForm(address)
            #expect(length == expected, "\(address)")
        }
    }

    @Test("a family that Plumb does not know, or too short a form, is no address")
    func unknown() throws {
        for text in ["127.0.0.1:1", "[::1]:1"] {
            let (storage, length) = try kernelForm(#require(SocketAddress(text)))
            #expect(SocketAddress(storage, length: length - 1) == nil)
        }
        var storage = sockaddr_storage()
        #expect(SocketAddress(storage, length: 16) == nil)
        storage.ss_family = sa_family_t(AF_APPLETALK)
        #expect(SocketAddress(storage, length: 16) == nil)
        storage.ss_family = sa_family_t(AF_UNIX)
        #expect(SocketAddress(storage, length: 128) == nil, "longer than any Unix name")
        #expect(SocketAddress(storage, length: 0) == .unnamed)
    }

    // MARK: Really bound

    @Test("a bound path is what getsockname(2) returns", arguments: [20, 107, 108])
    func boundPath(_ length: Int) throws {
        let directory = try TemporaryDirectory()
        try expectServes(SocketAddressTests.path(directory.file(length: length)))
        #expect(try directory.contents().count == 1)
    }

    @Test("a path of bytes that are not UTF-8")
    func boundBytes() throws {
        let directory = try TemporaryDirectory()
        try expectServes(SocketAddress(.pathname(Array(directory.file("\n\\ ").utf8) + [0xff])))
    }

    @Test("a file whose name begins with @ is a file")
    func boundAt() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let isThere = unsafe chdir(directory.path) == 0
            try #require(isThere)
            try expectServes(#require(SocketAddress("unix:\\x40file")))
            #expect(try directory.contents() == ["@file"])
        }
    }

    @Test(
        "a bound abstract name is what getsockname(2) returns, NUL and all",
        arguments: [[], [0], [0, 0], Array("a\0b".utf8), Array("\\\n\u{1b}".utf8), [0xff], Array(0..<95)] as [[UInt8]])
    func boundAbstract(_ suffix: [UInt8]) throws {
        // The name space is the machine's: the process number keeps two runs apart.
        try expectServes(SocketAddress(.abstract(Array("plumb-\(getpid())".utf8) + suffix)))
    }

    @Test("abstract names differ by their trailing NULs alone")
    func abstractLength() throws {
        let name = Array("plumb-nul-\(getpid())".utf8)
        let plain = try Listener(on: SocketAddress(.abstract(name)))
        let longer = try Listener(on: SocketAddress(.abstract(name + [0])))
        #expect(plain.address != longer.address)
    }

    @Test("IPv4 loopback")
    func boundIPv4() throws {
        let socket = try Descriptor.socket(family: AF_INET, type: .stream)
        #expect(try bindAndName(socket, .ipv4(.loopback, port: 0)).description.hasPrefix("127.0.0.1:"))
    }

    @Test("IPv6 loopback, and the mapped form of IPv4", .enabled(if: Machine.hasIPv6, Machine.ipv6Reason))
    func boundIPv6() throws {
        for text in ["[::1]:", "[::ffff:127.0.0.1]:"] {
            let socket = try Descriptor.socket(family: AF_INET6, type: .stream)
            #expect(try bindAndName(socket, #require(SocketAddress(text + "0"))).description.hasPrefix(text))
        }
    }

    @Test("a socket that is not bound, and one without a peer")
    func unnamed() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let names = try pair.split { first, _ in try [first.borrowed.localAddress(), first.borrowed.peerAddress()] }
        #expect(names == [.unnamed, .unnamed])
        let socket = try Descriptor.socket(family: AF_UNIX, type: .stream)
        #expect(throws: Errno.socketNotConnected) { try peer(of: socket) }
    }
}

/// Binds the name, and expects the kernel to return it and to find the socket under it.
private func expectServes(_ address: SocketAddress) throws {
    let server = try Descriptor.socket(family: AF_UNIX, type: .stream)
    #expect(try bindAndName(server, address) == address)
    try server.borrowed.listen(backlog: 1)
    let client = try Descriptor.connecting(to: address)
    #expect(try peer(of: client) == address)
}

private func bindAndName(_ socket: borrowing Descriptor, _ address: SocketAddress) throws -> SocketAddress {
    try socket.borrowed.bind(to: address)
    return try socket.borrowed.localAddress()
}

private func peer(of socket: borrowing Descriptor) throws -> SocketAddress { try socket.borrowed.peerAddress() }

private func kernelForm(_ address: SocketAddress) throws -> (sockaddr_storage, Int) {
    var storage = sockaddr_storage()
    let length = try unsafe address.withKernelForm { form, length in
        unsafe withUnsafeMutableBytes(of: &storage) {
            unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: form, count: Int(length)))
        }
        return Int(length)
    }
    return (storage, length)
}
