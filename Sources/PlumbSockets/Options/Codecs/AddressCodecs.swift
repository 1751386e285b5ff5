public import CPlumb
public import SystemPackage

/// An IPv4 address, as a `struct in_addr`: an own address stands for its interface (`IP_MULTICAST_IF`).
public enum IPv4AddressCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// 0.0.0.0.
    public static var emptyForm: UInt32 { 0 }
    /// The address.
    public static func value(ofForm form: UInt32) -> IPv4Address { IPv4Address(rawValue: UInt32(bigEndian: form)) }
    /// The address.
    public static func form(of value: IPv4Address) -> UInt32 { value.rawValue.bigEndian }
    /// A text.
    public static func optionValue(_ value: IPv4Address) -> OptionValue { .text("\(value)") }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> IPv4Address? {
        if case .text(let text) = optionValue { IPv4Address(text) } else { nil }
    }
}

/// An address and a port, as a `sockaddr`. Only read.
public enum SocketAddressCodec: FixedOptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }
    /// Nothing.
    public static var emptyForm: sockaddr_storage { sockaddr_storage() }
    /// The address; ``SocketAddress/unnamed`` for a family that Plumb does not know.
    public static func value(ofForm form: sockaddr_storage) -> SocketAddress {
        SocketAddress(form, length: MemoryLayout<sockaddr_storage>.size) ?? .unnamed
    }
    /// Reads the address, whose length tells where a Unix name ends.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> SocketAddress {
        try unsafe SocketAddress.read { address, length in
            unsafe getsockopt(socket.rawValue, level, number, address, length)
        }
    }
    /// The address.
    public static func form(of value: SocketAddress) -> sockaddr_storage { value.kernelForm }
    /// A text.
    public static func optionValue(_ value: SocketAddress) -> OptionValue { .text("\(value)") }
    /// From a text.
    public static func value(_ optionValue: OptionValue) -> SocketAddress? {
        if case .text(let text) = optionValue { SocketAddress(text) } else { nil }
    }
}

/// The peer's address (`SO_PEERNAME`). Only read.
///
/// The kernel refuses more room than the address takes (`EINVAL`), and cuts off what exceeds less, so the room that is
/// just right is searched for.
public enum PeerNameCodec: OptionCodec {
    /// An address.
    public static var kind: OptionKind { .address }

    /// Reads the address.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> SocketAddress {
        var (fits, tooMuch) = (0, MemoryLayout<sockaddr_storage>.size + 1)
        while tooMuch - fits > 1 {
            let middle = (fits + tooMuch) / 2
            do {
                _ = try OptionBytes.read(from: socket, level: level, number: number, capacity: middle)
                fits = middle
            } catch {
                guard error == .invalidArgument else { throw error }
                tooMuch = middle
            }
        }
        let bytes = try OptionBytes.read(from: socket, level: level, number: number, capacity: fits)
        var form = sockaddr_storage()
        unsafe withUnsafeMutableBytes(of: &form) { unsafe $0.copyBytes(from: bytes) }
        return SocketAddress(form, length: bytes.count) ?? .unnamed
    }

    /// Refused: a peer is not chosen by an option.
    public static func write(
        _ value: SocketAddress, to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        throw .protocolNotAvailable
    }

    /// A text.
    public static func optionValue(_ value: SocketAddress) -> OptionValue { .text("\(value)") }
    /// None: it is only read.
    public static func value(_ optionValue: OptionValue) -> SocketAddress? { nil }
}

/// An interface's index in network order (`IP_UNICAST_IF`, `IPV6_UNICAST_IF`); 0 is none.
public enum NetworkOrderIndexCodec: FixedOptionCodec {
    /// A whole number.
    public static var kind: OptionKind { .integer }
    /// 0.
    public static var emptyForm: UInt32 { 0 }
    /// The index.
    public static func value(ofForm form: UInt32) -> Int { Int(UInt32(bigEndian: form)) }
    /// The index.
    public static func form(of value: Int) -> UInt32 { UInt32(clamping: value).bigEndian }
    /// An integer.
    public static func optionValue(_ value: Int) -> OptionValue { .integer(value) }
    /// From an integer.
    public static func value(_ optionValue: OptionValue) -> Int? { optionValue.integerValue }
}

/// The path's MTU, from a `struct ip6_mtuinfo` (`IPV6_PATHMTU`). Only read.
public enum PathMTUCodec: FixedOptionCodec {
    /// A whole number.
    public static var kind: OptionKind { .integer }
    /// Nothing.
    public static var emptyForm: plumb_ip6_mtuinfo { plumb_ip6_mtuinfo() }
    /// Bytes.
    public static func value(ofForm form: plumb_ip6_mtuinfo) -> Int { Int(form.mtu) }
    /// Nothing: it is only read.
    public static func form(of value: Int) -> plumb_ip6_mtuinfo { plumb_ip6_mtuinfo() }
    /// An integer.
    public static func optionValue(_ value: Int) -> OptionValue { .integer(value) }
    /// None: it is only read.
    public static func value(_ optionValue: OptionValue) -> Int? { nil }
}

/// The ports from which the kernel chooses one for this socket (`IP_LOCAL_PORT_RANGE`); `nil` leaves that to the system.
///
/// The whole range of the system, `net.ipv4.ip_local_port_range`, bounds it too.
public enum LocalPortRangeCodec: FixedOptionCodec {
    /// Two ports.
    public static var kind: OptionKind { .range }
    /// None.
    public static var emptyForm: UInt32 { 0 }
    /// The lower half and the upper half; an end that is not set is the last possible.
    public static func value(ofForm form: UInt32) -> ClosedRange<UInt16>? {
        let (lowest, highest) = (UInt16(truncatingIfNeeded: form), UInt16(form >> 16))
        if form == 0 { return nil }
        return lowest...max(lowest, highest == 0 ? .max : highest)
    }
    /// The lower half and the upper half.
    public static func form(of value: ClosedRange<UInt16>?) -> UInt32 {
        value.map { UInt32($0.upperBound) << 16 | UInt32($0.lowerBound) } ?? 0
    }
    /// A text, or none.
    public static func optionValue(_ value: ClosedRange<UInt16>?) -> OptionValue {
        value.map { .text("\($0.lowerBound)-\($0.upperBound)") } ?? .absent
    }
    /// From a text, or none.
    public static func value(_ optionValue: OptionValue) -> ClosedRange<UInt16>?? {
        switch optionValue {
        case .absent: return .some(nil)
        case .text(let text):
            let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UInt16($0) }
            guard ends.count == 2, let lowest = ends[0], let highest = ends[1], 0 < lowest, lowest <= highest else {
                return nil
            }
            return lowest...highest
        default: return nil
        }
    }
}
