import BasicContainers
import PlumbSockets
import Synchronization
import Testing

@testable import PlumbWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A worker's end of the channel, over a real socket pair whose other end is the test's.
///
/// Most tests send first and then run the worker on the same thread: with DRAIN as the last message, it returns.
struct WorkerChannelTests {
    /// What a run delivered.
    struct Delivered {
        var inodes: [UInt64] = []
        var listeners: [Int] = []
        var others: [String] = []
    }

    /// Runs the worker until it is done; connections are finished as soon as they are delivered.
    private func run(_ channel: TestChannel, onDelivery: (Int) throws -> Void = { _ in }) throws -> Delivered {
        var delivered = Delivered()
        try channel.worker.run { delivery in
            switch consume delivery {
            case .connection(let connection, let listener):
                delivered.inodes.append(try inode(connection))
                delivered.listeners.append(listener)
                #expect(try isCloseOnExec(connection))
                try onDelivery(delivered.inodes.count)
                channel.worker.connectionFinished()
            case .listeners(let listeners):
                delivered.others.append("\(listeners.count) listeners")
            case .drain:
                delivered.others.append("drain")
            }
        }
        return delivered
    }

    @Test("READY is the first message, and the last has the final figures")
    func readyFirst() throws {
        let channel = try TestChannel(number: 7, generation: 3)
        try channel.send(HandoffMessage(.welcome, argument: 32, first: 7, second: 3))
        try channel.send(HandoffMessage(.drain))
        #expect(try run(channel).others == ["drain"])
        #expect(try channel.received() == [HandoffMessage(.ready), HandoffMessage(.progress)])
        #expect(channel.worker.number == 7)
        #expect(channel.worker.generation == 3)
    }

    @Test("A connection is acknowledged before it is delivered")
    func acknowledgesFirst() throws {
        let channel = try TestChannel()
        let sockets = try Sockets(3)
        try channel.send(HandoffMessage(.connections, count: 3, argument: 5, first: 1), sockets)
        try channel.send(HandoffMessage(.drain))
        var acknowledged: UInt64 = 0
        let delivered = try run(channel) { count in
            for message in try channel.received() where message.kind == .progress { acknowledged = message.first }
            #expect(acknowledged >= UInt64(count), "delivered \(count), acknowledged \(acknowledged)")
        }
        #expect(delivered.inodes == (try sockets.inodes()))
        #expect(delivered.listeners == [5, 5, 5])
        #expect(delivered.others == ["drain"])
        #expect(try channel.received().last == HandoffMessage(.progress, first: 3, second: 3))
    }

    @Test("Full batches arrive complete and in order")
    func batches() throws {
        let channel = try TestChannel()
        let sockets = try [Int](repeating: 64, count: 4).map { try BoxedSockets($0) }
        for (index, batch) in sockets.enumerated() {
            let first = UInt64(index * 64 + 1)
            try channel.send(
                HandoffMessage(.connections, count: 64, argument: UInt32(index), first: first), batch.sockets)
        }
        try channel.send(HandoffMessage(.drain))
        var acknowledged: UInt64 = 0
        let delivered = try run(channel) { count in
            for message in try channel.received() where message.kind == .progress { acknowledged = message.first }
            #expect(acknowledged >= UInt64(count))
        }
        #expect(delivered.inodes == (try sockets.flatMap { try $0.sockets.inodes() }))
        #expect(delivered.listeners == (0..<4).flatMap { Array(repeating: $0, count: 64) })
        #expect(acknowledged == 256)
    }

    @Test("Listeners are delivered in their order")
    func listeners() throws {
        let channel = try TestChannel()
        let sockets = try Sockets(3)
        try channel.send(HandoffMessage(.listeners, count: 3), sockets)
        try channel.send(HandoffMessage(.drain))
        var inodes: [UInt64] = []
        try channel.worker.run { delivery in
            guard case .listeners(let listeners) = consume delivery else { return }
            inodes = try (0..<listeners.count).map { try inode(listeners[$0]) }
        }
        #expect(inodes == (try sockets.inodes()))
    }

