public import BasicContainers
import CPlumb
public import PlumbSockets
import Synchronization
import SystemPackage

/// A worker's end of the hand-off channel.
///
/// A worker calls ``inherited()`` first of all, prepares what it needs, and then gives a thread to ``run(_:)``, which
/// says READY, acknowledges connections before it shows them, and reports how many are finished. The acknowledgements
/// do not depend on what the worker's other threads do.
public final class WorkerChannel: Sendable {
    /// The worker's number, from 1, which its replacement gets too.
    public let number: Int
    /// The generation that the worker belongs to, from 1.
    public let generation: Int

    private let channel: Descriptor
    private let wakeUp: WakeUpDescriptor
    private let reader = Mutex(ChannelReader())
    private let taken = Atomic<UInt64>(0)
    private let finished = Atomic<UInt64>(0)
    /// Whether ``wait()`` waits without a time limit, so that news of a finished connection has to wake it.
    let isAsleep = Atomic<Bool>(false)

    /// What ``run(_:)`` has for the worker.
    public enum Delivery: ~Copyable {
        /// A connection that is this worker's now, non-blocking, and the index of the listener it came from. Call
        /// ``WorkerChannel/connectionFinished()`` when it is closed.
        case connection(Descriptor, listener: Int)
        /// Listeners to accept from by oneself, non-blocking. Call ``WorkerChannel/connectionTaken()`` for each
        /// connection accepted.
        case listeners(UniqueArray<Descriptor>)
        /// Nothing more is coming: accept what waits, finish what is held, exit with status 0.
        case drain
    }

    /// Takes the channel that the master left in the environment, and removes it from there, so that the worker's own
    /// children do not take it for theirs.
    ///
    /// - Throws: ``WorkersError`` when this process was not started by a master.
    public static func inherited() throws(WorkersError) -> WorkerChannel {
        let name = HandoffProtocol.channelVariable
        guard let number = integer(of: name), number > 2, number <= CInt.max else {
            throw WorkersError(
                "find", "the master's channel",
                reason: "\(name) is not set; start this program by `plumb serve -- COMMAND`")
        }
        let worker = integer(of: HandoffProtocol.workerVariable) ?? 1
        let generation = integer(of: HandoffProtocol.generationVariable) ?? 1
        unsafe unsetenv(name)
        do throws(Errno) {
            // The inherited number has no close-on-exec flag; a duplicate has.
            let inherited = Descriptor(owning: CInt(number))
            return try WorkerChannel(
                inherited.duplicate(), number: Int(worker), generation: Int(generation), wakeUp: WakeUpDescriptor())
        } catch {
            throw WorkersError("use", "descriptor \(number) as the master's channel", errno: error)
        }
    }

    private static func integer(of variable: String) -> Int? {
        guard let text = unsafe getenv(variable) else { return nil }
        return unsafe Int(String(cString: text))
    }

    init(
        _ channel: consuming Descriptor, number: Int, generation: Int, wakeUp: consuming WakeUpDescriptor
    ) {
        self.number = number
        self.generation = generation
        self.channel = channel
        self.wakeUp = wakeUp
    }

    /// A view by number: the borrow checker does not let a view of a class's field leave its access.
    package var endpoint: BorrowedDescriptor {
        @_lifetime(immortal)
        get { unsafe BorrowedDescriptor(unsafeRawValue: channel.rawValue) }
    }

    /// Says that a connection accepted from a listener of one's own is this worker's. From any thread.
    public func connectionTaken() {
        taken.wrappingAdd(1, ordering: .sequentiallyConsistent)
        wakeIfAsleep()
    }

    /// Says that a connection is closed. From any thread, once for each connection.
    public func connectionFinished() {
        let count = finished.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
        // The master would take it for a lie; and a worker that says so while it holds connections would not finish them.
        precondition(
            count <= taken.load(ordering: .sequentiallyConsistent),
            "connectionFinished() was called more often than there were connections: call it once for each")
        wakeIfAsleep()
    }

    private func wakeIfAsleep() {
        if isAsleep.load(ordering: .sequentiallyConsistent) { wakeUp.signal() }
    }

    /// How many connections the worker holds.
    public var live: Int {
        let finished = finished.load(ordering: .sequentiallyConsistent)
        return Int(taken.load(ordering: .sequentiallyConsistent) - finished)
    }

    /// Says READY and delivers what the master sends, until nothing more is coming and every connection is finished.
    ///
    /// The calling thread belongs to the channel meanwhile. When this returns, the process should exit with status 0. A
    /// master that has died is to the worker the same as one that said DRAIN.
    ///
    /// - Parameter deliver: called on this thread with each delivery, in order. It should return soon; what it throws
    ///   ends this call.
    public func run(_ deliver: (consuming Delivery) throws -> Void) throws {
        try start()
        while true {
            switch try turn(deliver) {
            case .busy: continue
            case .idle: try wait()
            case .done: return
            }
        }
    }

