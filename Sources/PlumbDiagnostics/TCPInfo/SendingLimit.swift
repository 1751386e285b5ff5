/// What keeps data from going faster.
public struct SendingLimit: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
    /// The word of filters and JSON: `receiver`.
    public let rawValue: String
    /// Creates a limit from its word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The peer's window: its program does not read fast enough, or its buffer is small.
    public static var receiver: SendingLimit { SendingLimit(rawValue: "receiver") }
    /// This side's send buffer is smaller than the window.
    public static var sendBuffer: SendingLimit { SendingLimit(rawValue: "send-buffer") }
    /// The path, or the congestion window on it.
    public static var network: SendingLimit { SendingLimit(rawValue: "network") }
    /// This side's program: there is nothing to send.
    public static var application: SendingLimit { SendingLimit(rawValue: "application") }
    /// The time between the samples was too short to say.
    public static var undetermined: SendingLimit { SendingLimit(rawValue: "undetermined") }
    /// For what arrives: this side's program does not read fast enough.
    public static var reader: SendingLimit { SendingLimit(rawValue: "reader") }
    /// For what arrives: the peer or the path, which is not to be seen from here.
    public static var peer: SendingLimit { SendingLimit(rawValue: "peer") }

    /// The limits of sending, for filters.
    public static let all: [SendingLimit] = [receiver, sendBuffer, network, application, undetermined]

    /// The limit as the end of "limited by".
    public var description: String {
        switch self {
        case .receiver: "the receiver"
        case .sendBuffer: "the send buffer"
        case .network: "the network"
        case .application: "the application"
        case .undetermined: "what is not known yet"
        case .reader: "this side's reading"
        case .peer: "the peer or the path"
        default: rawValue
        }
    }
}

/// A rate and what limits it: neither says anything without the other.
public struct LimitedRate: Hashable, Sendable, CustomStringConvertible {
    /// Bytes a second.
    public let bytesPerSecond: Double
    /// What keeps it from being higher.
    public let limit: SendingLimit
    /// Whether the path may carry more than this.
    public let isAtLeast: Bool

    init(_ bytesPerSecond: Double, _ limit: SendingLimit, isAtLeast: Bool = false) {
        self.bytesPerSecond = bytesPerSecond
        self.limit = limit
        self.isAtLeast = isAtLeast
    }

    /// `12.5Mbit/s, limited by the receiver`.
    public var description: String {
        (isAtLeast ? "at least " : "") + TransferRate.text(bitsPerSecond: bytesPerSecond * 8)
            + (limit == .undetermined ? ", limited by " : ", limited by ") + limit.description
    }
}
