import CPlumb
import SystemPackage

/// The right to a path for a Unix socket, held as a lock on a file beside it (`PATH.lock`).
///
/// A connection that is refused does not prove that a socket file is stale: a live server refuses between `bind` and
/// `listen`. A lock does, because the kernel releases it when its holder ends, however it ends. Whoever holds the claim
/// removes what a dead server left and, at the end, only the very file that it made.
struct UnixPathClaim: ~Copyable, Sendable {
    private let address: SocketAddress
    private let directory: Directory
    private let name: Directory.Name
    private let lockName: Directory.Name
    private let lock: Descriptor
    private var file: FileStatus.Identity? = nil
    /// The name that the socket has until ``publish()``.
    private var provisionalName: Directory.Name? = nil

    /// Claims the path of an address, and removes the socket file of a server that has ended.
    ///
    /// - Returns: `nil` for an address that is no path.
    /// - Throws: ``SocketsError/Code/addressInUse`` when a live server has it.
    static func claim(_ address: SocketAddress) throws(SocketsError) -> UnixPathClaim? {
        guard let path = address.pathnameBytes else { return nil }
        guard let (directoryPath, name) = Directory.split(path) else {
            throw SocketsError(
                .invalidAddress, "listen on", address.description, reason: "it is a directory's path; add a name to it")
        }
        let directory: Directory
        do throws(Errno) {
            directory = try Directory(path: directoryPath)
        } catch {
            throw SocketsError(.system, "listen on", address.description, errno: error, reason: pathReason(error))
        }
        let lockName = Directory.Name(name + Array(".lock".utf8))
        let lock = try UnixPathClaim.lock(lockName, in: directory, for: address)
        let claim = UnixPathClaim(address, directory, Directory.Name(name), lockName, lock)
        // From here on, `deinit` takes the lock file away again.
        try claim.removeStaleSocket()
        return claim
    }

    private init(
        _ address: SocketAddress, _ directory: consuming Directory, _ name: Directory.Name,
        _ lockName: Directory.Name, _ lock: consuming Descriptor
    ) {
        self.address = address
        self.directory = directory
        self.name = name
        self.lockName = lockName
        self.lock = lock
    }

    /// Removes the lock file already, because the listener is about to outlive this process.
    ///
    /// From here on the listener keeps the path by answering on it.
    func removeLock() {
        if UnixPathClaim.isNamed(lock, lockName, in: directory) { directory.remove(lockName) }
    }

    deinit {
        if let file {
            directory.remove(name, ifStill: file)
            if let provisionalName { directory.remove(provisionalName, ifStill: file) }
        }
        // Still under the lock: whoever opened this lock file notices that it is not the one with the name and retries. And
        // only ours: after somebody removed it by hand, the one with the name is the next server's.
        removeLock()
    }

    // MARK: The socket's file

    /// Binds a socket to the path, with permissions that it has from its first moment.
    ///
    /// Where `bind(2)` cannot give it these, or the kernel's address has no room for the path, the socket gets another name
    /// beside it and its own from ``publish()``.
    mutating func bind(_ socket: borrowing Descriptor, _ permissions: SocketFilePermissions) throws(Errno) {
        if fitsKernelForm && permissions.canBeMadeByBind {
            // Before bind, so that the file never has other permissions than these.
            if let mode = permissions.mode { try socket.borrowed.setMode(mode) }
            try socket.borrowed.bind(to: address)
            file = directory.status(of: name)?.identity
            return
        }
        let (provisionalName, provisionalAddress) = try provisional()
        // Left by a process that was killed; the lock says that it is nobody's now.
        directory.remove(provisionalName)
        // Nobody's until its owner, group and mode are what they shall be.
        if permissions.mode != nil { try socket.borrowed.setMode(0) }
        try socket.borrowed.bind(to: provisionalAddress)
        self.provisionalName = provisionalName
        file = directory.status(of: provisionalName)?.identity
        // By a descriptor from here on: a name could become a link to another file in the meantime.
        let node = try directory.open(provisionalName, flags: PLUMB_O_PATH)
        try UnixPathClaim.apply(permissions, to: node)
    }

    private var fitsKernelForm: Bool {
        address.pathnameBytes?.count ?? 0 <= SocketAddress.kernelPathnameLimit
    }

    /// Gives the socket its name, if it does not have it yet: from now on clients find it.
    ///
    /// - Throws: `.addressInUse` when a server that does not lock as we do has taken the name meanwhile.
    mutating func publish() throws(Errno) {
        guard let provisionalName else { return }
        do throws(Errno) {
            try directory.rename(provisionalName, to: name)
        } catch {
            throw error == .fileExists ? .addressInUse : error
        }
        self.provisionalName = nil
    }

