public import PlumbSockets
public import SystemPackage

/// ``TCPInfo`` of one socket at one moment.
public struct TCPSample: Sendable {
    /// What tells the socket from every other until the machine restarts (`SO_COOKIE`).
    public let cookie: UInt64
    /// When it was taken.
    public let time: ContinuousClock.Instant
    /// What the kernel said.
    public let info: TCPInfo

    /// Puts a sample together, as from a dump.
    public init(cookie: UInt64, time: ContinuousClock.Instant, info: TCPInfo) {
        self.cookie = cookie
        self.time = time
        self.info = info
    }

    /// Takes a sample of a socket (`getsockopt(2)`).
    public init(of socket: BorrowedDescriptor) throws(Errno) {
        cookie = try socket.cookie()
        time = .now
        info = try TCPInfo(of: socket)
    }
}
