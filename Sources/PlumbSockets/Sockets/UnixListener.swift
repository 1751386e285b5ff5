public import BasicContainers
public import SystemPackage

/// A Unix socket server's socket that lets in whom a policy allows.
///
/// It has what ``Listener`` has for Unix sockets: a path is taken without a race and given back, a live server's is never
/// stolen, a dead one's is taken over at once, and permissions hold from the first moment. Beyond that it closes the door:
/// the file is its owner's alone unless said otherwise, the ``AccessPolicy`` is applied to every connection or datagram,
/// and descriptors are not taken unless they are expected.
public struct UnixListener: ~Copyable, Sendable {
    /// The socket and its address.
    public let listener: Listener
    /// Who is let in.
    public let policy: AccessPolicy
    /// How many were let in and refused.
    public private(set) var counts = AdmissionCounts()

    /// What waited at the door.
    public enum Arrival: ~Copyable, Sendable {
        /// A connection that is let in, non-blocking and close-on-exec, and who made it.
        case admitted(Descriptor, PeerIdentity)
        /// A connection that is not, to be told so and closed, and why.
        case refused(Descriptor, Refusal)
    }

    /// Binds and listens, non-blocking and close-on-exec.
    ///
    /// - Parameters:
    ///   - address: a path of up to 4095 bytes, an abstract name, or ``SocketAddress/unnamed`` for an abstract name of the
    ///     kernel's choice (autobind), which ``address`` then tells.
    ///   - type: streams, sequenced packets, or datagrams, of which each is checked by itself.
    ///   - permissions: of the file. An abstract name has none: the policy decides alone.
    ///   - policy: who is let in.
    ///   - acceptsDescriptors: whether peers may attach descriptors (`SO_PASSRIGHTS`; an older kernel than 6.16 lets them,
    ///     and a receive that expects none closes what comes).
    ///   - backlog: how many connections may wait to be accepted.
    public init(
        on address: SocketAddress, type: SocketType = .stream, permissions: SocketFilePermissions = .ownerOnly,
        policy: AccessPolicy, acceptsDescriptors: Bool = false, backlog: Int = Listener.largestBacklog
    ) throws(SocketsError) {
        guard address.isUnix else {
            throw SocketsError(
                .invalidAddress, "listen on", address.description,
                reason: "only a Unix socket knows who its peers are; use unix:/path or unix:@name")
        }
        let listener = try Listener(on: address, type: type, backlog: backlog, permissions: permissions) {
            socket throws(Errno) in
            if !acceptsDescriptors { try socket.borrowed.allowDescriptors(false) }
            // Of a connection the kernel knows the peer; of a datagram only when it was asked before it was sent.
            if type == .datagram { try socket.borrowed.identifySenders() }
        }
        self.init(listener, policy)
    }

    private init(_ listener: consuming Listener, _ policy: AccessPolicy) {
        self.listener = listener
        self.policy = policy
    }

    /// Where it listens.
    public var address: SocketAddress { listener.address }
    /// The listening socket.
    public var descriptor: BorrowedDescriptor {
        @_lifetime(borrow self)
        get { listener.descriptor.borrowed }
    }

    /// Takes the next connection, if one waits, and asks the policy about it.
    ///
    /// - Returns: `nil` when none waits.
    /// - Throws: as ``Listener/accept()``. When only the process descriptor of the peer finds no room
    ///   (`.tooManyOpenFiles`), the connection has been closed.
    public mutating func accept() throws(Errno) -> Arrival? {
        guard let connection = try listener.accept() else { return nil }
        return try admit(connection)
    }

    /// Asks the policy about a connection that was accepted by other means, such as an event loop's.
    public mutating func admit(_ connection: consuming Descriptor) throws(Errno) -> Arrival {
        let identity: PeerIdentity
        do throws(Errno) {
            identity = try identify(connection)
        } catch {
            guard error == .socketNotConnected || error == .notSupportedOnSocket else { throw error }
            counts.refused += 1
            return .refused(connection, Refusal(credentials: nil, reason: "the kernel does not say who it is"))
        }
        if let refusal = refusal(of: identity) { return .refused(connection, refusal) }
        return .admitted(connection, identity)
    }

    /// The policy's answer, counted; `nil` lets the peer in.
    private mutating func refusal(of identity: borrowing PeerIdentity) -> Refusal? {
        switch policy.decide(on: identity) {
        case .allowed:
            counts.admitted += 1
            return nil
        case .refused(let reason):
            counts.refused += 1
            return Refusal(credentials: identity.credentials, reason: reason)
        }
    }
}

extension UnixListener {
    /// A datagram that waited at the door.
    public enum DatagramArrival: ~Copyable, Sendable {
        /// It is let in: what was received, and who sent it.
        case admitted(ReceivedMessage, MessageSender)
        /// It is not, and its descriptors are closed. What stands in the buffer means nothing.
        case refused(Refusal)
    }

    /// Receives a datagram and asks the policy about its sender.
    ///
    /// - Parameters:
    ///   - buffer: room for the bytes.
    ///   - descriptors: what comes with an admitted datagram is appended.
    ///   - limit: the most descriptors to take.
    /// - Throws: `.wouldBlock` when none waits.
    public mutating func receive(
        into buffer: inout MutableRawSpan, descriptors: inout UniqueArray<Descriptor>, limit: Int = 0
    ) throws(Errno) -> DatagramArrival {
        var sender = MessageSender()
        let before = descriptors.count
        let message = try listener.descriptor.borrowed.receive(
            into: &buffer, descriptors: &descriptors, limit: limit, sender: &sender)
        if let refusal = refusal(of: sender) {
            while descriptors.count > before { _ = descriptors.removeLast() }
            return .refused(refusal)
        }
        return .admitted(message, sender)
    }

    private mutating func refusal(of sender: borrowing MessageSender) -> Refusal? {
        switch sender.identity {
        case .some(let identity):
            return refusal(of: identity)
        case .none:
            counts.refused += 1
            return Refusal(credentials: nil, reason: "the kernel does not say who sent it")
        }
    }
}

private func identify(_ connection: borrowing Descriptor) throws(Errno) -> PeerIdentity {
    try connection.borrowed.peerIdentity()
}
