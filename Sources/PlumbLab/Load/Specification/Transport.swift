import PlumbSockets

/// What carries the bytes from one process to another.
public struct Transport: Hashable, Sendable {
    /// The kinds of transport.
    public enum Kind: String, Sendable, CaseIterable {
        /// TCP over IPv4 loopback, or over an emulated path.
        case tcp
        /// TCP over IPv6 loopback.
        case tcp6
        /// A Unix socket, stream.
        case unixStream = "unix"
        /// A Unix socket, sequenced packets.
        case unixSequencedPacket = "unix-seqpacket"
        /// A Unix socket, datagrams, which wait for room like the others.
        case unixDatagram = "unix-datagram"
        /// A pipe in each direction.
        case pipe
        /// Each message in a memory file of its own (memfd_create), handed over by its descriptor.
        case memfd
    }

    /// How the two ends of a Unix socket find each other.
    public enum Naming: String, Sendable, CaseIterable {
        /// A socket pair, one end passed to each process.
        case pair
        /// An abstract name.
        case abstract
        /// A file.
        case path
    }

    /// The kind.
    public let kind: Kind
    /// How the ends of a Unix socket find each other; `nil` for what has no such choice.
    public let naming: Naming?

    init(_ kind: Kind, _ naming: Naming? = nil) {
        self.kind = kind
        self.naming = naming
    }

    /// TCP over IPv4 loopback.
    public static var tcp: Transport { Transport(.tcp) }
    /// TCP over IPv6 loopback.
    public static var tcp6: Transport { Transport(.tcp6) }
    /// A pipe in each direction.
    public static var pipe: Transport { Transport(.pipe) }
    /// A memory file for each message.
    public static var memfd: Transport { Transport(.memfd) }
    /// A Unix stream socket.
    public static func unixStream(_ naming: Naming) -> Transport { Transport(.unixStream, naming) }
    /// A Unix socket of sequenced packets.
    public static func unixSequencedPacket(_ naming: Naming) -> Transport { Transport(.unixSequencedPacket, naming) }
    /// A Unix datagram socket.
    public static func unixDatagram(_ naming: Naming) -> Transport { Transport(.unixDatagram, naming) }

    /// Every transport with every naming.
    public static let all: [Transport] = Kind.allCases.flatMap { kind in
        kind.isUnix ? Naming.allCases.map { Transport(kind, $0) } : [Transport(kind)]
    }
}

extension Transport.Kind {
    /// Whether it has a naming.
    var isUnix: Bool {
        switch self {
        case .unixStream, .unixSequencedPacket, .unixDatagram: true
        case .tcp, .tcp6, .pipe, .memfd: false
        }
    }

    /// Whether one send is one receive.
    var keepsBoundaries: Bool {
        switch self {
        case .unixSequencedPacket, .unixDatagram, .memfd: true
        case .tcp, .tcp6, .unixStream, .pipe: false
        }
    }

    /// The socket's type.
    var socketType: SocketType {
        switch self {
        case .unixDatagram: .datagram
        case .unixSequencedPacket, .memfd: .sequencedPacket
        case .tcp, .tcp6, .unixStream, .pipe: .stream
        }
    }

    /// Whether a server listens and a client connects, in one naming at least.
    var hasConnections: Bool {
        switch self {
        case .tcp, .tcp6, .unixStream, .unixSequencedPacket: true
        case .unixDatagram, .pipe, .memfd: false
        }
    }
}

extension Transport {
    /// Whether the two processes get their ends from the one that measures.
    var isGiven: Bool { kind == .pipe || kind == .memfd || naming == .pair }

    /// Whether a server listens and a client connects.
    public var hasConnections: Bool { kind.hasConnections && naming != .pair }
}

/// `tcp`, `tcp6`, `unix:pair`, `unix-seqpacket:abstract`, `pipe`; a Unix transport without a naming has `path`.
extension Transport: LosslessStringConvertible, Codable {
    /// Reads the text; `nil` for what is none of ``all``.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard let kind = parts.first.flatMap({ Kind(rawValue: $0) }) else { return nil }
        guard parts.count == 2 else {
            self.init(kind, kind.isUnix ? .path : nil)
            return
        }
        guard kind.isUnix, let naming = Naming(rawValue: parts[1]) else { return nil }
        self.init(kind, naming)
    }

    /// The text that ``init(_:)`` reads.
    public var description: String { naming.map { "\(kind.rawValue):\($0.rawValue)" } ?? kind.rawValue }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let transport = Transport(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no such transport")
        }
        self = transport
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
