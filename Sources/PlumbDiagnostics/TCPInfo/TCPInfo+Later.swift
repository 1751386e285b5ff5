// What newer kernels added after the first 104 bytes; `nil` where the kernel's structure ends before.

extension TCPInfo {
    /// The rate at which the kernel sends at present (`tcpi_pacing_rate`, Linux 3.15).
    public var pacingRate: TransferRate? { optional(104, 8).map { TransferRate(rawValue: $0) } }
    /// The fastest rate at which the kernel may send (`SO_MAX_PACING_RATE`; `tcpi_max_pacing_rate`, Linux 3.15).
    public var maximumPacingRate: TransferRate? { optional(112, 8).map { TransferRate(rawValue: $0) } }
    /// Bytes that the peer has acknowledged (`tcpi_bytes_acked`, Linux 4.1).
    public var bytesAcknowledged: UInt64? { optional(120, 8) }
    /// Bytes that arrived in order (`tcpi_bytes_received`, Linux 4.1).
    public var bytesReceived: UInt64? { optional(128, 8) }
    /// Segments sent, with and without data (`tcpi_segs_out`, Linux 4.2).
    public var segmentsSent: Int? { optional(136, 4).map { Int($0) } }
    /// Segments received, with and without data (`tcpi_segs_in`, Linux 4.2).
    public var segmentsReceived: Int? { optional(140, 4).map { Int($0) } }
    /// Bytes written by the program and not sent for the first time yet (`tcpi_notsent_bytes`, Linux 4.6).
    public var bytesNotSent: Int? { optional(144, 4).map { Int($0) } }
    /// The shortest round-trip time of the last minutes; `nil` also when none was measured (`tcpi_min_rtt`, Linux
    /// 4.6).
    public var minimumRoundTripTime: Duration? {
        optional(148, 4).flatMap { $0 == UInt32.max ? nil : .microseconds($0) }
    }
    /// Segments with data received (`tcpi_data_segs_in`, Linux 4.6).
    public var dataSegmentsReceived: Int? { optional(152, 4).map { Int($0) } }
    /// Segments with data sent, retransmissions counted (`tcpi_data_segs_out`, Linux 4.6).
    public var dataSegmentsSent: Int? { optional(156, 4).map { Int($0) } }
    /// The rate at which data was last seen to arrive at the peer (`tcpi_delivery_rate`, Linux 4.9). It means nothing
    /// without the limit state: see ``TCPRates``.
    public var deliveryRate: TransferRate? { optional(160, 8).map { TransferRate(rawValue: $0) } }
    /// Time with data to send or unacknowledged (`tcpi_busy_time`, Linux 4.10).
    public var busyTime: Duration? { optional(168, 8).map { .microseconds($0) } }
    /// The part of the busy time in which the peer's window kept this side from sending (`tcpi_rwnd_limited`, Linux
    /// 4.10).
    public var receiveWindowLimitedTime: Duration? { optional(176, 8).map { .microseconds($0) } }
    /// The part of the busy time in which the send buffer was too small for the window (`tcpi_sndbuf_limited`, Linux
    /// 4.10).
    public var sendBufferLimitedTime: Duration? { optional(184, 8).map { .microseconds($0) } }
    /// Segments that arrived at the peer, also out of order (`tcpi_delivered`, Linux 4.18).
    public var delivered: Int? { optional(192, 4).map { Int($0) } }
    /// Segments of which the peer said that they were marked for congestion (`tcpi_delivered_ce`, Linux 4.18).
    public var deliveredWithCongestionMark: Int? { optional(196, 4).map { Int($0) } }
    /// Bytes sent, retransmissions counted (`tcpi_bytes_sent`, Linux 4.19).
    public var bytesSent: UInt64? { optional(200, 8) }
    /// Bytes sent again (`tcpi_bytes_retrans`, Linux 4.19).
    public var bytesRetransmitted: UInt64? { optional(208, 8) }
    /// Segments sent again that the peer had: it said so by a duplicate SACK (`tcpi_dsack_dups`, Linux 4.19).
    public var needlessRetransmissions: Int? { optional(216, 4).map { Int($0) } }
    /// How often segments were seen to be reordered (`tcpi_reord_seen`, Linux 4.19).
    public var reorderingsSeen: Int? { optional(220, 4).map { Int($0) } }
    /// Segments that arrived out of order (`tcpi_rcv_ooopack`, Linux 5.4).
    public var outOfOrderReceived: Int? { optional(224, 4).map { Int($0) } }
    /// The window that the peer offers; 0 when it does not read (`tcpi_snd_wnd`, Linux 5.4).
    public var sendWindow: Int? { optional(228, 4).map { Int($0) } }
    /// The window that this side offers (`tcpi_rcv_wnd`, Linux 6.2).
    public var receiveWindow: Int? { optional(232, 4).map { Int($0) } }
    /// How often another path was tried because of losses (`tcpi_rehash`, Linux 6.2).
    public var rehashes: Int? { optional(236, 4).map { Int($0) } }
    /// How often the retransmission timer ran out, for SYNs too (`tcpi_total_rto`, Linux 6.7).
    public var timeouts: Int? { optional(240, 2).map { Int($0) } }
    /// How often the connection recovered from such timeouts (`tcpi_total_rto_recoveries`, Linux 6.7).
    public var timeoutRecoveries: Int? { optional(242, 2).map { Int($0) } }
    /// Time spent in recovering from such timeouts (`tcpi_total_rto_time`, Linux 6.7).
    public var timeoutRecoveryTime: Duration? { optional(244, 4).map { .milliseconds($0) } }
    /// Segments received that were marked for congestion (`tcpi_received_ce`, Linux 6.18).
    public var receivedWithCongestionMark: Int? { optional(248, 4).map { Int($0) } }
    /// Bytes that the peer received with ECT(1) (Accurate ECN; `tcpi_delivered_e1_bytes`, Linux 6.18).
    public var deliveredECT1Bytes: Int? { optional(252, 4).map { Int($0) } }
    /// Bytes that the peer received with ECT(0) (Accurate ECN; `tcpi_delivered_e0_bytes`, Linux 6.18).
    public var deliveredECT0Bytes: Int? { optional(256, 4).map { Int($0) } }
    /// Bytes that the peer received marked for congestion (Accurate ECN; `tcpi_delivered_ce_bytes`, Linux 6.18).
    public var deliveredCEBytes: Int? { optional(260, 4).map { Int($0) } }
    /// Bytes received with ECT(1) (Accurate ECN; `tcpi_received_e1_bytes`, Linux 6.18).
    public var receivedECT1Bytes: Int? { optional(264, 4).map { Int($0) } }
    /// Bytes received with ECT(0) (Accurate ECN; `tcpi_received_e0_bytes`, Linux 6.18).
    public var receivedECT0Bytes: Int? { optional(268, 4).map { Int($0) } }
    /// Bytes received marked for congestion (Accurate ECN; `tcpi_received_ce_bytes`, Linux 6.18).
    public var receivedCEBytes: Int? { optional(272, 4).map { Int($0) } }
}
