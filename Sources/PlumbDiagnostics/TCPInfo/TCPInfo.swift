import CPlumb
public import PlumbSockets
public import SystemPackage

/// What the kernel knows about a TCP connection (`struct tcp_info`), as far as this kernel knows it.
///
/// The first 104 bytes are in every kernel; what was added since is `nil` where the structure that came was shorter.
/// ``TCPInfoField/all`` has the same as data. A value is a copy of the kernel's bytes and needs no allocation.
public struct TCPInfo: Sendable, Equatable {
    /// The longest structure that is decoded, Linux 6.18's. What a newer kernel has beyond is left out.
    public static var capacity: Int { 280 }
    /// The shortest that is accepted: what every kernel gives, and glibc's structure has.
    public static var minimum: Int { 104 }

    private var words: InlineArray<35, UInt64>
    /// How many bytes the kernel gave, at most ``capacity``.
    public let byteCount: Int

    /// Reads the kernel's bytes: an answer to `getsockopt(2)`, or `INET_DIAG_INFO` of a dump.
    ///
    /// - Returns: `nil` for fewer than ``minimum`` bytes.
    public init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= TCPInfo.minimum else { return nil }
        byteCount = min(bytes.byteCount, TCPInfo.capacity)
        words = InlineArray(repeating: 0)
        unsafe bytes.withUnsafeBytes { source in
            unsafe withUnsafeMutableBytes(of: &words) {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<byteCount]))
            }
        }
    }

    /// Asks the kernel (`getsockopt(2)` with `TCP_INFO`).
    ///
    /// - Throws: `.notSupportedOnSocket` (`EOPNOTSUPP`) on a UDP or Unix socket.
    public init(of socket: BorrowedDescriptor) throws(Errno) {
        var words = InlineArray<35, UInt64>(repeating: 0)
        var length = socklen_t(TCPInfo.capacity)
        let descriptor = socket.rawValue
        _ = try systemCall {
            unsafe withUnsafeMutableBytes(of: &words) {
                unsafe getsockopt(descriptor, PLUMB_IPPROTO_TCP, TCP_INFO, $0.baseAddress, &length)
            }
        }
        guard length >= TCPInfo.minimum else { throw .notSupported }
        self.words = words
        byteCount = Int(length)
    }

    /// The unsigned number of `width` bytes at an offset that is a multiple of it; 0 beyond the end.
    @inline(__always)
    func number(_ offset: Int, _ width: Int) -> UInt64 {
        // The kernel's structure has no field across a word, and both architectures are little-endian.
        let word = words[offset >> 3] >> UInt64((offset & 7) * 8)
        return width == 8 ? word : word & (1 << UInt64(width * 8) - 1)
    }

    /// The same, or `nil` where the kernel's structure ends before.
    @inline(__always)
    func optional(_ offset: Int, _ width: Int) -> UInt64? {
        offset + width <= byteCount ? number(offset, width) : nil
    }

    /// Bits of a byte, the lowest first.
    @inline(__always)
    func bits(_ first: Int, _ count: Int, ofByte offset: Int) -> UInt64 {
        number(offset, 1) >> UInt64(first) & (1 << UInt64(count) - 1)
    }

    /// Whether the bytes are the same.
    public static func == (first: TCPInfo, second: TCPInfo) -> Bool {
        first.byteCount == second.byteCount && first.words.indices.allSatisfy { first.words[$0] == second.words[$0] }
    }
}
