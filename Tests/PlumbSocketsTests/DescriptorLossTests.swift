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

// Each of these counts the open descriptors of its process, so each has a process to itself.
@Suite("Descriptors that do not arrive") struct DescriptorLossTests {
    static let types = [SocketType.stream, .sequencedPacket]

    @Test("more than the limit: as many as it says are owned, the kernel closes the rest", arguments: types)
    func beyondLimit(_ type: SocketType) async {
        await #expect(processExitsWith: .success) { [type = type.rawValue as CInt] in
            // CMSG_SPACE of an odd number has room for one more: with it, a limit of 1 would let 2 in.
            let cases = [(1, 0), (1, 1), (2, 1), (4, 1), (4, 2), (4, 3), (4, 4), (5, 4), (253, 252), (253, 0)]
            for (count, limit) in cases {
                try expectNoLeak {
                    let pair = try Descriptor.socketPair(type: SocketType(rawValue: type))
                    let sent = try makeSockets(count)
                    let before = try openDescriptors().count
                    try send("x", sent, over: pair.first)
                    let received = try receive(over: pair.second, limit: limit)
                    let opened = try openDescriptors().count - before
                    let loss: DescriptorLoss? = count > limit ? .moreThanLimit : nil
                    #expect(received.message.lostDescriptors == loss, "\(count) sent, limit \(limit)")
                    #expect(received.text == "x", "\(count) sent, limit \(limit)")
                    let arrived = try inodes(received.descriptors)
                    let expected = try Array(inodes(sent).prefix(limit))
                    #expect(arrived == expected, "\(count) sent, limit \(limit): \(arrived.count) arrived")
                    #expect(opened == arrived.count, "\(opened) installed, \(arrived.count) owned")
                }
            }
        }
    }

    @Test("what is lost is closed: its peer sees the end of file", arguments: types)
    func lostIsClosed(_ type: SocketType) throws {
        let pair = try Descriptor.socketPair(type: type)
        try Descriptor.socketPair(type: .stream).split { mine, theirs in
            var sent = try makeSockets(1)
            sent.append(theirs)
            try sendAway(sent, over: pair.first)
            #expect(try !isReadableNow(mine), "in flight, it is open")
            let received = try receive(over: pair.second, limit: 1)
            #expect(received.message.lostDescriptors == .moreThanLimit)
            #expect(try read(mine).isEmpty)
        }
    }

    @Test("out of descriptors: those that the process had room for are owned", arguments: types, [0, 1, 2, 3])
    func tooManyOpenFiles(_ type: SocketType, _ free: Int) async {
        await #expect(processExitsWith: .success) { [type = type.rawValue as CInt, free = free as Int] in
            try expectNoLeak {
                let pair = try Descriptor.socketPair(type: SocketType(rawValue: type))
                let sent = try makeSockets(4)
                try send("x", sent, over: pair.first)
                var received = Received()
                try withDescriptorsExhausted(free: free) { try receiveMore(pair.second, &received) }
                #expect(received.text == "x")
                #expect(received.message.lostDescriptors == .tooManyOpenFiles, "\(received.message)")
                let arrived = try inodes(received.descriptors)
                let expected = try Array(inodes(sent).prefix(free))
                #expect(arrived == expected, "\(arrived.count) arrived, \(free) were free")
            }
        }
    }

    @Test("read(2) throws descriptors away without leaking them", arguments: types)
    func plainRead(_ type: SocketType) async {
        await #expect(processExitsWith: .success) { [type = type.rawValue as CInt] in
            try expectNoLeak {
                let pair = try Descriptor.socketPair(type: SocketType(rawValue: type))
                try send("x", makeSockets(20), over: pair.first)
                #expect(try read(pair.second) == "x")
            }
        }
    }

    @Test("descriptors in flight are closed with the socket they wait in", arguments: types)
    func closedInFlight(_ type: SocketType) throws {
        try Descriptor.socketPair(type: .stream).split { mine, theirs in
            var sent = UniqueArray<Descriptor>()
            sent.append(theirs)
            try sendIntoNothing(sent, type)
            #expect(try read(mine).isEmpty)
        }
    }

    @Test("10,000 mixed messages leak nothing", arguments: types)
    func mixedMessages(_ type: SocketType) async {
        await #expect(processExitsWith: .success) { [type = type.rawValue as CInt] in
            var random = SplitMix(state: 42)
            var lost = 0
            var arrived = 0
            let sockets = try makeSockets(20)
            try expectNoLeak {
                let pair = try Descriptor.socketPair(type: SocketType(rawValue: type))
                for round in 0..<10_000 {
                    let text = String(repeating: "x", count: Int.random(in: 1...40, using: &random))
                    let count = Int.random(in: 0...20, using: &random)
                    let limit = Int.random(in: 0...30, using: &random)
                    if count == 0 {
                        try send(text, over: pair.first)
                    } else {
                        try send(text, firstOf: sockets, count, over: pair.first)
                    }
                    if round.isMultiple(of: 7) {
                        _ = try read(pair.second)
                        continue
                    }
                    // A stream keeps what the buffer had no room for.
                    var received = Received()
                    var length = 0
                    repeat {
                        try receiveMore(pair.second, &received, limit: limit, size: 16)
                        length += received.message.count
                        if received.message.lostDescriptors != nil { lost += 1 }
                    } while type == SocketType.stream.rawValue && length < text.utf8.count
                    let expected = min(count, limit)
                    #expect(received.descriptors.count == expected, "round \(round): \(received.descriptors.count)")
                    arrived += received.descriptors.count
                }
            }
            #expect(lost > 1000 && arrived > 10_000, "\(lost) messages lost some, \(arrived) arrived")
        }
    }
}

/// Sends the descriptors and keeps none.
private func sendAway(_ descriptors: consuming UniqueArray<Descriptor>, over socket: borrowing Descriptor) throws {
    try send("x", descriptors, over: socket)
}

private func sendIntoNothing(_ descriptors: consuming UniqueArray<Descriptor>, _ type: SocketType) throws {
    let pair = try Descriptor.socketPair(type: type)
    try send("x", descriptors, over: pair.first)
}

private func send(
    _ text: String, firstOf descriptors: borrowing UniqueArray<Descriptor>, _ count: Int,
    over socket: borrowing Descriptor
) throws {
    let bytes = Array(text.utf8)
    let span = descriptors.span.extracting(first: count)
    let sent = try unsafe socket.borrowed.send(bytes.span.bytes, descriptors: span)
    #expect(sent == bytes.count)
}
