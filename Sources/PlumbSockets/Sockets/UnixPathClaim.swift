import CPlumb
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The right to a path for a Unix socket, held as a lock on a file beside it (`PATH.lock`).
///
/// A connection that is refused does not prove that a socket file is stale: a live server refuses between `bind` and
/// `listen`. A lock does, because the kernel releases it when its holder ends, however it ends. Whoever holds the claim
/// removes what a dead server left and, at the end, only the very file that it made.
struct UnixPathClaim: ~Copyable, Sendable {
    private let path: String
    private let lock: Descriptor
    private var file: FileIdentity? = nil

    /// Claims the path, and removes the socket file of a server that has ended.
    ///
    /// - Throws: ``SocketsError/Code/addressInUse`` when a live server has it.
    static func claim(_ path: String) throws(SocketsError) -> UnixPathClaim {
        let claim = UnixPathClaim(path: path, lock: try lock(path))
        // From here on, `deinit` takes the lock file away again.
        try claim.removeStaleSocket()
        return claim
    }

    private init(path: String, lock: consuming Descriptor) {
        self.path = path
        self.lock = lock
    }

    /// Remembers the file that `bind(2)` just made, which is the one to remove at the end.
    mutating func recordBoundFile() {
        file = try? FileIdentity(path)
    }

    deinit {
        if let file, (try? FileIdentity(path)) == file { unsafe unlink(path) }
        // Still under the lock: whoever opened this lock file notices that it is not the one at the path and retries. And
        // only ours: after somebody removed it by hand, the one at the path is the next server's.
        let lockPath = UnixPathClaim.lockPath(path)
        if UnixPathClaim.isAtPath(lock, lockPath) { unsafe unlink(lockPath) }
    }

    /// The address as it is written, for messages.
    private static func name(_ path: String) -> String { SocketAddress.unix(pathname: path)?.description ?? path }

    private static func lockPath(_ path: String) -> String { path + ".lock" }

    private static func lock(_ path: String) throws(SocketsError) -> Descriptor {
        while true {
            // The previous holder may remove the file between our open and our lock: then once more.
            if let lock = try attemptLock(path) { return lock }
        }
    }

    private static func attemptLock(_ path: String) throws(SocketsError) -> Descriptor? {
        let lock = try openLock(path)
        try take(lock, for: path)
        if isAtPath(lock, lockPath(path)) { return lock }
        return nil
    }

    private static func openLock(_ path: String) throws(SocketsError) -> Descriptor {
        let lockPath = lockPath(path)
        do throws(Errno) {
            let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
            return Descriptor(owning: try systemCall { unsafe plumb_open(lockPath, flags, 0o600) })
        } catch {
            throw SocketsError(.system, "create the lock file", lockPath, errno: error, reason: pathReason(error))
        }
    }

    private static func take(_ lock: borrowing Descriptor, for path: String) throws(SocketsError) {
        do throws(Errno) {
            try lock.borrowed.lockExclusively()
        } catch {
            if error == .wouldBlock { throw inUse(path) }
            throw SocketsError(.system, "lock", lockPath(path), errno: error)
        }
    }

    private static func isAtPath(_ file: borrowing Descriptor, _ path: String) -> Bool {
        guard let held = try? FileIdentity(file.borrowed), let there = try? FileIdentity(path) else { return false }
        return held == there
    }

    private func removeStaleSocket() throws(SocketsError) {
        guard let found = try? FileIdentity(path) else { return }
        guard found.isSocket else {
            throw SocketsError(
                .addressInUse, "listen on", UnixPathClaim.name(path), errno: .addressInUse,
                reason: "there is a file that is not a socket; choose another path or remove it")
        }
        switch UnixPathClaim.probe(path) {
        case Errno.connectionRefused:
            if (try? FileIdentity(path)) == found { unsafe unlink(path) }
        case Errno.noSuchFileOrDirectory:
            break
        case Errno.permissionDenied:
            throw SocketsError(
                .addressInUse, "listen on", UnixPathClaim.name(path), errno: .permissionDenied,
                reason: "another user's socket is there; choose another path")
        default:
            throw UnixPathClaim.inUse(path)
        }
    }

    /// Connects to the path: a server that does not lock as we do shows itself by taking the connection, or by being of
    /// another type. `nil` is success.
    private static func probe(_ path: String) -> Errno? {
        guard let address = SocketAddress.unix(pathname: path) else { return .fileNameTooLong }
        do throws(Errno) {
            let socket = try Descriptor.socket(family: AF_UNIX, type: .stream, nonBlocking: true)
            try socket.borrowed.connect(to: address)
            return nil
        } catch {
            return error
        }
    }

    private static func inUse(_ path: String) -> SocketsError {
        SocketsError(
            .addressInUse, "listen on", UnixPathClaim.name(path), errno: .addressInUse,
            reason: "a live server has this path; stop it or choose another path")
    }
}

/// Why a file beside a socket cannot be made, for the errors whose words alone do not help.
func pathReason(_ error: Errno) -> String? {
    switch error {
    case .permissionDenied: "you may not write to its directory; choose another path"
    case .noSuchFileOrDirectory: "its directory does not exist; create it or choose another path"
    case .readOnlyFileSystem: "the file system is read-only; choose another path"
    case .noSpace: "the file system is full"
    default: nil
    }
}

/// Which file it is, whatever its name: device and inode.
private struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64
    let isSocket: Bool

    init(_ path: String) throws(Errno) {
        var status = stat()
        _ = try systemCall { unsafe lstat(path, &status) }
        self.init(status)
    }

    init(_ descriptor: BorrowedDescriptor) throws(Errno) {
        var status = stat()
        _ = try systemCall { unsafe fstat(descriptor.rawValue, &status) }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        isSocket = status.st_mode & S_IFMT == S_IFSOCK
    }
}
