import CPlumb
public import SystemPackage

/// How a socket carries bytes.
public struct SocketType: RawRepresentable, Hashable, Sendable {
    /// The kernel's number (`SOCK_STREAM`, …).
    public let rawValue: CInt
    /// Creates a type from the kernel's number.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// A stream of bytes without boundaries (`SOCK_STREAM`).
    public static var stream: SocketType { SocketType(rawValue: PLUMB_SOCK_STREAM) }
    /// Messages without a connection (`SOCK_DGRAM`).
    public static var datagram: SocketType { SocketType(rawValue: PLUMB_SOCK_DGRAM) }
    /// Messages in order over a connection (`SOCK_SEQPACKET`).
    public static var sequencedPacket: SocketType { SocketType(rawValue: PLUMB_SOCK_SEQPACKET) }
}

/// Two connected descriptors.
public struct DescriptorPair: ~Copyable {
    /// One end.
    public let first: Descriptor
    /// The other end.
    public let second: Descriptor

    /// Takes the pair apart.
    public consuming func split<Result: ~Copyable, Failure: Error>(
        _ body: (consuming Descriptor, consuming Descriptor) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(first, second)
    }
}

extension Descriptor {
    /// Creates a socket, close-on-exec (`socket(2)`).
    ///
    /// - Parameters:
    ///   - family: `AF_INET`, `AF_INET6` or `AF_UNIX`.
    ///   - type: what kind of socket.
    ///   - nonBlocking: whether its calls return `EAGAIN` instead of waiting.
    public static func socket(
        family: CInt, type: SocketType, nonBlocking: Bool = false
    ) throws(Errno) -> Descriptor {
        let flags = type.rawValue | socketFlags(nonBlocking: nonBlocking)
        return Descriptor(owning: try systemCall { plumb_socket(family, flags, 0) })
    }

    /// Creates two Unix sockets connected to each other, close-on-exec (`socketpair(2)`).
    public static func socketPair(type: SocketType, nonBlocking: Bool = false) throws(Errno) -> DescriptorPair {
        var ends: (CInt, CInt) = (-1, -1)
        let flags = type.rawValue | socketFlags(nonBlocking: nonBlocking)
        _ = try systemCall {
            unsafe withUnsafeMutableBytes(of: &ends) {
                unsafe plumb_socketpair(AF_UNIX, flags, 0, $0.baseAddress?.assumingMemoryBound(to: CInt.self))
            }
        }
        return DescriptorPair(first: Descriptor(owning: ends.0), second: Descriptor(owning: ends.1))
    }

    /// Creates a socket and connects it (`connect(2)`), waiting for the handshake.
    ///
    /// A Unix path may be longer than the kernel's address has room for.
    ///
    /// After a signal the kernel goes on connecting, so the outcome is waited for and read from `SO_ERROR`.
    public static func connecting(
        to address: SocketAddress, type: SocketType = .stream
    ) throws(Errno) -> Descriptor {
        let descriptor = try socket(family: address.family, type: type)
        try connect(descriptor, to: address)
        return descriptor
    }

    private static func connect(_ descriptor: borrowing Descriptor, to address: SocketAddress) throws(Errno) {
        do throws(Errno) {
            try descriptor.borrowed.connect(to: address)
        } catch {
            guard error == .interrupted else { throw error }
            try descriptor.borrowed.waitUntil(writable: true)
            let pending = try descriptor.get(.pendingError)
            if pending != 0 { throw Errno(rawValue: CInt(pending)) }
        }
    }

    private static func socketFlags(nonBlocking: Bool) -> CInt {
        PLUMB_SOCK_CLOEXEC | (nonBlocking ? PLUMB_SOCK_NONBLOCK : 0)
    }
}

extension BorrowedDescriptor {
    /// Gives the socket its address (`bind(2)`).
    package func bind(to address: SocketAddress) throws(Errno) {
        _ = try unsafe address.withKernelForm { kernelForm, length throws(Errno) in
            try systemCall { unsafe plumb_bind(rawValue, kernelForm, length) }
        }
    }

    /// Connects the socket, once: after `EINTR` the kernel goes on by itself (`connect(2)`).
    package func connect(to address: SocketAddress) throws(Errno) {
        if let path = address.pathnameBytes, path.count > SocketAddress.kernelPathnameLimit {
            return try connect(to: path)
        }
        _ = try unsafe address.withKernelForm { kernelForm, length throws(Errno) in
            try systemCallOnce { unsafe plumb_connect(rawValue, kernelForm, length) }
        }
    }

    /// Connects to the socket at a path of any length, by way of a descriptor that names it.
    private func connect(to path: [UInt8]) throws(Errno) {
        let node = try Descriptor.naming(path)
        try connect(toNode: node)
    }

    private func connect(toNode node: borrowing Descriptor) throws(Errno) {
        try connect(to: SocketAddress(.pathname(Array(node.borrowed.pathInProc.utf8))))
    }

    /// Makes the socket a listener, or changes a listener's backlog (`listen(2)`).
    package func listen(backlog: Int) throws(Errno) {
        _ = try systemCall { plumb_listen(rawValue, CInt(clamping: backlog)) }
    }

    /// Sets the permissions of the file (`fchmod(2)`); before `bind(2)`, of the file that a Unix socket will have.
    func setMode(_ mode: UInt32) throws(Errno) {
        _ = try systemCall { fchmod(rawValue, mode) }
    }

    /// Takes the lock on the file if nobody holds it (`flock(2)`).
    func lockExclusively() throws(Errno) {
        _ = try systemCall { flock(rawValue, LOCK_EX | LOCK_NB) }
    }

    /// Waits until the descriptor can be read or written (`poll(2)`).
    ///
    /// - Parameter timeoutMilliseconds: -1 waits for ever. A signal starts the wait anew.
    /// - Returns: whether it is ready; `false` when the time is over.
    @discardableResult
    package func waitUntil(writable: Bool, timeoutMilliseconds: CInt = -1) throws(Errno) -> Bool {
        var entry = pollfd(fd: rawValue, events: Int16(writable ? POLLOUT : POLLIN), revents: 0)
        return try systemCall { unsafe poll(&entry, 1, timeoutMilliseconds) } > 0
    }
}
