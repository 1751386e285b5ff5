import CPlumb
public import SystemPackage

/// A socket option with the Swift type of its value.
///
/// The value here is what a call needs: level, number and the way the value stands in memory. What is known *about* an
/// option (unit, phase, inheritance, privilege, purpose, cost) is in ``OptionDescription/catalogue``.
public struct SocketOption<Value: Sendable>: Sendable {
    /// The protocol level (`SOL_SOCKET`, `IPPROTO_TCP`, …).
    public let level: CInt
    /// The kernel's number of the option on that level.
    public let number: CInt
    let codec: OptionCodec<Value>

    /// Describes an option that the catalogue does not have.
    public init(level: CInt, number: CInt, codec: OptionCodec<Value>) {
        self.level = level
        self.number = number
        self.codec = codec
    }
}

/// How a value of an option stands in the kernel's memory.
@safe
public struct OptionCodec<Value: Sendable>: Sendable {
    /// The most bytes the kernel writes or reads.
    let capacity: Int
    let decode: @Sendable (UnsafeRawBufferPointer) -> Value?
    let encode: @Sendable (Value, UnsafeMutableRawBufferPointer) -> Int

    /// Creates a codec.
    ///
    /// - Parameters:
    ///   - capacity: the most bytes a value takes.
    ///   - decode: reads a value from the bytes that the kernel returned; `nil` when they are no value.
    ///   - encode: writes a value and returns its length.
    @unsafe
    public init(
        capacity: Int,
        decode: @escaping @Sendable (UnsafeRawBufferPointer) -> Value?,
        encode: @escaping @Sendable (Value, UnsafeMutableRawBufferPointer) -> Int
    ) {
        self.capacity = capacity
        unsafe self.decode = decode
        unsafe self.encode = encode
    }

    /// A codec for a value that is one `int`.
    static func int32(
        decode: @escaping @Sendable (CInt) -> Value?, encode: @escaping @Sendable (Value) -> CInt
    ) -> OptionCodec {
        unsafe OptionCodec(
            capacity: 4,
            decode: { unsafe $0.count >= 4 ? decode($0.loadUnaligned(as: CInt.self)) : nil },
            encode: { value, bytes in
                unsafe bytes.storeBytes(of: encode(value), as: CInt.self)
                return 4
            })
    }
}

extension OptionCodec where Value == Bool {
    /// 0 is false, everything else true.
    public static var flag: OptionCodec { int32(decode: { $0 != 0 }, encode: { $0 ? 1 : 0 }) }
}

extension OptionCodec where Value == Int {
    /// One `int`, in whatever unit the option has. Values beyond `int` are clamped, never wrapped.
    public static var integer: OptionCodec { int32(decode: { Int($0) }, encode: { CInt(clamping: $0) }) }
}

extension OptionCodec where Value == Duration {
    /// One `int` of whole seconds; a fraction is rounded up, so that a short time never becomes "none".
    public static var seconds: OptionCodec {
        int32(decode: { .seconds(Int64($0)) }, encode: { CInt(clamping: $0.roundedUp(toMultipleOf: .seconds(1))) })
    }

    /// One `int` of whole milliseconds; a fraction is rounded up.
    public static var milliseconds: OptionCodec {
        int32(
            decode: { .milliseconds(Int64($0)) },
            encode: { CInt(clamping: $0.roundedUp(toMultipleOf: .milliseconds(1))) })
    }
}

extension Duration {
    /// How many times `unit` covers this duration, rounded away from zero, at most what fits.
    fileprivate func roundedUp(toMultipleOf unit: Duration) -> Int64 {
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: unit.attoseconds)
        return Int64(clamping: whole + rest.signum())
    }
}

extension BorrowedDescriptor {
    /// The option's value now (`getsockopt(2)`).
    public func get<Value>(_ option: SocketOption<Value>) throws(Errno) -> Value {
        let (value, error) = unsafe withUnsafeTemporaryAllocation(byteCount: option.codec.capacity, alignment: 8) {
            bytes -> (Value?, Errno) in
            // The kernel may write fewer bytes than an option's capacity.
            unsafe bytes.initializeMemory(as: UInt8.self, repeating: 0)
            var length = socklen_t(bytes.count)
            if unsafe getsockopt(rawValue, option.level, option.number, bytes.baseAddress, &length) == -1 {
                return (nil, .current)
            }
            return unsafe (
                option.codec.decode(UnsafeRawBufferPointer(rebasing: bytes[..<Int(length)])), .invalidArgument
            )
        }
        guard let value else { throw error }
        return value
    }

    /// Asks for a value (`setsockopt(2)`). The kernel may take another one: read it back.
    public func set<Value>(_ option: SocketOption<Value>, to value: Value) throws(Errno) {
        let error = unsafe withUnsafeTemporaryAllocation(byteCount: option.codec.capacity, alignment: 8) {
            bytes -> Errno? in
            let length = unsafe option.codec.encode(value, bytes)
            let result = unsafe setsockopt(rawValue, option.level, option.number, bytes.baseAddress, socklen_t(length))
            return result == -1 ? .current : nil
        }
        if let error { throw error }
    }
}

extension Descriptor {
    /// The option's value now (`getsockopt(2)`).
    public func get<Value>(_ option: SocketOption<Value>) throws(Errno) -> Value { try borrowed.get(option) }

    /// Asks for a value (`setsockopt(2)`). The kernel may take another one: read it back.
    public func set<Value>(_ option: SocketOption<Value>, to value: Value) throws(Errno) {
        try borrowed.set(option, to: value)
    }
}
