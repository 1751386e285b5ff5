import CPlumb

/// What is known about an option, as data: the command line, its JSON and the documentation come from it.
public struct OptionDescription: Sendable {
    /// When in a socket's life setting the option has its effect.
    public enum Phase: String, Sendable, Codable {
        /// Before `bind(2)`; later it is refused or has no effect.
        case beforeBind
        /// Before `connect(2)` or `listen(2)`, because the handshake carries it.
        case beforeConnect
        /// At any time.
        case anyTime
        /// On each accepted socket, because `accept(2)` does not hand it on.
        case perConnection
        /// Only to be read.
        case readOnly
    }

    /// What the number of a value counts.
    public enum Unit: String, Sendable, Codable {
        /// On or off.
        case flag
        /// Bytes.
        case bytes
        /// Whole seconds.
        case seconds
        /// Milliseconds.
        case milliseconds
        /// A count or a code without a unit.
        case number
    }

    /// The name in C.
    public let name: String
    /// The protocol level's number.
    public let level: CInt
    /// The option's number on that level.
    public let number: CInt
    /// What the value counts.
    public let unit: Unit
    /// When it has its effect.
    public let phase: Phase
    /// Whether an accepted socket has the listener's value.
    public let isInherited: Bool
    /// What it is for, in one sentence.
    public let purpose: String
    /// What it costs or risks, in one sentence.
    public let cost: String

    /// Reads the option's value on a socket as the number that the kernel keeps.
    public func value(of socket: BorrowedDescriptor) -> Int? {
        try? socket.get(SocketOption<Int>(level: level, number: number, codec: .integer))
    }

    /// Every option that Plumb knows, in the order in which it is shown.
    public static let catalogue: [OptionDescription] = [
        .init(
            SocketOption<Bool>.reuseAddress, "SO_REUSEADDR", .flag, .beforeBind, inherited: true,
            purpose: "Binds at once although connections of the last run are in TIME_WAIT.",
            cost: "None for TCP listeners; for UDP another process can take the port over."),
        .init(
            SocketOption<Bool>.reusePort, "SO_REUSEPORT", .flag, .beforeBind, inherited: true,
            purpose: "Several listeners on one address, over which the kernel spreads new connections.",
            cost: "A stalled process strands what the kernel queued for it; closing a listener loses its queue."),
        .init(
            SocketOption<Bool>.keepAlive, "SO_KEEPALIVE", .flag, .anyTime, inherited: true,
            purpose: "Finds peers that vanished, by probes on a silent connection.",
            cost: "A packet per interval; closes connections over a path that is only interrupted."),
        .init(
            SocketOption<Int>.sendBuffer, "SO_SNDBUF", .bytes, .beforeConnect, inherited: true,
            purpose: "How much may wait to be sent and acknowledged; read back it is doubled.",
            cost: "Setting it switches the kernel's auto-tuning off for this socket."),
        .init(
            SocketOption<Int>.receiveBuffer, "SO_RCVBUF", .bytes, .beforeConnect, inherited: true,
            purpose: "How much may wait to be read, which bounds the window; read back it is doubled.",
            cost: "Setting it switches the kernel's auto-tuning off: slower on every long path."),
        .init(
            SocketOption<Int>.priority, "SO_PRIORITY", .number, .perConnection, inherited: false,
            purpose: "The queueing priority of outgoing packets.",
            cost: "Above 6 it needs CAP_NET_ADMIN; IP_TOS rewrites it."),
        .init(
            SocketOption<Int>.type, "SO_TYPE", .number, .readOnly, inherited: true,
            purpose: "Stream, datagram or sequenced packets.", cost: "None."),
        .init(
            SocketOption<Int>.domain, "SO_DOMAIN", .number, .readOnly, inherited: true,
            purpose: "The address family.", cost: "None."),
        .init(
            SocketOption<Bool>.isListening, "SO_ACCEPTCONN", .flag, .readOnly, inherited: false,
            purpose: "Whether the socket listens.", cost: "None."),
        .init(
            SocketOption<Int>.pendingError, "SO_ERROR", .number, .readOnly, inherited: false,
            purpose: "The error that the next call would report.", cost: "Reading clears it."),
        .init(
            SocketOption<Bool>.noDelay, "TCP_NODELAY", .flag, .anyTime, inherited: true,
            purpose: "Sends small segments at once.", cost: "More packets from a program that writes in small pieces."),
        .init(
            SocketOption<Bool>.quickAcknowledge, "TCP_QUICKACK", .flag, .anyTime, inherited: true,
            purpose: "Acknowledges at once, for now.", cost: "More packets; it does not stick."),
        .init(
            SocketOption<Duration>.keepAliveIdle, "TCP_KEEPIDLE", .seconds, .anyTime, inherited: true,
            purpose: "Silence before the first keep-alive probe.", cost: "None by itself."),
        .init(
            SocketOption<Duration>.keepAliveInterval, "TCP_KEEPINTVL", .seconds, .anyTime, inherited: true,
            purpose: "Time between keep-alive probes.", cost: "None by itself."),
        .init(
            SocketOption<Int>.keepAliveCount, "TCP_KEEPCNT", .number, .anyTime, inherited: true,
            purpose: "Unanswered probes until the connection is given up.", cost: "None by itself."),
        .init(
            SocketOption<Duration>.userTimeout, "TCP_USER_TIMEOUT", .milliseconds, .anyTime, inherited: true,
            purpose: "How long sent data may stay unacknowledged.", cost: "It also overrides when keep-alive gives up."),
        .init(
            SocketOption<Int>.maximumSegment, "TCP_MAXSEG", .bytes, .beforeConnect, inherited: false,
            purpose: "The largest segment.", cost: "Smaller segments cost more packets."),
        .init(
            SocketOption<Bool>.ipv6Only, "IPV6_V6ONLY", .flag, .beforeBind, inherited: true,
            purpose: "Keeps IPv4 connections away from an IPv6 socket.", cost: "Two listeners instead of one."),
    ]

    private init<Value>(
        _ option: SocketOption<Value>, _ name: String, _ unit: Unit, _ phase: Phase, inherited: Bool,
        purpose: String, cost: String
    ) {
        self.name = name
        level = option.level
        number = option.number
        self.unit = unit
        self.phase = phase
        isInherited = inherited
        self.purpose = purpose
        self.cost = cost
    }
}
