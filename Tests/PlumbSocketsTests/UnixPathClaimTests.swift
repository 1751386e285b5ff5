import BasicContainers
import CPlumb
import Synchronization
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Claims on Unix paths") struct UnixPathClaimTests {
    @Test("the file and its lock are there while the listener is, and not afterwards", arguments: [20, 107, 108])
    func removedAtEnd(_ length: Int) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file(length: length)
        do {
            let listener = try Listener(on: SocketAddressTests.path(path))
            #expect(connects(to: listener.address))
            #expect(try directory.contents().map { directory.file($0) } == [path, path + ".lock"])
        }
        #expect(try directory.contents().isEmpty)
    }

    @Test(
        "the file has the mode that was asked for, and never had another", arguments: [0o600, 0o660, 0o777] as [UInt32])
    func mode(_ mode: UInt32) async {
        await #expect(processExitsWith: .success) { [mode] in
            umask(0)
            let directory = try TemporaryDirectory()
            let listener = try Listener(
                on: SocketAddressTests.path(directory.file("listener")), permissions: .init(mode: mode))
            // Nothing but bind(2) touches this one's file: it has the mode from the start.
            try leaveSocket(at: SocketAddressTests.path(directory.file("bound")), mode: mode)
            let modes = ["listener", "bound"].map { status(directory.file($0)).map { $0.st_mode & 0o7777 } }
            #expect(modes == [mode, mode], "\(modes)")
            _ = listener
        }
    }

    @Test("without a mode the umask decides")
    func umaskDecides() async {
        await #expect(processExitsWith: .success) {
            umask(0o027)
            let directory = try TemporaryDirectory()
            let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
            let mode = status(directory.file("socket")).map { $0.st_mode & 0o7777 }
            #expect(mode == 0o750, "\(mode ?? 0)")
            _ = listener
        }
    }

    // MARK: What is there already

    @Test(
        "what a dead server left is taken over at once",
        arguments: [SocketType.stream, .sequencedPacket, .datagram], [false, true])
    func takesOver(_ type: SocketType, _ withLock: Bool) throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.file("socket"))
        try leaveSocket(at: address, type: type)
        if withLock { try makeFile(directory.file("socket.lock")) }
        let listener = try Listener(on: address)
        #expect(connects(to: address))
        _ = listener
    }

    @Test("what a killed server left is taken over at once")
    func takesOverFromKilled() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let listener = try Listener(on: SocketAddressTests.path(path))
            raise(SIGKILL)
            _ = listener
        }
        try #require(try directory.contents() == ["socket", "socket.lock"])
        let listener = try Listener(on: SocketAddressTests.path(path))
        #expect(connects(to: listener.address))
    }

    @Test("a live server keeps its path, even when its socket's file is gone", arguments: [false, true])
    func liveServer(_ fileIsGone: Bool) throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.file("back\\slash"))
        let listener = try Listener(on: address)
        if fileIsGone { remove(directory.file("back\\slash")) }
        try expectInUse(address, "a live server has this path")
        #expect(connects(to: address) != fileIsGone)
        #expect(try directory.contents().contains("back\\slash.lock"))
        _ = listener
    }

    enum Foreign: CaseIterable {
        case listening, full, packets, datagrams
    }

    @Test("a live server that does not lock keeps its path", arguments: Foreign.allCases)
    func foreignServer(_ kind: Foreign) throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.file("socket"))
        let types: [Foreign: SocketType] = [.packets: .sequencedPacket, .datagrams: .datagram]
        let server = try Descriptor.socket(family: AF_UNIX, type: types[kind] ?? .stream)
        try bind(server, to: address)
        if kind != .datagrams { try server.borrowed.listen(backlog: kind == .full ? 0 : 8) }
        // One waiting connection fills a backlog of 0.
        let waiting = kind == .full ? try Descriptor.connecting(to: address) : nil
        let inode = status(directory.file("socket"))?.st_ino
        try expectInUse(address, "a live server has this path")
        #expect(status(directory.file("socket"))?.st_ino == inode)
        #expect(try directory.contents() == ["socket"], "no lock is left")
        _ = waiting
    }

    @Test("between bind and listen a server refuses connections as a dead one does: the lock tells them apart")
    func boundOnly() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.file("socket"))
        let claim = try UnixPathClaim.claim(SocketAddressTests.path(directory.file("socket")))
        try leaveSocket(at: address)
        #expect(throws: Errno.connectionRefused) { _ = try Descriptor.connecting(to: address) }
        try expectInUse(address, "a live server has this path")
        #expect(try directory.contents() == ["socket", "socket.lock"])
        _ = claim
    }

    enum NoSocket: CaseIterable {
        case file, directory, link, linkToNothing, pipe
    }

    @Test("what is not a socket is refused and stays", arguments: NoSocket.allCases)
    func otherFile(_ kind: NoSocket) throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        try leaveSocket(at: SocketAddressTests.path(directory.file("target")))
        let result =
            switch kind {
            case .file: unsafe plumb_open(path, O_CREAT | O_CLOEXEC, 0o600)
            case .directory: unsafe mkdir(path, 0o700)
            case .link: unsafe symlink(directory.file("target"), path)
            case .linkToNothing: unsafe symlink(directory.file("nothing"), path)
            case .pipe: unsafe mkfifo(path, 0o600)
            }
        try #require(result != -1)
        if kind == .file { _ = plumb_close(result) }
        let inode = status(path)?.st_ino
        try expectInUse(SocketAddressTests.path(path), "there is a file that is not a socket")
        #expect(status(path)?.st_ino == inode)
        #expect(try directory.contents() == ["socket", "target"])
    }

    @Test("a lock that is a link is not followed")
    func linkedLock() throws {
        let directory = try TemporaryDirectory()
        try #require(unsafe symlink(directory.file("target"), directory.file("socket.lock")) == 0)
        let error = try #require(throws: SocketsError.self) {
            _ = try UnixPathClaim.claim(SocketAddressTests.path(directory.file("socket")))
        }
        #expect(error.errno == .tooManySymbolicLinkLevels)
        #expect(try directory.contents() == ["socket.lock"])
    }

    @Test("at the end only the own files are removed")
    func removesOnlyItsOwn() throws {
        let directory = try TemporaryDirectory()
        do {
            let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
            for name in try directory.contents() {
                remove(directory.file(name))
                try makeFile(directory.file(name))
            }
            _ = listener
        }
        #expect(try directory.contents() == ["socket", "socket.lock"])
    }

    // MARK: Races

    @Test(
        "of many claims at once exactly one wins, over a fresh path and over a dead server's", arguments: [false, true])
    func race(_ stale: Bool) throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.file("socket"))
        let threads = 8
        for round in 0..<100 {
            if stale { try leaveSocket(at: address) }
            let race = Race()
            onThreads(threads) { _ in
                race.start.pass(threads)
                do throws(SocketsError) {
                    let listener = try Listener(on: address)
                    race.won.add(1, ordering: .relaxed)
                    race.end.pass(threads)
                    _ = listener
                } catch {
                    if error.code == .addressInUse { race.lost.add(1, ordering: .relaxed) }
                    race.end.pass(threads)
                }
            }
            let result = [race.won.load(ordering: .relaxed), race.lost.load(ordering: .relaxed)]
            #expect(result == [1, threads - 1], "round \(round)")
            #expect(try directory.contents().isEmpty, "round \(round)")
        }
    }

    @Test("claims that come and go never overlap")
    func churn() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("socket")
        let claims = Claims()
        onThreads(8) { _ in
            for _ in 0..<2500 { claims.tryOne(path) }
        }
        #expect(claims.wrong.load(ordering: .relaxed) == 0)
        #expect(claims.made.load(ordering: .relaxed) > 0)
        #expect(try directory.contents().isEmpty)
    }
}

