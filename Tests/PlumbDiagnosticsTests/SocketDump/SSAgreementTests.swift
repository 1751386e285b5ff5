import CPlumb
import Foundation
import PlumbDiagnostics
import SystemPackage
import Testing

@testable import PlumbSockets

/// Field by field, what the dump says and what `ss` prints of the same sockets.
@Suite("Agreement with ss", .enabled(if: Machine.ss != nil, Machine.ssReason))
struct SSAgreementTests {
    @Test("TCP over IPv4", arguments: Scene.states)
    func tcp4(state: SocketState) throws { try compareTCP(Scene.make(state)) }

    @Test("TCP over IPv6", .enabled(if: Machine.hasIPv6, Machine.ipv6Reason), arguments: Scene.states)
    func tcp6(state: SocketState) throws { try compareTCP(Scene.make(state, over: .ipv6(.loopback, port: 0))) }

    private func compareTCP(_ scene: Scene) throws {
        let (port, peer) = (scene.port, scene.peer)
        // Retransmissions and probes go on: both must have looked at the same moment of the socket.
        var mismatches: [String] = ["nothing was compared"]
        try waitUntil("agreement, but \(mismatches)") {
            let before = try #require(try tcpSocket(port, peer))
            let filter = ["sport = :\(port)"] + (peer == 0 ? [] : ["and dport = :\(peer)"])
            let lines = try SSLine.of(["-t", "-a"], filter).filter { peer != 0 || $0.state == "LISTEN" }
            let after = try #require(try tcpSocket(port, peer))
            try #require(lines.count == 1, "\(lines.map(\.text))")
            guard isSame(before, after) else {
                mismatches = ["the socket changes"]
                return false
            }
            mismatches = differences(after.record, lines[0])
            return mismatches.isEmpty
        }
    }

    private func isSame(_ first: SocketSnapshot, _ second: SocketSnapshot) -> Bool {
        let (one, two) = (first.record, second.record)
        guard one.state == two.state, one.memory == two.memory, one.receiveQueue == two.receiveQueue else {
            return false
        }
        guard let before = one.info, let after = two.info else { return true }
        return TCPInfoField.all.allSatisfy { field in
            [.microseconds, .milliseconds].contains(field.unit) || field.value(in: before) == field.value(in: after)
        }
    }

    /// What `ss` says otherwise.
    private func differences(_ record: SocketRecord, _ line: SSLine) -> [String] {
        var found: [String] = []
        func compare(_ name: String, _ ours: String, _ theirs: String?) {
            if ours != theirs ?? "" { found.append("\(name): \(ours) here, \(theirs ?? "nothing") there") }
        }
        compare("state", record.state.description, line.state)
        compare("receive queue", "\(record.receiveQueue ?? -1)", "\(line.receiveQueue)")
        compare("send queue", "\(record.sendQueue ?? -1)", "\(line.sendQueue)")
        compare("local", record.local?.description ?? "", line.local)
        compare("peer", (record.peer?.description ?? "").replacing(/:0$/, with: ":*"), line.peer)
        compare("inode", "\(record.inode)", line["ino"] ?? "0")
        compare("user", "\(record.userID ?? 0)", line["uid"] ?? "0")
        compare("cookie", String(record.cookie, radix: 16), line["sk"])
        if let timer = record.timer {
            let words = line["timer"]?.dropFirst().split(separator: ",")
            compare("timer", timer.kind.description, words?.first.map(String.init))
            compare("timer's count", "\(timer.retransmissions)", words?.last.map { String($0.dropLast()) })
        } else {
            compare("timer", "", line["timer"])
        }
        if let memory = record.memory {
            compare(
                "memory",
                "(r\(memory.receiveUsed),rb\(memory.receiveLimit),t\(memory.sendUsed),tb\(memory.sendLimit),"
                    + "f\(memory.forwardAllocated),w\(memory.sendQueued),o\(memory.optionMemory),bl\(memory.backlog),"
                    + "d\(memory.drops))", line["skmem"])
        }
        if let name = record.congestionControl {
            compare("congestion control", "yes", line[name] == nil ? "no" : "yes")
        }
        if let info = record.info, record.state != .listening { compareInfo(info, line, compare) }
        return found
    }

