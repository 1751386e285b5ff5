import CPlumb
import Foundation
import PlumbDiagnostics
import SystemPackage
import Testing

@testable import PlumbSockets

// Tests run in parallel in one process. What counts open descriptors or gives up privileges runs in an exit test.

/// What this machine has, for the tests that need it.
enum Machine {
    static let isRoot = geteuid() == 0
    static let rootReason: Comment = "it needs root"

    static let hasIPv6 = (try? Listener(on: .ipv6(.loopback, port: 0))) != nil
    static let ipv6Reason: Comment = "this machine has no IPv6 loopback"

    static let ss = find("ss")
    static let ssReason: Comment = "there is no ss in PATH (iproute2)"

    static let unshare = find("unshare")
    static let namespaceReason: Comment = "it needs root and unshare in PATH (util-linux)"

    /// `PLUMB_SOAK=1`: the full length that the issue asks for.
    static let isSoak = ProcessInfo.processInfo.environment["PLUMB_SOAK"] != nil

    static func find(_ program: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
        return (path + ":/usr/sbin:/sbin").split(separator: ":").map { "\($0)/\(program)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }

    static func number(in path: String) -> Int? {
        text(path).split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}

let nobody: UInt32 = 65534

/// Becomes an ordinary user for good; for exit tests.
func becomeUnprivileged() throws {
    guard geteuid() == 0 else { return }
    try #require(setgroups(0, nil) == 0 && setgid(nobody) == 0 && setuid(nobody) == 0)
}

// MARK: Waiting

/// Long enough for a machine that does ten other things.
let generous: Duration = .seconds(30)

struct DeadlinePassed: Error, CustomStringConvertible {
    let description: String
}

/// Looks again and again until `condition` holds.
func waitUntil(
    _ what: @autoclosure () -> String, within deadline: Duration = generous, _ condition: () throws -> Bool
) throws {
    let end = ContinuousClock.now + deadline
    while try !condition() {
        guard ContinuousClock.now < end else { throw DeadlinePassed(description: "\(what()): not within \(deadline)") }
        usleep(2000)
    }
}

// MARK: Sockets

struct NothingThere: Error {}

/// The descriptor, or a failed test.
func require(_ descriptor: consuming Descriptor?) throws -> Descriptor {
    guard let descriptor = consume descriptor else { throw NothingThere() }
    return descriptor
}

/// A descriptor that is shared by reference.
final class Box: Sendable {
    let descriptor: Descriptor
    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// A TCP connection within this process.
struct Connection: ~Copyable, Sendable {
    let client: Descriptor
    let server: Descriptor

    private init(_ client: consuming Descriptor, _ server: consuming Descriptor) {
        self.client = client
        self.server = server
    }

    /// Connects over the loopback; `prepareListener` sees the listener before anybody connects, and `prepareClient` the
    /// client's socket before it does.
    init(
        over host: SocketAddress = .ipv4(.loopback, port: 0),
        prepareListener: (BorrowedDescriptor) throws -> Void = { _ in },
        prepareClient: (BorrowedDescriptor) throws -> Void = { _ in }
    ) throws {
        let listener = try Listener(on: host)
        try prepareListener(listener.descriptor.borrowed)
        let client = try connected(to: listener.address, prepareClient)
        let server = try accepted(listener)
        self.init(client, server)
    }

    var clientPort: UInt16 {
        get throws { try port(client) }
    }
    var serverPort: UInt16 {
        get throws { try port(server) }
    }
}

func port(_ socket: borrowing Descriptor) throws -> UInt16 { try socket.borrowed.localAddress().port ?? 0 }

func connected(
    to address: SocketAddress, _ prepare: (BorrowedDescriptor) throws -> Void = { _ in }
) throws -> Descriptor {
    let socket = try Descriptor.socket(family: address.family, type: .stream)
    try connect(socket, to: address, prepare)
    return socket
}

private func connect(
    _ socket: borrowing Descriptor, to address: SocketAddress, _ prepare: (BorrowedDescriptor) throws -> Void
) throws {
    try prepare(socket.borrowed)
    try socket.borrowed.connect(to: address)
}

func accepted(_ listener: borrowing Listener) throws -> Descriptor {
    let isReady = try listener.descriptor.borrowed.waitUntil(writable: false, timeoutMilliseconds: 30_000)
    try #require(isReady, "no connection arrived")
    return try require(try listener.accept())
}

/// Sends a text, all of it.
func send(_ text: String, over socket: borrowing Descriptor) throws {
    let bytes = Array(text.utf8)
    let count = try unsafe socket.borrowed.send(bytes.span.bytes)
    #expect(count == bytes.count)
}

/// Sends until nothing more fits, and says how much did.
@discardableResult
func fill(_ socket: borrowing Descriptor) throws -> Int {
    try socket.borrowed.setNonBlocking(true)
    let bytes = [UInt8](repeating: 120, count: 65536)
    var sent = 0
    // The window opens a little after the first fill, while the receiver's buffer is tuned.
    while try socket.borrowed.waitUntil(writable: true, timeoutMilliseconds: 50) {
        sent += (try? unsafe socket.borrowed.send(bytes.span.bytes)) ?? 0
    }
    return sent
}

/// One round of a sender whose small send buffer is full until a late acknowledgement comes.
func fillSmallBuffer(_ connection: borrowing Connection) throws {
    let cork = SocketOption<FlagCodec>(level: PLUMB_IPPROTO_TCP, number: TCP_CORK)
    try connection.server.borrowed.set(.quickAcknowledge, to: false)
    try connection.client.borrowed.set(cork, to: true)
    _ = try? send(String(repeating: "x", count: 8000), over: connection.client)
    try connection.client.borrowed.waitUntil(writable: true, timeoutMilliseconds: 0)
    try connection.client.borrowed.set(cork, to: false)
    try connection.client.borrowed.waitUntil(writable: true, timeoutMilliseconds: 1000)
    _ = try? read(connection.server)
}

/// Reads what is there, at most `size` bytes.
@discardableResult
func read(_ socket: borrowing Descriptor, atMost size: Int = 65536) throws -> Int {
    var bytes = [UInt8](repeating: 0, count: size)
    var span = bytes.mutableSpan
    var buffer = unsafe span.mutableBytes
    return try socket.borrowed.read(into: &buffer)
}

func shutDown(_ socket: borrowing Descriptor, _ how: Int32) throws {
    try #require(shutdown(socket.rawValue, how) == 0, "shutdown: \(errno)")
}

/// The file behind a descriptor.
func inode(_ socket: borrowing Descriptor) throws -> UInt32 {
    var status = stat()
    unsafe try #require(fstat(socket.rawValue, &status) == 0)
    return UInt32(truncatingIfNeeded: status.st_ino)
}

// MARK: Dumps

/// The one TCP socket of a local and a peer port; of a listener, or while it is not known, the peer port is 0.
func tcpSocket(_ port: UInt16, _ peer: UInt16, _ details: SocketDumpRequest.Details = .all) throws -> SocketSnapshot? {
    var dump = try SocketDump()
    let found = try dump.snapshots(SocketDumpRequest(.tcp, details: details)) {
        $0.localPort == port && $0.peerPort == peer
    }
    #expect(found.sockets.count <= 1)
    return found.sockets.first
}

/// The one socket with an inode.
func socket(_ transport: SocketTransport, inode: UInt32) throws -> SocketSnapshot {
    var dump = try SocketDump()
    let found = try dump.snapshots(SocketDumpRequest(transport)) { $0.inode == inode }
    try #require(found.sockets.count == 1, "\(found.sockets.count) sockets with the inode \(inode)")
    return found.sockets[0]
}

/// The state of the TCP socket of two ports; `nil` when there is none.
func state(_ port: UInt16, _ peer: UInt16) throws -> SocketState? {
    guard let snapshot = try tcpSocket(port, peer, []) else { return nil }
    return snapshot.record.state
}

func waitForState(_ port: UInt16, _ peer: UInt16, _ wanted: SocketState) throws {
    var last: SocketState?
    try waitUntil("\(wanted), but it is \(last?.description ?? "gone")") {
        last = try state(port, peer)
        return last == wanted
    }
}

// MARK: Made-up data

extension TCPInfo {
    /// A structure in which the named fields have these values and all others are 0.
    init(_ fields: [String: UInt64], byteCount: Int = TCPInfo.capacity) throws {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        for (name, value) in fields {
            let field = try #require(TCPInfoField.named(name), "\(name)")
            if let bits = field.bits {
                bytes[field.offset] |= UInt8(value) << UInt8(bits.lowerBound)
                continue
            }
            for index in 0..<field.width {
                bytes[field.offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
            }
        }
        self = try unsafe #require(TCPInfo(bytes.span.bytes))
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state += 1
        return splitMix(state)
    }
}
