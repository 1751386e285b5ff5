/// What a connection did between two samples, and what limited it.
///
/// Every rate comes with its limit, because a rate alone tells nothing: a sender whose peer has stopped reading still
/// shows the delivery rate of the time before.
public struct TCPRates: Sendable {
    /// Why two samples make no rates.
    public enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        /// They are of two sockets.
        case differentSockets
        /// The second is not later than the first.
        case noTime
        /// A counter is smaller in the second: the connection was made anew, or the bytes are not the kernel's.
        case counterWentBackwards(String)
        /// The kernel counts too little: it is older than 4.10.
        case notCounted(String)

        /// The reason, as the end of a sentence.
        public var description: String {
            switch self {
            case .differentSockets: "the samples are of two sockets"
            case .noTime: "no time passed between the samples"
            case .counterWentBackwards(let name): "the counter \(name) went backwards"
            case .notCounted(let name): "this kernel does not count \(name)"
            }
        }
    }

    /// How long the sender must have been busy for its shares to mean something: the counters move in jiffies.
    public static var leastBusyTime: Duration { .milliseconds(100) }

    /// The time between the samples.
    public let interval: Duration
    /// The part of it in which there was something to send or unacknowledged.
    public let busy: Duration
    /// What limited sending.
    public let limit: SendingLimit
    /// The part of the busy time in which the peer's window was the limit, 0 to 1; `nil` when it was busy for less than
    /// ``leastBusyTime``.
    public let receiverShare: Double?
    /// The part of the busy time in which the send buffer was the limit, 0 to 1; `nil` as above.
    public let sendBufferShare: Double?
    /// The part of the whole time in which there was nothing to send, 0 to 1.
    public let idleShare: Double
    /// What the peer acknowledged.
    public let sending: LimitedRate
    /// What arrived.
    public let receiving: LimitedRate
    /// How fast data was seen to arrive at the peer, where any did between the samples.
    public let delivery: LimitedRate?
    /// Bytes acknowledged, bytes received, bytes sent and bytes sent again between the samples.
    public let bytesAcknowledged, bytesReceived, bytesSent, bytesRetransmitted: UInt64
    /// Segments sent again, and how many of those the peer had already.
    public let retransmissions, needlessRetransmissions: UInt64
    /// Segments with data sent.
    public let dataSegmentsSent: UInt64
    /// The second sample.
    public let last: TCPInfo

    /// Computes the rates.
    public init(from first: TCPSample, to second: TCPSample) throws(Failure) {
        guard first.cookie == second.cookie else { throw .differentSockets }
        interval = second.time - first.time
        guard interval > .zero else { throw .noTime }
        let counters = Counters(first: first.info, second: second.info)
        bytesAcknowledged = try counters.counted("bytes_acked") { $0.bytesAcknowledged }
        bytesReceived = try counters.counted("bytes_received") { $0.bytesReceived }
        dataSegmentsSent = try counters.counted("data_segs_out") { $0.dataSegmentsSent }
        retransmissions = try counters.counted("total_retrans") { $0.totalRetransmissions }
        busy = try counters.counted("busy_time") { $0.busyTime }
        let byReceiver = try counters.counted("rwnd_limited") { $0.receiveWindowLimitedTime }
        let byBuffer = try counters.counted("sndbuf_limited") { $0.sendBufferLimitedTime }
        // Where the kernel is too old for these, what needs them is nothing.
        bytesSent = try counters.difference("bytes_sent") { $0.bytesSent } ?? 0
        bytesRetransmitted = try counters.difference("bytes_retrans") { $0.bytesRetransmitted } ?? 0
        needlessRetransmissions = try counters.difference("dsack_dups") { $0.needlessRetransmissions } ?? 0
        let delivered = try counters.difference("delivered") { $0.delivered } ?? 0
        last = second.info

        // The counters move in jiffies, so they can be a little ahead of the clock.
        idleShare = 1 - min(busy / interval, 1)
        let isBusyEnough = busy >= TCPRates.leastBusyTime
        receiverShare = isBusyEnough ? min(byReceiver / busy, 1) : nil
        sendBufferShare = isBusyEnough ? min(byBuffer / busy, 1) : nil
        limit = TCPRates.limit(
            interval: interval, idle: idleShare, receiver: receiverShare, sendBuffer: sendBufferShare,
            isApplicationLimited: last.isDeliveryRateApplicationLimited)
        let seconds = interval / .seconds(1)
        sending = LimitedRate(Double(bytesAcknowledged) / seconds, limit)
        receiving = LimitedRate(Double(bytesReceived) / seconds, TCPRates.limitOfReceiving(last))
        // Without a delivery between the samples it is the rate of an earlier time.
        let deliveryRate = delivered > 0 ? last.deliveryRate : nil
        let isAtLeast = last.isDeliveryRateApplicationLimited
        let limit = limit
        delivery = deliveryRate.map { LimitedRate(Double($0.rawValue), limit, isAtLeast: isAtLeast) }
    }

    /// The limit that explains most of the time.
    static func limit(
        interval: Duration, idle: Double, receiver: Double?, sendBuffer: Double?, isApplicationLimited: Bool
    ) -> SendingLimit {
        guard let receiver, let sendBuffer else {
            // Busy for less than 100 ms: of a much longer time, that is idleness; of a short one, it says nothing.
            return interval >= leastBusyTime * 2 ? .application : .undetermined
        }
        if idle >= 0.5 { return .application }
        if receiver + sendBuffer >= 0.5 { return receiver >= sendBuffer ? .receiver : .sendBuffer }
        return isApplicationLimited ? .application : .network
    }

    /// A window that is (almost) closed is this side's doing; anything else is not to be told from here.
    private static func limitOfReceiving(_ info: TCPInfo) -> SendingLimit {
        guard let window = info.receiveWindow, info.state == .established else { return .peer }
        return window < max(info.receiveSegmentSize, 1) ? .reader : .peer
    }

    /// The part of the bytes sent that had been sent before, 0 to 1; `nil` when nothing was sent.
    public var retransmissionRatio: Double? {
        bytesSent > 0 ? min(Double(bytesRetransmitted) / Double(bytesSent), 1) : nil
    }

    /// How much longer than the shortest round trip the usual one takes: time spent in queues.
    public var queueing: Duration? {
        guard let shortest = last.minimumRoundTripTime, last.roundTripTime > .zero else { return nil }
        return max(last.roundTripTime - shortest, .zero)
    }

    /// How many bytes the path holds at the rate at which data arrives: the delivery rate times the shortest round
    /// trip. At least that, where ``delivery`` is.
    public var bandwidthDelayProduct: Double? {
        guard let delivery, let shortest = last.minimumRoundTripTime else { return nil }
        return delivery.bytesPerSecond * (shortest / .seconds(1))
    }
}

