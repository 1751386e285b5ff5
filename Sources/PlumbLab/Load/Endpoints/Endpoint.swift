import BasicContainers
import PlumbSockets
import SystemPackage

/// What one process has of a measurement between being told of it and beginning.
struct Endpoint: ~Copyable {
    let role: LoadRole
    let specification: LoadSpecification
    /// The server's listening or bound socket, or a client's of datagrams.
    private var listener: Listener?
    /// What came from the process that measures.
    private var given: UniqueArray<Descriptor>
    /// Where the client connects to.
    private let address: SocketAddress?
    var options: OptionApplication

    /// How long a server waits for its client.
    private static let patience: CInt = 10_000

    /// Makes ready.
    ///
    /// - Parameters:
    ///   - address: where the server listens, or where the client connects to.
    ///   - given: the ends of a pair or of pipes.
    static func prepare(
        _ role: LoadRole, _ specification: LoadSpecification, address: SocketAddress?,
        given: consuming UniqueArray<Descriptor>
    ) throws(LabError) -> Endpoint {
        var options = OptionApplication(settings(specification), role)
        var listener: Listener?
        if !specification.transport.isGiven, let address,
            role == .server || specification.transport.kind == .unixDatagram
        {
            listener = try listen(specification, on: address, role, &options)
        }
        return Endpoint(role, specification, listener, given, address, options)
    }

    private init(
        _ role: LoadRole, _ specification: LoadSpecification, _ listener: consuming Listener?,
        _ given: consuming UniqueArray<Descriptor>, _ address: SocketAddress?, _ options: OptionApplication
    ) {
        self.role = role
        self.specification = specification
        self.listener = listener
        self.given = given
        self.address = address
        self.options = options
    }

    /// A small send buffer bounds how many memory files are on the way.
    private static func settings(_ specification: LoadSpecification) -> [OptionSetting] {
        let named = specification.options
        guard specification.transport.kind == .memfd, !named.contains(where: { $0.name == "SO_SNDBUF" }) else {
            return named
        }
        return named + [OptionSetting("SO_SNDBUF", "4608")]
    }

    private static func listen(
        _ specification: LoadSpecification, on address: SocketAddress, _ role: LoadRole,
        _ options: inout OptionApplication
    ) throws(LabError) -> Listener {
        // A client of datagrams has a name of its own, to which the answers go.
        let own = role == .server ? address : address.clientName
        do throws(SocketsError) {
            return try Listener(on: own, type: specification.transport.kind.socketType) { socket throws(Errno) in
                options.applyBeforeConnection(to: socket.borrowed)
            }
        } catch {
            throw LabError(.system, error.operation, error.subject, errno: error.errno, reason: error.reason)
        }
    }

    /// The address to tell the other side.
    var announcedAddress: SocketAddress? {
        switch listener {
        case .some(let listener): listener.address
        case .none: nil
        }
    }

    /// Calls `body` with the listening socket of a server that accepts a connection an operation. It waits for 50 ms at
    /// a time.
    borrowing func withListener<Result>(
        _ body: (BorrowedDescriptor) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        switch listener {
        case .some(let listener):
            try listener.descriptor.borrowed.setNonBlocking(false)
            try listener.descriptor.set(.receiveTimeout, to: .milliseconds(50))
            return try body(listener.descriptor.borrowed)
        case .none: throw .notSocket
        }
    }

    /// Where the client connects to.
    borrowing func serverAddress() throws(Errno) -> SocketAddress {
        guard let address else { throw .invalidArgument }
        return address
    }

    /// The connection to the other side.
    ///
    /// - Parameter peer: the client's own address, for a server of datagrams.
    mutating func connect(peer: SocketAddress?) throws(Errno) -> Connection {
        let waits = specification.placement.waiting == .asleep && !(role == .client && specification.mode == .rate)
        let connection = try makeConnection(peer: peer)
        try connection.setNonBlocking(!waits)
        return connection
    }

    private mutating func makeConnection(peer: SocketAddress?) throws(Errno) -> Connection {
        let kind = specification.transport.kind
        if specification.transport.isGiven { return try takeGiven() }
        if kind == .unixDatagram {
            return .socket(kind, try bound(connectedTo: role == .server ? peer : address))
        }
        return .socket(kind, role == .server ? try accept() : try connectToServer())
    }

    private mutating func takeGiven() throws(Errno) -> Connection {
        let isPipe = specification.transport.kind == .pipe
        guard given.count == (isPipe ? 2 : 1) else { throw .badFileDescriptor }
        let last = given.removeLast()
        if isPipe { return .pipes(input: given.removeLast(), output: last) }
        applyToPair(last)
        return .socket(specification.transport.kind, last)
    }

    private mutating func applyToPair(_ socket: borrowing Descriptor) {
        options.applyBeforeConnection(to: socket.borrowed)
        options.applyToConnection(socket.borrowed, accepted: false)
    }

    private mutating func bound(connectedTo peer: SocketAddress?) throws(Errno) -> Descriptor {
        guard let peer else { throw .invalidArgument }
        let socket = try duplicateOfListener()
        try connect(socket, to: peer)
        return socket
    }

    private borrowing func duplicateOfListener() throws(Errno) -> Descriptor {
        switch listener {
        case .some(let listener): return try listener.descriptor.duplicate()
        case .none: throw .notSocket
        }
    }

    private mutating func accept() throws(Errno) -> Descriptor {
        guard let socket = try acceptOnce() else { throw .timedOut }
        applyToAccepted(socket)
        return socket
    }

    private borrowing func acceptOnce() throws(Errno) -> Descriptor? {
        switch listener {
        case .some(let listener):
            let isThere = try listener.descriptor.borrowed.waitUntil(
                writable: false, timeoutMilliseconds: Endpoint.patience)
            return isThere ? try listener.accept() : nil
        case .none: throw .notSocket
        }
    }

    private mutating func applyToAccepted(_ socket: borrowing Descriptor) {
        options.applyToConnection(socket.borrowed, accepted: true)
    }

    private mutating func connectToServer() throws(Errno) -> Descriptor {
        let address = try serverAddress()
        let socket = try Descriptor.socket(family: address.family, type: specification.transport.kind.socketType)
        applyBefore(socket)
        try connect(socket, to: address)
        return socket
    }

    private mutating func applyBefore(_ socket: borrowing Descriptor) {
        options.applyBeforeConnection(to: socket.borrowed)
    }

    private mutating func connect(_ socket: borrowing Descriptor, to address: SocketAddress) throws(Errno) {
        try socket.borrowed.connect(to: address)
        options.applyToConnection(socket.borrowed, accepted: false)
    }
}

extension SocketAddress {
    /// The name of a client beside its server's.
    fileprivate var clientName: SocketAddress { SocketAddress(description + "-client") ?? self }
}
