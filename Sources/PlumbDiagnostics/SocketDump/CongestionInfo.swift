/// What BBR says of itself (`struct tcp_bbr_info`).
public struct BBRInfo: Hashable, Sendable {
    /// The bandwidth it has found.
    public let bandwidth: TransferRate
    /// The shortest round trip it has found; `nil` when none was measured.
    public let minimumRoundTripTime: Duration?
    /// By what it multiplies the bandwidth to pace.
    public let pacingGain: Double
    /// By what it multiplies the bandwidth-delay product to have its window.
    public let windowGain: Double

    init?(_ bytes: RawSpan) {
        guard let low = bytes.number(at: 0, as: UInt32.self), let high = bytes.number(at: 4, as: UInt32.self),
            let shortest = bytes.number(at: 8, as: UInt32.self), let pacing = bytes.number(at: 12, as: UInt32.self),
            let window = bytes.number(at: 16, as: UInt32.self)
        else { return nil }
        bandwidth = TransferRate(rawValue: UInt64(high) << 32 | UInt64(low))
        minimumRoundTripTime = shortest == .max ? nil : .microseconds(shortest)
        pacingGain = Double(pacing) / 256
        windowGain = Double(window) / 256
    }
}

/// What TCP Vegas and its like say of themselves (`struct tcpvegas_info`).
public struct VegasInfo: Hashable, Sendable {
    /// Whether its algorithm is in use now.
    public let isEnabled: Bool
    /// How many round trips it has measured in this one.
    public let roundTrips: Int
    /// The round trip as it measures it.
    public let roundTripTime: Duration
    /// The shortest it has found; `nil` when none was measured.
    public let minimumRoundTripTime: Duration?

    init?(_ bytes: RawSpan) {
        guard let enabled = bytes.number(at: 0, as: UInt32.self), let count = bytes.number(at: 4, as: UInt32.self),
            let time = bytes.number(at: 8, as: UInt32.self), let shortest = bytes.number(at: 12, as: UInt32.self)
        else { return nil }
        isEnabled = enabled != 0
        roundTrips = Int(count)
        roundTripTime = .microseconds(time)
        minimumRoundTripTime = shortest == 0x7fff_ffff ? nil : .microseconds(shortest)
    }
}

/// What DCTCP says of itself (`struct tcp_dctcp_info`).
public struct DCTCPInfo: Hashable, Sendable {
    /// Whether the peer takes part.
    public let isEnabled: Bool
    /// Whether the last segment was marked.
    public let isMarked: Bool
    /// The part of the bytes that are marked, 0 to 1.
    public let alpha: Double
    /// Bytes acknowledged with a mark, and in all, in this window.
    public let markedBytes, acknowledgedBytes: Int

    init?(_ bytes: RawSpan) {
        guard let enabled = bytes.number(at: 0, as: UInt16.self), let marked = bytes.number(at: 2, as: UInt16.self),
            let alpha = bytes.number(at: 4, as: UInt32.self), let ecn = bytes.number(at: 8, as: UInt32.self),
            let total = bytes.number(at: 12, as: UInt32.self)
        else { return nil }
        isEnabled = enabled != 0
        isMarked = marked != 0
        self.alpha = Double(alpha) / 1024
        markedBytes = Int(ecn)
        acknowledgedBytes = Int(total)
    }
}
