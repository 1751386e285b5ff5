import CPlumb
import PlumbSockets
import PlumbWorkers
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Serves by `WorkerChannel` and writes down what it takes.
///
/// For each connection a line `pid peerport listener nanoseconds` goes to `taken.PID` once it is this worker's, before
/// anybody reads from it. Then one request is read and answered: see ``serveLine(_:_:)``.
func runLedger(_ options: Options) {
    if let gate = options.gate {
        while unsafe access(gate, F_OK) == 0 { usleep(2000) }
    }
    let taken = Ledger("taken", in: options.directory)
    let read = Ledger("read", in: options.directory)
    do {
        let channel = try WorkerChannel.inherited()
        let threads = ServingThreads { connection in
            serveLine(connection, read)
            channel.connectionFinished()
        }
        try channel.run { delivery in
            switch consume delivery {
            case .connection(let connection, let listener):
                taken.write("\(getpid()) \(peerPort(connection)) \(listener) \(monotonicNanoseconds())")
                threads.submit(connection.release())
            case .listeners(let listeners):
                _ = consume listeners
            case .drain:
                break
            }
        }
    } catch {
        give("\(error)")
    }
}

private func peerPort(_ connection: borrowing Descriptor) -> UInt16 {
    (try? connection.borrowed.peerAddress())?.port ?? 0
}

/// Answers one line and closes: `N` and `N MILLISECONDS` get `N pid worker`, `crash` traps.
func serveLine(_ connection: CInt, _ read: Ledger? = nil) {
    defer { _ = plumb_close(connection) }
    guard let request = readLine(connection) else { return }
    if request == "crash" { trap(request.utf8.count) }
    let words = request.split(separator: " ")
    guard let number = words.first else { return }
    if words.count > 1, let delay = CInt(words[1]) {
        // Somebody waits to see that this request was read.
        read?.write(String(number))
        usleep(UInt32(delay) * 1000)
    }
    writeAll("\(number) \(getpid()) \(workerNumber)\n", to: connection)
}

private func readLine(_ connection: CInt) -> String? {
    var line: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 256)
    while true {
        var entry = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&entry, 1, 60_000) == 1 else { return nil }
        let count = unsafe plumb_read(connection, &room, room.count)
        if count < 0 && (errno == EAGAIN || errno == EINTR) { continue }
        guard count > 0 else { return nil }
        line += room[..<count]
        if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return String(decoding: line[..<end], as: UTF8.self) }
    }
}

private func writeAll(_ text: String, to connection: CInt) {
    let bytes = Array(text.utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe plumb_send(connection, $0.baseAddress, $0.count, PLUMB_MSG_NOSIGNAL) }
}

private func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Threads that serve connections: one more whenever all are busy, because a request may ask for a long answer.
///
/// One a connection would go through the machine's process numbers in seconds, and tests kill by number.
final class ServingThreads: Sendable {
    private let serve: @Sendable (CInt) -> Void
    /// Threads that wait for a connection and are not promised one.
    private let idle = Atomic<Int>(0)
    private let jobs: (read: CInt, write: CInt)

    init(_ serve: @escaping @Sendable (CInt) -> Void) {
        self.serve = serve
        var ends: [CInt] = [-1, -1]
        if unsafe plumb_socketpair(AF_UNIX, PLUMB_SOCK_SEQPACKET | PLUMB_SOCK_CLOEXEC, 0, &ends) != 0 {
            give("socketpair: \(errno)")
        }
        jobs = (ends[0], ends[1])
    }

    func submit(_ connection: CInt) {
        var waiting = idle.load(ordering: .sequentiallyConsistent)
        while waiting > 0 {
            let (isOurs, now) = idle.compareExchange(
                expected: waiting, desired: waiting - 1, ordering: .sequentiallyConsistent)
            if isOurs {
                var connection = connection
                _ = unsafe plumb_write(jobs.write, &connection, MemoryLayout<CInt>.size)
                return
            }
            waiting = now
        }
        start(connection)
    }

    private func work(_ first: CInt) {
        var connection = first
        while true {
            serve(connection)
            idle.wrappingAdd(1, ordering: .sequentiallyConsistent)
            guard unsafe plumb_read(jobs.read, &connection, MemoryLayout<CInt>.size) == MemoryLayout<CInt>.size else {
                return
            }
        }
    }

    private func start(_ connection: CInt) {
        final class Start: Sendable {
            let threads: ServingThreads
            let connection: CInt
            init(_ threads: ServingThreads, _ connection: CInt) {
                (self.threads, self.connection) = (threads, connection)
            }
        }
        var thread = pthread_t()
        let start = unsafe Unmanaged.passRetained(Start(self, connection)).toOpaque()
        let error = unsafe pthread_create(
            &thread, nil,
            { start in
                guard let start = unsafe start else { return nil }
                let box = unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
                box.threads.work(box.connection)
                return nil
            }, start)
        if error != 0 { give("pthread_create: \(error)") }
        pthread_detach(thread)
    }
}
