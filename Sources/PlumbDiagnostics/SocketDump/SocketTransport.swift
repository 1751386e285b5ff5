import CPlumb

/// What carries a socket's bytes, as far as the kernel's diagnostics know it here.
public struct SocketTransport: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The protocol's number; 0 for Unix sockets.
    public let rawValue: UInt8
    /// Creates a transport from a protocol's number.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// TCP.
    public static var tcp: SocketTransport { SocketTransport(rawValue: 6) }
    /// UDP.
    public static var udp: SocketTransport { SocketTransport(rawValue: 17) }
    /// Unix sockets of every type.
    public static var unix: SocketTransport { SocketTransport(rawValue: 0) }

    /// Every transport, in the order of listings.
    public static let all: [SocketTransport] = [.tcp, .udp, .unix]

    /// `tcp`, `udp`, `unix`.
    public var description: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .unix: "unix"
        default: "\(rawValue)"
        }
    }
}
