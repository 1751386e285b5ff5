import CPlumb
import FoundationEssentials
import Synchronization
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Files of Unix sockets") struct SocketFileTests {
    // MARK: Paths of any length

    @Test(
        "a path that the kernel's address has no room for is bound, reached and removed all the same",
        arguments: [112, 120, 300, 1000, 4000], [1, 20, 90, 91, 200, 250])
    func longPath(_ length: Int, _ nameLength: Int) throws {
        let directory = try TemporaryDirectory()
        let parent = try directory.directory(length: length - nameLength - 1)
        let path = parent + "/" + String(repeating: "n", count: nameLength)
        do {
            let listener = try Listener(on: SocketAddressTests.path(path))
            #expect(listener.address.pathname == path)
            let client = try Descriptor.connecting(to: listener.address)
            try send("x", over: require(listener.accept()))
            #expect(try read(client) == "x")
            #expect(throws: SocketsError.self) { _ = try Listener(on: listener.address) }
        }
        #expect(try names(in: parent).isEmpty)
    }

    @Test("of a long path, too, what a dead server left is taken over, and a live server's is not")
    func longStale() throws {
        let directory = try TemporaryDirectory()
        let parent = try directory.directory(length: 500)
        let address = SocketAddressTests.path(parent + "/socket")
        let place = try Directory(path: Array(parent.utf8))
        let provisional = place.address(of: Directory.Name("socket".utf8))
        try leaveSocket(at: #require(provisional))
        #expect(failure(connectingTo: address) == .connectionRefused)
        let listener = try Listener(on: address)
        #expect(connects(to: address))
        let error = try #require(throws: SocketsError.self) { _ = try Listener(on: address) }
        #expect(error.code == .addressInUse)
        _ = listener
    }

    @Test("a name that leaves no room for its lock file's is refused with the limit")
    func nameTooLong() throws {
        let directory = try TemporaryDirectory()
        let error = try #require(throws: SocketsError.self) {
            _ = try Listener(on: SocketAddressTests.path(directory.file(String(repeating: "n", count: 251))))
        }
        #expect(error.errno == .fileNameTooLong)
        #expect(error.description.contains("more than 255 bytes; choose a shorter one"), "\(error)")
    }

    @Test("a path without a name is refused", arguments: ["", "/.", "/.."])
    func noName(_ suffix: String) throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.path + (suffix.isEmpty ? "/" : suffix))
        let error = try #require(throws: SocketsError.self) { _ = try Listener(on: address) }
        #expect(error.code == .invalidAddress && error.description.contains("it is a directory's path"), "\(error)")
    }

    @Test("the process's directory may change, and its own directory's name")
    func directoryMoves() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try makeDirectory(directory.file("before"))
            try #require(unsafe chdir(directory.path) == 0)
            do {
                let listener = try Listener(on: SocketAddressTests.path("before/socket"))
                try #require(unsafe chdir("/") == 0 && rename(directory.file("before"), directory.file("after")) == 0)
                #expect(connects(to: SocketAddressTests.path(directory.file("after/socket"))))
                _ = listener
            }
            #expect(try names(in: directory.file("after")).isEmpty)
        }
    }

    // MARK: Mode, owner, group

    @Test("the mode is exactly what was asked for, whatever the umask", arguments: [0o600, 0o660, 0o666] as [UInt32])
    func exactMode(_ mode: UInt32) async {
        await #expect(processExitsWith: .success) { [mode = mode as UInt32] in
            umask(0o077)
            let directory = try TemporaryDirectory()
            let path = directory.file("socket")
            let listener = try Listener(on: SocketAddressTests.path(path), permissions: .init(mode: mode))
            #expect(status(path).map { $0.st_mode & 0o7777 } == mode)
            #expect(try directory.contents() == ["socket", "socket.lock"])
            #expect(connects(to: listener.address))
        }
    }

    @Test(
        "owner and group are what was asked for", .enabled(if: Machine.isRoot, Machine.rootReason),
        arguments: [(nobody, nil), (nil, 4711), (nobody, 4711)] as [(UInt32?, UInt32?)])
    func ownerAndGroup(_ owner: UInt32?, _ group: UInt32?) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        do {
            let permissions = SocketFilePermissions(mode: 0o640, owner: owner, group: group)
            let listener = try Listener(on: SocketAddressTests.path(path), permissions: permissions)
            let found = try #require(status(path))
            #expect(found.st_uid == owner ?? geteuid() && found.st_gid == group ?? getegid())
            #expect(found.st_mode & 0o7777 == 0o640)
            #expect(connects(to: listener.address))
            #expect(try directory.contents() == ["socket", "socket.lock"])
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test("the file changes in nothing after it has its name", .enabled(if: Machine.isRoot, Machine.rootReason))
    func completeFromTheFirstMoment() async {
        await #expect(processExitsWith: .success) {
            umask(0o077)
            let directory = try TemporaryDirectory()
            let watch = try Watch(directory.path)
            for permissions in [SocketFilePermissions(mode: 0o666), .init(mode: 0o660, owner: nobody, group: 4711)] {
                let listener = try Listener(
                    on: SocketAddressTests.path(directory.file("socket")), permissions: permissions)
                let events = try watch.events(of: "socket")
                #expect(events == [UInt32(IN_CREATE)], "\(events)")
                _ = listener
                _ = try watch.events(of: "socket")
            }
        }
    }

    @Test("a server has its name only when it listens: whoever sees it can connect")
    func listensFromTheFirstMoment() async {
        await #expect(processExitsWith: .success) {
            // An umask that bind(2) alone cannot overcome, so that the name comes last.
            umask(0o777)
            let directory = try TemporaryDirectory()
            let address = SocketAddressTests.path(directory.file("socket"))
            for _ in 0..<100 {
                let refused = Flag()
                let done = Flag()
                let hasLooked = Flag()
                onThreads(2) { number in
                    if number == 0 {
                        let listener = try? Listener(on: address, permissions: .init(mode: 0o600))
                        done.set()
                        while !hasLooked.isSet { sched_yield() }
                        _ = listener
                    } else {
                        while !done.isSet {
                            if failure(connectingTo: address) == .connectionRefused { refused.set() }
                        }
                        hasLooked.set()
                    }
                }
                #expect(!refused.isSet)
            }
        }
    }

    @Test(
        "what an ordinary user may not give away", .enabled(if: Machine.canBeUnprivileged, Machine.unprivilegedReason),
        arguments: [(0, nil), (nil, 0)] as [(UInt32?, UInt32?)])
    func notOurs(_ owner: UInt32?, _ group: UInt32?) async {
        await #expect(processExitsWith: .success) { [owner = owner as UInt32?, group = group as UInt32?] in
            try becomeUnprivileged()
            let directory = try TemporaryDirectory()
            try expectNoLeak {
                let error = try #require(throws: SocketsError.self) {
                    _ = try Listener(
                        on: SocketAddressTests.path(directory.file("socket")),
                        permissions: .init(mode: 0o660, owner: owner, group: group))
                }
                #expect(error.errno == .notPermitted, "\(error)")
                #expect(error.description.contains("the file's owner and group are root's to choose"), "\(error)")
                let left = try directory.contents()
                #expect(left.isEmpty, "\(left)")
            }
        }
    }

    @Test(
        "a group that an ordinary user is in may be given",
        .enabled(if: Machine.isRoot && Machine.canBeUnprivileged, Machine.rootReason))
    func ownGroup() async {
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            try #require(unsafe chmod(directory.path, 0o777) == 0)
            var groups: [gid_t] = [4711]
            try #require(unsafe setgroups(1, &groups) == 0 && setgid(nobody) == 0 && setuid(nobody) == 0)
            let path = directory.file("socket")
            let listener = try Listener(on: SocketAddressTests.path(path), permissions: .group(4711))
            #expect(status(path).map { [$0.st_uid, $0.st_gid, $0.st_mode & 0o7777] } == [nobody, 4711, 0o660])
            _ = listener
        }
    }

    @Test("the other name that a killed server left half-way is taken away")
    func halfWay() async {
        await #expect(processExitsWith: .success) {
            umask(0o077)
            let directory = try TemporaryDirectory()
            try leaveSocket(at: SocketAddressTests.path(directory.file(".socket.plumb-new")))
            let listener = try Listener(
                on: SocketAddressTests.path(directory.file("socket")), permissions: .everybody)
            #expect(try directory.contents() == ["socket", "socket.lock"])
            #expect(connects(to: listener.address))
        }
    }

    @Test("a server that does not lock and took the name meanwhile keeps it")
    func nameTakenMeanwhile() async {
        await #expect(processExitsWith: .success) {
            umask(0o077)
            let directory = try TemporaryDirectory()
            let address = SocketAddressTests.path(directory.file("socket"))
            var claim = try require(UnixPathClaim.claim(address))
            let socket = try Descriptor.socket(family: AF_UNIX, type: .stream)
            try claim.bind(socket, .everybody)
            try leaveSocket(at: address)
            let inode = status(directory.file("socket"))?.st_ino
            #expect(throws: Errno.addressInUse) { try claim.publish() }
            _ = consume claim
            #expect(try directory.contents() == ["socket"])
            #expect(status(directory.file("socket"))?.st_ino == inode)
        }
    }
}