    @Test(
        "What this version does not know is ignored, and the descriptors with it are closed",
        arguments: [
            [99, 1] + Array(repeating: 0, count: 22), [0, 1] + Array(repeating: 0, count: 22),
            [65, 1] + Array(repeating: 0, count: 22), [4, 1, 0], Array(repeating: 2, count: 100),
            [2, 1] + Array(repeating: 0, count: 22),
        ] as [[UInt8]])
    func unknownMessages(bytes: [UInt8]) throws {
        let channel = try TestChannel()
        var unknown = try Sockets(3)
        try channel.send(bytes: bytes, unknown)
        unknown.closePassed()
        let known = try Sockets(1)
        try channel.send(HandoffMessage(.connections, count: 1, first: 1), known)
        try channel.send(HandoffMessage(.drain))
        let delivered = try run(channel)
        #expect(delivered.inodes == (try known.inodes()))
        #expect(delivered.others == ["drain"])
        for index in 0..<3 { #expect(try unknown.isClosed(index), "descriptor \(index)") }
        #expect(try channel.received().last == HandoffMessage(.progress, first: 1, second: 1))
    }

    @Test("What the worker throws ends the run")
    func deliverThrows() throws {
        struct Enough: Error {}
        let channel = try TestChannel()
        try channel.send(HandoffMessage(.drain))
        #expect(throws: Enough.self) { try channel.worker.run { _ in throw Enough() } }
    }

    // MARK: The end

    @Test("After DRAIN it returns when the last connection is finished, not before")
    func drainWaits() throws {
        let channel = try TestChannel()
        let sockets = try Sockets(2)
        try channel.send(HandoffMessage(.connections, count: 2, first: 1), sockets)
        try channel.send(HandoffMessage(.drain))
        let flags = Flags()
        let thread = try BackgroundThread {
            try channel.worker.run { delivery in
                if case .drain = consume delivery { flags.isDraining.store(true, ordering: .releasing) }
            }
            flags.hasReturned.store(true, ordering: .releasing)
        }
        try spin { flags.isDraining.load(ordering: .acquiring) }
        try channel.waitForProgress(taken: 2, finished: 0)
        channel.worker.connectionFinished()
        try channel.waitForProgress(taken: 2, finished: 1)
        let hasReturned = flags.hasReturned.load(ordering: .acquiring)
        #expect(!hasReturned)
        #expect(channel.worker.live == 1)
        channel.worker.connectionFinished()
        try thread.wait()
        try channel.waitForProgress(taken: 2, finished: 2)
        #expect(channel.worker.live == 0)
    }

    @Test("A master that is gone is as one that said DRAIN")
    func masterGone() throws {
        let channel = try TestChannel()
        let sockets = try Sockets(2)
        try channel.send(HandoffMessage(.connections, count: 2, first: 1), sockets)
        let flags = Flags()
        let thread = try BackgroundThread {
            try channel.worker.run { delivery in
                if case .drain = consume delivery { flags.isDraining.store(true, ordering: .releasing) }
            }
        }
        try channel.waitForProgress(taken: 2, finished: 0)
        channel.closeMaster()
        try spin { flags.isDraining.load(ordering: .acquiring) }
        channel.worker.connectionFinished()
        channel.worker.connectionFinished()
        try thread.wait()
    }

    @Test("What a master sent before it was gone is served, also when it left messages unread")
    func masterGoneWithUnreadMessages() throws {
        let channel = try TestChannel()
        let sockets = try Sockets(2)
        try channel.worker.start()
        try channel.send(HandoffMessage(.connections, count: 2, first: 1), sockets)
        // READY is unread: the worker's next call says ECONNRESET before it shows the connections.
        channel.closeMaster()
        var delivered = Delivered()
        var turn = WorkerChannel.Turn.busy
        while turn == .busy {
            turn = try channel.worker.turn { delivery in
                switch consume delivery {
                case .connection(let connection, _):
                    delivered.inodes.append(try inode(connection))
                    channel.worker.connectionFinished()
                case .listeners: break
                case .drain: delivered.others.append("drain")
                }
            }
        }
        #expect(turn == .done)
        #expect(delivered.inodes == (try sockets.inodes()))
        #expect(delivered.others == ["drain"])
    }

    @Test("A master that is gone before READY ends the run without an error")
    func masterGoneAtOnce() throws {
        let channel = try TestChannel()
        channel.closeMaster()
        #expect(try run(channel).others == ["drain"])
    }

    // MARK: Reports

    @Test("Finished connections are reported though nothing else arrives", arguments: 0..<5)
    func wakesFromSleep(round: Int) throws {
        let channel = try TestChannel()
        let sockets = try Sockets(4)
        let thread = try BackgroundThread { try channel.worker.run { _ in } }
        try channel.send(HandoffMessage(.connections, count: 4, first: 1), sockets)
        try channel.waitForProgress(taken: 4, finished: 0)
        for finished in 1...3 as ClosedRange<UInt64> {
            // Not only when it looks by itself, but from the sleep without a time limit.
            try spin { channel.worker.isAsleep.load(ordering: .sequentiallyConsistent) }
            channel.worker.connectionFinished()
            try channel.waitForProgress(taken: 4, finished: finished)
        }
        channel.closeMaster()
        channel.worker.connectionFinished()
        try thread.wait()
    }

    @Test("Nothing is missed when many threads finish at once", arguments: 0..<5)
    func manyThreads(round: Int) throws {
        let channel = try TestChannel()
        let thread = try BackgroundThread { try channel.worker.run { _ in } }
        #expect(try channel.receive() == HandoffMessage(.ready))
        try spin { channel.worker.isAsleep.load(ordering: .sequentiallyConsistent) }
        let threads = try (0..<8).map { _ in
            try BackgroundThread {
                for _ in 0..<500 {
                    channel.worker.connectionTaken()
                    channel.worker.connectionFinished()
                }
            }
        }
        for thread in threads { try thread.wait() }
        var last = HandoffMessage(.progress)
        while last.first < 4000 || last.second < 4000 {
            let next = try #require(try channel.receive())
            #expect(next.first >= last.first && next.second >= last.second, "counts only grow")
            #expect(next.second <= next.first, "finished never exceeds taken")
            last = next
        }
        try channel.send(HandoffMessage(.drain))
        try thread.wait()
    }

    @Test("Finishing more connections than there were is the program's own error, and it is told which")
    func finishedTooOften() async throws {
        let end = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let channel = try TestChannel()
            channel.worker.connectionTaken()
            channel.worker.connectionFinished()
            channel.worker.connectionFinished()
        }
        let text = String(decoding: end.standardErrorContent, as: UTF8.self)
        #expect(!_isDebugAssertConfiguration() || text.contains("connectionFinished() was called more often than"))
    }

