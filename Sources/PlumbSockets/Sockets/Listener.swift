import CPlumb
public import SystemPackage

/// A listening socket, or one bound to receive datagrams, with the address it really has.
///
/// A listener on a Unix path holds a lock beside it, takes over what a dead server left, never a live server's path, and
/// removes its own file when it ends. ``UnixListener`` adds a policy on who may connect.
public struct Listener: ~Copyable, Sendable {
    /// The listening socket.
    public let descriptor: Descriptor
    /// Where it listens; port 0 has become the port that the kernel chose.
    public let address: SocketAddress
    private let claim: UnixPathClaim?

    /// The backlog asked for when none is given. The kernel clamps it to `net.core.somaxconn` without a word.
    public static var largestBacklog: Int { 65535 }

    /// Binds and listens, non-blocking and close-on-exec.
    ///
    /// - Parameters:
    ///   - address: where to listen; `[::]` takes IPv4 as well, and becomes `0.0.0.0` where there is no IPv6.
    ///   - type: a datagram socket is bound, and there is nothing to accept.
    ///   - ipv6Only: whether `[::]` leaves IPv4 to another socket (`IPV6_V6ONLY`).
    ///   - reusePort: whether other sockets may share the address (`SO_REUSEPORT`).
    ///   - backlog: how many connections may wait to be accepted.
    ///   - permissions: of a Unix socket's file.
    public init(
        on address: SocketAddress, type: SocketType = .stream, ipv6Only: Bool = false, reusePort: Bool = false,
        backlog: Int = largestBacklog, permissions: SocketFilePermissions = .umask
    ) throws(SocketsError) {
        let form = Form(
            type: type, ipv6Only: ipv6Only, reusePort: reusePort, backlog: backlog, permissions: permissions)
        self = try Listener.make(address, form) { _ throws(Errno) in }
    }

    /// Binds and listens, after `prepare` has set what accepted connections inherit or the first of them needs.
    package init(
        on address: SocketAddress, type: SocketType, backlog: Int = largestBacklog,
        permissions: SocketFilePermissions = .umask,
        prepare: (borrowing Descriptor) throws(Errno) -> Void
    ) throws(SocketsError) {
        let form = Form(type: type, ipv6Only: false, reusePort: false, backlog: backlog, permissions: permissions)
        self = try Listener.make(address, form, prepare)
    }

    /// Takes over a socket that listens already, such as an inherited one, and makes it non-blocking.
    ///
    /// Nothing is removed at its end: a Unix socket's file belongs to whoever bound it.
    ///
    /// - Throws: ``SocketsError`` when the socket does not listen (`.invalidArgument`) or has an address of a family
    ///   that Plumb does not know. The socket is closed then.
    public init(owning descriptor: consuming Descriptor) throws(SocketsError) {
        self = try Listener.adopt(descriptor)
    }

    private static func adopt(_ descriptor: consuming Descriptor) throws(SocketsError) -> Listener {
        let number = descriptor.rawValue
        do throws(Errno) {
            let address = try addressOfListener(descriptor)
            return Listener(descriptor, address, nil)
        } catch {
            throw SocketsError(
                .system, "accept connections from", "descriptor \(number)", errno: error,
                reason: error == .invalidArgument ? "it is a socket that does not listen" : nil)
        }
    }

    private static func addressOfListener(_ descriptor: borrowing Descriptor) throws(Errno) -> SocketAddress {
        guard try descriptor.get(.isListening) else { throw .invalidArgument }
        try descriptor.borrowed.setNonBlocking(true)
        return try descriptor.borrowed.localAddress()
    }

    private struct Form {
        let type: SocketType
        let ipv6Only: Bool
        let reusePort: Bool
        let backlog: Int
        let permissions: SocketFilePermissions
    }

    private init(_ descriptor: consuming Descriptor, _ address: SocketAddress, _ claim: consuming UnixPathClaim?) {
        self.descriptor = descriptor
        self.address = address
        self.claim = claim
    }

    private static func make(
        _ address: SocketAddress, _ form: Form, _ prepare: (borrowing Descriptor) throws(Errno) -> Void
    ) throws(SocketsError) -> Listener {
        var claim = try UnixPathClaim.claim(address)
        do throws(Errno) {
            let socket = try bind(address, form, &claim, prepare)
            let effective = try listen(socket, form)
            try claim?.publish()
            // A path has the name that was asked for, whatever getsockname(2) says of a long one.
            let isPath = address.pathnameBytes != nil
            return Listener(socket, isPath ? address : effective, claim.take())
        } catch {
            throw SocketsError(
                error == .addressInUse ? .addressInUse : .system, "listen on", address.description, errno: error,
                reason: reason(error, address))
        }
    }

