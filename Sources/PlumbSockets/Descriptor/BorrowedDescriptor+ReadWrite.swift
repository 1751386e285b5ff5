import CPlumb
public import SystemPackage

extension BorrowedDescriptor {
    /// Reads what is there, at most `buffer`'s size (`read(2)`).
    ///
    /// - Returns: the number of bytes; 0 at the end of file.
    /// - Throws: `.wouldBlock` on a non-blocking descriptor with nothing to read.
    public func read(into buffer: inout MutableRawSpan) throws(Errno) -> Int {
        // A typed throw cannot cross `withUnsafeMutableBytes`, hence the pair.
        let (count, error) = unsafe buffer.withUnsafeMutableBytes { bytes -> (Int, Errno) in
            while true {
                let count = unsafe plumb_read(rawValue, bytes.baseAddress, bytes.count)
                if count >= 0 { return (count, Errno(rawValue: 0)) }
                let error = Errno.current
                if error != .interrupted { return (-1, error) }
            }
        }
        if count < 0 { throw error }
        return count
    }

    /// Writes what fits, without raising `SIGPIPE` on a socket (`send(2)` with `MSG_NOSIGNAL`).
    ///
    /// - Returns: the number of bytes taken, which may be fewer than were offered.
    public func send(_ bytes: RawSpan) throws(Errno) -> Int {
        let (count, error) = unsafe bytes.withUnsafeBytes { bytes -> (Int, Errno) in
            while true {
                let count = unsafe plumb_send(rawValue, bytes.baseAddress, bytes.count, PLUMB_MSG_NOSIGNAL)
                if count >= 0 { return (count, Errno(rawValue: 0)) }
                let error = Errno.current
                if error != .interrupted { return (-1, error) }
            }
        }
        if count < 0 { throw error }
        return count
    }
}