    @Test("Signals that keep coming do not keep the reports from going out")
    func signals() async {
        await #expect(processExitsWith: .success) {
            #expect(signalsHandled.load(ordering: .relaxed) == 0)
            signal(SIGUSR1) { _ in signalsHandled.wrappingAdd(1, ordering: .relaxed) }
            let channel = try TestChannel()
            let isOver = Flags()
            let number = Mutex<pthread_t?>(nil)
            let thread = try BackgroundThread {
                // Threads of the Swift runtime block signals, and this one has its mask from such a one.
                var set = sigset_t()
                unsafe sigaddset(&set, SIGUSR1)
                unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
                number.withLock { $0 = pthread_self() }
                try channel.worker.run { _ in }
            }
            // More often than the worker looks for what was finished.
            let signals = try BackgroundThread {
                while !isOver.hasReturned.load(ordering: .relaxed) {
                    if let thread = number.withLock({ $0 }) { pthread_kill(thread, SIGUSR1) }
                    usleep(5000)
                }
            }
            let sockets = try Sockets(1)
            try channel.send(HandoffMessage(.connections, count: 1, first: 1), sockets)
            try channel.waitForProgress(taken: 1, finished: 0)
            // By now it waits, and has been interrupted in that.
            let before = signalsHandled.load(ordering: .relaxed)
            try spin { signalsHandled.load(ordering: .relaxed) > before + 3 }
            channel.worker.connectionFinished()
            try channel.waitForProgress(taken: 1, finished: 1)
            isOver.hasReturned.store(true, ordering: .relaxed)
            try signals.wait()
            try channel.send(HandoffMessage(.drain))
            try thread.wait()
        }
    }

    @Test("A worker waits while the master is behind in reading, and loses nothing")
    func masterIsBehind() throws {
        let channel = try TestChannel()
        let thread = try BackgroundThread { try channel.worker.run { _ in } }
        // None of them is attached: each is refused, which is more than the channel has room for.
        try channel.send(HandoffMessage(.connections, count: 2000, first: 1))
        try channel.send(HandoffMessage(.drain))
        #expect(try channel.receive() == HandoffMessage(.ready))
        for sequence in 1...2000 as ClosedRange<UInt64> {
            #expect(try channel.receive() == HandoffMessage(.refused, argument: 24, first: sequence))
        }
        try channel.waitForProgress(taken: 2000, finished: 0)
        try thread.wait()
    }
}

/// How many signals were handled in this process.
private let signalsHandled = Atomic<Int>(0)

/// What a worker's thread tells the test's.
final class Flags: Sendable {
    let isDraining = Atomic(false)
    let hasReturned = Atomic(false)
}

/// Sockets that an array can hold.
final class BoxedSockets {
    let sockets: Sockets

    init(_ count: Int) throws { sockets = try Sockets(count) }
}
