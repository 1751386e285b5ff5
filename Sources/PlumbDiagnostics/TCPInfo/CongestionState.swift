/// What the congestion control is doing (`TCP_CA_Open` and the like of include/uapi/linux/tcp.h).
public struct CongestionState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public let rawValue: UInt8
    /// Creates a state from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Nothing is amiss (`TCP_CA_Open`).
    public static var open: CongestionState { CongestionState(rawValue: 0) }
    /// Duplicate or selective acknowledgements came: reordering, or a loss (`TCP_CA_Disorder`).
    public static var disorder: CongestionState { CongestionState(rawValue: 1) }
    /// The window is being reduced after a mark or a local drop (`TCP_CA_CWR`).
    public static var windowReduced: CongestionState { CongestionState(rawValue: 2) }
    /// A loss is being repaired by fast retransmission (`TCP_CA_Recovery`).
    public static var recovery: CongestionState { CongestionState(rawValue: 3) }
    /// The retransmission timer ran out (`TCP_CA_Loss`).
    public static var loss: CongestionState { CongestionState(rawValue: 4) }

    /// The kernel's word: `open`, `disorder`, `cwr`, `recovery`, `loss`.
    public var description: String {
        let words = ["open", "disorder", "cwr", "recovery", "loss"]
        return Int(rawValue) < words.count ? words[Int(rawValue)] : "\(rawValue)"
    }
}

/// What both sides agreed on in the handshake (`TCPI_OPT_TIMESTAMPS` and the like).
public struct TCPFeatures: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's bits.
    public let rawValue: UInt8
    /// Creates a set from the kernel's bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Timestamps in each segment.
    public static var timestamps: TCPFeatures { TCPFeatures(rawValue: 1) }
    /// Selective acknowledgements.
    public static var selectiveAcknowledgement: TCPFeatures { TCPFeatures(rawValue: 2) }
    /// Scaled windows.
    public static var windowScale: TCPFeatures { TCPFeatures(rawValue: 4) }
    /// Explicit congestion notification was negotiated.
    public static var ecn: TCPFeatures { TCPFeatures(rawValue: 8) }
    /// A segment marked for it has arrived.
    public static var ecnSeen: TCPFeatures { TCPFeatures(rawValue: 16) }
    /// The data in the SYN was acknowledged (fast open).
    public static var synData: TCPFeatures { TCPFeatures(rawValue: 32) }
    /// Timestamps count microseconds (Linux 6.7).
    public static var microsecondTimestamps: TCPFeatures { TCPFeatures(rawValue: 64) }
    /// Accepted by a fast open (Linux 6.14).
    public static var fastOpenChild: TCPFeatures { TCPFeatures(rawValue: 128) }

    private static let words = ["ts", "sack", "wscale", "ecn", "ecnseen", "fastopen", "usec-ts", "fastopen-child"]

    /// The names that are set, as `ss` has them where it has one.
    public var names: [String] { (0..<8).filter { rawValue & (1 << $0) != 0 }.map { TCPFeatures.words[$0] } }

    /// The names with spaces between them.
    public var description: String { names.joined(separator: " ") }
}

/// Why a fast open by this side failed (`TFO_COOKIE_UNAVAILABLE` and the like).
public struct FastOpenFailure: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public let rawValue: UInt8
    /// Creates a reason from the kernel's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// None is known.
    public static var none: FastOpenFailure { FastOpenFailure(rawValue: 0) }
    /// There was no cookie.
    public static var cookieUnavailable: FastOpenFailure { FastOpenFailure(rawValue: 1) }
    /// The peer did not acknowledge the data in the SYN.
    public static var dataNotAcknowledged: FastOpenFailure { FastOpenFailure(rawValue: 2) }
    /// The SYN was sent again, without data.
    public static var synRetransmitted: FastOpenFailure { FastOpenFailure(rawValue: 3) }

    /// The reason in words.
    public var description: String {
        ["none", "cookie unavailable", "data not acknowledged", "SYN retransmitted"][Int(rawValue & 3)]
    }
}