    private func compareInfo(_ info: TCPInfo, _ line: SSLine, _ compare: (String, String, String?) -> Void) {
        // ss leaves out what is 0.
        let numbers: [(String, Int?)] = [
            ("mss", info.sendSegmentSize), ("pmtu", info.pathMTU), ("rcvmss", info.receiveSegmentSize),
            ("advmss", info.advertisedSegmentSize), ("cwnd", info.congestionWindow),
            ("bytes_sent", info.bytesSent.map { Int($0) }), ("bytes_retrans", info.bytesRetransmitted.map { Int($0) }),
            ("bytes_acked", info.bytesAcknowledged.map { Int($0) }),
            ("bytes_received", info.bytesReceived.map { Int($0) }), ("segs_out", info.segmentsSent),
            ("segs_in", info.segmentsReceived), ("data_segs_out", info.dataSegmentsSent),
            ("data_segs_in", info.dataSegmentsReceived), ("delivered", info.delivered),
            ("unacked", info.unacknowledged), ("lost", info.lost), ("sacked", info.selectivelyAcknowledged),
            ("dsack_dups", info.needlessRetransmissions), ("reord_seen", info.reorderingsSeen),
            ("rcv_space", info.receiveSpace), ("rcv_ssthresh", info.receiveSlowStartThreshold),
            ("notsent", info.bytesNotSent), ("rcv_ooopack", info.outOfOrderReceived), ("snd_wnd", info.sendWindow),
            ("backoff", info.backoff),
        ]
        for (name, number) in numbers {
            compare(name, number.map { $0 == 0 ? "" : "\($0)" } ?? "", line[name])
        }
        compare("ts", info.features.contains(.timestamps) ? "yes" : "no", line["ts"] == nil ? "no" : "yes")
        compare(
            "sack", info.features.contains(.selectiveAcknowledgement) ? "yes" : "no", line["sack"] == nil ? "no" : "yes"
        )
        if info.features.contains(.windowScale) {
            compare("wscale", "\(info.sendWindowScale),\(info.receiveWindowScale)", line["wscale"])
        }
        compare("rto", milliseconds(info.retransmissionTimeout), line["rto"])
        if info.roundTripTime > .zero {
            compare(
                "rtt", milliseconds(info.roundTripTime) + "/" + milliseconds(info.roundTripTimeVariation), line["rtt"])
        }
        if let shortest = info.minimumRoundTripTime, shortest > .zero {
            compare("minrtt", milliseconds(shortest), line["minrtt"])
        }
        if let rate = info.pacingRate, rate.rawValue != 0, !rate.isUnlimited {
            compare("pacing_rate", "\(rate.rawValue * 8)bps", line["pacing_rate"])
        }
        if let rate = info.deliveryRate, rate.rawValue != 0 {
            compare("delivery_rate", "\(rate.rawValue * 8)bps", line["delivery_rate"])
        }
        compare(
            "app_limited", info.isDeliveryRateApplicationLimited ? "yes" : "no",
            line["app_limited"] == nil ? "no" : "yes")
        let retransmissions = info.totalRetransmissions == 0 ? "" : "\(info.retransmitted)/\(info.totalRetransmissions)"
        compare("retrans", retransmissions, line["retrans"])
    }

    /// As C's `%g` prints milliseconds.
    private func milliseconds(_ time: Duration) -> String {
        String(format: "%g", Double(time.components.seconds) * 1000 + Double(time.components.attoseconds) / 1e15)
    }