/// Counters of two samples of one socket: how much each has grown, `nil` where a kernel does not count it.
private struct Counters {
    let first: TCPInfo
    let second: TCPInfo

    /// Bytes, which count to 2^64.
    func difference(_ name: String, _ counter: (TCPInfo) -> UInt64?) throws(TCPRates.Failure) -> UInt64? {
        guard let before = counter(first), let after = counter(second) else { return nil }
        guard after >= before else { throw .counterWentBackwards(name) }
        return after - before
    }

    /// Times.
    func difference(_ name: String, _ counter: (TCPInfo) -> Duration?) throws(TCPRates.Failure) -> Duration? {
        guard let before = counter(first), let after = counter(second) else { return nil }
        guard after >= before else { throw .counterWentBackwards(name) }
        return after - before
    }

    /// Segments, which begin anew after 2^32.
    func difference(_ name: String, _ counter: (TCPInfo) -> Int?) throws(TCPRates.Failure) -> UInt64? {
        guard let before = counter(first), let after = counter(second) else { return nil }
        let difference = UInt32(truncatingIfNeeded: after) &- UInt32(truncatingIfNeeded: before)
        guard difference < 1 << 31 else { throw .counterWentBackwards(name) }
        return UInt64(difference)
    }

    func counted(_ name: String, _ counter: (TCPInfo) -> UInt64?) throws(TCPRates.Failure) -> UInt64 {
        try counted(name, difference(name, counter))
    }

    func counted(_ name: String, _ counter: (TCPInfo) -> Duration?) throws(TCPRates.Failure) -> Duration {
        try counted(name, difference(name, counter))
    }

    func counted(_ name: String, _ counter: (TCPInfo) -> Int?) throws(TCPRates.Failure) -> UInt64 {
        try counted(name, difference(name, counter))
    }

    private func counted<Value>(_ name: String, _ value: Value?) throws(TCPRates.Failure) -> Value {
        guard let value else { throw .notCounted(name) }
        return value
    }
}
