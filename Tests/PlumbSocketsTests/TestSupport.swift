import BasicContainers
import CPlumb
import FoundationEssentials
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

// Tests run in parallel in one process. What counts open descriptors, changes a process-wide setting (umask, limits,
// user) or may kill its process runs in an exit test, whose body is alone in a process of its own.

/// What this machine has, for the tests that need it.
enum Machine {
    static let hasIPv6 = succeeds { _ = try Listener(on: .ipv6(.loopback, port: 0)) }
    static let ipv6Reason: Comment = "this machine has no IPv6 loopback"

    static let isRoot = geteuid() == 0
    static let rootReason: Comment = "giving up privileges needs root"

    /// Whether a child can become an ordinary user: it is one already, or root of a name space that has `nobody`.
    static let canBeUnprivileged =
        !isRoot
        || (try? String(contentsOfFile: "/proc/self/uid_map", encoding: .utf8))?
            .split(separator: "\n").contains { line in
                let numbers = line.split(separator: " ").compactMap { UInt64($0) }
                return numbers.count == 3 && (numbers[0]..<numbers[0] + numbers[2]).contains(UInt64(nobody))
            } ?? false
    static let unprivilegedReason: Comment = "this user name space has no user 65534 to become"

    private static func has(_ option: CInt) -> Bool {
        let flag = SocketOption<FlagCodec>(level: SOL_SOCKET, number: option)
        return succeeds { _ = try Descriptor.socketPair(type: .stream).first.get(flag) }
    }

    static let hasPassRights = has(PLUMB_SO_PASSRIGHTS)
    static let passRightsReason: Comment = "this kernel is older than SO_PASSRIGHTS (6.16)"

    static let hasPeerProcess = has(PLUMB_SO_PASSPIDFD)
    static let peerProcessReason: Comment = "this kernel is older than SO_PEERPIDFD and SO_PASSPIDFD (6.5)"

    /// `net.ipv4.ip_unprivileged_port_start`.
    static let firstUnprivilegedPort = number(in: "/proc/sys/net/ipv4/ip_unprivileged_port_start") ?? 1024

    /// Whether each process's pidfd has an inode of its own (Linux 6.9).
    static let hasPidFileSystem = {
        let inodes = [getpid(), getppid()].map { process in
            let number = plumb_pidfd_open(process)
            return number < 0 ? nil : try? inode(Descriptor(owning: number))
        }
        return inodes[0] != inodes[1]
    }()

    static func number(in path: String) -> Int? {
        (try? String(contentsOfFile: path, encoding: .utf8)).flatMap { text in
            text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
        }
    }
}

let nobody: UInt32 = 65534

/// Becomes an ordinary user for good; for exit tests.
func becomeUnprivileged() throws {
    guard geteuid() == 0 else { return }
    try #require(setgroups(0, nil) == 0 && setgid(nobody) == 0 && setuid(nobody) == 0)
}

func succeeds(_ body: () throws -> Void) -> Bool { (try? body()) != nil }

// MARK: Open descriptors

/// Gives this thread a table of descriptors of its own; for exit tests.
///
/// The threads of libdispatch and the allocator open and close descriptors when they please. From here on neither they
/// nor the test see what the other opens, so numbers and counts are the test's alone.
func isolateDescriptors() throws {
    try #require(plumb_close_range(.max, .max, UInt32(CLOSE_RANGE_UNSHARE)) == 0, "close_range: \(Errno.current)")
}

/// The numbers of this thread's open descriptors.
func openDescriptors() throws -> Set<CInt> {
    let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/thread-self/fd")
    // The directory's own descriptor is among the names, and closed by now.
    return Set(names.compactMap { CInt($0) }.filter { isOpen($0) })
}

func isOpen(_ number: CInt) -> Bool { plumb_fcntl(number, F_GETFD, 0) != -1 }

/// Expects the same descriptors to be open after `body` as before; for exit tests.
func expectNoLeak(_ body: () throws -> Void) throws {
    try isolateDescriptors()
    let before = try openDescriptors()
    try body()
    let leaked = try openDescriptors().subtracting(before).sorted()
    #expect(leaked.isEmpty, "left open: \(leaked)")
}

