import CPlumb
public import SystemPackage

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
    /// Raw sockets, which Plumb does not create.
    public static var raw: SocketKinds { SocketKinds(rawValue: 128) }

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
    /// Every kind that Plumb creates.
    public static var all: SocketKinds { [.internet, .unix] }

    /// The kinds that Plumb creates one by one, with the family, the type and the name of each.
    public static let each: [(kind: SocketKinds, family: CInt, type: SocketType, name: String)] = [
        (.tcp4, AF_INET, .stream, "TCP over IPv4"), (.tcp6, AF_INET6, .stream, "TCP over IPv6"),
        (.udp4, AF_INET, .datagram, "UDP over IPv4"), (.udp6, AF_INET6, .datagram, "UDP over IPv6"),
        (.unixStream, AF_UNIX, .stream, "Unix stream"), (.unixDatagram, AF_UNIX, .datagram, "Unix datagram"),
        (.unixSequencedPacket, AF_UNIX, .sequencedPacket, "Unix sequenced packet"),
    ]
}

extension SocketKinds {
    /// The kind of a socket (`SO_DOMAIN`, `SO_TYPE`); empty for one that Plumb does not create.
    public init(of socket: BorrowedDescriptor) throws(Errno) {
        let family = try socket.get(.domain)
        let type = try socket.get(.type)
        let kind = SocketKinds.each.first { Int($0.family) == family && $0.type == type }?.kind ?? []
        // Other protocols have streams and datagrams over IP too: multipath TCP, ping sockets.
        let expected = SocketKinds.tcp.contains(kind) ? PLUMB_IPPROTO_TCP : PLUMB_IPPROTO_UDP
        let number = try socket.get(.protocolNumber)
        self = SocketKinds.unix.contains(kind) || number == Int(expected) ? kind : []
    }

    private static let identifiers: [(kind: SocketKinds, identifier: String)] = [
        (.tcp4, "tcp4"), (.tcp6, "tcp6"), (.udp4, "udp4"), (.udp6, "udp6"), (.unixStream, "unix-stream"),
        (.unixDatagram, "unix-datagram"), (.unixSequencedPacket, "unix-sequenced-packet"), (.raw, "raw"),
    ]

    /// The kinds as words: `tcp4`, `unix-stream`.
    public var identifiers: [String] { SocketKinds.identifiers.filter { contains($0.kind) }.map(\.identifier) }
}

/// Written as the words of ``identifiers``.
extension SocketKinds: Encodable {
    /// Writes the words.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(identifiers)
    }
}
