import CPlumb
import PlumbSockets
import SystemPackage

/// What a dump came to.
public struct SocketDumpOutcome: Hashable, Sendable {
    /// How many sockets were shown.
    public var count = 0
    /// Whether sockets came and went so that the dump may lack some or show some twice (`NLM_F_DUMP_INTR`).
    public var isInterrupted = false
}

/// A view into the kernel's tables of sockets (`NETLINK_SOCK_DIAG`), of one network namespace.
///
/// It needs no privilege; without CAP_NET_ADMIN the kernel leaves the marks out.
public struct SocketDump: ~Copyable {
    /// What the kernel puts into one answer at most is half of this.
    private static var bufferSize: Int { 64 << 10 }
    /// How often a dump that the sockets' coming and going interrupted is taken again.
    public static var attempts: Int { 4 }

    private let socket: Descriptor
    private var sequence: UInt32 = 0
    private var buffer: [UInt8]

    /// Opens the view of this process's network namespace.
    public init() throws(DiagnosticsError) {
        do throws(Errno) {
            socket = try SocketDump.open()
        } catch {
            throw SocketDump.openError(error)
        }
        buffer = Array(repeating: 0, count: SocketDump.bufferSize)
    }

    /// Opens the view of the network namespace that a process is in.
    ///
    /// - Throws: ``DiagnosticsError/Code/notPermitted`` without CAP_SYS_ADMIN, unless it is the namespace of this
    ///   process.
    public init(namespaceOf pid: Int32) throws(DiagnosticsError) {
        // A socket stays in the namespace in which it was made, whatever the thread does then.
        let opened = try NetworkNamespace.withNamespace(of: pid) { () throws(Errno) -> CInt in
            try SocketDump.open().release()
        }
        switch opened {
        case .success(let number): socket = Descriptor(owning: number)
        case .failure(let error): throw SocketDump.openError(error)
        }
        buffer = Array(repeating: 0, count: SocketDump.bufferSize)
    }

    private static func open() throws(Errno) -> Descriptor {
        let socket = Descriptor(owning: try systemCall { plumb_netlink_socket(PLUMB_NETLINK_SOCK_DIAG) })
        try connect(socket)
        return socket
    }

    /// Connected to the kernel, the socket takes messages from the kernel only.
    private static func connect(_ socket: borrowing Descriptor) throws(Errno) {
        let number = socket.rawValue
        _ = try systemCall { plumb_netlink_connect(number) }
    }

    private static func openError(_ error: Errno) -> DiagnosticsError {
        DiagnosticsError(
            error == .notSupported || error == .addressFamilyNotSupported ? .unsupported : .system,
            "ask the kernel for its sockets", "", errno: error,
            reason: error.rawValue == EPROTONOSUPPORT
                ? "this kernel has no socket diagnostics (CONFIG_INET_DIAG); a sandbox may hide them" : nil)
    }

    /// Shows each socket of a request to `body`, once, in the kernel's order.
    ///
    /// Nothing is allocated for a socket. The kernel does not stand still meanwhile: a socket that changes its state
    /// may be seen twice or not at all.
    @discardableResult
    public mutating func read(
        _ request: SocketDumpRequest, _ body: (SocketRecord) -> Void
    ) throws(DiagnosticsError) -> SocketDumpOutcome {
        var outcome = SocketDumpOutcome()
        sequence &+= 1
        for (index, message) in request.messages(sequence: sequence).enumerated() {
            do throws(Errno) {
                try send(message)
                let isDump = request.transport != .unix || request.unixInode == 0
                try receive(request.transport, isDump: isDump, &outcome, body)
            } catch {
                // A kernel without IPv6 has no sockets of it.
                if index > 0, error == .noSuchFileOrDirectory { continue }
                throw refusal(error, request)
            }
        }
        return outcome
    }

    /// Copies of the sockets for which `isWanted` says so; a dump that was interrupted is taken again, and what is
    /// returned says whether the last one was too.
    public mutating func snapshots(
        _ request: SocketDumpRequest, where isWanted: (SocketRecord) -> Bool = { _ in true }
    ) throws(DiagnosticsError) -> (sockets: [SocketSnapshot], outcome: SocketDumpOutcome) {
        var sockets: [SocketSnapshot] = []
        var outcome = SocketDumpOutcome()
        for _ in 0..<SocketDump.attempts {
            sockets.removeAll(keepingCapacity: true)
            let now = ContinuousClock.now
            outcome = try read(request) { record in
                if isWanted(record) { sockets.append(SocketSnapshot(record, time: now)) }
            }
            if !outcome.isInterrupted { break }
        }
        return (sockets, outcome)
    }

    private borrowing func send(_ message: [UInt8]) throws(Errno) {
        _ = try unsafe socket.borrowed.send(message.span.bytes)
    }

    private mutating func receive(
        _ transport: SocketTransport, isDump: Bool, _ outcome: inout SocketDumpOutcome, _ body: (SocketRecord) -> Void
    ) throws(Errno) {
        while true {
            let number = socket.rawValue
            let count = try systemCall {
                unsafe buffer.withUnsafeMutableBytes {
                    unsafe plumb_recv(number, $0.baseAddress, $0.count, PLUMB_MSG_TRUNC)
                }
            }
            // The kernel's answers are half as long as the buffer, at most; the end of a stream there is none.
            guard count > 0, count <= buffer.count else { throw .badMessage }
            var found = 0
            let progress = unsafe walkNetlinkMessages(
                buffer.span.bytes.extracting(0..<count), sequence: sequence, isInterrupted: &outcome.isInterrupted
            ) { payload in
                guard let record = SocketRecord(payload, transport: transport) else { return }
                found += 1
                body(record)
            }
            outcome.count += found
            switch progress {
            case .more: if !isDump, found > 0 { return }
            case .done(0): return
            case .done(let errno), .refused(let errno): throw Errno(rawValue: errno == 0 ? EBADMSG : errno)
            case .malformed: throw .badMessage
            }
        }
    }

    private func refusal(_ error: Errno, _ request: SocketDumpRequest) -> DiagnosticsError {
        let subject = "the kernel for its \(request.transport) sockets"
        switch error {
        case .noSuchFileOrDirectory where request.unixInode != 0:
            return DiagnosticsError(
                .noSuchSocket, "ask", subject, errno: error,
                reason: "there is no Unix socket with the inode \(request.unixInode)")
        case .noSuchFileOrDirectory, .notSupported:
            let option =
                request.transport == .unix
                ? "CONFIG_UNIX_DIAG" : request.transport == .udp ? "CONFIG_INET_UDP_DIAG" : "CONFIG_INET_TCP_DIAG"
            return DiagnosticsError(
                .unsupported, "ask", subject, errno: error, reason: "this kernel is built without \(option)")
        case .badMessage:
            return DiagnosticsError(
                .malformed, "ask", subject, errno: error, reason: "the answer is not what the kernel sends")
        case .notPermitted where !request.bytecode.isEmpty:
            return DiagnosticsError(
                .notPermitted, "ask", subject, errno: error,
                reason: "a filter for marks needs CAP_NET_ADMIN; ask as root or without it")
        default:
            return DiagnosticsError(.system, "ask", subject, errno: error)
        }
    }
}
