import CPlumb
import Foundation
import PlumbSockets
import SystemPackage
import Testing

@testable import PlumbDiagnostics

@Suite("Rates of two samples") struct TCPRatesTests {
    /// Two samples a second apart; the first has only zeros unless it is given.
    private func rates(
        _ last: [String: UInt64], first: [String: UInt64] = [:], over interval: Duration = .seconds(1),
        cookies: (UInt64, UInt64) = (1, 1), byteCount: Int = 280
    ) throws -> TCPRates {
        let now = ContinuousClock.now
        return try TCPRates(
            from: TCPSample(cookie: cookies.0, time: now, info: TCPInfo(first, byteCount: byteCount)),
            to: TCPSample(cookie: cookies.1, time: now + interval, info: TCPInfo(last, byteCount: byteCount)))
    }

    @Test("goodput is what was acknowledged in the time that passed")
    func goodput() throws {
        let rates = try rates(
            ["bytes_acked": 3_000_000, "bytes_received": 500, "busy_time": 1_000_000],
            first: ["bytes_acked": 1_000_000], over: .seconds(2))
        #expect(rates.sending.bytesPerSecond == 1_000_000 && rates.receiving.bytesPerSecond == 250)
        #expect(rates.bytesAcknowledged == 2_000_000 && rates.interval == .seconds(2) && rates.busy == .seconds(1))
        #expect(rates.idleShare == 0.5)
    }

    @Test(
        "the limit is what explains most of the time",
        arguments: [
            // busy, rwnd_limited, sndbuf_limited in ms of 1 s, app-limited → limit
            (1000, 900, 0, 0, SendingLimit.receiver), (1000, 0, 900, 0, .sendBuffer), (1000, 0, 0, 0, .network),
            (1000, 0, 0, 1, .application), (1000, 100, 100, 0, .network), (1000, 300, 300, 0, .receiver),
            (1000, 300, 301, 0, .sendBuffer), (600, 500, 0, 0, .receiver), (400, 400, 0, 0, .application),
            (99, 99, 0, 0, .application), (0, 0, 0, 0, .application),
        ])
    func limit(busy: UInt64, receiver: UInt64, buffer: UInt64, appLimited: UInt64, limit: SendingLimit) throws {
        let rates = try rates([
            "busy_time": busy * 1000, "rwnd_limited": receiver * 1000, "sndbuf_limited": buffer * 1000,
            "delivery_rate_app_limited": appLimited, "delivered": 1, "delivery_rate": 1000,
        ])
        #expect(rates.limit == limit && rates.sending.limit == limit && rates.delivery?.limit == limit)
        #expect(rates.delivery?.isAtLeast == (appLimited == 1))
    }

    @Test("with less than 100 ms of work no share is told")
    func tooLittleWork() throws {
        let little = try rates(["busy_time": 99_999, "rwnd_limited": 99_999], over: .milliseconds(150))
        #expect(little.receiverShare == nil && little.sendBufferShare == nil && little.limit == .undetermined)
        #expect(little.sending.description.hasSuffix("limited by what is not known yet"))
        let enough = try rates(["busy_time": 100_000, "rwnd_limited": 100_000], over: .milliseconds(150))
        #expect(enough.receiverShare == 1 && enough.limit == .receiver)
    }

    @Test("a delivery rate of an earlier time is not shown")
    func staleDeliveryRate() throws {
        let stale = try rates(
            ["delivery_rate": 898_000_000, "busy_time": 1_004_000, "rwnd_limited": 1_004_000, "delivered": 50],
            first: ["delivered": 50])
        #expect(stale.delivery == nil && stale.bandwidthDelayProduct == nil)
        #expect(stale.limit == .receiver && stale.receiverShare == 1)
    }

    @Test("derived numbers")
    func derived() throws {
        let rates = try rates([
            "bytes_sent": 1000, "bytes_retrans": 250, "total_retrans": 4, "dsack_dups": 1, "rtt": 5000, "min_rtt": 1000,
            "delivery_rate": 1_000_000, "delivered": 1, "busy_time": 1_000_000,
        ])
        #expect(rates.retransmissionRatio == 0.25 && rates.retransmissions == 4 && rates.needlessRetransmissions == 1)
        #expect(rates.queueing == .milliseconds(4) && rates.bandwidthDelayProduct == 1000)
        let silent = try self.rates([:])
        #expect(silent.retransmissionRatio == nil && silent.queueing == nil)
    }

