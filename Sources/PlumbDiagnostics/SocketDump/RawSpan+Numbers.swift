extension RawSpan {
    /// The number at an offset; `nil` where the bytes end before. What came over netlink is read by this alone.
    @inline(__always)
    func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Number.Type = Number.self)
        -> Number?
    {
        guard offset >= 0, byteCount - offset >= MemoryLayout<Number>.size else { return nil }
        return unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Number.self)
    }

    /// The bytes up to the first NUL, or all, as text; what is not UTF-8 is replaced.
    func text() -> String {
        unsafe withUnsafeBytes { bytes in
            let end = unsafe bytes.firstIndex(of: 0) ?? bytes.endIndex
            return unsafe String(decoding: UnsafeRawBufferPointer(rebasing: bytes[..<end]), as: UTF8.self)
        }
    }

    /// A copy.
    func array() -> [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
