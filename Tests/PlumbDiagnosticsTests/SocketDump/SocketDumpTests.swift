import CPlumb
import Foundation
import SystemPackage
import Testing

@testable import PlumbDiagnostics
@testable import PlumbSockets

@Suite("Socket dumps") struct SocketDumpTests {
    @Test("a socket's cookie, inode, user and addresses are in the dump")
    func identity() throws {
        let connection = try Connection()
        let snapshot = try socket(.tcp, inode: inode(connection.client))
        #expect(try snapshot.record.cookie == connection.client.borrowed.cookie())
        #expect(try snapshot.record.local == connection.client.borrowed.localAddress())
        #expect(try snapshot.record.peer == connection.client.borrowed.peerAddress())
        #expect(
            snapshot.record.userID == geteuid() && snapshot.record.transport == .tcp
                && snapshot.record.state == .established)
        #expect(snapshot.record.timer == nil && snapshot.record.shutdown == [] && !snapshot.record.isIPv6)
        #expect(snapshot.sample?.cookie == snapshot.record.cookie && snapshot.sample?.info == snapshot.record.info)
        let family: CInt = AF_UNIX
        let unix = try Descriptor.socket(family: family, type: .stream)
        #expect(try socket(.unix, inode: inode(unix)).record.cookie == unix.borrowed.cookie())
    }

    @Test("details that were not asked for are absent")
    func details() throws {
        let connection = try Connection()
        let (client, server) = (try connection.clientPort, try connection.serverPort)
        let none = try #require(try tcpSocket(client, server, []))
        #expect(none.record.info == nil && none.record.memory == nil && none.record.congestionControl == nil)
        #expect(none.record.typeOfService == nil && none.record.inode != 0)
        let info = try #require(try tcpSocket(client, server, .info))
        #expect(info.record.info != nil && info.record.memory == nil)
        let all = try #require(try tcpSocket(client, server, .all))
        #expect(all.record.memory != nil && all.record.congestionControl != nil && all.record.typeOfService == 0)
        #expect(all.record.cgroupID != nil && all.record.flags != nil)
    }

    @Test("what the options are, the dump says")
    func options() throws {
        let connection = try Connection()
        var (tos, priority): (CInt, CInt) = (0x10, 3)
        let size = socklen_t(MemoryLayout<CInt>.size)
        unsafe try #require(setsockopt(connection.client.rawValue, PLUMB_IPPROTO_IP, IP_TOS, &tos, size) == 0)
        unsafe try #require(setsockopt(connection.client.rawValue, SOL_SOCKET, SO_PRIORITY, &priority, size) == 0)
        try connection.client.borrowed.set(.keepAlive, to: true)
        try shutDown(connection.server, Int32(SHUT_RD))
        let record = try #require(try tcpSocket(connection.clientPort, connection.serverPort))
        #expect(record.record.typeOfService == 0x10 && record.record.classID == 3)
        #expect(record.record.timer?.kind == .keepAlive)
        let size2 = try connection.client.borrowed.get(.receiveBuffer)
        #expect(record.record.memory?.receiveLimit == size2)
        let server = try #require(try tcpSocket(connection.serverPort, connection.clientPort))
        #expect(server.record.shutdown == .receive)
    }

    @Test("marks are shown to those who may see them")
    func marks() throws {
        let connection = try Connection()
        var mark: UInt32 = 0x2a
        let isSet = unsafe setsockopt(connection.client.rawValue, SOL_SOCKET, SO_MARK, &mark, 4) == 0
        let record = try #require(try tcpSocket(connection.clientPort, connection.serverPort))
        #expect(record.record.mark == (isSet ? 0x2a : nil))
    }

    @Test("only the states that were asked for")
    func states() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let port = listener.address.port
        var dump = try SocketDump()
        #expect(
            try dump.snapshots(SocketDumpRequest(.tcp, states: .listening)) { $0.localPort == port }.sockets.count == 1)
        #expect(
            try dump.snapshots(SocketDumpRequest(.tcp, states: .connected)) { $0.localPort == port }.sockets.isEmpty)
        #expect(
            try dump.snapshots(SocketDumpRequest(.tcp, families: .ipv6)) { $0.localPort == port }.sockets.isEmpty)
    }

    @Test("one Unix socket by its inode, and none")
    func oneUnixSocket() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        var request = SocketDumpRequest(.unix)
        request.unixInode = try inode(pair.first)
        var dump = try SocketDump()
        let found = try dump.snapshots(request)
        #expect(try found.sockets.count == 1 && found.sockets[0].record.unixPeer == inode(pair.second))
        // 1 is never a socket's.
        request.unixInode = 1
        let error = #expect(throws: DiagnosticsError.self) { try readNothing(request) }
        #expect(error?.code == .noSuchSocket)
        #expect(error?.description.contains("no Unix socket with the inode 1") == true)
    }

    @Test("a protocol without diagnostics is told")
    func unsupported() throws {
        let error = #expect(throws: DiagnosticsError.self) {
            try readNothing(SocketDumpRequest(SocketTransport(rawValue: 250)))
        }
        #expect(error?.code == .unsupported)
    }

    @Test("a filter that the kernel does not take is an error, and the next dump works")
    func refusedFilter() throws {
        var request = SocketDumpRequest(.tcp)
        request.bytecode = [99, 0, 0, 0]
        var dump = try SocketDump()
        #expect(throws: DiagnosticsError.self) { try readOnce(&dump, request) }
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let port = listener.address.port
        #expect(try dump.snapshots(SocketDumpRequest(.tcp)) { $0.localPort == port }.sockets.count == 1)
    }

    private func readNothing(_ request: SocketDumpRequest) throws {
        var dump = try SocketDump()
        try readOnce(&dump, request)
    }

    private func readOnce(_ dump: inout SocketDump, _ request: SocketDumpRequest) throws {
        try dump.read(request) { _ in }
    }

    @Test("thousands of sockets, each once")
    func many() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        var clients: [Box] = []
        var servers: [Box] = []
        for _ in 0..<1000 {
            clients.append(Box(try connected(to: listener.address)))
            servers.append(Box(try accepted(listener)))
        }
        let port = listener.address.port ?? 0
        var dump = try SocketDump()
        var seen: [UInt16: Int] = [:]
        let outcome = try dump.read(SocketDumpRequest(.tcp)) { record in
            if record.localPort == port, record.state == .established { seen[record.peerPort, default: 0] += 1 }
        }
        #expect(seen.count == 1000 && seen.values.allSatisfy { $0 == 1 })
        #expect(outcome.count >= 2001 && !outcome.isInterrupted)
    }

    @Test("no descriptor is left behind")
    func noLeak() async {
        await #expect(processExitsWith: .success) {
            try #require(plumb_close_range(.max, .max, UInt32(CLOSE_RANGE_UNSHARE)) == 0)
            func open() throws -> Set<String> {
                Set(
                    try FileManager.default.contentsOfDirectory(atPath: "/proc/thread-self/fd").filter {
                        CInt($0).map { plumb_fcntl($0, F_GETFD, 0) != -1 } ?? false
                    })
            }
            let before = try open()
            for _ in 0..<3 {
                var dump = try SocketDump()
                try dump.read(SocketDumpRequest(.tcp)) { _ in }
                _ = try? SocketDump(namespaceOf: 1)
                _ = try? SocketDump(namespaceOf: Int32.max)
            }
            #expect(try open() == before)
        }
    }

    @Test("without a privilege everything but marks is shown", .enabled(if: Machine.isRoot, Machine.rootReason))
    func unprivileged() async {
        await #expect(processExitsWith: .success) {
            let connection = try Connection()
            try becomeUnprivileged()
            let record = try #require(try tcpSocket(connection.clientPort, connection.serverPort))
            #expect(record.record.info != nil && record.record.memory != nil && record.record.mark == nil)
            let error = #expect(throws: DiagnosticsError.self) { _ = try SocketDump(namespaceOf: 1) }
            #expect(error?.code == .notPermitted)
            #expect(error?.description.contains("CAP_SYS_ADMIN") == true)
        }
    }

    // MARK: Network namespaces

    @Test(
        "sockets of another network namespace by a process in it",
        .enabled(if: Machine.isRoot && Machine.unshare != nil, Machine.namespaceReason))
    func namespace() throws {
        let program = try Program(
            try #require(Machine.unshare), ["--net", "/bin/sh", "-c", "echo ready; exec sleep 100"])
        try waitUntil("the namespace: \(program.output)") { program.output.contains("ready") }
        let listener = try Listener(on: .ipv4(.loopback, port: 0))
        let port = listener.address.port
        var there = try SocketDump(namespaceOf: program.pid)
        #expect(try there.read(SocketDumpRequest(.tcp)) { _ in }.count == 0)
        var here = try SocketDump(namespaceOf: getpid())
        #expect(try here.snapshots(SocketDumpRequest(.tcp)) { $0.localPort == port }.sockets.count == 1)
        let (own, other) = (try NetworkNamespace.identity(of: 0), try NetworkNamespace.identity(of: program.pid))
        #expect(try own != other && own == NetworkNamespace.identity(of: getpid()))
        // A socket that is made there is seen there, and this thread is still here.
        let made = try NetworkNamespace.withNamespace(of: program.pid) { [self] () throws(Errno) -> CInt in
            try boundSocket(.ipv4(.any, port: 9))
        }
        let socket = Descriptor(owning: try made.get())
        #expect(try there.snapshots(SocketDumpRequest(.udp)) { $0.localPort == 9 }.sockets.count == 1)
        #expect(try NetworkNamespace.identity(of: 0) == own)
        withExtendedLifetime(socket) {}
    }

    private func boundSocket(_ address: SocketAddress) throws(Errno) -> CInt {
        let socket = try Descriptor.socket(family: address.family, type: .datagram)
        try bind(socket, address)
        return socket.release()
    }

    private func bind(_ socket: borrowing Descriptor, _ address: SocketAddress) throws(Errno) {
        try socket.borrowed.bind(to: address)
    }

    @Test("a process that is gone has no namespace")
    func noProcess() {
        let error = #expect(throws: DiagnosticsError.self) { _ = try SocketDump(namespaceOf: Int32.max) }
        #expect(error?.code == .noSuchProcess)
    }
}