    private static func bind(
        _ address: SocketAddress, _ form: Form, _ claim: inout UnixPathClaim?,
        _ prepare: (borrowing Descriptor) throws(Errno) -> Void
    ) throws(Errno) -> Descriptor {
        let socket: Descriptor
        do throws(Errno) {
            socket = try Descriptor.socket(family: address.family, type: form.type, nonBlocking: true)
        } catch {
            guard error == .addressFamilyNotSupported, address.isAnyIPv6, !form.ipv6Only else { throw error }
            return try bind(.ipv4(.any, port: address.port ?? 0), form, &claim, prepare)
        }
        try prepare(socket)
        try bind(socket, to: address, form, &claim)
        return socket
    }

    private static func bind(
        _ socket: borrowing Descriptor, to address: SocketAddress, _ form: Form, _ claim: inout UnixPathClaim?
    ) throws(Errno) {
        if !address.isUnix {
            // Two datagram sockets that both set it would share the address, and one of them gets nothing.
            if form.type != .datagram { try socket.set(.reuseAddress, to: true) }
            if address.isAnyIPv6 { try socket.set(.ipv6Only, to: form.ipv6Only) }
            if form.reusePort { try socket.set(.reusePort, to: true) }
        }
        if claim == nil {
            try socket.borrowed.bind(to: address)
        } else {
            try claim?.bind(socket, form.permissions)
        }
    }

    private static func listen(_ socket: borrowing Descriptor, _ form: Form) throws(Errno) -> SocketAddress {
        if form.type != .datagram { try socket.borrowed.listen(backlog: form.backlog) }
        return try socket.borrowed.localAddress()
    }

    /// Takes the next connection, non-blocking and close-on-exec, if one waits (`accept4(2)`).
    ///
    /// Connections that failed before they were accepted (`ECONNABORTED` and the network errors that Linux passes on
    /// here) are skipped.
    ///
    /// - Returns: `nil` when none waits.
    /// - Throws: `.tooManyOpenFiles`, `.tooManyOpenFilesInSystem`, `.noBufferSpace` or `.noMemory`: the connection stays
    ///   in the backlog.
    public borrowing func accept() throws(Errno) -> Descriptor? {
        var unused = PeerBuffer()
        return try descriptor.borrowed.accept(peer: &unused, wanted: false)
    }

    /// Makes the listener one that a program inherits: blocking or not, and without a lock file that nobody would remove.
    func prepareToOutlive(nonBlocking: Bool) throws(Errno) {
        try setNonBlocking(nonBlocking)
        claim?.removeLock()
    }

    /// Whether `accept(2)` returns when none waits.
    func setNonBlocking(_ nonBlocking: Bool) throws(Errno) {
        try descriptor.borrowed.setNonBlocking(nonBlocking)
    }

    private static func reason(_ error: Errno, _ address: SocketAddress) -> String? {
        switch error {
        case .addressInUse where address.isUnix:
            "a live server has this name; stop it or choose another name"
        case .addressInUse:
            "another socket has the port (`ss -ltnp 'sport = :\(address.port ?? 0)'` shows whose); "
                + "stop its owner or choose another port"
        case .permissionDenied where !address.isUnix:
            "ports below net.ipv4.ip_unprivileged_port_start (1024 unless changed) need CAP_NET_BIND_SERVICE; "
                + "choose a higher port or start with that capability"
        case .addressNotAvailable:
            "no interface of this host has the address; choose one of `ip address`, or ':\(address.port ?? 0)' for all"
        case .addressFamilyNotSupported:
            "this kernel does not have the address family"
        default:
            address.isUnix ? pathReason(error) : nil
        }
    }
}

extension SocketAddress {
    fileprivate var isAnyIPv6: Bool {
        if case .ipv6(.any, _, _) = storage { true } else { false }
    }
}

extension BorrowedDescriptor {
    /// Takes the next connection of a listener, non-blocking and close-on-exec: see ``Listener/accept()``.
    ///
    /// - Parameter wanted: whether to fill `peer`, which costs the kernel a copy.
    package func accept(peer: inout PeerBuffer, wanted: Bool) throws(Errno) -> Descriptor? {
        let flags = PLUMB_SOCK_NONBLOCK | PLUMB_SOCK_CLOEXEC
        while true {
            do {
                if !wanted {
                    return Descriptor(owning: try systemCall { plumb_accept4(rawValue, nil, nil, flags) })
                }
                peer.length = socklen_t(MemoryLayout<sockaddr_storage>.size)
                return Descriptor(
                    owning: try systemCall { unsafe plumb_accept4(rawValue, &peer.storage, &peer.length, flags) })
            } catch {
                if error == .wouldBlock { return nil }
                if !acceptErrorsOfOneConnection.contains(error.rawValue) { throw error }
            }
        }
    }
}

/// What accept(2) calls "already-pending network errors": the connection failed, the listener is fine.
///
/// Without EOPNOTSUPP, which a socket that cannot accept returns every time, and EPERM, which a seccomp filter does.
private let acceptErrorsOfOneConnection: [CInt] = [
    ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH,
]
