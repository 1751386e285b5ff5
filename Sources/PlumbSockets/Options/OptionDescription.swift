public import SystemPackage

/// What is known about an option, as data: the command line, its JSON and the documentation come from it.
public struct OptionDescription: Sendable {
    /// When in a socket's life setting the option has its effect.
    public enum Phase: String, Sendable, Codable, CaseIterable, Comparable {
        /// Before `bind(2)`; later it is refused or has no effect.
        case beforeBind
        /// Before `connect(2)` or `listen(2)`, because the handshake carries it.
        case beforeConnect
        /// At any time.
        case anyTime
        /// On each accepted or connected socket: `accept(2)` does not hand it on, or it wants a connection.
        case perConnection

        /// The order in a socket's life.
        public static func < (first: Phase, second: Phase) -> Bool { first.order < second.order }

        private var order: Int { Phase.allCases.firstIndex(of: self) ?? 0 }
    }

    /// Which way the option goes.
    public enum Access: String, Sendable, Codable, CaseIterable {
        /// It is read and set.
        case readWrite
        /// It is read; setting it is refused.
        case readOnly
        /// It is set; reading it is refused.
        case setOnly
    }

    /// What the kernel makes of a value before it keeps it.
    public enum Adjustment: String, Sendable, Codable, CaseIterable {
        /// It keeps what it is given, or refuses it.
        case none
        /// It keeps twice as much, for its own overhead, within limits.
        case doubled
        /// It takes the nearest value in range without an error.
        case clamped
        /// It rounds up to a jiffy (1 to 10 ms; `CONFIG_HZ`).
        case jiffies
        /// It rounds up to a moment at which it retransmits: 1, 3, 7, 15, … seconds.
        case retransmissions
        /// It keeps some of the bits.
        case masked
        /// What is read is the connection's state rather than what was set.
        case derived
    }

    /// What a process needs to set the option.
    public struct Privilege: Sendable, Hashable, Codable {
        /// Capabilities of which one is enough: `CAP_NET_ADMIN`.
        public let capabilities: [String]
        /// The values that need none of them; `nil` when all do.
        public let freeValues: ClosedRange<Int>?
        /// When it is needed, as the end of a sentence: "to turn it on".
        public let condition: String?

        /// Creates a privilege.
        public init(_ capabilities: [String], free: ClosedRange<Int>? = nil, condition: String? = nil) {
            self.capabilities = capabilities
            freeValues = free
            self.condition = condition
        }
    }

    /// The name in C: `TCP_NODELAY`.
    public let name: String
    /// The name in Swift: `noDelay`.
    public let swiftName: String
    /// The protocol level.
    public let level: OptionLevel
    /// The option's number on that level.
    public let number: CInt
    /// How the value is written as text.
    public let kind: OptionKind
    /// What the value counts.
    public let unit: OptionUnit?
    /// The values that the kernel takes as they are, in the option's unit. It refuses others (`EINVAL`), or takes the
    /// nearest where ``adjustment`` is ``Adjustment/clamped``.
    public let range: ClosedRange<Int>?
    /// The names of values.
    public let names: [OptionName]
    /// Whether it is read, set or both.
    public let access: Access
    /// When setting it has its effect.
    public let phase: Phase
    /// The sockets that have it.
    public let sockets: SocketKinds
    /// Those of them that take it without any effect.
    public let inert: SocketKinds
    /// Those of them whose accepted sockets have the listener's value.
    public let inheritance: SocketKinds
    /// What a process needs to set it.
    public let privilege: Privilege?
    /// The first kernel that has it, where that is of interest: newer than 3.8.
    public let firstKernel: KernelVersion?
    /// What the kernel makes of a value.
    public let adjustment: Adjustment
    /// Whether reading takes the value away: a pending error, a saved SYN.
    public let isClearedByReading: Bool
    /// The sysctl that bounds the value, or gives the value of a socket on which it was not set.
    public let sysctl: String?
    /// What it is for, in one sentence.
    public let purpose: String
    /// What it costs or risks, in one sentence.
    public let cost: String
    let codec: any OptionCodec.Type

    init<Codec>(
        _ option: SocketOption<Codec>, _ name: String, _ swiftName: String, _ sockets: SocketKinds,
        _ phase: Phase = .anyTime, inherited: SocketKinds? = nil, inert: SocketKinds = [], access: Access = .readWrite,
        unit: OptionUnit? = nil,
        range: ClosedRange<Int>? = nil, names: [OptionName] = [], privilege: Privilege? = nil,
        since firstKernel: KernelVersion? = nil, adjustment: Adjustment = .none, sysctl: String? = nil,
        clearedByReading: Bool = false, purpose: String, cost: String
    ) {
        self.name = name
        self.swiftName = swiftName
        level = OptionLevel(rawValue: option.level)
        number = option.number
        kind = Codec.kind
        self.unit = unit ?? Codec.unit
        self.range = range
        self.names = names.isEmpty ? Codec.names : names
        self.access = access
        self.phase = phase
        self.sockets = sockets
        self.inert = inert
        inheritance =
            inherited
            ?? sockets.intersection(
                sockets.isSubset(of: .unix) ? [.unixStream, .unixSequencedPacket] : .tcp)
        self.privilege = privilege
        self.firstKernel = firstKernel
        self.adjustment = adjustment
        self.sysctl = sysctl
        isClearedByReading = clearedByReading
        self.purpose = purpose
        self.cost = cost
        codec = Codec.self
    }

    /// Whether an accepted socket has the listener's value.
    public var isInherited: Bool { !inheritance.isEmpty }

    /// The option's value on a socket (`getsockopt(2)`).
    ///
    /// - Throws: `.protocolNotAvailable` (`ENOPROTOOPT`) where the kernel or the socket's family does not have it.
    public func read(from socket: BorrowedDescriptor) throws(Errno) -> OptionValue {
        try codec.readAny(from: socket, level: level.rawValue, number: number)
    }

    /// Asks for a value (`setsockopt(2)`). The kernel may take another one: read it back.
    ///
    /// - Throws: what the kernel says; `.invalidArgument` also for a value that is not of the option's kind.
    public func write(_ value: OptionValue, to socket: BorrowedDescriptor) throws(Errno) {
        try codec.writeAny(value, to: socket, level: level.rawValue, number: number)
    }
}

extension OptionDescription: CustomStringConvertible {
    /// The name in C.
    public var description: String { name }
}
