/// An address of a socket: IPv4, IPv6 with scope, or one of the three kinds of Unix address.
public struct SocketAddress: Hashable, Sendable {
    enum Storage: Hashable, Sendable {
        case ipv4(IPv4Address, port: UInt16)
        case ipv6(IPv6Address, port: UInt16, scope: UInt32)
        case pathname([UInt8])
        case abstract([UInt8])
        case unnamed
    }

    let storage: Storage

    init(_ storage: Storage) { self.storage = storage }

    /// The most bytes the path of a Unix socket can have, which is the most that any path can (`PATH_MAX` less its NUL).
    ///
    /// `sun_path` holds 108. ``Listener`` and ``Descriptor/connecting(to:type:)`` reach a longer path through a
    /// descriptor of its directory and /proc.
    public static var unixPathnameLimit: Int { 4095 }

    /// The most bytes an abstract name can have: `sun_path` holds 108, and the first is NUL.
    public static var unixAbstractNameLimit: Int { kernelPathnameLimit - 1 }

    /// What `sun_path` holds.
    static var kernelPathnameLimit: Int { 108 }

    /// An IPv4 address and port.
    public static func ipv4(_ address: IPv4Address, port: UInt16) -> SocketAddress {
        SocketAddress(.ipv4(address, port: port))
    }

    /// An IPv6 address and port, and for a link-local address its scope: the interface's index (`sin6_scope_id`), or 0.
    public static func ipv6(_ address: IPv6Address, port: UInt16, scope: UInt32 = 0) -> SocketAddress {
        SocketAddress(.ipv6(address, port: port, scope: scope))
    }

    /// A Unix socket in the file system.
    ///
    /// - Parameter pathname: 1 to 4095 bytes without NUL. `nil` is returned for any other.
    public static func unix(pathname: String) -> SocketAddress? {
        unix(pathnameBytes: Array(pathname.utf8))
    }

    /// A Unix socket in the file system whose name need not be UTF-8.
    public static func unix(pathnameBytes bytes: [UInt8]) -> SocketAddress? {
        guard (1...unixPathnameLimit).contains(bytes.count), !bytes.contains(0) else { return nil }
        return SocketAddress(.pathname(bytes))
    }

    /// A Unix socket in the network namespace's own name space, which no file permission guards.
    ///
    /// - Parameter bytes: up to 107 bytes, any.
    public static func unix(abstract bytes: some Collection<UInt8>) -> SocketAddress? {
        guard bytes.count <= unixAbstractNameLimit else { return nil }
        return SocketAddress(.abstract(Array(bytes)))
    }

    /// A Unix socket without a name: a socket pair's, or a client's that did not bind.
    public static var unnamed: SocketAddress { SocketAddress(.unnamed) }

    /// The port of an internet address.
    public var port: UInt16? {
        switch storage {
        case .ipv4(_, let port), .ipv6(_, let port, _): port
        case .pathname, .abstract, .unnamed: nil
        }
    }

    /// The path of a Unix socket in the file system; `nil` for every other address and for a name that is not UTF-8.
    public var pathname: String? {
        if case .pathname(let bytes) = storage { String(validating: bytes, as: UTF8.self) } else { nil }
    }

    /// The path of a Unix socket in the file system, whatever its bytes.
    public var pathnameBytes: [UInt8]? {
        if case .pathname(let bytes) = storage { bytes } else { nil }
    }

    /// Whether this is a Unix socket's address.
    public var isUnix: Bool {
        switch storage {
        case .ipv4, .ipv6: false
        case .pathname, .abstract, .unnamed: true
        }
    }
}