    @Test("a closed window of this side is told")
    func reader() throws {
        let closed = try rates(["state": 1, "rcv_wnd": 0, "rcv_mss": 1448])
        #expect(closed.receiving.limit == .reader)
        #expect(try rates(["state": 1, "rcv_wnd": 65536, "rcv_mss": 1448]).receiving.limit == .peer)
        #expect(try rates(["state": 1], byteCount: 232).receiving.limit == .peer)
    }

    // MARK: Refusals

    @Test("samples of two sockets are refused")
    func otherSocket() {
        #expect(throws: TCPRates.Failure.differentSockets) { try rates([:], cookies: (1, 2)) }
    }

    @Test("a second sample that is not later is refused", arguments: [Duration.zero, .milliseconds(-5)])
    func noTime(interval: Duration) {
        #expect(throws: TCPRates.Failure.noTime) { try rates([:], over: interval) }
    }

    @Test(
        "a counter that went backwards is refused",
        arguments: [
            "bytes_acked", "bytes_received", "bytes_sent", "bytes_retrans", "busy_time", "rwnd_limited",
            "sndbuf_limited", "total_retrans", "data_segs_out", "dsack_dups", "delivered",
        ])
    func backwards(name: String) {
        #expect(throws: TCPRates.Failure.counterWentBackwards(name)) { try rates([name: 1], first: [name: 2]) }
    }

    @Test("a count of segments that began anew after 2^32 goes on")
    func wrapped() throws {
        #expect(try rates(["total_retrans": 5], first: ["total_retrans": 0xffff_fffe]).retransmissions == 7)
    }

    @Test("a kernel that does not count is told")
    func notCounted() {
        #expect(throws: TCPRates.Failure.notCounted("busy_time")) { try rates([:], byteCount: 168) }
        #expect(throws: Never.self) { try rates([:], byteCount: 192) }
    }

    @Test("no numbers trap, whatever they are")
    func extremes() throws {
        var random = SplitMix(state: 1)
        for _ in 0..<10_000 {
            let first = TCPSample(cookie: 1, time: .now, info: try extremeInfo(&random))
            let time = first.time + .microseconds(Int64.random(in: 1...1_000_000, using: &random))
            let last = TCPSample(cookie: 1, time: time, info: try extremeInfo(&random))
            guard let rates = try? TCPRates(from: first, to: last) else { continue }
            _ = (rates.retransmissionRatio, rates.queueing, rates.bandwidthDelayProduct, rates.sending.description)
        }
    }

    private func extremeInfo(_ random: inout SplitMix) throws -> TCPInfo {
        let bytes = (0..<280).map { _ in
            [0, 0, 0xff, UInt8.random(in: 0...255, using: &random)].randomElement(using: &random) ?? 0
        }
        return try unsafe #require(TCPInfo(bytes.span.bytes))
    }

    // MARK: The kernel

    /// kernel-facts.md, section 2: a sender that faces a peer that has stopped reading.
    @Test("a peer that has stopped reading is the limit")
    func pausedReader() throws {
        let connection = try Connection()
        let before = try TCPSample(of: connection.client.borrowed)
        try fill(connection.client)
        var rates: TCPRates?
        try waitUntil("the receiver's limit, but it is \(rates?.limit.description ?? "?")") {
            rates = try TCPRates(from: before, to: TCPSample(of: connection.client.borrowed))
            return rates?.limit == .receiver
        }
        #expect(rates?.last.sendWindow ?? 1 < 65536)
    }

    /// The peer delays its acknowledgements, as on a long path; what is in flight fills the buffer meanwhile.
    ///
    /// The kernel counts only what it sends while it knows that the buffer is full, so the data is held back until a
    /// poll has found it full: a buffer that one segment fills is not counted (observed on Linux 6.18).
    @Test("a small send buffer is the limit of a fast sender")
    func smallSendBuffer() throws {
        let connection = try Connection(prepareClient: { try $0.set(.sendBuffer, to: 4608) })
        try connection.client.borrowed.setNonBlocking(true)
        try connection.server.borrowed.setNonBlocking(true)
        let before = try TCPSample(of: connection.client.borrowed)
        var rates: TCPRates?
        try waitUntil("the send buffer's limit, but it is \(rates?.limit.description ?? "?")") {
            try fillSmallBuffer(connection)
            rates = try? TCPRates(from: before, to: TCPSample(of: connection.client.borrowed))
            return rates?.limit == .sendBuffer
        }
    }
}
