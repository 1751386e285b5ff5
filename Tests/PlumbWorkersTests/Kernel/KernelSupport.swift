import BasicContainers
import CPlumb
import FoundationEssentials
import PlumbSockets
import Synchronization
import SystemPackage
import Testing

@testable import PlumbWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Tests run in parallel in one process. What counts open descriptors or changes a setting of the process (limits,
// signals, environment) runs in an exit test, whose body is alone in a process of its own.

/// A deadline for what should take no time: long enough for a machine that does ten other things.
let generous: CInt = 30_000

struct NothingCame: Error, CustomStringConvertible {
    let description: String
}

/// The master's end of a channel, and the worker's.
final class TestChannel: Sendable {
    let worker: WorkerChannel
    private let end: Mutex<Descriptor?>
    private let number: CInt

    init(number workerNumber: Int = 1, generation: Int = 1) throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        let ends = pair.split { master, worker in (master.release(), worker.release()) }
        number = ends.0
        end = Mutex(Descriptor(owning: ends.0))
        worker = WorkerChannel(
            Descriptor(owning: ends.1), number: workerNumber, generation: generation, wakeUp: try WakeUpDescriptor())
    }

    private var view: BorrowedDescriptor {
        @_lifetime(immortal)
        get { unsafe BorrowedDescriptor(unsafeRawValue: number) }
    }

    /// The master is gone.
    func closeMaster() { end.withLock { $0 = nil } }

    // MARK: What the master does

    func send(_ message: HandoffMessage) throws { try message.send(over: view, numbers: Span()) }

    /// Sends with descriptors attached, which stay open here.
    func send(_ message: HandoffMessage, _ sockets: borrowing Sockets) throws {
        let numbers = sockets.numbers
        try message.send(over: view, numbers: numbers.span)
    }

    /// Sends anything, with descriptors attached.
    func send(bytes: [UInt8], _ sockets: borrowing Sockets) throws {
        let numbers = sockets.numbers
        _ = try unsafe view.send(bytes.span.bytes, numbers: numbers.span)
    }

    /// The next message of the worker, for which this waits; `nil` at the end of file.
    func receive() throws -> HandoffMessage? {
        let isReadable = try view.waitUntil(writable: false, timeoutMilliseconds: generous)
        if !isReadable { throw NothingCame(description: "no message from the worker in \(generous) ms") }
        return try receiveOnce()
    }

    /// What the worker has sent until now.
    func received() throws -> [HandoffMessage] {
        var messages: [HandoffMessage] = []
        while try view.waitUntil(writable: false, timeoutMilliseconds: 0), let message = try receiveOnce() {
            messages.append(message)
        }
        return messages
    }

    private func receiveOnce() throws -> HandoffMessage? {
        var room = [UInt8](repeating: 0, count: 100)
        var none = UniqueArray<Descriptor>()
        let count = try receiveOnce(&room, &none)
        if count == 0 { return nil }
        let bytes = Array(room[..<count])
        return unsafe HandoffMessage(bytes.span.bytes)
    }

    private func receiveOnce(_ room: inout [UInt8], _ none: inout UniqueArray<Descriptor>) throws -> Int {
        var span = room.mutableSpan
        var bytes = unsafe span.mutableBytes
        return try view.receive(into: &bytes, descriptors: &none, limit: 0).count
    }

    /// Waits for the worker to say that it has taken and finished so many.
    func waitForProgress(taken: UInt64, finished: UInt64) throws {
        while let message = try receive() {
            if message == HandoffMessage(.progress, first: taken, second: finished) { return }
        }
        throw NothingCame(description: "the worker closed the channel before it said \(taken), \(finished)")
    }
}

/// Connected sockets: one end of each is passed, the other shows what becomes of it.
struct Sockets: ~Copyable {
    private var passed = UniqueArray<Descriptor>()
    private var kept = UniqueArray<Descriptor>()

    init(_ count: Int) throws {
        for _ in 0..<count {
            let pair = try Descriptor.socketPair(type: .stream, nonBlocking: true)
            let ends = pair.split { first, second in (first.release(), second.release()) }
            passed.append(Descriptor(owning: ends.0))
            kept.append(Descriptor(owning: ends.1))
        }
    }

    var numbers: [CInt] { (0..<passed.count).map { passed[$0].rawValue } }

