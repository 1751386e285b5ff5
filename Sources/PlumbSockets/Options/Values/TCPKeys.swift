public import CPlumb
public import SystemPackage

/// The key from which a listener makes fast-open cookies (`TCP_FASTOPEN_KEY`): listeners on several hosts behind one
/// address need the same.
public struct FastOpenKey: Hashable, Sendable {
    /// 16 bytes, or 32 with the key of before, whose cookies are still taken.
    public let bytes: [UInt8]

    /// Creates a key of 16 or 32 bytes; `nil` for any other number.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 || bytes.count == 32 else { return nil }
        self.bytes = bytes
    }
}

/// ``FastOpenKey``, as it stands; `nil` where the socket has none of its own.
public enum FastOpenKeyCodec: OptionCodec {
    /// Bytes.
    public static var kind: OptionKind { .bytes }
    /// As the text above.
    public static var expectation: String? {
        "16 or 32 bytes in hexadecimal after 0x"
    }

    /// Reads the key.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> FastOpenKey? {
        FastOpenKey(try OptionBytes.read(from: socket, level: level, number: number, capacity: 32))
    }

    /// Sets the key; `nil` cannot be set.
    public static func write(
        _ value: FastOpenKey?, to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        guard let value else { throw .invalidArgument }
        try OptionBytes.write(value.bytes, to: socket, level: level, number: number)
    }

    /// Bytes, or none.
    public static func optionValue(_ value: FastOpenKey?) -> OptionValue { value.map { .bytes($0.bytes) } ?? .absent }
    /// From 16 or 32 bytes.
    public static func value(_ optionValue: OptionValue) -> FastOpenKey?? {
        if case .bytes(let bytes) = optionValue { FastOpenKey(bytes).map { .some($0) } } else { nil }
    }
}

/// A key that segments to and from a peer are signed with (RFC 2385), as routers do for BGP.
public struct MD5Signature: Hashable, Sendable {
    /// The peer; the port is not looked at.
    public var peer: SocketAddress
    /// How many bits of the peer's address count; `nil` is all. Only `TCP_MD5SIG_EXT` takes a number.
    public var prefixLength: Int?
    /// The key, at most 80 bytes; an empty one takes the peer's key away.
    public var key: [UInt8]

    /// Describes a key.
    public init(peer: SocketAddress, prefixLength: Int? = nil, key: [UInt8]) {
        self.peer = peer
        self.prefixLength = prefixLength
        self.key = key
    }
}

/// ``MD5Signature``, as a `struct tcp_md5sig`. Only set.
public enum MD5SignatureCodec: FixedOptionCodec {
    /// A text: `ADDRESS:PORT KEY`, or `ADDRESS:PORT/BITS KEY`.
    public static var kind: OptionKind { .text }
    /// As the text above.
    public static var expectation: String? {
        "an address and a key such as 192.0.2.1:0 secret or 192.0.2.0:0/24 secret"
    }
    /// Nothing.
    public static var emptyForm: plumb_tcp_md5sig { plumb_tcp_md5sig() }
    /// Nothing: it is only set.
    public static func value(ofForm form: plumb_tcp_md5sig) -> MD5Signature { MD5Signature(peer: .unnamed, key: []) }
    /// The peer and the key.
    public static func form(of value: MD5Signature) throws(Errno) -> plumb_tcp_md5sig {
        var form = plumb_tcp_md5sig()
        let capacity = MemoryLayout.size(ofValue: form.key)
        guard value.key.count <= capacity, value.prefixLength.map({ (0...128).contains($0) }) ?? true else {
            throw .invalidArgument
        }
        form.address = value.peer.kernelForm
        if let length = value.prefixLength {
            form.flags = 1  // TCP_MD5SIG_FLAG_PREFIX
            form.prefix_length = UInt8(length)
        }
        form.key_length = UInt16(value.key.count)
        unsafe withUnsafeMutableBytes(of: &form.key) { unsafe $0.copyBytes(from: value.key) }
        return form
    }
    /// The peer alone: a key is not shown.
    public static func optionValue(_ value: MD5Signature) -> OptionValue { .text("\(value.peer)") }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> MD5Signature? {
        guard case .text(let text) = optionValue, let space = text.firstIndex(of: " ") else { return nil }
        let key = Array(text[text.index(after: space)...].utf8)
        let parts = text[..<space].split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let peer = SocketAddress(String(parts[0])), !peer.isUnix, key.count <= 80 else {
            return nil
        }
        if parts.count == 1 { return MD5Signature(peer: peer, key: key) }
        return Int(parts[1]).map { MD5Signature(peer: peer, prefixLength: $0, key: key) }
    }
}
