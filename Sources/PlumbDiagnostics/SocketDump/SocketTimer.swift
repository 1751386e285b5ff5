/// A timer of a TCP connection that runs.
public struct SocketTimer: Hashable, Sendable {
    /// Which timer.
    public struct Kind: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        /// The kernel's number.
        public let rawValue: UInt8
        /// Creates a kind from the kernel's number.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Sends segments again that were not acknowledged.
        public static var retransmission: Kind { Kind(rawValue: 1) }
        /// Probes a silent peer.
        public static var keepAlive: Kind { Kind(rawValue: 2) }
        /// Ends `TIME-WAIT`.
        public static var timeWait: Kind { Kind(rawValue: 3) }
        /// Probes a closed window.
        public static var persist: Kind { Kind(rawValue: 4) }

        /// The word of `ss`: `on`, `keepalive`, `timewait`, `persist`.
        public var description: String {
            switch self {
            case .retransmission: "on"
            case .keepAlive: "keepalive"
            case .timeWait: "timewait"
            case .persist: "persist"
            default: "\(rawValue)"
            }
        }
    }

    /// Which timer.
    public let kind: Kind
    /// When it ends, from now.
    public let expires: Duration
    /// How many retransmissions or probes it has sent in a row.
    public let retransmissions: Int
}

/// The directions in which a socket is shut down (`shutdown(2)`).
public struct ShutdownDirections: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's bits.
    public let rawValue: UInt8
    /// Creates a set from the kernel's bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nothing more can arrive, or the peer has closed.
    public static var receive: ShutdownDirections { ShutdownDirections(rawValue: 1) }
    /// Nothing more can be sent.
    public static var send: ShutdownDirections { ShutdownDirections(rawValue: 2) }

    /// `none`, `receive`, `send` or `both`.
    public var description: String { ["none", "receive", "send", "both"][Int(rawValue & 3)] }
}

/// Flags of an internet socket (`struct inet_diag_sockopt`, Linux 5.10).
public struct SocketFlags: OptionSet, Hashable, Sendable {
    /// The kernel's bits, the first byte lowest.
    public let rawValue: UInt16
    /// Creates a set from the kernel's bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    private static let words = [
        "recverr", "is_icsk", "freebind", "hdrincl", "mc_loop", "transparent", "mc_all", "nodefrag",
        "bind_address_no_port", "recverr_rfc4884", "defer_connect",
    ]

    /// The kernel's names of what is set, but for `is_icsk`, which every TCP socket has.
    public var names: [String] {
        SocketFlags.words.indices.filter { $0 != 1 && rawValue & (1 << $0) != 0 }.map { SocketFlags.words[$0] }
    }
}
