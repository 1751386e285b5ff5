import CPlumb

extension SocketAddress: CustomStringConvertible, LosslessStringConvertible {
    /// The text that ``init(_:)`` reads: `127.0.0.1:8080`, `[fe80::1%eth0]:8080`, `unix:/path`, `unix:@abstract`.
    ///
    /// Bytes of a Unix name that do not print are written `\xNN`, and a backslash is doubled, so that every name has
    /// one line of text that reads back to the same bytes.
    public var description: String {
        switch storage {
        case .ipv4(let address, let port): "\(address):\(port)"
        case .ipv6(let address, let port, 0): "[\(address)]:\(port)"
        case .ipv6(let address, let port, let scope): "[\(address)%\(interfaceName(scope))]:\(port)"
        case .pathname(let name) where name.first == UInt8(ascii: "@"): "unix:\\x40" + escaped(name.dropFirst())
        case .pathname(let name): "unix:" + escaped(name[...])
        case .abstract(let name): "unix:@" + escaped(name[...])
        case .unnamed: "unix:"
        }
    }

    /// Parses a numeric address or a Unix name; no name is looked up (see ``resolve(_:)``).
    ///
    /// `:8080` is every interface over both families, which is `[::]:8080`.
    public init?(_ text: String) {
        if let name = SocketAddress.unixName(text) {
            guard let bytes = unescaped(name) else { return nil }
            // "@" means abstract only as written: "\x40" begins a file's name.
            let address: SocketAddress? =
                if name.isEmpty {
                    .unnamed
                } else if name.first == UInt8(ascii: "@") {
                    .unix(abstract: bytes.dropFirst())
                } else {
                    .unix(pathnameBytes: bytes)
                }
            guard let address else { return nil }
            self = address
            return
        }
        guard let (host, port) = SocketAddress.splitHostAndPort(text) else { return nil }
        if host.isEmpty {
            self = .ipv6(.any, port: port)
        } else if let address = IPv4Address(host) {
            self = .ipv4(address, port: port)
        } else if let (address, scope) = scopedIPv6(host) {
            self = .ipv6(address, port: port, scope: scope)
        } else {
            return nil
        }
    }

    /// What follows `unix:`, as bytes: as Characters, a combining mark at a name's start would be one with the ":" or
    /// "@" before it.
    static func unixName(_ text: String) -> Substring.UTF8View? {
        text.utf8.starts(with: "unix:".utf8) ? text.utf8.dropFirst(5) : nil
    }

    /// Splits `host:port` and `[host]:port`; `nil` where the port is missing or is not one.
    static func splitHostAndPort(_ text: String) -> (host: Substring, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits) else {
            return nil
        }
        let host = text[..<colon]
        // A C function would take what is before a NUL for the whole name.
        guard !host.utf8.contains(0) else { return nil }
        if host.first == "[" {
            guard host.last == "]", host.count > 2 else { return nil }
            let inner = host.dropFirst().dropLast()
            return inner.contains(":") ? (inner, port) : nil
        }
        // Without brackets a second colon is an IPv6 address whose port cannot be told apart.
        return host.contains(":") ? nil : (host, port)
    }
}

extension SocketAddress {
    /// The scope of an IPv6 address with a port that would be an address, if there were such an interface.
    static func unknownInterface(_ text: String) -> Substring? {
        guard let (host, _) = splitHostAndPort(text), let percent = host.firstIndex(of: "%"),
            IPv6Address(host[..<percent]) != nil, scopedIPv6(host) == nil
        else { return nil }
        let zone = host[host.index(after: percent)...]
        return zone.isEmpty ? nil : zone
    }
}

private func scopedIPv6(_ text: Substring) -> (IPv6Address, UInt32)? {
    guard let percent = text.firstIndex(of: "%") else {
        return IPv6Address(text).map { ($0, 0) }
    }
    let zone = text[text.index(after: percent)...]
    guard let address = IPv6Address(text[..<percent]), !zone.isEmpty else { return nil }
    return interfaceIndex(zone).map { (address, $0) }
}

/// An interface's index from its name or number; `nil` when there is none of the name.
func interfaceIndex(_ zone: Substring) -> UInt32? {
    let number = zone.first == "+" ? nil : UInt32(zone)
    let index = unsafe number ?? if_nametoindex(String(zone))
    return index == 0 ? nil : index
}

/// An interface's name, or its number when there is none of the number.
func interfaceName(_ index: UInt32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
        guard let start = buffer.baseAddress, unsafe if_indextoname(index, start) != nil else { return "\(index)" }
        return unsafe String(cString: start)
    }
}

private func escaped(_ name: ArraySlice<UInt8>) -> String {
    // Printable UTF-8 stays; of a name with control characters or bytes that are not UTF-8, only ASCII does.
    let isPrintable = String(validating: name, as: UTF8.self).map { !$0.unicodeScalars.contains(where: isControl) }
    var text: [UInt8] = []
    for byte in name {
        switch byte {
        case UInt8(ascii: "\\"):
            text += "\\\\".utf8
        case 0x20..<0x7f:
            text.append(byte)
        case _ where isPrintable ?? false:
            text.append(byte)
        default:
            text += ("\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)).utf8
        }
    }
    return String(decoding: text, as: UTF8.self)
}

/// Whether a character acts on the terminal or the text around it instead of showing itself.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}

private func unescaped(_ text: Substring.UTF8View) -> [UInt8]? {
    var bytes: [UInt8] = []
    var rest = text
    while let byte = rest.popFirst() {
        guard byte == UInt8(ascii: "\\") else {
            bytes.append(byte)
            continue
        }
        switch rest.popFirst() {
        case UInt8(ascii: "\\"):
            bytes.append(byte)
        case UInt8(ascii: "x"):
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        default:
            return nil
        }
    }
    return bytes
}

/// What a hexadecimal digit stands for.
func hexDigit(_ byte: UInt8) -> UInt8? {
    Character(Unicode.Scalar(byte)).hexDigitValue.map { UInt8($0) }
}
