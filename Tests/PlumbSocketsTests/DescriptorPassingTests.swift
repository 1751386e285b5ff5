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

// One at a time: two messages of 253 descriptors at once come near the usual limit of 1,024.
@Suite("Passing descriptors", .serialized) struct DescriptorPassingTests {
    @Test(
        "the receiver gets the same open files, in order, close-on-exec",
        arguments: [SocketType.stream, .sequencedPacket], [1, 2, 3, 64, 252, 253])
    func delivery(_ type: SocketType, _ count: Int) throws {
        let pair = try Descriptor.socketPair(type: type)
        let sent = try makeSockets(count)
        try send("message", sent, over: pair.first)
        let received = try receive(over: pair.second)
        #expect(received.text == "message")
        #expect(received.message == ReceivedMessage(count: 7, isTruncated: false, lostDescriptors: nil))
        #expect(try inodes(received.descriptors) == inodes(sent))
        for index in received.descriptors.indices {
            #expect(try isCloseOnExec(received.descriptors[index]))
            #expect(received.descriptors[index].rawValue != sent[index].rawValue)
        }
    }

    @Test("what one end writes into a passed file, the other reads", arguments: [SocketType.stream, .sequencedPacket])
    func usable(_ type: SocketType) throws {
        let pair = try Descriptor.socketPair(type: type)
        try Descriptor.socketPair(type: .stream).split { mine, theirs in
            var sent = UniqueArray<Descriptor>()
            sent.append(theirs)
            try send("x", sent, over: pair.first)
            let received = try receive(over: pair.second)
            try send("through the passed one", over: received.descriptors[0])
            #expect(try read(mine) == "through the passed one")
        }
    }

