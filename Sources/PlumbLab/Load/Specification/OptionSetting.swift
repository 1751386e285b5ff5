import PlumbSockets

/// A socket option that a measurement sets, as text.
public struct OptionSetting: Hashable, Sendable, Codable {
    /// Which sockets it is set on.
    public enum Side: String, Sendable, Codable, CaseIterable {
        /// The client's.
        case client
        /// The server's: on the listener, and again on the connection where that does not inherit it.
        case server
        /// The client's and the server's.
        case both
    }

    /// The option's name: `TCP_NODELAY`.
    public let name: String
    /// The value as text: `on`, `256KiB`.
    public let value: String
    /// Which sockets it is set on.
    public let side: Side

    /// States a setting.
    public init(_ name: String, _ value: String, _ side: Side = .both) {
        self.name = name
        self.value = value
        self.side = side
    }

    /// Reads `NAME=VALUE`, with `client:` or `server:` before it for one side alone; `nil` for another text.
    public init?(_ text: String) {
        var rest = Substring(text)
        var side = Side.both
        for candidate in [Side.client, .server] where rest.hasPrefix("\(candidate.rawValue):") {
            side = candidate
            rest = rest.dropFirst(candidate.rawValue.count + 1)
        }
        let parts = rest.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        self.init(String(parts[0]), String(parts[1]), side)
    }

    /// The text that ``init(_:)`` reads.
    public var text: String { (side == .both ? "" : "\(side.rawValue):") + "\(name)=\(value)" }
}

/// An option as the kernel had it at the end of a round.
public struct EffectiveOption: Hashable, Sendable, Codable {
    /// The option's C name.
    public let name: String
    /// What was asked for; `nil` where nothing was.
    public let requested: String?
    /// What the socket had; `nil` where it has no such option.
    public let effective: String?
    /// Why it could not be set or read.
    public let refusal: String?
}