/// Something that happened, for threads that look.
private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

/// Names made and changed in a directory (`inotify(7)`).
private struct Watch: ~Copyable {
    private let descriptor: Descriptor

    init(_ path: String) throws {
        descriptor = try watch(path)
    }

    /// What happened to a name since the last call.
    func events(of name: String) throws -> [UInt32] {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = unsafe plumb_read(descriptor.rawValue, &bytes, bytes.count)
        guard count > 0 else { return [] }
        var found: [UInt32] = []
        var offset = 0
        while offset < count {
            let (mask, length, text) = unsafe bytes.withUnsafeBytes { bytes in
                let length = unsafe Int(bytes.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self))
                return unsafe (
                    bytes.loadUnaligned(fromByteOffset: offset + 4, as: UInt32.self), length,
                    String(decoding: bytes[offset + 16..<offset + 16 + length].prefix { $0 != 0 }, as: UTF8.self)
                )
            }
            if text == name { found.append(mask) }
            offset += 16 + length
        }
        return found
    }
}

private func watch(_ path: String) throws -> Descriptor {
    let number = inotify_init1(CInt(IN_NONBLOCK) | CInt(IN_CLOEXEC))
    let descriptor = Descriptor(owning: try systemCall { number })
    let mask = UInt32(IN_CREATE | IN_ATTRIB | IN_MOVED_TO)
    _ = try systemCall { unsafe inotify_add_watch(number, path, mask) }
    return descriptor
}

private func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory)
}

private func failure(connectingTo address: SocketAddress) -> Errno? {
    do throws(Errno) {
        _ = try Descriptor.connecting(to: address)
        return nil
    } catch {
        return error
    }
}