/// Claims of several threads on one path, one after the other.
private final class Claims: Sendable {
    let held = Atomic(0)
    let made = Atomic(0)
    let wrong = Atomic(0)

    func tryOne(_ path: String) {
        do throws(SocketsError) {
            let claim = try UnixPathClaim.claim(SocketAddressTests.path(path))
            made.add(1, ordering: .relaxed)
            if held.add(1, ordering: .relaxed).newValue != 1 { wrong.add(1, ordering: .relaxed) }
            sched_yield()
            held.subtract(1, ordering: .relaxed)
            _ = claim
        } catch {
            if error.code != .addressInUse { wrong.add(1, ordering: .relaxed) }
        }
    }
}

/// What the threads of one race share.
private final class Race: Sendable {
    let start = Gate()
    let end = Gate()
    let won = Atomic(0)
    let lost = Atomic(0)
}

/// Lets nobody pass before everybody has come.
private final class Gate: Sendable {
    private let arrived = Atomic(0)

    func pass(_ count: Int) {
        arrived.add(1, ordering: .acquiringAndReleasing)
        while arrived.load(ordering: .acquiring) < count { sched_yield() }
    }
}

private func expectInUse(_ address: SocketAddress, _ reason: String) throws {
    let error = try #require(throws: SocketsError.self) { _ = try Listener(on: address) }
    #expect(error.code == .addressInUse)
    #expect(error.description.hasPrefix("cannot listen on \(address): \(reason)"), "\(error)")
}

private func makeFile(_ path: String) throws {
    let number = unsafe plumb_open(path, O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    try #require(number >= 0)
    _ = plumb_close(number)
}

private func remove(_ path: String) { _ = unsafe unlink(path) }
