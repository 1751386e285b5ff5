/// Where a socket is in its life (`TCP_ESTABLISHED` and the like of include/net/tcp_states.h).
///
/// UDP and Unix sockets have the same numbers: ``established`` is connected, ``closed`` is not connected.
public struct SocketState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public let rawValue: UInt8
    /// Creates a state from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Connected (`TCP_ESTABLISHED`).
    public static var established: SocketState { SocketState(rawValue: 1) }
    /// The SYN is sent and not answered (`TCP_SYN_SENT`).
    public static var synSent: SocketState { SocketState(rawValue: 2) }
    /// A SYN came and the handshake is not complete (`TCP_SYN_RECV`).
    public static var synReceived: SocketState { SocketState(rawValue: 3) }
    /// This side has closed, and its FIN is not acknowledged (`TCP_FIN_WAIT1`).
    public static var finWait1: SocketState { SocketState(rawValue: 4) }
    /// This side has closed, and the peer has not (`TCP_FIN_WAIT2`).
    public static var finWait2: SocketState { SocketState(rawValue: 5) }
    /// Both have closed; late segments are waited for (`TCP_TIME_WAIT`).
    public static var timeWait: SocketState { SocketState(rawValue: 6) }
    /// Not connected (`TCP_CLOSE`).
    public static var closed: SocketState { SocketState(rawValue: 7) }
    /// The peer has closed, and this side's program has not (`TCP_CLOSE_WAIT`).
    public static var closeWait: SocketState { SocketState(rawValue: 8) }
    /// Both have closed, and this side's FIN is not acknowledged (`TCP_LAST_ACK`).
    public static var lastAcknowledgement: SocketState { SocketState(rawValue: 9) }
    /// Accepting connections (`TCP_LISTEN`).
    public static var listening: SocketState { SocketState(rawValue: 10) }
    /// Both have closed at the same moment (`TCP_CLOSING`).
    public static var closing: SocketState { SocketState(rawValue: 11) }
    /// A SYN came: the small form that the kernel keeps of it (`TCP_NEW_SYN_RECV`).
    public static var newSynReceived: SocketState { SocketState(rawValue: 12) }
    /// Bound, and neither connected nor listening (`TCP_BOUND_INACTIVE`, Linux 6.8).
    public static var boundInactive: SocketState { SocketState(rawValue: 13) }

    /// Every state that has a name: the kernel's number is the index.
    private static let words: [(name: String, shown: String)] = [
        ("", ""), ("established", "ESTAB"), ("syn-sent", "SYN-SENT"), ("syn-recv", "SYN-RECV"),
        ("fin-wait-1", "FIN-WAIT-1"), ("fin-wait-2", "FIN-WAIT-2"), ("time-wait", "TIME-WAIT"),
        ("closed", "UNCONN"), ("close-wait", "CLOSE-WAIT"), ("last-ack", "LAST-ACK"), ("listening", "LISTEN"),
        ("closing", "CLOSING"), ("new-syn-recv", "SYN-RECV"), ("bound-inactive", "BOUND"),
    ]

    /// The word that `ss` shows: `ESTAB`, `TIME-WAIT`, `UNCONN`.
    public var description: String { word?.shown ?? "\(rawValue)" }
    /// The word of filters: `established`, `time-wait`, `closed`.
    public var name: String { word?.name ?? "\(rawValue)" }

    private var word: (name: String, shown: String)? {
        Int(rawValue) < SocketState.words.count && rawValue > 0 ? SocketState.words[Int(rawValue)] : nil
    }

    /// Every state that has a name.
    public static let all: [SocketState] = (1...13).map { SocketState(rawValue: $0) }
}

/// A set of states: what a dump asks for, what `state` of a filter says.
public struct SocketStates: OptionSet, Hashable, Sendable {
    /// One bit a state, at the place of its number (`TCPF_ESTABLISHED` and the like).
    public let rawValue: UInt32
    /// Creates a set from its bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// The set of one state.
    public init(_ state: SocketState) { rawValue = state.rawValue < 32 ? 1 << state.rawValue : 0 }

    /// Every state.
    public static var all: SocketStates { SocketStates(rawValue: 0x3ffe) }
    /// ``SocketState/listening``.
    public static var listening: SocketStates { SocketStates(.listening) }
    /// ``SocketState/established``.
    public static var established: SocketStates { SocketStates(.established) }
    /// What `ss` calls connected: all but listening and closed.
    public static var connected: SocketStates {
        all.subtracting([.listening, SocketStates(.closed), SocketStates(.boundInactive)])
    }
    /// What `ss` calls synchronized: connected, and past the SYN.
    public static var synchronized: SocketStates { connected.subtracting(SocketStates(.synSent)) }
    /// What `ss` calls bucket: the kernel keeps a small form of the socket (`SYN-RECV`, `TIME-WAIT`).
    public static var bucket: SocketStates { [SocketStates(.synReceived), SocketStates(.timeWait)] }
    /// What `ss` calls big: all but ``bucket``.
    public static var big: SocketStates { all.subtracting(bucket) }

    /// Whether a state is in the set.
    public func contains(_ state: SocketState) -> Bool { !isDisjoint(with: SocketStates(state)) }

    /// The states in the set.
    public var states: [SocketState] { SocketState.all.filter { contains($0) } }

    /// The set of a filter's word: a state's name or one of `ss`'s groups; `nil` for any other.
    public init?(named name: some StringProtocol) {
        let word = name.lowercased()
        if let group = SocketStates.groups.first(where: { $0.name == word }) {
            self = group.states
        } else if let state = SocketState.all.first(where: { $0.name == word }) {
            self = SocketStates(state)
        } else {
            return nil
        }
    }

    /// The words that are not one state's name, and other names of one.
    static let groups: [(name: String, states: SocketStates)] = [
        ("all", .all), ("connected", .connected), ("synchronized", .synchronized), ("bucket", .bucket), ("big", .big),
        ("listen", .listening), ("unconnected", SocketStates(.closed)), ("close", SocketStates(.closed)),
        ("estab", .established), ("syn-rcv", SocketStates(.synReceived)),
    ]
}
