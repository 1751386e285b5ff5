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

@Suite("What the kernel does with passed descriptors") struct DescriptorPassingFactsTests {
    @Test("on a stream a read ends after the bytes that brought descriptors, and may begin before them")
    func streamBoundaries() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let files = try makeSockets(2)
        for (text, isFramed) in [("AA", false), ("BB", true), ("CC", false), ("DD", true), ("EE", false)] {
            if isFramed { try send(text, files, over: pair.first) } else { try send(text, over: pair.first) }
        }
        for (text, count) in [("AABB", 2), ("CCDD", 2), ("EE", 0)] {
            let received = try receive(over: pair.second)
            #expect(received.text == text && received.descriptors.count == count)
        }
    }

    @Test("on a stream the descriptors come with the first byte of their message that is read")
    func firstByte() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        try send("frame", makeSockets(2), over: pair.first)
        let first = try receive(over: pair.second, size: 1)
        let rest = try receive(over: pair.second)
        #expect(first.text == "f" && first.descriptors.count == 2)
        #expect(rest.text == "rame" && rest.descriptors.isEmpty)
    }

    @Test("packets keep their boundaries")
    func packetBoundaries() throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        let files = try makeSockets(1)
        try send("AA", over: pair.first)
        try send("BB", files, over: pair.first)
        for (text, count) in [("AA", 0), ("BB", 1)] {
            let received = try receive(over: pair.second)
            #expect(received.text == text && received.descriptors.count == count)
        }
    }

    @Test("an empty message: a stream loses its descriptors, packets deliver it and it looks like the end of file")
    func emptyMessage() throws {
        let stream = try Descriptor.socketPair(type: .stream, nonBlocking: true)
        let packets = try Descriptor.socketPair(type: .sequencedPacket, nonBlocking: true)
        #expect(try sendEmpty(makeSockets(1), over: stream.first) == 0)
        #expect(throws: Errno.wouldBlock) { _ = try receive(over: stream.second) }
        #expect(try sendEmpty(makeSockets(1), over: packets.first) == 0)
        let received = try receive(over: packets.second)
        #expect(received.message.count == 0 && received.descriptors.count == 1)
    }

    @Test("a stream that takes only some of the bytes takes all descriptors, once")
    func partialSend() throws {
        let pair = try Descriptor.socketPair(type: .stream, nonBlocking: true)
        let bytes = [UInt8](repeating: 0x78, count: 4 << 20)
        let taken = try send(bytes, makeSockets(3), over: pair.first)
        #expect((1..<bytes.count).contains(taken), "the queue took \(taken) bytes")
        var all = Received()
        var length = 0
        while try isReadableNow(pair.second) {
            try receiveMore(pair.second, &all, size: 65_536)
            length += all.message.count
        }
        #expect(length == taken)
        #expect(all.descriptors.count == 3)
    }

    @Test(
        "a connection stays open while a duplicate of it is in flight",
        arguments: [SocketType.stream, .sequencedPacket])
    func inFlight(_ type: SocketType) throws {
        let pair = try Descriptor.socketPair(type: type)
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let client = try Descriptor.connecting(to: listener.address)
        try waitUntilReadable(listener.descriptor)
        try sendAway(require(listener.accept()), over: pair.first)
        // Nobody has the server's end open now, and it takes bytes all the same.
        try send("request", over: client)
        do {
            let received = try receive(over: pair.second)
            #expect(try read(received.descriptors[0]) == "request")
            try send("response", over: received.descriptors[0])
            #expect(try read(client) == "response")
        }
        #expect(try read(client).isEmpty, "the last descriptor is closed")
    }

    @Test("O_NONBLOCK is shared with the sender, close-on-exec is not")
    func sharedFlags() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let sent = try makeSockets(1)
        try clearCloseOnExec(sent[0])
        try send("x", sent, over: pair.first)
        let received = try receive(over: pair.second)
        try received.descriptors[0].borrowed.setNonBlocking(true)
        #expect(try isNonBlocking(sent[0]))
        #expect(try isCloseOnExec(received.descriptors[0]))
        #expect(try !isCloseOnExec(sent[0]))
    }

    @Test("looking at a message (MSG_PEEK) installs duplicates of its descriptors, each time")
    func peeking() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let pair = try Descriptor.socketPair(type: .stream)
            try send("x", makeSockets(3), over: pair.first)
            let before = try openDescriptors()
            for round in 1...2 {
                let count = receiveRaw(pair.second, controlLength: 1024, PLUMB_MSG_PEEK)
                #expect(count == 3)
                #expect(try openDescriptors().subtracting(before).count == 3 * round)
            }
            #expect(receiveRaw(pair.second, controlLength: 1024, 0) == 3)
            #expect(try openDescriptors().subtracting(before).count == 9)
        }
    }

    @Test("room for one descriptor by CMSG_SPACE lets two in on 64 bits, by CMSG_LEN one")
    func controlPadding() async {
        await #expect(processExitsWith: .success) {
            let pair = try Descriptor.socketPair(type: .stream)
            for (length, expected) in [
                (plumb_cmsg_space(4), MemoryLayout<Int>.size == 8 ? 2 : 1), (plumb_cmsg_len(4), 1),
            ] {
                try send("x", makeSockets(5), over: pair.first)
                #expect(receiveRaw(pair.second, controlLength: length, 0) == expected)
            }
        }
    }

    @Test("one descriptor sent twice in a message arrives as two")
    func sentTwice() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let number = pair.first.rawValue
        _ = try unsafe withUnsafeTemporaryAllocation(of: CInt.self, capacity: 2) { numbers in
            unsafe numbers.initialize(repeating: number)
            return try unsafe sendNumbers([0x78], UnsafeBufferPointer(numbers), over: pair.first)
        }
        let received = try receive(over: pair.second)
        try #require(received.descriptors.count == 2)
        #expect(received.descriptors[0].rawValue != received.descriptors[1].rawValue)
        #expect(try inode(received.descriptors[0]) == inode(received.descriptors[1]))
    }
}