    /// A name beside the path, the same at each start, and the address that binds it.
    ///
    /// `ss -x` and getsockname(2) show it from then on, so it tells the path where the kernel's form has room for that.
    private func provisional() throws(Errno) -> (Directory.Name, SocketAddress) {
        let (prefix, suffix) = (Array(".".utf8), Array(".plumb-new".utf8))
        let telling = prefix + name.bytes + suffix
        let path = (address.pathnameBytes ?? []).dropLast(name.bytes.count) + telling
        if path.count <= SocketAddress.kernelPathnameLimit {
            return (Directory.Name(telling), SocketAddress(.pathname(Array(path))))
        }
        let short = prefix + Array(String(hash(name.bytes), radix: 16).utf8) + suffix
        for name in [Directory.Name(telling), Directory.Name(short)] {
            if let address = directory.address(of: name) { return (name, address) }
        }
        throw .fileNameTooLong
    }

    private static func apply(_ permissions: SocketFilePermissions, to node: borrowing Descriptor) throws(Errno) {
        let status = try FileStatus(of: node.borrowed)
        // What bind(2) just made is a socket of this user's. Anything else was put in its place.
        guard status.isSocket, status.owner == geteuid() else { throw .addressInUse }
        if permissions.owner != nil || permissions.group != nil {
            let (owner, group) = (permissions.owner ?? .max, permissions.group ?? .max)
            _ = try systemCall { plumb_fchown_path(node.rawValue, owner, group) }
        }
        if let mode = permissions.mode {
            let path = node.borrowed.pathInProc
            _ = try systemCall { unsafe chmod(path, mode) }
        }
    }

    // MARK: The lock

    private static func lock(
        _ name: Directory.Name, in directory: borrowing Directory, for address: SocketAddress
    ) throws(SocketsError) -> Descriptor {
        while true {
            // The previous holder may remove the file between our open and our lock: then once more.
            if let lock = try attemptLock(name, in: directory, for: address) { return lock }
        }
    }

    private static func attemptLock(
        _ name: Directory.Name, in directory: borrowing Directory, for address: SocketAddress
    ) throws(SocketsError) -> Descriptor? {
        let lock: Descriptor
        do throws(Errno) {
            lock = try directory.open(name, flags: O_RDWR | O_CREAT, mode: 0o600)
        } catch {
            throw lockFailure("create", address, error)
        }
        try take(lock, for: address)
        if isNamed(lock, name, in: directory) { return lock }
        return nil
    }

    private static func take(_ lock: borrowing Descriptor, for address: SocketAddress) throws(SocketsError) {
        do throws(Errno) {
            try lock.borrowed.lockExclusively()
        } catch {
            if error == .wouldBlock { throw inUse(address) }
            throw lockFailure("lock", address, error)
        }
    }

    private static func lockFailure(_ verb: String, _ address: SocketAddress, _ error: Errno) -> SocketsError {
        SocketsError(
            .system, verb, "the lock file of \(address) ('.lock' added to its path)", errno: error,
            reason: pathReason(error))
    }

    private static func isNamed(
        _ file: borrowing Descriptor, _ name: Directory.Name, in directory: borrowing Directory
    ) -> Bool {
        guard let held = try? FileStatus(of: file.borrowed) else { return false }
        return directory.status(of: name)?.identity == held.identity
    }

    // MARK: What is at the path

    private func removeStaleSocket() throws(SocketsError) {
        guard let found = directory.status(of: name) else { return }
        guard found.isSocket else {
            throw SocketsError(
                .addressInUse, "listen on", address.description, errno: .addressInUse,
                reason: "there is a file that is not a socket; choose another path or remove it")
        }
        switch UnixPathClaim.probe(address) {
        case Errno.connectionRefused:
            directory.remove(name, ifStill: found.identity)
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
    case .notDirectory: "a part of its path is not a directory; choose another path"
    case .readOnlyFileSystem: "the file system is read-only; choose another path"
    case .noSpace: "the file system is full"
    case .fileNameTooLong:
        "with '.lock' added its name has more than \(Directory.nameLimit) bytes; choose a shorter one"
    case .notPermitted: "the file's owner and group are root's to choose, except for a group that you are in"
    default: nil
    }
}

/// A number that is the same for the same name in every process (FNV-1a).
private func hash(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
