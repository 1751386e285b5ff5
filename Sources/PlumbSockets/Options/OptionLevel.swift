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

/// Kinds of sockets: an address family and a type.
public struct SocketKinds: OptionSet, Hashable, Sendable {
    /// One bit a kind.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// TCP over IPv4.
    public static var tcp4: SocketKinds { SocketKinds(rawValue: 1) }
    /// TCP over IPv6.
    public static var tcp6: SocketKinds { SocketKinds(rawValue: 2) }
    /// UDP over IPv4.
    public static var udp4: SocketKinds { SocketKinds(rawValue: 4) }
    /// UDP over IPv6.
    public static var udp6: SocketKinds { SocketKinds(rawValue: 8) }
    /// Unix, stream.
    public static var unixStream: SocketKinds { SocketKinds(rawValue: 16) }
    /// Unix, datagram.
    public static var unixDatagram: SocketKinds { SocketKinds(rawValue: 32) }
    /// Unix, sequenced packets.
    public static var unixSequencedPacket: SocketKinds { SocketKinds(rawValue: 64) }

    /// TCP.
    public static var tcp: SocketKinds { [.tcp4, .tcp6] }
    /// UDP.
    public static var udp: SocketKinds { [.udp4, .udp6] }
    /// IPv6.
    public static var ipv6: SocketKinds { [.tcp6, .udp6] }
    /// IPv4 and IPv6.
    public static var internet: SocketKinds { [.tcp, .udp] }
    /// Unix.
    public static var unix: SocketKinds { [.unixStream, .unixDatagram, .unixSequencedPacket] }
    /// Every kind.
    public static var all: SocketKinds { [.internet, .unix] }

    /// The kinds one by one, with the family, the type and the name of each.
    public static let each: [(kind: SocketKinds, family: CInt, type: SocketType, name: String)] = [
        (.tcp4, AF_INET, .stream, "TCP over IPv4"), (.tcp6, AF_INET6, .stream, "TCP over IPv6"),
        (.udp4, AF_INET, .datagram, "UDP over IPv4"), (.udp6, AF_INET6, .datagram, "UDP over IPv6"),
        (.unixStream, AF_UNIX, .stream, "Unix stream"), (.unixDatagram, AF_UNIX, .datagram, "Unix datagram"),
        (.unixSequencedPacket, AF_UNIX, .sequencedPacket, "Unix sequenced packet"),
    ]
}

/// A kernel's version.
public struct KernelVersion: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
    /// The first number.
    public let major: Int
    /// The second number.
    public let minor: Int

    /// Creates a version.
    public init(_ major: Int, _ minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Whether one came before the other.
    public static func < (first: KernelVersion, second: KernelVersion) -> Bool {
        (first.major, first.minor) < (second.major, second.minor)
    }

    /// `6.18`.
    public var description: String { "\(major).\(minor)" }
}