    /// The files of the passed ends.
    func inodes() throws -> [UInt64] { try (0..<passed.count).map { try inode(passed[$0].rawValue) } }

    /// Closes the passed ends here, so that the receiver's are the only ones.
    mutating func closePassed() { passed.removeAll() }

    /// Whether the passed end is closed everywhere.
    func isClosed(_ index: Int) throws -> Bool {
        // Nothing is ever written to it: readable is the end of file.
        let kept = unsafe BorrowedDescriptor(unsafeRawValue: kept[index].rawValue)
        return try kept.waitUntil(writable: false, timeoutMilliseconds: 0)
    }
}

/// The file behind a descriptor: sockets have inodes of their own.
func inode(_ number: CInt) throws -> UInt64 {
    var status = stat()
    unsafe try #require(fstat(number, &status) == 0)
    return UInt64(status.st_ino)
}

func inode(_ descriptor: borrowing Descriptor) throws -> UInt64 { try inode(descriptor.rawValue) }
func isNonBlocking(_ descriptor: borrowing Descriptor) throws -> Bool { try descriptor.borrowed.isNonBlocking() }
func isCloseOnExec(_ descriptor: borrowing Descriptor) throws -> Bool { try descriptor.borrowed.isCloseOnExec() }

// MARK: Limits

func isOpen(_ number: CInt) -> Bool { plumb_fcntl(number, F_GETFD, 0) != -1 }

/// The numbers of this thread's open descriptors.
func openDescriptors() throws -> Set<CInt> {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/thread-self/fd")
    // The directory's own descriptor is among the names, and closed by now.
    return Set(names.compactMap { CInt($0) }.filter { isOpen($0) })
}

/// Gives this thread a table of descriptors of its own, and lets it open `free` more and no further one; for exit
/// tests.
func limitDescriptors(free: Int) throws {
    // The runtime's threads open and close descriptors when they please: from here on not in this table.
    try #require(plumb_close_range(.max, .max, UInt32(CLOSE_RANGE_UNSHARE)) == 0, "close_range: \(Errno.current)")
    var limit = rlimit()
    unsafe try #require(plumb_getrlimit_nofile(&limit) == 0)
    let highest = Int(try openDescriptors().max() ?? 0)
    // Every number below the limit is taken, but for `free`.
    limit.rlim_cur = rlim_t(highest + 1 + free)
    unsafe try #require(plumb_setrlimit_nofile(&limit) == 0)
    let gaps = (0..<highest).filter { !isOpen(CInt($0)) }
    for _ in gaps { try #require(plumb_fcntl(2, F_DUPFD_CLOEXEC, 0) >= 0) }
}

// MARK: Threads

/// A thread that is waited for with a deadline.
final class BackgroundThread: Sendable {
    private let body: @Sendable () throws -> Void
    private let failure = Mutex<(any Error)?>(nil)
    private let end: WakeUpDescriptor

    /// Starts a thread.
    init(_ body: @escaping @Sendable () throws -> Void) throws {
        self.body = body
        end = try WakeUpDescriptor()
        var thread = pthread_t()
        let start = unsafe Unmanaged.passRetained(self).toOpaque()
        let error = unsafe pthread_create(
            &thread, nil,
            { start in
                guard let start = unsafe start else { return nil }
                unsafe Unmanaged<BackgroundThread>.fromOpaque(start).takeRetainedValue().run()
                return nil
            }, start)
        precondition(error == 0, "pthread_create: \(error)")
        pthread_detach(thread)
    }

    private func run() {
        do { try body() } catch { failure.withLock { $0 = error } }
        end.signal()
    }

    /// Waits until the thread's body has returned, and throws what it threw.
    func wait() throws {
        let view = unsafe BorrowedDescriptor(unsafeRawValue: end.descriptor.rawValue)
        let hasEnded = try view.waitUntil(writable: false, timeoutMilliseconds: generous)
        if !hasEnded { throw NothingCame(description: "the thread did not return in \(generous) ms") }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}

/// Gives other threads the processor until something is the case, with a deadline.
func spin(until condition: () -> Bool) throws {
    let deadline = MonotonicTime.now + .milliseconds(Int64(generous))
    while !condition() {
        if MonotonicTime.now > deadline { throw NothingCame(description: "it did not happen in \(generous) ms") }
        sched_yield()
    }
}
