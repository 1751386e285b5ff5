import CPlumb
package import SystemPackage

/// What `statx(2)` says of a file that matters here: which file it is, of what kind, whose, and how long.
///
/// Asked without synchronising with a file system's server (`AT_STATX_DONT_SYNC`), so that a descriptor from a stranger
/// whose FUSE server does not answer holds nobody up.
package struct FileStatus: Hashable, Sendable {
    /// Which file it is, whatever its name.
    package struct Identity: Hashable, Sendable {
        /// Major and minor number of the device.
        package let device: UInt64
        package let inode: UInt64
    }

    package let identity: Identity
    /// Kind and permissions (`st_mode`).
    package let mode: UInt32
    package let owner: UInt32
    package let group: UInt32
    package let size: UInt64

    /// The kind alone (`S_IFMT`).
    package var kind: UInt32 { mode & UInt32(S_IFMT) }
    /// The permissions alone.
    package var permissions: UInt32 { mode & 0o7777 }
    package var isSocket: Bool { kind == UInt32(S_IFSOCK) }

    /// The status of an open file, also of an `O_PATH` descriptor.
    package init(of descriptor: BorrowedDescriptor) throws(Errno) {
        self = try FileStatus.read(descriptor.rawValue, [0])
    }

    fileprivate static func read(_ descriptor: CInt, _ name: [CChar]) throws(Errno) -> FileStatus {
        var found = plumb_file_status()
        _ = try systemCall { unsafe plumb_statx(descriptor, name, &found) }
        return FileStatus(found)
    }

    private init(_ found: plumb_file_status) {
        identity = Identity(
            device: UInt64(found.device_major) << 32 | UInt64(found.device_minor), inode: found.inode)
        mode = found.mode
        owner = found.owner
        group = found.group
        size = found.size
    }
}

/// A directory held open, and operations on the names in it.
///
/// The directory stays the same when the process changes its own (`chdir(2)`) or somebody renames it, and its path may be
/// as long as any (`PATH_MAX`), which a Unix socket's name may not: a socket in it is bound and reached as
/// `/proc/self/fd/N/name`.
struct Directory: ~Copyable, Sendable {
    private let descriptor: Descriptor

    /// A name in a directory, with its NUL.
    struct Name: Hashable, Sendable {
        fileprivate let characters: [CChar]

        init(_ bytes: some Sequence<UInt8>) { characters = bytes.map { CChar(bitPattern: $0) } + [0] }

        /// Without its NUL.
        var bytes: [UInt8] { characters.dropLast().map { UInt8(bitPattern: $0) } }
    }

    /// The most bytes a name may have (`NAME_MAX`).
    static var nameLimit: Int { 255 }

    /// Splits a path at its last `/`.
    ///
    /// - Returns: `nil` when it ends there, or in a name that means a directory.
    static func split(_ path: [UInt8]) -> (directory: [UInt8], name: [UInt8])? {
        let slash = UInt8(ascii: "/")
        let name = Array(path.suffix(from: path.lastIndex(of: slash).map { $0 + 1 } ?? 0))
        if name.isEmpty || name.allSatisfy({ $0 == UInt8(ascii: ".") }) && name.count <= 2 { return nil }
        let directory = Array(path.dropLast(name.count))
        return (directory.isEmpty ? [UInt8(ascii: ".")] : directory, name)
    }

    /// Opens a directory (`O_PATH`, which needs search permission only).
    init(path: [UInt8]) throws(Errno) {
        descriptor = try openPath(path, flags: O_DIRECTORY)
    }

    /// The address under which the kernel finds a socket of this directory; `nil` for a name too long for that.
    func address(of name: Name) -> SocketAddress? {
        let path = Array("/proc/self/fd/\(descriptor.rawValue)/".utf8) + name.bytes
        return path.count > SocketAddress.kernelPathnameLimit ? nil : SocketAddress(.pathname(path))
    }

    /// What has the name, a symbolic link itself; `nil` when there is nothing to be seen.
    func status(of name: Name) -> FileStatus? {
        try? FileStatus.read(descriptor.rawValue, name.characters)
    }

    /// Opens what has the name without following a link (`openat(2)`).
    func open(_ name: Name, flags: CInt, mode: UInt32 = 0) throws(Errno) -> Descriptor {
        let (number, characters) = (descriptor.rawValue, name.characters)
        return Descriptor(
            owning: try systemCall {
                unsafe plumb_openat(number, characters, flags | O_NOFOLLOW | O_CLOEXEC, mode)
            })
    }

    /// Takes the name away (`unlinkat(2)`).
    func remove(_ name: Name) {
        _ = unsafe unlinkat(descriptor.rawValue, name.characters, 0)
    }

    /// Takes the name away if the very file has it.
    func remove(_ name: Name, ifStill identity: FileStatus.Identity) {
        if status(of: name)?.identity == identity { remove(name) }
    }

    /// Gives a file another name, which nobody may have yet, and takes the old one away.
    ///
    /// - Throws: `.fileExists`, with the old name left as it was.
    func rename(_ old: Name, to new: Name) throws(Errno) {
        let number = descriptor.rawValue
        _ = try systemCall { unsafe linkat(number, old.characters, number, new.characters, 0) }
        remove(old)
    }
}

/// Opens what is at a path as `O_PATH`: no permission on it is needed, only on the way.
private func openPath(_ path: [UInt8], flags: CInt) throws(Errno) -> Descriptor {
    let characters = path.map { CChar(bitPattern: $0) } + [0]
    return Descriptor(
        owning: try systemCall { unsafe plumb_open(characters, flags | PLUMB_O_PATH | O_CLOEXEC, 0) })
}

extension Descriptor {
    /// A descriptor that stands for the file at a path, links followed, and allows nothing but to name it (`O_PATH`).
    package static func naming(_ path: [UInt8]) throws(Errno) -> Descriptor {
        try openPath(path, flags: 0)
    }
}

extension BorrowedDescriptor {
    /// The path that leads to the very file behind this descriptor.
    var pathInProc: String { "/proc/self/fd/\(rawValue)" }
}

/// The contents of a small file, such as those of /proc, whose length cannot be asked for.
package func contents(ofFile path: String) throws(Errno) -> [UInt8] {
    let file = Descriptor(owning: try systemCall { unsafe plumb_open(path, O_RDONLY | O_CLOEXEC, 0) })
    return try readAll(file)
}

private func readAll(_ file: borrowing Descriptor) throws(Errno) -> [UInt8] {
    var bytes: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 4096)
    while true {
        var span = room.mutableSpan
        var buffer = unsafe span.mutableBytes
        let count = try file.borrowed.read(into: &buffer)
        if count == 0 { return bytes }
        bytes += room[..<count]
    }
}

/// The value after `key` and a colon in lines such as those of `/proc/self/status`.
package func value(of key: String, in lines: [UInt8]) -> String? {
    for line in lines.split(separator: UInt8(ascii: "\n")) where line.starts(with: "\(key):".utf8) {
        return String(decoding: line.dropFirst(key.utf8.count + 1).drop { $0 == 9 || $0 == 32 }, as: UTF8.self)
    }
    return nil
}
