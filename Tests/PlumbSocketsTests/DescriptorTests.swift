import BasicContainers
import CPlumb
import Synchronization
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Descriptors") struct DescriptorTests {
    @Test("a descriptor is closed when its value ends")
    func closesAtEnd() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let number = try makeAndDrop()
            #expect(!isOpen(number), "still open")
        }
    }

    @Test("close() closes once: who has the number next keeps it")
    func closesOnce() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            var next: Descriptor? = nil
            var number: CInt = -1
            do {
                let first = try Descriptor.socket(family: AF_UNIX, type: .stream)
                number = first.rawValue
                try first.close()
                next = try Descriptor.socket(family: AF_UNIX, type: .stream)
            }
            try #require(next?.rawValue == number, "the kernel did not give the number again")
            #expect(isOpen(number), "closed twice")
        }
    }

    @Test("nor does close() take a descriptor away from another thread")
    func closesOnceAmongThreads() async {
        await #expect(processExitsWith: .success) {
            let counts = Counts()
            onThreads(2) { index in
                for _ in 0..<100_000 {
                    guard let socket = try? Descriptor.socket(family: AF_UNIX, type: .stream) else { continue }
                    if index == 0 {
                        try? socket.close()
                    } else if (try? inode(socket)) == nil {
                        counts.taken.add(1, ordering: .relaxed)
                    }
                }
            }
            #expect(counts.taken.load(ordering: .relaxed) == 0)
        }
    }

    @Test("release() closes nothing")
    func releases() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let number = try makeAndRelease()
            #expect(isOpen(number), "closed")
            #expect(plumb_close(number) == 0, "closed")
        }
    }

    @Test("close() says what close(2) says")
    func reportsClose() {
        // A number beyond every limit, so that no other test can have it.
        #expect(throws: Errno.badFileDescriptor) { try Descriptor(owning: .max).close() }
    }

    @Test("everything that Plumb opens is close-on-exec")
    func closeOnExec() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try isolateDescriptors()
            let before = try openDescriptors()
            var opened = UniqueArray<Descriptor>()
            let listener = try Listener(on: .unix(pathname: directory.file("socket")) ?? .unnamed)
            opened.append(try Descriptor.connecting(to: listener.address))
            opened.append(try require(listener.accept()))
            opened.append(try opened[0].duplicate())
            opened.append(try Descriptor.socket(family: AF_INET, type: .stream))
            let pair = try Descriptor.socketPair(type: .sequencedPacket)
            try send("x", opened, over: pair.first)
            let received = try receive(over: pair.second)
            try #require(received.descriptors.count == 4)
            // The listener with its lock and its directory, four that we made, a pair, and the four again.
            let all = try openDescriptors().subtracting(before)
            #expect(all.count == 13, "\(all.count) opened")
            let inherited = all.filter { plumb_fcntl($0, F_GETFD, 0) & FD_CLOEXEC == 0 }
            #expect(inherited.isEmpty, "\(inherited) of \(all.sorted()) stay open after exec")
        }
    }

    @Test("O_NONBLOCK belongs to the open file: a duplicate sees the change")
    func duplicateSharesNonBlocking() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let duplicate = try pair.first.duplicate(atLeast: 100)
        #expect(duplicate.rawValue >= 100)
        #expect(try inode(duplicate) == inode(pair.first))
        for nonBlocking in [true, false, false, true] {
            try duplicate.borrowed.setNonBlocking(nonBlocking)
            #expect(try isNonBlocking(pair.first) == nonBlocking)
            #expect(try isNonBlocking(pair.second) == false, "the other end is another open file")
        }
    }

    @Test("created as asked: non-blocking or not", arguments: [true, false])
    func nonBlockingAsAsked(_ nonBlocking: Bool) throws {
        let socket = try Descriptor.socket(family: AF_INET, type: .stream, nonBlocking: nonBlocking)
        let pair = try Descriptor.socketPair(type: .stream, nonBlocking: nonBlocking)
        #expect(try isNonBlocking(socket) == nonBlocking)
        #expect(try isNonBlocking(pair.first) == nonBlocking)
        #expect(try isNonBlocking(pair.second) == nonBlocking)
    }

    @Test("reading: what is there, EAGAIN, the end of file")
    func reading() throws {
        let pair = try Descriptor.socketPair(type: .stream, nonBlocking: true)
        #expect(try !isReadableNow(pair.first))
        var bytes: [UInt8] = [0]
        #expect(throws: Errno.wouldBlock) { try readOnce(pair.first, &bytes) }
        try pair.split { first, second in
            try send("hello", over: second)
            #expect(try isReadableNow(first))
            #expect(try read(first, atMost: 3) == "hel")
            #expect(try read(first) == "lo")
            try second.close()
            #expect(try read(first).isEmpty)
        }
    }

    @Test("sending to a closed peer throws EPIPE and raises no signal")
    func noSignal() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            try Descriptor.socketPair(type: .stream).split { first, second in
                try second.close()
                #expect(throws: Errno.brokenPipe) { try send("x", over: first) }
            }
        }
    }

    @Test("a refused connection throws and leaves nothing open")
    func refusedConnection() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                let address = try Listener(on: .ipv4(.loopback, port: 0)).address
                #expect(throws: Errno.connectionRefused) { _ = try Descriptor.connecting(to: address) }
            }
        }
    }

    @Test("the gate repeats a call that a signal interrupted, and only that")
    func gate() throws {
        var results: [CInt] = [EINTR, EINTR, 0, EINTR, EAGAIN, EINTR]
        func call() -> CInt {
            let error = results.removeFirst()
            if error != 0 { errno = error }
            return error == 0 ? 7 : -1
        }
        #expect(try systemCall(call) == 7)
        #expect(throws: Errno.wouldBlock) { try systemCall(call) }
        #expect(throws: Errno.interrupted) { try systemCallOnce(call) }
        #expect(results.isEmpty)
    }
}

private func makeAndDrop() throws -> CInt {
    let descriptor = try Descriptor.socket(family: AF_UNIX, type: .stream)
    #expect(isOpen(descriptor.rawValue))
    return descriptor.rawValue
}

private func makeAndRelease() throws -> CInt {
    try Descriptor.socket(family: AF_UNIX, type: .stream).release()
}

private final class Counts: Sendable {
    let taken = Atomic(0)
}