    @Test("what arrives is added to what the caller has")
    func appended() throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        let sent = try makeSockets(3)
        var all = try receive(over: pair, after: "a", sent)
        try send("b", sent, over: pair.first)
        try receiveMore(pair.second, &all)
        #expect(try inodes(all.descriptors) == inodes(sent) + inodes(sent))
    }

    @Test("no descriptors: the bytes alone", arguments: [SocketType.stream, .sequencedPacket])
    func withoutDescriptors(_ type: SocketType) throws {
        let pair = try Descriptor.socketPair(type: type)
        try send("bytes", over: pair.first)
        let received = try receive(over: pair.second)
        #expect(received.text == "bytes" && received.descriptors.isEmpty)
        #expect(received.message.lostDescriptors == nil)
    }

    @Test("nothing to receive; the end of file", arguments: [SocketType.stream, .sequencedPacket])
    func nothing(_ type: SocketType) throws {
        try Descriptor.socketPair(type: type, nonBlocking: true).split { first, second in
            #expect(throws: Errno.wouldBlock) { _ = try receive(over: second) }
            try first.close()
            let end = try receive(over: second)
            #expect(end.message == ReceivedMessage(count: 0, isTruncated: false, lostDescriptors: nil))
        }
    }

    @Test("a packet longer than the buffer says so, and its descriptors arrive")
    func truncated() throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        let sent = try makeSockets(2)
        try send("a long packet", sent, over: pair.first)
        let received = try receive(over: pair.second, size: 6)
        #expect(received.text == "a long")
        #expect(received.message == ReceivedMessage(count: 6, isTruncated: true, lostDescriptors: nil))
        #expect(try inodes(received.descriptors) == inodes(sent))
    }

    // MARK: What is refused

    static let refusals: [(count: Int, text: String, sentence: String)] = [
        (0, "x", "cannot send 0 descriptors: one message carries 1 to 253; split them"),
        (254, "x", "cannot send 254 descriptors: one message carries 1 to 253; split them"),
        (1, "", "cannot send 1 descriptors: a message without bytes loses its descriptors on a stream"),
        (0, "", "cannot send 0 descriptors: "),
    ]

    @Test("too few, too many, and an empty message", arguments: refusals)
    func refused(_ count: Int, _ text: String, _ sentence: String) throws {
        let pair = try Descriptor.socketPair(type: .stream, nonBlocking: true)
        let error = try sendFailure(text, try makeSockets(count), over: pair.first)
        #expect(error.code == .limit && error.errno == nil)
        #expect(error.description.hasPrefix(sentence))
        #expect(throws: Errno.wouldBlock, "something was sent") { _ = try receive(over: pair.second) }
    }

    @Test("a full queue")
    func fullQueue() throws {
        let pair = try Descriptor.socketPair(type: .stream, nonBlocking: true)
        while succeeds({ try send("x", over: pair.first) }) {}
        let error = try sendFailure("x", makeSockets(1), over: pair.first)
        #expect(error.code == .system && error.errno == .wouldBlock)
        #expect(error.description.contains("the receiver's queue is full; wait until the socket is writable"))
    }

    @Test("a descriptor that is not open")
    func notOpen() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        var closed = UniqueArray<Descriptor>()
        closed.append(Descriptor(owning: .max))
        let error = try sendFailure("x", closed, over: pair.first)
        #expect(error.errno == .badFileDescriptor)
        #expect(error.description.contains("one of the descriptors is not open"))
    }

    @Test("a packet larger than the send buffer")
    func tooLarge() throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        let text = String(repeating: "x", count: try pair.first.get(.sendBuffer) + 1)
        let error = try sendFailure(text, makeSockets(1), over: pair.first)
        #expect(error.errno == .messageTooLong)
        #expect(error.description.contains("raise SO_SNDBUF or send less"))
    }

    @Test("a peer that is gone: EPIPE, and no signal", arguments: [SocketType.stream, .sequencedPacket])
    func peerGone(_ type: SocketType) async {
        await #expect(processExitsWith: .success) { [type = type.rawValue as CInt] in
            signal(SIGPIPE, SIG_DFL)
            try Descriptor.socketPair(type: SocketType(rawValue: type)).split { first, second in
                try second.close()
                let error = try sendFailure("x", makeSockets(1), over: first)
                #expect(error.errno == .brokenPipe, "\(error)")
                #expect(error.description.contains("the receiver has closed the socket"), "\(error)")
            }
        }
    }

    @Test("a receiver that takes no descriptors", .enabled(if: Machine.hasPassRights, Machine.passRightsReason))
    func refusedByReceiver() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        try allowDescriptors(false, over: pair.second)
        let error = try sendFailure("x", makeSockets(1), over: pair.first)
        #expect(error.errno == .notPermitted)
        #expect(error.description.contains("SO_PASSRIGHTS is off"))
    }

    @Test(
        "an ordinary user has too many in flight",
        .enabled(if: Machine.canBeUnprivileged, Machine.unprivilegedReason))
    func tooManyInFlight() async {
        await #expect(processExitsWith: .success) {
            // They are counted per user: those of the other tests count unless this test has a user to itself.
            let isAlone = Machine.isRoot
            try becomeUnprivileged()
            let pair = try Descriptor.socketPair(type: .sequencedPacket, nonBlocking: true)
            let sockets = try makeSockets(32)
            var limit = rlimit(rlim_cur: 64, rlim_max: 64)
            try #require(unsafe plumb_setrlimit_nofile(&limit) == 0)
            // The limit lets 64 be in flight, or a few more of a message that began below it.
            var sent = 0
            var failure: SocketsError? = nil
            while failure == nil && sent < 16 {
                failure = try? sendFailure("x", sockets, over: pair.first)
                if failure == nil { sent += 1 }
            }
            #expect((isAlone ? 1...3 : 0...3).contains(sent), "\(sent) messages of 32 were sent")
            let error = try #require(failure)
            #expect(error.errno == .tooManyReferences, "\(error)")
            #expect(error.description.contains("more descriptors in flight than RLIMIT_NOFILE allows"), "\(error)")
            // The advice of the sentence: once some were taken, sending works again.
            for _ in 0..<sent { try readAndDrop(pair.second) }
            if isAlone { try send("x", sockets, over: pair.first) }
        }
    }
}

func allowDescriptors(_ allowed: Bool, over socket: borrowing Descriptor) throws {
    let isKnown = try socket.borrowed.allowDescriptors(allowed)
    #expect(isKnown)
}

/// The inodes behind the descriptors, in order.
func inodes(_ descriptors: borrowing UniqueArray<Descriptor>) throws -> [UInt64] {
    var all: [UInt64] = []
    for index in descriptors.indices { all.append(try inode(descriptors[index])) }
    return all
}

private func receive(
    over pair: borrowing DescriptorPair, after text: String, _ descriptors: borrowing UniqueArray<Descriptor>
) throws -> Received {
    try send(text, descriptors, over: pair.first)
    return try receive(over: pair.second)
}

private func readAndDrop(_ socket: borrowing Descriptor) throws {
    var bytes: [UInt8] = [0]
    _ = try readOnce(socket, &bytes)
}

private func sendFailure(
    _ text: String, _ descriptors: borrowing UniqueArray<Descriptor>, over socket: borrowing Descriptor
) throws -> SocketsError {
    let bytes = Array(text.utf8)
    do throws(SocketsError) {
        _ = try unsafe socket.borrowed.send(bytes.span.bytes, descriptors: descriptors.span)
    } catch {
        return error
    }
    throw NothingThere()
}