/// `recvmsg(2)` of one byte, with control data of a length.
///
/// - Returns: how many descriptors it installed, which stay open.
private func receiveRaw(_ socket: borrowing Descriptor, controlLength: Int, _ flags: CInt) -> Int {
    var byte: UInt8 = 0
    var control = [UInt64](repeating: 0, count: controlLength / 8 + 1)
    return unsafe withUnsafeMutablePointer(to: &byte) { byte in
        var vector = unsafe iovec(iov_base: byte, iov_len: 1)
        return unsafe withUnsafeMutablePointer(to: &vector) { vector in
            unsafe control.withUnsafeMutableBytes { control in
                var message = unsafe msghdr()
                unsafe message.msg_iov = vector
                unsafe message.msg_iovlen = 1
                unsafe message.msg_control = control.baseAddress
                unsafe message.msg_controllen = numericCast(controlLength)
                guard unsafe recvmsg(socket.rawValue, &message, flags | PLUMB_MSG_CMSG_CLOEXEC) == 1,
                    let header = unsafe plumb_cmsg_firsthdr(&message)
                else { return 0 }
                return unsafe (Int(header.pointee.cmsg_len) - plumb_cmsg_len(0)) / MemoryLayout<CInt>.size
            }
        }
    }
}

private func send(
    _ bytes: [UInt8], _ descriptors: borrowing UniqueArray<Descriptor>, over socket: borrowing Descriptor
) throws -> Int {
    try unsafe socket.borrowed.send(bytes.span.bytes, descriptors: descriptors.span)
}

/// Sends one descriptor and keeps nothing of it.
private func sendAway(_ descriptor: consuming Descriptor, over socket: borrowing Descriptor) throws {
    var sent = UniqueArray<Descriptor>()
    sent.append(descriptor)
    try send("x", sent, over: socket)
}

/// Sends descriptors without a byte, which the public function refuses to do.
private func sendEmpty(
    _ descriptors: borrowing UniqueArray<Descriptor>, over socket: borrowing Descriptor
) throws -> Int {
    let number = descriptors[0].rawValue
    return try unsafe withUnsafeTemporaryAllocation(of: CInt.self, capacity: 1) { numbers in
        unsafe numbers.initialize(repeating: number)
        return try unsafe sendNumbers([], UnsafeBufferPointer(numbers), over: socket)
    }
}

private func sendNumbers(
    _ bytes: [UInt8], _ numbers: UnsafeBufferPointer<CInt>, over socket: borrowing Descriptor
) throws -> Int {
    try unsafe socket.borrowed.send(bytes.span.bytes, numbers: numbers.span)
}

private func clearCloseOnExec(_ descriptor: borrowing Descriptor) throws {
    try #require(plumb_fcntl(descriptor.rawValue, F_SETFD, 0) == 0)
}
