import CPlumb
import FoundationEssentials
import Logging
import PlumbSockets
import SystemPackage
import Testing

@testable import PlumbWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A master with one worker, a shell script, whose steps the test makes. The script waits at `read go < "$GO"` until
/// ``go()``.
final class Stage {
    private let directory: String
    private let script: String
    private var fifos: [CInt] = []

    static let ready = octal(HandoffMessage(.ready))
    static func progress(_ taken: UInt64) -> String { octal(HandoffMessage(.progress, first: taken)) }

    /// The bytes of a message as `printf` takes them.
    private static func octal(_ message: HandoffMessage) -> String {
        let words = message.words
        let bytes = unsafe words.span.bytes.withUnsafeBytes { unsafe Array($0) }
        return "'" + bytes.map { "\\" + String($0, radix: 8).leftPadded }.joined() + "'"
    }

    init(_ script: String) throws {
        var template = Array("/tmp/plumb-XXXXXX".utf8CString)
        let path = unsafe mkdtemp(&template)
        unsafe try #require(path != nil)
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let result = unsafe mkfifo(directory + "/go", 0o600)
        try #require(result == 0)
        self.script = "GO=\(directory)/go; " + script
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// A master whose worker was started.
    func master(_ adjust: (inout MasterConfiguration) -> Void = { _ in }) throws -> Master {
        var configuration = MasterConfiguration(
            addresses: [.ipv4(.loopback, port: 0)], command: WorkerCommand("/bin/sh", ["-c", script]))
        configuration.workers = 1
        configuration.stopsOnSignals = false
        configuration.logger.logLevel = .critical
        adjust(&configuration)
        var master = try Master(configuration) { _ in [] }
        try master.registerListeners()
        try master.events.register()
        master.supervisor.start(at: .now)
        master.perform(at: .now)
        return master
    }

    /// Waits for a message of the worker and takes it.
    func hear(_ master: inout Master) throws {
        let isReadable = try master.channels.borrow(0).waitUntil(writable: false, timeoutMilliseconds: generous)
        try #require(isReadable, "the worker said nothing in \(generous) ms")
        master.receive(0, limit: 1, at: .now)
    }

    /// Waits until the script has said `: > "$GO.done"`.
    func waitUntilDone() throws {
        try spin { unsafe access(directory + "/go.done", F_OK) == 0 }
    }

    /// Lets the script go on.
    func go() throws {
        // Read and write: a FIFO opened so does not wait for a reader.
        let fifo = Descriptor(owning: try systemCall { unsafe plumb_open(directory + "/go", O_RDWR | O_CLOEXEC, 0) })
        let line = Array("go\n".utf8)
        let count = try write(line, to: fifo)
        try #require(count == line.count)
        // Open until the script has read: the last close would throw the line away.
        fifos.append(fifo.release())
    }

    private func write(_ bytes: [UInt8], to fifo: borrowing Descriptor) throws -> Int {
        unsafe bytes.withUnsafeBytes { unsafe plumb_write(fifo.rawValue, $0.baseAddress, $0.count) }
    }

    /// Connections come, one in a message each.
    func inject(_ sockets: borrowing Sockets, into master: inout Master, sendBuffer: CInt? = nil) throws {
        master.perform(at: .now)
        if var size = sendBuffer {
            // The kernel makes it the least there is, which is room for a few messages.
            let result = unsafe setsockopt(
                master.channels.borrow(0).rawValue, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
            try #require(result == 0)
        }
        for number in sockets.numbers {
            let index = master.connections.insert(try unsafe BorrowedDescriptor(unsafeRawValue: number).duplicate())
            while master.connectionListeners.count <= index { master.connectionListeners.append(0) }
            master.supervisor.handle(.accepted(ConnectionID(index: index), sourceHash: 0), at: .now)
            master.perform(at: .now)
            master.flush()
        }
    }

    /// What the loop would be woken for.
    func events(of master: inout Master, within duration: Duration, writable: Bool) throws -> [Epoll.Token] {
        master.events.timer.acknowledge()
        try master.events.timer.arm(for: .now + duration)
        let count = try master.events.epoll.wait()
        var tokens: [Epoll.Token] = []
        for index in 0..<count {
            let event = master.events.epoll[index]
            if !writable || event.isWritable || event.token.source == .timer { tokens.append(event.token) }
        }
        return tokens
    }

    func waitForEnd(_ master: inout Master) throws {
        let hasEnded = try master.processes.borrow(0).waitUntil(writable: false, timeoutMilliseconds: generous)
        try #require(hasEnded, "the worker did not end in \(generous) ms")
    }

    /// Kills what is left.
    func end(_ master: inout Master) {
        for row in master.rows.indices where master.processes.contains(row) {
            master.processes.borrow(row).kill(SIGKILL)
            _ = try? master.processes.borrow(row).waitUntil(writable: false, timeoutMilliseconds: generous)
            _ = master.processes.borrow(row).exitStatus()
        }
        for fifo in fifos { _ = plumb_close(fifo) }
    }
}

extension String {
    /// Three digits.
    fileprivate var leftPadded: String { String(repeating: "0", count: 3 - count) + self }
}