    // MARK: One turn

    /// What is remembered from one turn to the next.
    private struct ChannelReader: ~Copyable {
        /// Descriptors of the message being received.
        var arrived = UniqueArray<Descriptor>()
        /// Connections received and not yet acknowledged, with the listener each came from.
        var pending = UniqueArray<Descriptor>()
        var listeners: [Int] = []
        /// The last sequence number received.
        var sequence: UInt64 = 0
        var isDraining = false
        var hasEnded = false
        var reported = Progress(taken: 0, finished: 0)
    }

    private struct Progress: Equatable {
        var taken: UInt64
        var finished: UInt64
    }

    /// What a call of ``turn(_:)`` found.
    public enum Turn: Sendable {
        /// Something was received: there may be more.
        case busy
        /// Nothing is there: ``wait()`` for it.
        case idle
        /// Nothing more is coming, and every connection is finished.
        case done
    }

    /// Says READY. ``run(_:)`` is this, and ``turn(_:)`` and ``wait()`` in a loop, for a worker with a loop of its own.
    public func start() throws {
        do throws(Errno) {
            try endpoint.setNonBlocking(true)
            try send(HandoffMessage(.ready))
        } catch {
            throw failure(error)
        }
    }

    /// Receives what is there without waiting, acknowledges it, and then delivers it.
    public func turn(_ deliver: (consuming Delivery) throws -> Void) throws -> Turn {
        do {
            return try reader.withLock { reader in try turn(&reader, deliver) }
        } catch let error as Errno {
            throw failure(error)
        }
    }

    /// Waits until there is something to receive, and meanwhile reports what was finished.
    public func wait() throws {
        do throws(Errno) {
            try reader.withLock { reader throws(Errno) in try wait(&reader) }
        } catch {
            throw failure(error)
        }
    }

    /// Whether there is something finished or taken that the master has not been told of.
    package var hasNews: Bool { reader.withLock { reader in progress(reader) != reader.reported } }

