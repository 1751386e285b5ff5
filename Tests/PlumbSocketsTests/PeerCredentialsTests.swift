import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Peer credentials") struct PeerCredentialsTests {
    @Test("a socket pair's peer is this process", arguments: [SocketType.stream, .sequencedPacket])
    func pair(_ type: SocketType) throws {
        let pair = try Descriptor.socketPair(type: type)
        #expect(try peer(of: pair.first) == ourselves())
        #expect(try peer(of: pair.second) == ourselves())
    }

    @Test("a client and a server see each other")
    func connection() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
        let client = try Descriptor.connecting(to: listener.address)
        let accepted = try require(listener.accept())
        #expect(try peer(of: client) == ourselves())
        #expect(try peer(of: accepted) == ourselves())
    }

    @Test(
        "they are those of the moment of connecting, whatever the process becomes",
        .enabled(if: Machine.isRoot && Machine.canBeUnprivileged, Machine.rootReason))
    func recordedAtConnect() async {
        await #expect(processExitsWith: .success) {
            let before = try Descriptor.socketPair(type: .stream)
            try becomeUnprivileged()
            let after = try Descriptor.socketPair(type: .stream)
            let users = try [peer(of: before.first).userID, peer(of: after.first).userID]
            #expect(users == [0, nobody], "\(users)")
        }
    }

    @Test("a TCP socket has none: the kernel's answer would be nobody's")
    func tcp() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.connecting(to: listener.address)
        #expect(throws: Errno.notSupportedOnSocket) { try peer(of: client) }
        #expect(throws: Errno.notSupportedOnSocket) { try peer(of: listener.descriptor) }
    }

    private func ourselves() -> PeerCredentials {
        PeerCredentials(processID: getpid(), userID: geteuid(), groupID: getegid())
    }
}

private func peer(of socket: borrowing Descriptor) throws -> PeerCredentials {
    try socket.borrowed.peerCredentials()
}