/// Runs `body` where `free` descriptors more may be opened and no further one; for exit tests.
func withDescriptorsExhausted(free: Int, _ body: () throws -> Void) throws {
    try isolateDescriptors()
    var limit = rlimit()
    try #require(unsafe plumb_getrlimit_nofile(&limit) == 0)
    let usual = limit.rlim_cur
    limit.rlim_cur = rlim_t(CInt(free) + 64 + (try openDescriptors().max() ?? 0))
    try #require(unsafe plumb_setrlimit_nofile(&limit) == 0)
    defer {
        limit.rlim_cur = usual
        _ = unsafe plumb_setrlimit_nofile(&limit)
    }
    var all = UniqueArray<Descriptor>()
    while succeeds({ all.append(try Descriptor.socket(family: AF_UNIX, type: .stream)) }) {}
    for _ in 0..<free { _ = all.removeLast() }
    try body()
}

/// The file behind a descriptor: sockets and files all have inodes of their own.
func inode(_ descriptor: borrowing Descriptor) throws -> UInt64 {
    var status = stat()
    unsafe try #require(fstat(descriptor.rawValue, &status) == 0)
    return UInt64(status.st_ino)
}

/// The file at a path, not followed; `nil` when there is none.
func status(_ path: String) -> stat? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status : nil
}

func isCloseOnExec(_ descriptor: borrowing Descriptor) throws -> Bool { try descriptor.borrowed.isCloseOnExec() }
func isNonBlocking(_ descriptor: borrowing Descriptor) throws -> Bool { try descriptor.borrowed.isNonBlocking() }

/// `count` open files, each with its own inode.
func makeSockets(_ count: Int) throws -> UniqueArray<Descriptor> {
    var sockets = UniqueArray<Descriptor>(minimumCapacity: count)
    for _ in 0..<count { sockets.append(try Descriptor.socket(family: AF_UNIX, type: .stream)) }
    return sockets
}

/// The descriptor, or a failed test.
func require(_ descriptor: consuming Descriptor?) throws -> Descriptor {
    guard let descriptor = consume descriptor else { throw NothingThere() }
    return descriptor
}

/// The claim, or a failed test.
func require(_ claim: consuming UnixPathClaim?) throws -> UnixPathClaim {
    guard let claim = consume claim else { throw NothingThere() }
    return claim
}

struct NothingThere: Error {}

// MARK: Bytes

/// A deadline for what should take no time: long enough for a machine that does ten other things.
let generous: CInt = 30_000

/// Sends a text, all of it.
func send(_ text: String, over socket: borrowing Descriptor) throws {
    let bytes = Array(text.utf8)
    let count = try unsafe socket.borrowed.send(bytes.span.bytes)
    #expect(count == bytes.count)
}

