import CPlumb
import PlumbSockets
import Testing

@testable import PlumbWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A worker without room for the descriptors it is sent gives the rest back, and keeps none of them.
struct WorkerChannelLossTests {
    @Test("Of five connections with room for two, two are taken in order and three refused")
    func someArrive() async {
        await #expect(processExitsWith: .success) { try expectLoss(connections: 5, free: 2) }
    }

    @Test("Without any room, all are refused")
    func noneArrives() async {
        await #expect(processExitsWith: .success) { try expectLoss(connections: 3, free: 0) }
    }

    @Test("A full batch with room for all but one")
    func allButOne() async {
        await #expect(processExitsWith: .success) { try expectLoss(connections: 64, free: 63) }
    }

    @Test("A worker that not all of its listeners reach gives them back, and leaves with the reason")
    func listeners() async {
        await #expect(processExitsWith: .success) {
            let channel = try TestChannel()
            let listeners = try Sockets(3)
            try channel.send(HandoffMessage(.listeners, count: 3), listeners)
            try channel.send(HandoffMessage(.drain))
            try limitDescriptors(free: 1)
            let before = (0..<4096).filter { isOpen($0) }
            let error = try #require(throws: WorkersError.self) {
                try channel.worker.run { _ in Issue.record("nothing is delivered") }
            }
            #expect(error.description.hasPrefix("cannot take 3 listeners: only 1 of them arrived"))
            #expect((0..<4096).filter { isOpen($0) } == before)
            #expect(try channel.received() == [HandoffMessage(.ready), HandoffMessage(.refused, argument: 24)])
        }
    }

    @Test("Two messages of which the second finds no room")
    func secondMessage() async {
        await #expect(processExitsWith: .success) {
            let channel = try TestChannel()
            let (first, second) = (try BoxedSockets(2), try BoxedSockets(2))
            let expected = try first.sockets.inodes()
            try channel.send(HandoffMessage(.connections, count: 2, first: 1), first.sockets)
            try channel.send(HandoffMessage(.connections, count: 2, argument: 1, first: 3), second.sockets)
            try channel.send(HandoffMessage(.drain))
            try limitDescriptors(free: 2)
            #expect(try delivered(channel) == expected)
            #expect(
                try channel.received() == [
                    HandoffMessage(.ready), HandoffMessage(.refused, argument: 24, first: 3),
                    HandoffMessage(.refused, argument: 24, first: 4), HandoffMessage(.progress, first: 4, second: 0),
                    HandoffMessage(.progress, first: 4, second: 2),
                ])
        }
    }
}

private func expectLoss(connections count: Int, free: Int) throws {
    let channel = try TestChannel()
    let sockets = try Sockets(count)
    let expected = try Array(sockets.inodes().prefix(free))
    try channel.send(HandoffMessage(.connections, count: count, first: 1), sockets)
    try channel.send(HandoffMessage(.drain))
    try limitDescriptors(free: free)
    let before = (0..<4096).filter { isOpen($0) }
    let inodes = try delivered(channel)
    #expect(inodes == expected)
    #expect((0..<4096).filter { isOpen($0) } == before)

    let refusals = (free..<count).map { HandoffMessage(.refused, argument: UInt32(EMFILE), first: UInt64($0 + 1)) }
    // Refusals come before the acknowledgement that passes over them.
    let acknowledgement = HandoffMessage(.progress, first: UInt64(count), second: 0)
    let end = HandoffMessage(.progress, first: UInt64(count), second: UInt64(free))
    #expect(try channel.received() == [HandoffMessage(.ready)] + refusals + [acknowledgement, end])
}

/// Runs the worker until it is done; says which connections it delivered.
private func delivered(_ channel: TestChannel) throws -> [UInt64] {
    var inodes: [UInt64] = []
    try channel.worker.run { delivery in
        guard case .connection(let connection, _) = consume delivery else { return }
        inodes.append(try inode(connection))
        channel.worker.connectionFinished()
    }
    return inodes
}
