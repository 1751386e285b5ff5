import CPlumb
public import SystemPackage

/// A program of classic BPF that decides which packets a socket takes (`SO_ATTACH_FILTER`).
///
/// The value that the program returns is how many bytes of a packet are kept; 0 drops it.
public struct SocketFilter: Hashable, Sendable {
    /// One step (`struct sock_filter`).
    public struct Instruction: Hashable, Sendable {
        /// What it does (`BPF_*`).
        public var code: UInt16
        /// How many instructions are passed over when a comparison is true.
        public var jumpTrue: UInt8
        /// How many instructions are passed over when a comparison is false.
        public var jumpFalse: UInt8
        /// A constant or an offset.
        public var operand: UInt32

        /// Creates an instruction.
        public init(code: UInt16, jumpTrue: UInt8 = 0, jumpFalse: UInt8 = 0, operand: UInt32) {
            self.code = code
            self.jumpTrue = jumpTrue
            self.jumpFalse = jumpFalse
            self.operand = operand
        }

        /// Ends with a constant (`BPF_RET | BPF_K`).
        public static func result(_ operand: UInt32) -> Instruction { Instruction(code: 0x06, operand: operand) }
    }

    /// The steps: 1 to 4096 (`BPF_MAXINSNS`).
    public var instructions: [Instruction]

    /// Creates a program.
    public init(_ instructions: [Instruction]) { self.instructions = instructions }

    /// Takes every packet whole.
    public static var all: SocketFilter { SocketFilter([.result(.max)]) }
    /// Drops every packet.
    public static var none: SocketFilter { SocketFilter([.result(0)]) }
}

/// ``SocketFilter``, as a `struct sock_fprog`.
public enum SocketFilterCodec: OptionCodec {
    /// Bytes: eight for an instruction.
    public static var kind: OptionKind { .bytes }
    /// As the text above.
    public static var expectation: String? {
        "instructions of 8 bytes each in hexadecimal after 0x"
    }

    /// Reads the attached program, which is empty when there is none (`SO_GET_FILTER`).
    ///
    /// The kernel's length is a number of instructions here: the first call returns it.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> SocketFilter {
        let descriptor = socket.rawValue
        while true {
            var length = socklen_t(0)
            _ = try systemCall { unsafe getsockopt(descriptor, level, number, nil, &length) }
            let count = Int(length)
            if count == 0 { return SocketFilter([]) }
            var forms = [plumb_sock_filter](repeating: plumb_sock_filter(), count: count)
            do {
                _ = try systemCall { unsafe getsockopt(descriptor, level, number, &forms, &length) }
            } catch {
                // Another thread attached a longer program in between.
                guard error == .invalidArgument else { throw error }
                continue
            }
            return SocketFilter(
                forms.prefix(Int(length)).map {
                    SocketFilter.Instruction(
                        code: $0.code, jumpTrue: $0.jump_true, jumpFalse: $0.jump_false, operand: $0.operand)
                })
        }
    }

    /// Attaches the program, in place of the one before.
    public static func write(
        _ value: SocketFilter, to socket: BorrowedDescriptor, level: CInt, number: CInt
    ) throws(Errno) {
        guard let count = UInt16(exactly: value.instructions.count) else { throw .invalidArgument }
        var forms = value.instructions.map {
            plumb_sock_filter(
                code: $0.code, jump_true: $0.jumpTrue, jump_false: $0.jumpFalse, operand: $0.operand)
        }
        let descriptor = socket.rawValue
        let error = unsafe forms.withUnsafeMutableBufferPointer { forms -> Errno? in
            var program = unsafe plumb_sock_fprog(count: count, instructions: forms.baseAddress)
            let size = unsafe socklen_t(MemoryLayout<plumb_sock_fprog>.size)
            return unsafe setsockopt(descriptor, level, number, &program, size) == -1 ? .current : nil
        }
        if let error { throw error }
    }

    /// Bytes, eight for an instruction.
    public static func optionValue(_ value: SocketFilter) -> OptionValue { .bytes(value.instructions.flatMap(\.bytes)) }

    /// From bytes, eight for an instruction.
    public static func value(_ optionValue: OptionValue) -> SocketFilter? {
        guard case .bytes(let bytes) = optionValue, bytes.count.isMultiple(of: 8) else { return nil }
        return SocketFilter(
            stride(from: 0, to: bytes.count, by: 8).map { SocketFilter.Instruction(bytes: bytes[$0..<$0 + 8]) })
    }
}

extension SocketFilter.Instruction {
    /// The eight bytes of `struct sock_filter`, the lower byte of a number first.
    fileprivate var bytes: [UInt8] {
        var bytes = [UInt8(truncatingIfNeeded: code), UInt8(code >> 8), jumpTrue, jumpFalse]
        for byte in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: operand >> (8 * UInt32(byte)))) }
        return bytes
    }

    fileprivate init(bytes: ArraySlice<UInt8>) {
        let first = bytes.startIndex
        let code = UInt16(bytes[first]) | UInt16(bytes[first + 1]) << 8
        var operand: UInt32 = 0
        for byte in bytes[(first + 4)...].reversed() { operand = operand << 8 | UInt32(byte) }
        self.init(code: code, jumpTrue: bytes[first + 2], jumpFalse: bytes[first + 3], operand: operand)
    }
}
