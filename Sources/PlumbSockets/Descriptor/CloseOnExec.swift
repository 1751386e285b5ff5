import CPlumb
public import SystemPackage

extension BorrowedDescriptor {
    /// Sets whether `execve(2)` closes the descriptor (`FD_CLOEXEC`). It belongs to this number alone, not to duplicates.
    public func setCloseOnExec(_ closeOnExec: Bool) throws(Errno) {
        let flags = try systemCall { plumb_fcntl(rawValue, F_GETFD, 0) }
        let wanted = closeOnExec ? flags | FD_CLOEXEC : flags & ~FD_CLOEXEC
        if wanted != flags { _ = try systemCall { plumb_fcntl(rawValue, F_SETFD, Int(wanted)) } }
    }
}

/// Marks every open descriptor from a number up close-on-exec (`close_range(2)`, Linux 5.11).
package func markCloseOnExec(from lowest: CInt) throws(Errno) {
    if plumb_close_range(UInt32(lowest), .max, UInt32(CLOSE_RANGE_CLOEXEC)) == 0 { return }
    // Linux 5.10 does not know the flag, and some containers forbid the call.
    try markCloseOnExecOneByOne(from: lowest)
}

/// The same without `close_range(2)`.
func markCloseOnExecOneByOne(from lowest: CInt) throws(Errno) {
    guard let directory = unsafe opendir("/proc/thread-self/fd") else { throw .current }
    defer { unsafe closedir(directory) }
    while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let number = CInt(name), number >= lowest else { continue }
        try unsafe BorrowedDescriptor(unsafeRawValue: number).setCloseOnExec(true)
    }
}
