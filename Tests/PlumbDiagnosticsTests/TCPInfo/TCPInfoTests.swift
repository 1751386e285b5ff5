import CPlumb
import Foundation
import PlumbSockets
import SystemPackage
import Testing

@testable import PlumbDiagnostics

@Suite("TCP_INFO") struct TCPInfoTests {
    // MARK: The table

    @Test("the fields stand one behind the other to byte 276")
    func placesOfFields() {
        var end = 0
        for field in TCPInfoField.all where field.bits == nil {
            if end == 6 { end = 8 }  // The two bytes of bit fields.
            #expect(field.offset == end && field.offset % field.width == 0, "\(field.name)")
            end += field.width
        }
        #expect(end == 276)
        #expect(Set(TCPInfoField.all.map(\.name)).count == TCPInfoField.all.count)
        #expect(Set(TCPInfoField.all.map(\.swiftName)).count == TCPInfoField.all.count)
        #expect(TCPInfoField.all.allSatisfy { $0.meaning.hasSuffix(".") })
    }

    /// The fields that kernel-facts and the kernel's header place by number.
    @Test(
        "the fields are where the kernel has them",
        arguments: [
            ("rto", 8), ("rtt", 68), ("snd_cwnd", 80), ("total_retrans", 100), ("pacing_rate", 104),
            ("bytes_acked", 120), ("segs_out", 136), ("notsent_bytes", 144), ("min_rtt", 148), ("delivery_rate", 160),
            ("busy_time", 168), ("rwnd_limited", 176), ("sndbuf_limited", 184), ("delivered", 192), ("bytes_sent", 200),
            ("reord_seen", 220), ("rcv_ooopack", 224), ("snd_wnd", 228), ("rcv_wnd", 232), ("total_rto", 240),
            ("total_rto_time", 244), ("received_ce", 248), ("received_ce_bytes", 272),
        ])
    func knownPlaces(name: String, offset: Int) throws {
        #expect(try #require(TCPInfoField.named(name)).offset == offset)
        #expect(TCPInfoField.named("tcpi_" + name) == TCPInfoField.named(name))
    }

