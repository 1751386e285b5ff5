import CPlumb
import SystemPackage

/// The right to a path for a Unix socket, held as a lock on a file beside it (`PATH.lock`).
///
/// A connection that is refused does not prove that a socket file is stale: a live server refuses between `bind` and
/// `listen`. A lock does, because the kernel releases it when its holder ends, however it ends. Whoever holds the claim
/// removes what a dead server left and, at the end, only the very file that it made.
struct UnixPathClaim: ~Copyable, Sendable {
    /// Absolute, so that it means the same after a `chdir(2)`.
    private let path: FilePath
    private let lockPath: FilePath
    private let lock: Descriptor
    private var file: FileIdentity? = nil

    /// Claims the path of an address, and removes the socket file of a server that has ended.
    ///
    /// - Returns: `nil` for an address that is no path.
    /// - Throws: ``SocketsError/Code/addressInUse`` when a live server has it.
    static func claim(_ address: SocketAddress) throws(SocketsError) -> UnixPathClaim? {
        guard let path = address.filePath.map(absolute) else { return nil }
        // Byte by byte, because a name need not be UTF-8.
        let lockPath = unsafe path.withPlatformString { name in
            unsafe FilePath(platformString: Array(UnsafeBufferPointer(start: name, count: strlen(name))) + lockSuffix)
        }
        let claim = UnixPathClaim(path, lockPath, try lock(lockPath, for: address))
        // From here on, `deinit` takes the lock file away again.
        try claim.removeStaleSocket(address)
        return claim
    }

    private static var lockSuffix: [CChar] { ".lock".utf8CString.map { $0 } }

    private init(_ path: FilePath, _ lockPath: FilePath, _ lock: consuming Descriptor) {
        self.path = path
        self.lockPath = lockPath
        self.lock = lock
    }

    /// Remembers the file that `bind(2)` just made, which is the one to remove at the end.
    mutating func recordBoundFile() {
        file = FileIdentity(path)
    }

    deinit {
        if let file, FileIdentity(path) == file { removeFile(path) }
        // Still under the lock: whoever opened this lock file notices that it is not the one at the path and retries. And
        // only ours: after somebody removed it by hand, the one at the path is the next server's.
        if UnixPathClaim.isAtPath(lock, lockPath) { removeFile(lockPath) }
    }

    private static func absolute(_ path: FilePath) -> FilePath {
        guard path.isRelative, let directory = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(directory) }
        return unsafe FilePath(platformString: directory).pushing(path)
    }

    // MARK: The lock

    private static func lock(_ path: FilePath, for address: SocketAddress) throws(SocketsError) -> Descriptor {
        while true {
            // The previous holder may remove the file between our open and our lock: then once more.
            if let lock = try attemptLock(path, for: address) { return lock }
        }
    }

    private static func attemptLock(
        _ path: FilePath, for address: SocketAddress
    ) throws(SocketsError) -> Descriptor? {
        let lock = try openLock(path)
        try take(lock, path, for: address)
        if isAtPath(lock, path) { return lock }
        return nil
    }

    private static func openLock(_ path: FilePath) throws(SocketsError) -> Descriptor {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let result = unsafe path.withPlatformString { path -> Result<CInt, Errno> in
            do throws(Errno) {
                return .success(try systemCall { unsafe plumb_open(path, flags, 0o600) })
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let number): return Descriptor(owning: number)
        case .failure(let error):
            throw SocketsError(
                .system, "create the lock file", path.description, errno: error, reason: pathReason(error))
        }
    }

    private static func take(
        _ lock: borrowing Descriptor, _ path: FilePath, for address: SocketAddress
    ) throws(SocketsError) {
        do throws(Errno) {
            try lock.borrowed.lockExclusively()
        } catch {
            if error == .wouldBlock { throw inUse(address) }
            throw SocketsError(.system, "lock", path.description, errno: error)
        }
    }

    private static func isAtPath(_ file: borrowing Descriptor, _ path: FilePath) -> Bool {
        guard let held = FileIdentity(file.borrowed), let there = FileIdentity(path) else { return false }
        return held == there
    }

    // MARK: What is at the path

    private func removeStaleSocket(_ address: SocketAddress) throws(SocketsError) {
        guard let found = FileIdentity(path) else { return }
        guard found.isSocket else {
            throw SocketsError(
                .addressInUse, "listen on", address.description, errno: .addressInUse,
                reason: "there is a file that is not a socket; choose another path or remove it")
        }
        switch UnixPathClaim.probe(address) {
        case Errno.connectionRefused:
            if FileIdentity(path) == found { removeFile(path) }
        case Errno.noSuchFileOrDirectory:
            break
        case Errno.permissionDenied:
            throw SocketsError(
                .addressInUse, "listen on", address.description, errno: .permissionDenied,
                reason: "another user's socket is there; choose another path")
        default:
            throw UnixPathClaim.inUse(address)
        }
    }

    /// Connects to the address: a server that does not lock as we do shows itself by taking the connection, or by being
    /// of another type. `nil` is success.
    private static func probe(_ address: SocketAddress) -> Errno? {
        do throws(Errno) {
            let socket = try Descriptor.socket(family: AF_UNIX, type: .stream, nonBlocking: true)
            try socket.borrowed.connect(to: address)
            return nil
        } catch {
            return error
        }
    }

    private static func inUse(_ address: SocketAddress) -> SocketsError {
        SocketsError(
            .addressInUse, "listen on", address.description, errno: .addressInUse,
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

private func removeFile(_ path: FilePath) {
    _ = unsafe path.withPlatformString { unsafe unlink($0) }
}

/// Which file it is, whatever its name: device and inode.
private struct FileIdentity: Equatable {
    let device: UInt64
    let inode: UInt64
    let isSocket: Bool

    /// The file at a path, a symbolic link itself; `nil` when there is none to be seen.
    init?(_ path: FilePath) {
        var status = stat()
        guard unsafe path.withPlatformString({ unsafe lstat($0, &status) }) == 0 else { return nil }
        self.init(status)
    }

    init?(_ descriptor: BorrowedDescriptor) {
        var status = stat()
        guard unsafe fstat(descriptor.rawValue, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        isSocket = UInt32(status.st_mode) & UInt32(S_IFMT) == UInt32(S_IFSOCK)
    }
}
