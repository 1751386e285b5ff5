import CPlumb

/// A protocol level of options: the second argument of `getsockopt(2)`.
public struct OptionLevel: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The kernel's number.
    public let rawValue: CInt
    /// Creates a level from the kernel's number.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// `SOL_SOCKET`: what all sockets have, and what Unix sockets have.
    public static var socket: OptionLevel { OptionLevel(rawValue: SOL_SOCKET) }
    /// `IPPROTO_TCP`.
    public static var tcp: OptionLevel { OptionLevel(rawValue: PLUMB_IPPROTO_TCP) }
    /// `IPPROTO_IP`.
    public static var ip: OptionLevel { OptionLevel(rawValue: PLUMB_IPPROTO_IP) }
    /// `IPPROTO_IPV6`.
    public static var ipv6: OptionLevel { OptionLevel(rawValue: PLUMB_IPPROTO_IPV6) }
    /// `IPPROTO_UDP`.
    public static var udp: OptionLevel { OptionLevel(rawValue: PLUMB_IPPROTO_UDP) }

    /// The level's name in C.
    public var description: String {
        switch self {
        case .socket: "SOL_SOCKET"
        case .tcp: "IPPROTO_TCP"
        case .ip: "IPPROTO_IP"
        case .ipv6: "IPPROTO_IPV6"
        case .udp: "IPPROTO_UDP"
        default: "\(rawValue)"
        }
    }
}