    /// Tells the master what was taken and finished, unless the master is behind in reading: then the news remains, and
    /// connections are served meanwhile.
    package func report() throws {
        do throws(Errno) {
            try reader.withLock { reader throws(Errno) in try report(&reader, waits: false) }
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: Errno) -> WorkersError { WorkersError("speak to", "the master", errno: error) }

    private func turn(_ reader: inout ChannelReader, _ deliver: (consuming Delivery) throws -> Void) throws -> Turn {
        if isDone(reader) {
            try report(&reader)
            return .done
        }
        let wasDraining = reader.isDraining
        var isBusy = false
        while reader.pending.count < HandoffProtocol.batchLimit, try receive(&reader, deliver) { isBusy = true }
        // Acknowledge before anybody reads from a connection: Documentation/handoff-protocol.md says why.
        if reader.sequence > reader.reported.taken { try report(&reader) }
        while !reader.pending.isEmpty {
            try deliver(.connection(reader.pending.remove(at: 0), listener: reader.listeners.removeFirst()))
        }
        if reader.isDraining && !wasDraining {
            try deliver(.drain)
            return .busy
        }
        return isBusy ? .busy : .idle
    }

    private func isDone(_ reader: borrowing ChannelReader) -> Bool { reader.isDraining && live == 0 }

    /// Nanoseconds for which finished connections wait for an acknowledgement that they can go with. The balance rests
    /// on the reports: with 5 ms, one of two workers got everything until the other's next report came.
    package static var reportDelay: Int64 { 1_000_000 }
    /// Milliseconds after the last news for which finished connections are looked for, instead of waking this thread.
    private static var lookAgain: CInt { 50 }

    /// Receives one message, if there is one, and keeps what it brings.
    ///
    /// - Returns: whether there may be another one.
    private func receive(
        _ reader: inout ChannelReader, _ deliver: (consuming Delivery) throws -> Void
    ) throws -> Bool {
        if reader.hasEnded { return false }
        var room: InlineArray<4, UInt64> = [0, 0, 0, 0]
        var span = room.mutableSpan
        var bytes = unsafe span.mutableBytes
        let received: ReceivedMessage
        do throws(Errno) {
            received = try endpoint.receive(
                into: &bytes, descriptors: &reader.arrived, limit: HandoffProtocol.batchLimit)
        } catch {
            if error == .wouldBlock { return false }
            // A master that ended without having read everything: told once, before what it had sent.
            guard error == .connectionReset else { throw error }
            return true
        }
        if received.count == 0 {
            reader.hasEnded = true
            reader.isDraining = true
            return false
        }
        // A message of another length or type is none of this version's: what came with it is closed.
        let message = HandoffMessage(bytes.bytes.extracting(first: received.count))
        switch message?.kind {
        case .connections?:
            if let message { try keep(message, &reader) }
        case .listeners?:
            if let message, reader.arrived.count < message.count {
                throw try refuseListeners(message, &reader)
            }
            var listeners = UniqueArray<Descriptor>()
            swap(&listeners, &reader.arrived)
            try deliver(.listeners(listeners))
        case .drain?:
            reader.isDraining = true
        case .welcome?, .ready?, .progress?, .refused?, nil:
            break
        }
        reader.arrived.removeAll()
        return true
    }

    /// Some of the listeners did not arrive. A worker without them would be one that is there on some addresses only.
    private func refuseListeners(
        _ message: HandoffMessage, _ reader: inout ChannelReader
    ) throws(Errno) -> WorkersError {
        let arrived = reader.arrived.count
        reader.arrived.removeAll()
        try send(HandoffMessage(.refused, argument: UInt32(EMFILE)))
        return WorkersError(
            "take", "\(message.count) listeners", errno: .tooManyOpenFiles,
            reason: "only \(arrived) of them arrived, because this process can open no more descriptors; raise its "
                + "limit (`ulimit -n`, RLIMIT_NOFILE)")
    }

    /// Keeps the connections of a message, and gives those back that did not arrive.
    private func keep(_ message: HandoffMessage, _ reader: inout ChannelReader) throws(Errno) {
        if message.count == 0 { return }
        let arrived = reader.arrived.count
        while !reader.arrived.isEmpty {
            reader.pending.append(reader.arrived.remove(at: 0))
            reader.listeners.append(Int(message.argument))
        }
        taken.wrappingAdd(UInt64(arrived), ordering: .sequentiallyConsistent)
        reader.sequence = message.first &+ UInt64(message.count) &- 1
        // The kernel installs descriptors in order and stops at the first for which there is no room.
        for missing in arrived..<max(arrived, Int(message.count)) {
            try send(HandoffMessage(.refused, argument: UInt32(EMFILE), first: message.first &+ UInt64(missing)))
        }
    }

    private func progress(_ reader: borrowing ChannelReader) -> Progress {
        // Finished first: what is finished was taken before, so the figures never contradict each other.
        let finished = finished.load(ordering: .sequentiallyConsistent)
        // A worker that accepts by itself has no sequence numbers: it counts.
        let taken = reader.sequence > 0 ? reader.sequence : taken.load(ordering: .sequentiallyConsistent)
        return Progress(taken: taken, finished: finished)
    }

    private func report(_ reader: inout ChannelReader, waits: Bool = true) throws(Errno) {
        let progress = progress(reader)
        let message = HandoffMessage(.progress, first: progress.taken, second: progress.finished)
        if try send(message, waits: waits) { reader.reported = progress }
    }

    /// Waits for the next message, and meanwhile reports what was finished.
    private func wait(_ reader: inout ChannelReader) throws(Errno) {
        if isDone(reader) { return }
        var entries = (
            pollfd(fd: reader.hasEnded ? -1 : channel.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: wakeUp.descriptor.rawValue, events: Int16(POLLIN), revents: 0)
        )
        func poll(_ milliseconds: CInt) throws(Errno) -> Bool {
            do throws(Errno) {
                return try systemCallOnce {
                    unsafe withUnsafeMutableBytes(of: &entries) {
                        unsafe CPlumb.poll($0.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, milliseconds)
                    }
                } > 0
            } catch {
                // As if the time were over: begun anew, it would never be in a program with a timer of its own.
                if error == .interrupted { return false }
                throw error
            }
        }
        let hasNews = progress(reader) != reader.reported
        if try !poll(hasNews ? CInt(WorkerChannel.reportDelay / 1_000_000) : WorkerChannel.lookAgain) {
            if hasNews { return try report(&reader) }
            // Quiet for a while: sleep, and be woken. The flag first, then one more look, so that no news is missed.
            isAsleep.store(true, ordering: .sequentiallyConsistent)
            defer { isAsleep.store(false, ordering: .sequentiallyConsistent) }
            if progress(reader) == reader.reported, !isDone(reader) { _ = try poll(-1) }
        }
        if entries.1.revents != 0 { _ = wakeUp.drain() }
    }

    /// Sends a message. To a master that is gone nothing is sent; its end of file tells in its turn.
    ///
    /// - Parameter waits: whether to wait while the master is behind in reading.
    /// - Returns: whether there is nothing left to send.
    @discardableResult
    private func send(_ message: HandoffMessage, waits: Bool = true) throws(Errno) -> Bool {
        while true {
            do throws(Errno) {
                try message.send(over: endpoint, numbers: Span())
                return true
            } catch {
                if error == .brokenPipe || error == .connectionReset { return true }
                if error != .wouldBlock { throw error }
            }
            if !waits { return false }
            try endpoint.waitUntil(writable: true)
        }
    }
}