    /// Each property reads what the table's field of its name reads, and nothing else.
    @Test("each property is its field", arguments: TCPInfoField.all)
    func propertyOfField(field: TCPInfoField) throws {
        let value: UInt64 =
            field.bits.map { _ in 1 } ?? [1: 0x5, 2: 0x1234, 4: 0x1234_5678][field.width] ?? 0x1_2345_6789
        let info = try TCPInfo([field.name: value])
        #expect(field.value(in: info) == value)
        for other in TCPInfoField.all where other != field { #expect(other.value(in: info) == 0, "\(other.name)") }
        let mirror = try #require(property(field.swiftName, of: info), "no property \(field.swiftName)")
        #expect(mirror == expected(field, value), "\(field.name)")
    }

    private func expected(_ field: TCPInfoField, _ value: UInt64) -> String {
        switch field.unit {
        case .microseconds: "\(Duration.microseconds(value))"
        case .milliseconds: "\(Duration.milliseconds(value))"
        case .flag: "true"
        case .count, .bits, .bytes, .packets: "\(value)"
        default: (try? TCPInfo([field.name: value])).flatMap { field.text(in: $0) } ?? "?"
        }
    }

    @Test(
        "a field beyond the structure is absent",
        arguments: [104, 120, 136, 144, 160, 168, 192, 200, 224, 232, 240, 248, 276])
    func shortStructure(byteCount: Int) throws {
        let info = try TCPInfo([:], byteCount: byteCount)
        for field in TCPInfoField.all {
            #expect((field.value(in: info) != nil) == (field.offset + field.width <= byteCount), "\(field.name)")
            #expect((field.text(in: info) != nil) == (field.offset + field.width <= byteCount), "\(field.name)")
        }
        #expect((info.receiveWindow != nil) == (byteCount >= 236))
        #expect((info.pacingRate != nil) == (byteCount >= 112))
    }

    @Test("fewer bytes than every kernel gives are no TCP_INFO", arguments: [0, 1, 103])
    func tooShort(byteCount: Int) {
        let bytes = [UInt8](repeating: 0xff, count: byteCount)
        #expect(unsafe TCPInfo(bytes.span.bytes) == nil)
    }

    @Test("a newer kernel's longer structure is read as far as it is known")
    func tooLong() throws {
        let bytes = [UInt8](repeating: 0xff, count: 400)
        let info = try unsafe #require(TCPInfo(bytes.span.bytes))
        #expect(info.byteCount == 280 && info.receivedCEBytes == Int(UInt32.max))
        // The largest numbers of every field can be told.
        for field in TCPInfoField.all { #expect(field.text(in: info) != nil) }
        #expect(info.maximumPacingRate?.isUnlimited == true && info.minimumRoundTripTime == nil)
    }

    // MARK: The kernel

    @Test("the first 104 bytes are those of the C library's structure")
    func agreesWithTheLibrary() throws {
        let connection = try Connection()
        try send("hello", over: connection.client)
        try read(connection.server)
        var form = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        unsafe try #require(getsockopt(connection.client.rawValue, PLUMB_IPPROTO_TCP, TCP_INFO, &form, &length) == 0)
        let info = try TCPInfo(of: connection.client.borrowed)
        #expect(info.state == .established && info.state.rawValue == form.tcpi_state)
        #expect(info.features.rawValue == form.tcpi_options && info.congestionState.rawValue == form.tcpi_ca_state)
        #expect(info.sendWindowScale == Int(form.tcpi_snd_wscale))
        #expect(info.receiveWindowScale == Int(form.tcpi_rcv_wscale))
        #expect(info.retransmissionTimeout == .microseconds(form.tcpi_rto))
        #expect(info.acknowledgementTimeout == .microseconds(form.tcpi_ato))
        #expect(info.sendSegmentSize == Int(form.tcpi_snd_mss) && info.receiveSegmentSize == Int(form.tcpi_rcv_mss))
        #expect(info.pathMTU == Int(form.tcpi_pmtu))
        #expect(info.receiveSlowStartThreshold == Int(form.tcpi_rcv_ssthresh))
        #expect(info.roundTripTime == .microseconds(form.tcpi_rtt) && info.roundTripTime > .zero)
        #expect(info.roundTripTimeVariation == .microseconds(form.tcpi_rttvar))
        #expect(info.sendSlowStartThreshold == Int(form.tcpi_snd_ssthresh))
        #expect(info.congestionWindow == Int(form.tcpi_snd_cwnd) && info.congestionWindow > 0)
        #expect(info.advertisedSegmentSize == Int(form.tcpi_advmss))
        #expect(info.reordering == Int(form.tcpi_reordering))
        #expect(info.receiveSpace == Int(form.tcpi_rcv_space))
        #expect(info.totalRetransmissions == Int(form.tcpi_total_retrans))
        #expect(info.acceptQueue == nil && info.backlog == nil)
    }

    @Test("what was sent and acknowledged is counted")
    func counts() throws {
        let connection = try Connection()
        try send(String(repeating: "x", count: 1000), over: connection.client)
        try read(connection.server)
        try waitUntil("the acknowledgement") {
            try TCPInfo(of: connection.client.borrowed).bytesAcknowledged == 1001
        }
        let client = try TCPInfo(of: connection.client.borrowed)
        let server = try TCPInfo(of: connection.server.borrowed)
        #expect(client.bytesSent == 1000 && server.bytesReceived == 1000)
        #expect(client.dataSegmentsSent == 1 && server.dataSegmentsReceived == 1)
        #expect(client.bytesNotSent == 0 && client.unacknowledged == 0)
    }

    @Test("on a listener two fields are the accept queue and its limit")
    func listener() throws {
        let listener = try Listener(on: .ipv4(.loopback, port: 0), backlog: 7)
        let first = try connected(to: listener.address)
        let second = try connected(to: listener.address)
        let info = try TCPInfo(of: listener.descriptor.borrowed)
        #expect(info.state == .listening && info.acceptQueue == 2 && info.backlog == 7)
        withExtendedLifetime(first) {}
        withExtendedLifetime(second) {}
    }

    @Test("a socket that is not TCP's has none")
    func notTCP() throws {
        let udp = try Descriptor.socket(family: AF_INET, type: .datagram)
        let unix = try Descriptor.socket(family: AF_UNIX, type: .stream)
        #expect(throws: Errno.notSupportedOnSocket) { try TCPInfo(of: udp.borrowed) }
        #expect(throws: Errno.notSupportedOnSocket) { try TCPInfo(of: unix.borrowed) }
    }

    @Test("through the socket and through the dump it is the same", arguments: [false, true])
    func agreesWithTheDump(isIPv6: Bool) throws {
        guard !isIPv6 || Machine.hasIPv6 else { return }
        let connection = try Connection(over: isIPv6 ? .ipv6(.loopback, port: 0) : .ipv4(.loopback, port: 0))
        try send("hello", over: connection.client)
        try read(connection.server)
        try waitUntil("the acknowledgement") { try TCPInfo(of: connection.client.borrowed).unacknowledged == 0 }
        for side in try [
            (connection.clientPort, connection.serverPort), (connection.serverPort, connection.clientPort),
        ] {
            let isClient = try side.0 == connection.clientPort
            let direct =
                try isClient ? TCPInfo(of: connection.client.borrowed) : TCPInfo(of: connection.server.borrowed)
            let dumped = try #require(try tcpSocket(side.0, side.1)?.sample?.info)
            #expect(direct.byteCount == dumped.byteCount)
            // The times since something was sent or arrived go on.
            for field in TCPInfoField.all where !field.name.hasPrefix("last_") {
                #expect(field.value(in: direct) == field.value(in: dumped), "\(field.name)")
            }
        }
    }
}

/// A computed property by its name.
private func property(_ name: String, of info: TCPInfo) -> String? {
    func show<Value>(_ value: Value?) -> String? { value.map { "\($0)" } }
    let properties: [String: String?] = [
        "state": show(info.state), "congestionState": show(info.congestionState),
        "consecutiveRetransmissions": show(info.consecutiveRetransmissions),
        "unansweredProbes": show(info.unansweredProbes), "backoff": show(info.backoff), "features": show(info.features),
        "sendWindowScale": show(info.sendWindowScale), "receiveWindowScale": show(info.receiveWindowScale),
        "isDeliveryRateApplicationLimited": show(info.isDeliveryRateApplicationLimited),
        "fastOpenFailure": show(info.fastOpenFailure), "retransmissionTimeout": show(info.retransmissionTimeout),
        "acknowledgementTimeout": show(info.acknowledgementTimeout), "sendSegmentSize": show(info.sendSegmentSize),
        "receiveSegmentSize": show(info.receiveSegmentSize), "unacknowledged": show(info.unacknowledged),
        "selectivelyAcknowledged": show(info.selectivelyAcknowledged), "lost": show(info.lost),
        "retransmitted": show(info.retransmitted), "forwardAcknowledged": show(info.forwardAcknowledged),
        "sinceDataSent": show(info.sinceDataSent), "sinceAcknowledgementSent": show(info.sinceAcknowledgementSent),
        "sinceDataReceived": show(info.sinceDataReceived),
        "sinceAcknowledgementReceived": show(info.sinceAcknowledgementReceived), "pathMTU": show(info.pathMTU),
        "receiveSlowStartThreshold": show(info.receiveSlowStartThreshold), "roundTripTime": show(info.roundTripTime),
        "roundTripTimeVariation": show(info.roundTripTimeVariation),
        "sendSlowStartThreshold": show(info.sendSlowStartThreshold), "congestionWindow": show(info.congestionWindow),
        "advertisedSegmentSize": show(info.advertisedSegmentSize), "reordering": show(info.reordering),
        "receiverRoundTripTime": show(info.receiverRoundTripTime), "receiveSpace": show(info.receiveSpace),
        "totalRetransmissions": show(info.totalRetransmissions), "pacingRate": show(info.pacingRate),
        "maximumPacingRate": show(info.maximumPacingRate), "bytesAcknowledged": show(info.bytesAcknowledged),
        "bytesReceived": show(info.bytesReceived), "segmentsSent": show(info.segmentsSent),
        "segmentsReceived": show(info.segmentsReceived), "bytesNotSent": show(info.bytesNotSent),
        "minimumRoundTripTime": show(info.minimumRoundTripTime),
        "dataSegmentsReceived": show(info.dataSegmentsReceived), "dataSegmentsSent": show(info.dataSegmentsSent),
        "deliveryRate": show(info.deliveryRate), "busyTime": show(info.busyTime),
        "receiveWindowLimitedTime": show(info.receiveWindowLimitedTime),
        "sendBufferLimitedTime": show(info.sendBufferLimitedTime), "delivered": show(info.delivered),
        "deliveredWithCongestionMark": show(info.deliveredWithCongestionMark), "bytesSent": show(info.bytesSent),
        "bytesRetransmitted": show(info.bytesRetransmitted),
        "needlessRetransmissions": show(info.needlessRetransmissions), "reorderingsSeen": show(info.reorderingsSeen),
        "outOfOrderReceived": show(info.outOfOrderReceived), "sendWindow": show(info.sendWindow),
        "receiveWindow": show(info.receiveWindow), "rehashes": show(info.rehashes), "timeouts": show(info.timeouts),
        "timeoutRecoveries": show(info.timeoutRecoveries), "timeoutRecoveryTime": show(info.timeoutRecoveryTime),
        "receivedWithCongestionMark": show(info.receivedWithCongestionMark),
        "deliveredECT1Bytes": show(info.deliveredECT1Bytes), "deliveredECT0Bytes": show(info.deliveredECT0Bytes),
        "deliveredCEBytes": show(info.deliveredCEBytes), "receivedECT1Bytes": show(info.receivedECT1Bytes),
        "receivedECT0Bytes": show(info.receivedECT0Bytes), "receivedCEBytes": show(info.receivedCEBytes),
    ]
    return properties[name] ?? nil
}
