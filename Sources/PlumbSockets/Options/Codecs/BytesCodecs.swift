import CPlumb
public import SystemPackage

/// `getsockopt(2)` and `setsockopt(2)` for values of varying length.
enum OptionBytes {
    /// Reads what the kernel writes into `capacity` bytes.
    static func read(
        from socket: BorrowedDescriptor, level: CInt, number: CInt, capacity: Int
    ) throws(Errno) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: capacity)
        var length = socklen_t(capacity)
        let descriptor = socket.rawValue
        _ = try systemCall { unsafe getsockopt(descriptor, level, number, &bytes, &length) }
        bytes.removeLast(capacity - min(Int(length), capacity))
        return bytes
    }

    /// Reads as much as there is: `ERANGE` comes with the length that is needed.
    static func readGrowing(
        from socket: BorrowedDescriptor, level: CInt, number: CInt, capacity: Int
    ) throws(Errno) -> [UInt8] {
        var capacity = capacity
        while true {
            var bytes = [UInt8](repeating: 0, count: capacity)
            var length = socklen_t(capacity)
            let descriptor = socket.rawValue
            do {
                _ = try systemCall { unsafe getsockopt(descriptor, level, number, &bytes, &length) }
                bytes.removeLast(capacity - min(Int(length), capacity))
                return bytes
            } catch {
                // The value may grow again in between.
                guard error == .outOfRange, length > capacity else { throw error }
                capacity = Int(length)
            }
        }
    }

    /// Sets the option from bytes.
    static func write(_ bytes: [UInt8], to socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) {
        let descriptor = socket.rawValue
        _ = try systemCall { unsafe setsockopt(descriptor, level, number, bytes, socklen_t(bytes.count)) }
    }
}

/// What the kernel has, uninterpreted: structures that another module reads, and those that are for experts.
public enum BytesCodec: OptionCodec {
    /// Bytes.
    public static var kind: OptionKind { .bytes }

    /// Reads at most 4096 bytes.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> [UInt8] {
        try OptionBytes.read(from: socket, level: level, number: number, capacity: 4096)
    }

    /// Sets the option from the bytes.
    public static func write(
        _ value: [UInt8], to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        try OptionBytes.write(value, to: socket, level: level, number: number)
    }

    /// Bytes.
    public static func optionValue(_ value: [UInt8]) -> OptionValue { .bytes(value) }
    /// From bytes.
    public static func value(_ optionValue: OptionValue) -> [UInt8]? {
        if case .bytes(let bytes) = optionValue { bytes } else { nil }
    }
}

/// Groups as `gid_t`s, of any number (`SO_PEERGROUPS`). Only read.
public enum GroupsCodec: OptionCodec {
    /// Numbers.
    public static var kind: OptionKind { .list }

    /// Reads the groups, into more room where they did not fit.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> [UInt32] {
        let bytes = try OptionBytes.readGrowing(from: socket, level: level, number: number, capacity: 32 * 4)
        return unsafe bytes.withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 4).map {
                unsafe bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)
            }
        }
    }

    /// Hands the groups to the kernel, which refuses them.
    public static func write(
        _ value: [UInt32], to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        let bytes = unsafe value.withUnsafeBytes { unsafe Array($0) }
        try OptionBytes.write(bytes, to: socket, level: level, number: number)
    }

    /// Numbers.
    public static func optionValue(_ value: [UInt32]) -> OptionValue { .list(value.map { Int($0) }) }
    /// From numbers in range.
    public static func value(_ optionValue: OptionValue) -> [UInt32]? {
        guard case .list(let numbers) = optionValue else { return nil }
        let groups = numbers.compactMap { UInt32(exactly: $0) }
        return groups.count == numbers.count ? groups : nil
    }
}

/// Nothing: the option does something when it is set.
public enum ActionCodec: FixedOptionCodec {
    /// Nothing.
    public static var kind: OptionKind { .action }
    /// 0.
    public static var emptyForm: CInt { 0 }
    /// Nothing.
    public static func value(ofForm form: CInt) {}
    /// 1, which the kernel does not look at, except for `SO_CNX_ADVICE`, where it is the only advice.
    public static func form(of value: Void) -> CInt { 1 }
    /// None.
    public static func optionValue(_ value: Void) -> OptionValue { .absent }
    /// From none.
    public static func value(_ optionValue: OptionValue) -> Void? { optionValue == .absent ? () : nil }
}

extension BorrowedDescriptor {
    /// Does what setting the option does.
    public func perform(_ option: SocketOption<ActionCodec>) throws(Errno) { try set(option, to: ()) }
}

/// An open descriptor's number, as one `int`: a program or a map of eBPF. Only set.
public enum DescriptorCodec: FixedOptionCodec {
    /// A descriptor.
    public static var kind: OptionKind { .descriptor }
    /// 0.
    public static var emptyForm: CInt { 0 }
    /// The number.
    public static func value(ofForm form: CInt) -> CInt { form }
    /// The number.
    public static func form(of value: CInt) -> CInt { value }
    /// The number.
    public static func optionValue(_ value: CInt) -> OptionValue { .integer(Int(value)) }
    /// From a number in range.
    public static func value(_ optionValue: OptionValue) -> CInt? {
        optionValue.integerValue.flatMap { CInt(exactly: $0) }
    }
}

extension BorrowedDescriptor {
    /// Attaches what a descriptor stands for. The kernel keeps a reference of its own.
    public func set(_ option: SocketOption<DescriptorCodec>, to program: BorrowedDescriptor) throws(Errno) {
        try set(option, to: program.rawValue)
    }
}
