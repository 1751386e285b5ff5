import CPlumb

/// An IPv4 address (`struct in_addr`), in host byte order.
public struct IPv4Address: Hashable, Sendable, CustomStringConvertible {
    /// The address as a number: 127.0.0.1 is 0x7f000001.
    public var rawValue: UInt32

    /// Creates an address from its number in host byte order.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// 0.0.0.0, every interface (`INADDR_ANY`).
    public static var any: IPv4Address { IPv4Address(rawValue: 0) }
    /// 127.0.0.1 (`INADDR_LOOPBACK`).
    public static var loopback: IPv4Address { IPv4Address(rawValue: 0x7f00_0001) }

    /// Parses four decimal numbers with dots, strictly (`inet_pton`).
    public init?(_ text: some StringProtocol) {
        var address = in_addr()
        // inet_pton takes what is before a NUL for the whole text.
        guard !text.utf8.contains(0), unsafe inet_pton(AF_INET, String(text), &address) == 1 else { return nil }
        rawValue = UInt32(bigEndian: address.s_addr)
    }

    /// Four decimal numbers with dots.
    public var description: String {
        "\(rawValue >> 24).\(rawValue >> 16 & 255).\(rawValue >> 8 & 255).\(rawValue & 255)"
    }
}

/// An IPv6 address (`struct in6_addr`), without a scope.
public struct IPv6Address: Hashable, Sendable, CustomStringConvertible {
    /// The first 64 bits, in host byte order.
    public var high: UInt64
    /// The last 64 bits, in host byte order.
    public var low: UInt64

    /// Creates an address from its two halves in host byte order.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// `::`, every interface (`in6addr_any`).
    public static var any: IPv6Address { IPv6Address(high: 0, low: 0) }
    /// `::1` (`in6addr_loopback`).
    public static var loopback: IPv6Address { IPv6Address(high: 0, low: 1) }

    /// The IPv4 address in a mapped one (`::ffff:192.0.2.1`), which is how a dual-stack socket shows IPv4 peers.
    public var mappedIPv4: IPv4Address? {
        high == 0 && low >> 32 == 0xffff ? IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)) : nil
    }

    /// Parses the forms of RFC 4291, section 2.2 (`inet_pton`), without brackets and scope.
    public init?(_ text: some StringProtocol) {
        var address = in6_addr()
        guard !text.utf8.contains(0), unsafe inet_pton(AF_INET6, String(text), &address) == 1 else { return nil }
        self.init(address)
    }

    /// The shortest form, as RFC 5952 wants it (`inet_ntop`).
    public var description: String {
        var address = kernelForm
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                unsafe inet_ntop(AF_INET6, &address, start, socklen_t(buffer.count)) != nil
            else { return "?" }
            return unsafe String(cString: start)
        }
    }

    init(_ address: in6_addr) {
        // in6_addr is a union of arrays; read its 16 bytes as two big-endian numbers.
        let halves = unsafe unsafeBitCast(address, to: (UInt64, UInt64).self)
        high = UInt64(bigEndian: halves.0)
        low = UInt64(bigEndian: halves.1)
    }

    /// Reads four words in network order.
    init(words: (UInt32, UInt32, UInt32, UInt32)) {
        high = UInt64(UInt32(bigEndian: words.0)) << 32 | UInt64(UInt32(bigEndian: words.1))
        low = UInt64(UInt32(bigEndian: words.2)) << 32 | UInt64(UInt32(bigEndian: words.3))
    }

    /// Four words in network order.
    var words: (UInt32, UInt32, UInt32, UInt32) {
        (
            UInt32(high >> 32).bigEndian, UInt32(truncatingIfNeeded: high).bigEndian, UInt32(low >> 32).bigEndian,
            UInt32(truncatingIfNeeded: low).bigEndian
        )
    }

    var kernelForm: in6_addr {
        unsafe unsafeBitCast((high.bigEndian, low.bigEndian), to: in6_addr.self)
    }
}
