import CPlumb
package import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    #error("Plumb is for Linux with glibc or Musl.")
#endif

// The gate: every system call of Plumb passes through one of these two functions, so that the policy on EINTR and the
// reading of `errno` live in one place.

extension Errno {
    /// The calling thread's `errno`.
    @inline(__always)
    package static var current: Errno { Errno(rawValue: errno) }
}

/// Makes a system call, again when a signal interrupted it (`EINTR`), and throws its `errno` when it returns -1.
///
/// Not for `close(2)`, which has closed the descriptor when it returns `EINTR` on Linux, nor for calls with a relative
/// timeout, which would start anew.
@inline(__always)
package func systemCall<Value: FixedWidthInteger & SignedInteger>(_ body: () -> Value) throws(Errno) -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        let error = Errno.current
        if error != .interrupted { throw error }
    }
}

/// Makes a system call once and throws its `errno` when it returns -1; `EINTR` is the caller's to handle.
@inline(__always)
package func systemCallOnce<Value: FixedWidthInteger & SignedInteger>(_ body: () -> Value) throws(Errno) -> Value {
    let value = body()
    if value == -1 { throw Errno.current }
    return value
}