    @Test(
        "what BBR says of itself",
        .enabled(if: Machine.text("/proc/sys/net/ipv4/tcp_allowed_congestion_control").contains("bbr")))
    func bbr() throws {
        let connection = try Connection(prepareClient: { socket in
            let name = Array("bbr".utf8)
            let length = socklen_t(name.count)
            unsafe try #require(
                name.withUnsafeBytes {
                    unsafe setsockopt(socket.rawValue, PLUMB_IPPROTO_TCP, TCP_CONGESTION, $0.baseAddress, length)
                } == 0)
        })
        try send("hello", over: connection.client)
        try waitUntil("the acknowledgement") { try TCPInfo(of: connection.client.borrowed).unacknowledged == 0 }
        let (client, server) = (try connection.clientPort, try connection.serverPort)
        let record = try #require(try tcpSocket(client, server))
        let info = record.record.bbr
        let bbr = try #require(info)
        let line = try #require(try SSLine.of(["-t"], ["sport = :\(client) and dport = :\(server)"]).first)
        let shortest = bbr.minimumRoundTripTime.map(milliseconds) ?? ""
        let words =
            "(bw:\(bbr.bandwidth.rawValue * 8)bps,mrtt:\(shortest),pacing_gain:\(String(format: "%g", bbr.pacingGain)),"
            + "cwnd_gain:\(String(format: "%g", bbr.windowGain)))"
        #expect(line["bbr"] == words)
        #expect(record.record.congestionControl == "bbr" && record.record.vegas == nil && record.record.dctcp == nil)
    }

    // MARK: UDP

    @Test("UDP", arguments: [false, true], [false, true])
    func udp(isIPv6: Bool, isConnected: Bool) throws {
        guard !isIPv6 || Machine.hasIPv6 else { return }
        let host: SocketAddress = isIPv6 ? .ipv6(.loopback, port: 0) : .ipv4(.loopback, port: 0)
        let socket = try Descriptor.socket(family: host.family, type: .datagram)
        try prepare(socket, host, isConnected)
        let record = try PlumbDiagnosticsTests.socket(.udp, inode: inode(socket))
        let line = try #require(try SSLine.of(["-u", "-a"], ["sport = :\(try port(socket))"]).first)
        #expect(differences(record.record, line) == [])
        #expect(record.record.state == (isConnected ? .established : .closed))
        #expect(record.record.receiveQueue ?? 0 > 0, "unread datagrams are counted")
    }

    private func prepare(_ socket: borrowing Descriptor, _ host: SocketAddress, _ isConnected: Bool) throws {
        try socket.borrowed.bind(to: host)
        let address = try socket.borrowed.localAddress()
        let sender = try Descriptor.socket(family: host.family, type: .datagram)
        try connect(sender, to: address)
        try send("unread", over: sender)
        try waitUntil("the datagram") { try socket.borrowed.waitUntil(writable: false, timeoutMilliseconds: 0) }
        if isConnected { try socket.borrowed.connect(to: address) }
    }

    private func connect(_ socket: borrowing Descriptor, to address: SocketAddress) throws {
        try socket.borrowed.connect(to: address)
    }

    // MARK: Unix

    @Test("Unix sockets of every type and kind of name")
    func unix() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/socket"
        let abstract = "plumb-\(UUID())"
        let listener = try Listener(on: try #require(.unix(pathname: path)), backlog: 3)
        let named = try Listener(on: try #require(.unix(abstract: Array(abstract.utf8))), type: .sequencedPacket)
        let client = try connected(to: listener.address)
        let pending = try connected(to: listener.address)
        let server = try accepted(listener)
        try send("unread", over: client)
        let pair = try Descriptor.socketPair(type: .datagram)

        let lines = try Program.run(try #require(Machine.ss), ["-x", "-a", "-n", "-e", "-m", "-O", "-H"])
        func line(_ inode: UInt32) throws -> [String] {
            let words = lines.split(separator: "\n").map { $0.split(whereSeparator: \.isWhitespace).map(String.init) }
            return try #require(words.first { $0.count > 5 && $0[5] == "\(inode)" }, "no \(inode) in \(lines)")
        }
        func compare(_ inode: UInt32, _ kind: String) throws {
            let words = try line(inode)
            let record = try PlumbDiagnosticsTests.socket(.unix, inode: inode)
            #expect(words[0] == kind)
            #expect(words[1] == record.record.state.description)
            #expect(words[2] == "\(record.record.receiveQueue ?? -1)" && words[3] == "\(record.record.sendQueue ?? -1)")
            let name = record.record.local.map { "\($0)".dropFirst(5) } ?? ""
            #expect(words[4] == (name.isEmpty ? "*" : String(name)))
            #expect(words[7] == "\(record.record.unixPeer ?? 0)")
            let used = record.record.memory
            let memory = try #require(used)
            #expect(words.contains { $0.hasPrefix("skmem:(r\(memory.receiveUsed),rb\(memory.receiveLimit),") })
        }
        try compare(inode(listener.descriptor), "u_str")
        try compare(inode(named.descriptor), "u_seq")
        try compare(inode(client), "u_str")
        try compare(inode(server), "u_str")
        try compare(inode(pair.first), "u_dgr")

        let listening = try socket(.unix, inode: inode(listener.descriptor))
        #expect(listening.record.local == listener.address && listening.record.state == .listening)
        #expect(listening.record.acceptQueue?.waiting == 1 && listening.record.acceptQueue?.limit == 3)
        #expect(listening.record.pendingCount == 1)
        #expect(try listening.record.pendingPeer(0) == inode(pending) && listening.record.pendingPeer(1) == nil)
        var status = stat()
        unsafe try #require(stat(path, &status) == 0)
        #expect(listening.record.unixFile?.inode == UInt32(truncatingIfNeeded: status.st_ino))
        let connected = try socket(.unix, inode: inode(client))
        #expect(try connected.record.unixPeer == inode(server) && connected.record.unixType == .stream)
        let accepted = try socket(.unix, inode: inode(server))
        #expect(accepted.record.receiveQueue == 6 && accepted.record.local == listener.address)
        #expect(try socket(.unix, inode: inode(named.descriptor)).record.local == named.address)
    }
}

/// A directory that is removed with all that is in it.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/plumb-XXXXXX".utf8CString)
        unsafe try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
