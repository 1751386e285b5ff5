import CPlumb
public import SystemPackage

/// A file descriptor that this value owns: it is closed when the value ends.
///
/// The value cannot be copied, so a descriptor is closed exactly once. Everything that Plumb creates is close-on-exec.
/// Functions that only use a descriptor borrow it; ``borrowed`` gives the view that carries the socket operations.
@safe
public struct Descriptor: ~Copyable, Sendable {
    /// The descriptor's number. It means nothing once the descriptor is closed.
    @usableFromInline
    package let rawValue: CInt

    /// Takes ownership of an open descriptor.
    ///
    /// - Parameter rawValue: a descriptor that nothing else will close.
    public init(owning rawValue: CInt) {
        precondition(rawValue >= 0, "a descriptor is not negative")
        self.rawValue = rawValue
    }

    deinit {
        // Linux has closed the descriptor whatever close(2) returns; there is nobody left to tell.
        _ = plumb_close(rawValue)
    }

    /// Closes the descriptor and says what `close(2)` says (`EIO`, `ENOSPC`, `EDQUOT` of delayed writes).
    ///
    /// The descriptor is gone afterwards, also when this throws. `EINTR` is no error on Linux: the descriptor is closed.
    public consuming func close() throws(Errno) {
        let descriptor = release()
        if plumb_close(descriptor) == -1 {
            let error = Errno.current
            if error != .interrupted { throw error }
        }
    }

    /// Gives the ownership away: the number, which somebody else must close now.
    public consuming func release() -> CInt {
        let descriptor = rawValue
        discard self
        return descriptor
    }

    /// The view for use without ownership. It cannot outlive this value.
    public var borrowed: BorrowedDescriptor {
        @_lifetime(borrow self)
        @inlinable
        @inline(__always)
        get { BorrowedDescriptor(of: self) }
    }

    /// A second descriptor for the same open file, close-on-exec, numbered `lowest` or higher (`F_DUPFD_CLOEXEC`).
    ///
    /// Status flags such as `O_NONBLOCK`, the offset and all socket options are shared between the two.
    public borrowing func duplicate(atLeast lowest: CInt = 3) throws(Errno) -> Descriptor {
        try borrowed.duplicate(atLeast: lowest)
    }
}

/// A descriptor that somebody else owns, for as long as they do.
///
/// Descriptors of other owners (a SwiftNIO channel, a C library) get the same operations through
/// ``init(unsafeRawValue:)``.
@safe
public struct BorrowedDescriptor: ~Escapable {
    /// The descriptor's number.
    @usableFromInline
    package let rawValue: CInt

    @_lifetime(borrow owner)
    @inlinable
    @inline(__always)
    init(of owner: borrowing Descriptor) {
        rawValue = owner.rawValue
    }

    /// Views a descriptor that Plumb does not own.
    ///
    /// - Parameter rawValue: an open descriptor. The caller keeps it open while the view is in use.
    @unsafe
    @_lifetime(immortal)
    public init(unsafeRawValue rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// A descriptor of one's own for the same open file: see ``Descriptor/duplicate(atLeast:)``.
    public func duplicate(atLeast lowest: CInt = 3) throws(Errno) -> Descriptor {
        Descriptor(owning: try systemCall { plumb_fcntl(rawValue, F_DUPFD_CLOEXEC, Int(lowest)) })
    }

    /// Whether reads and writes return `EAGAIN` instead of waiting (`O_NONBLOCK`).
    public func isNonBlocking() throws(Errno) -> Bool {
        try systemCall { plumb_fcntl(rawValue, F_GETFL, 0) } & O_NONBLOCK != 0
    }

    /// Sets `O_NONBLOCK`. It belongs to the open file: every duplicate, in every process, sees the change.
    public func setNonBlocking(_ nonBlocking: Bool) throws(Errno) {
        let flags = try systemCall { plumb_fcntl(rawValue, F_GETFL, 0) }
        let wanted = nonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        if wanted != flags { _ = try systemCall { plumb_fcntl(rawValue, F_SETFL, Int(wanted)) } }
    }

    /// Whether the descriptor is closed by `execve(2)` (`FD_CLOEXEC`).
    public func isCloseOnExec() throws(Errno) -> Bool {
        try systemCall { plumb_fcntl(rawValue, F_GETFD, 0) } & FD_CLOEXEC != 0
    }
}