/// Reads what is there, or waits for it; "" at the end of file.
func read(_ socket: borrowing Descriptor, atMost size: Int = 4096) throws -> String {
    try waitUntilReadable(socket)
    var bytes = [UInt8](repeating: 0, count: size)
    let count = try readOnce(socket, &bytes)
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// `read(2)` once, without waiting where the descriptor does not wait.
func readOnce(_ socket: borrowing Descriptor, _ bytes: inout [UInt8]) throws -> Int {
    var span = bytes.mutableSpan
    // `mutableBytes` is unsafe for types that have forbidden bit patterns; bytes have none.
    var buffer = unsafe span.mutableBytes
    return try socket.borrowed.read(into: &buffer)
}

func waitUntilReadable(_ socket: borrowing Descriptor) throws {
    let isReadable = try socket.borrowed.waitUntil(writable: false, timeoutMilliseconds: generous)
    try #require(isReadable, "nothing arrived in \(generous) ms")
}

/// Whether there is something to read, or the end of file, at this moment.
func isReadableNow(_ socket: borrowing Descriptor) throws -> Bool {
    try socket.borrowed.waitUntil(writable: false, timeoutMilliseconds: 0)
}

/// What one receive returned.
struct Received: ~Copyable {
    var text = ""
    var message = ReceivedMessage(count: 0, isTruncated: false, lostDescriptors: nil)
    var descriptors = UniqueArray<Descriptor>()
}

func send(_ text: String, _ descriptors: borrowing UniqueArray<Descriptor>, over socket: borrowing Descriptor) throws {
    let bytes = Array(text.utf8)
    let count = try unsafe socket.borrowed.send(bytes.span.bytes, descriptors: descriptors.span)
    #expect(count == bytes.count)
}

func receive(
    over socket: borrowing Descriptor, limit: Int = DescriptorPassing.limit, size: Int = 4096
) throws -> Received {
    var received = Received()
    try receiveMore(socket, &received, limit: limit, size: size)
    return received
}

/// Receives once more; descriptors are added to those that `received` has.
func receiveMore(
    _ socket: borrowing Descriptor, _ received: inout Received, limit: Int = DescriptorPassing.limit, size: Int = 4096
) throws {
    var bytes = [UInt8](repeating: 0, count: size)
    received.message = try receiveOnce(socket, &bytes, &received.descriptors, limit)
    received.text = String(decoding: bytes[..<received.message.count], as: UTF8.self)
}

private func receiveOnce(
    _ socket: borrowing Descriptor, _ bytes: inout [UInt8], _ descriptors: inout UniqueArray<Descriptor>, _ limit: Int
) throws -> ReceivedMessage {
    var span = bytes.mutableSpan
    var buffer = unsafe span.mutableBytes
    return try socket.borrowed.receive(into: &buffer, descriptors: &descriptors, limit: limit)
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state += 1
        return splitMix(state)
    }
}

// MARK: Files

/// A directory that is removed with all that is in it.
struct TemporaryDirectory: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/plumb-XXXXXX".utf8CString)
        unsafe try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A path in the directory.
    borrowing func file(_ name: String) -> String { path + "/" + name }

    /// A path in the directory that is `length` bytes long.
    borrowing func file(length: Int) -> String {
        path + "/" + String(repeating: "x", count: length - path.utf8.count - 1)
    }

    /// A directory in this one whose path is `length` bytes long, at least one more than a slash.
    borrowing func directory(length: Int) throws -> String {
        var path = path
        while path.utf8.count < length {
            // No name longer than 200 bytes, and none that leaves a single byte for a slash and no name.
            let rest = length - path.utf8.count - 1
            let count = rest <= 200 ? rest : min(200, rest - 2)
            path += "/" + String(repeating: "d", count: count)
            try makeDirectory(path)
        }
        return path
    }

    /// The names of what is in the directory.
    borrowing func contents() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

func makeDirectory(_ path: String) throws {
    unsafe try #require(mkdir(path, 0o700) == 0)
}

/// Leaves a socket file without a socket behind, as a server does that is killed.
func leaveSocket(at address: SocketAddress, type: SocketType = .stream, mode: UInt32 = 0o600) throws {
    try bind(Descriptor.socket(family: AF_UNIX, type: type), to: address, mode: mode)
}

/// Binds a socket without a claim on its path, as other programs do.
func bind(_ socket: borrowing Descriptor, to address: SocketAddress, mode: UInt32 = 0o600) throws {
    try socket.borrowed.setMode(mode)
    try socket.borrowed.bind(to: address)
}

// MARK: Threads

/// Runs `body` on `count` threads of the system's, all at once, and waits until all have returned.
func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    final class Start: Sendable {
        let index: Int
        let body: @Sendable (Int) -> Void
        init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) { (self.index, self.body) = (index, body) }
    }
    var threads: [pthread_t] = []
    for index in 0..<count {
        var thread = pthread_t()
        let start = unsafe Unmanaged.passRetained(Start(index, body)).toOpaque()
        let error = unsafe pthread_create(
            &thread, nil,
            { start in
                guard let start = unsafe start else { return nil }
                let box = unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
                box.body(box.index)
                return nil
            }, start)
        precondition(error == 0, "pthread_create: \(error)")
        threads.append(thread)
    }
    for thread in threads { pthread_join(thread, nil) }
}
