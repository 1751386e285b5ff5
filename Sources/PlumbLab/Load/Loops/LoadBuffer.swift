import CPlumb

/// Page-aligned bytes to send from or receive into.
///
/// A message's bytes follow a pattern whose period is no power of two, so that a byte in the wrong place differs.
@safe
struct LoadBuffer: ~Copyable {
    private let memory: UnsafeMutableRawBufferPointer

    /// Bytes with the pattern.
    init(size: Int) {
        unsafe memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4096)
        for index in 0..<size { unsafe memory[index] = LoadBuffer.pattern(index) }
    }

    deinit { unsafe memory.deallocate() }

    /// The byte at a place of a message.
    @inline(__always)
    static func pattern(_ index: Int) -> UInt8 { UInt8(truncatingIfNeeded: index % 251 &+ 1) }

    /// The bytes, to be sent.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get { unsafe _overrideLifetime(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(memory)), borrowing: self) }
    }

    /// The room, to be received into.
    var room: MutableRawSpan {
        @_lifetime(&self)
        mutating get { unsafe _overrideLifetime(MutableRawSpan(_unsafeBytes: memory), mutating: &self) }
    }

    /// The memory, for the loops in C.
    @unsafe
    var base: UnsafeMutableRawPointer? { unsafe memory.baseAddress }

    /// Puts another byte into the middle of the message.
    mutating func spoil() { unsafe memory[memory.count / 2] ^= 0xff }

    /// How many of the first `count` bytes differ from the pattern of a stream of messages that stands at `position`.
    borrowing func mismatches(count: Int, at position: Int, messageSize: Int) -> Int {
        var (wrong, place) = (0, position % messageSize)
        for index in 0..<count {
            if unsafe memory[index] != LoadBuffer.pattern(place) { wrong += 1 }
            place = place + 1 == messageSize ? 0 : place + 1
        }
        return wrong
    }
}
