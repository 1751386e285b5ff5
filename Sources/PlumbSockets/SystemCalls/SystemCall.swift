import CPlumb
public import SystemPackage

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
    ///
    /// Not inlined into other modules: it runs where a call has failed, and would show them the C library.
    @usableFromInline
    package static var current: Errno { Errno(rawValue: errno) }
}

/// Makes a system call, again when a signal interrupted it (`EINTR`), and throws its `errno` when it returns -1.
///
/// Not for `close(2)`, which has closed the descriptor when it returns `EINTR` on Linux, nor for calls with a relative
/// timeout, which would start anew.
@inlinable
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
@inlinable
@inline(__always)
package func systemCallOnce<Value: FixedWidthInteger & SignedInteger>(_ body: () -> Value) throws(Errno) -> Value {
    let value = body()
    if value == -1 { throw Errno.current }
    return value
}
