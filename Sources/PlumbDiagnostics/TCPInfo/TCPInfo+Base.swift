// The first 104 bytes of the structure, which every kernel gives. Lengths and windows are bytes, counts are segments,
// unless a property says otherwise.

extension TCPInfo {
    /// The connection's state (`tcpi_state`).
    public var state: SocketState { SocketState(rawValue: UInt8(number(0, 1))) }
    /// What the congestion control is doing (`tcpi_ca_state`).
    public var congestionState: CongestionState { CongestionState(rawValue: UInt8(number(1, 1))) }
    /// Retransmissions in a row without an acknowledgement, by the timer (`tcpi_retransmits`).
    public var consecutiveRetransmissions: Int { Int(number(2, 1)) }
    /// Probes of a closed window or for keep-alive that were not answered (`tcpi_probes`).
    public var unansweredProbes: Int { Int(number(3, 1)) }
    /// How often the retransmission timer was doubled (`tcpi_backoff`).
    public var backoff: Int { Int(number(4, 1)) }
    /// What both sides agreed on in the handshake (`tcpi_options`).
    public var features: TCPFeatures { TCPFeatures(rawValue: UInt8(number(5, 1))) }
    /// Bits by which the peer's windows are shifted (`tcpi_snd_wscale`).
    public var sendWindowScale: Int { Int(bits(0, 4, ofByte: 6)) }
    /// Bits by which this side's windows are shifted (`tcpi_rcv_wscale`).
    public var receiveWindowScale: Int { Int(bits(4, 4, ofByte: 6)) }
    /// Whether the delivery rate was measured while the program had nothing to send: the path may be faster
    /// (`tcpi_delivery_rate_app_limited`).
    public var isDeliveryRateApplicationLimited: Bool { bits(0, 1, ofByte: 7) != 0 }
    /// Why a fast open by this side failed (`tcpi_fastopen_client_fail`).
    public var fastOpenFailure: FastOpenFailure { FastOpenFailure(rawValue: UInt8(bits(1, 2, ofByte: 7))) }
    /// Silence after which a segment is sent again (`tcpi_rto`).
    public var retransmissionTimeout: Duration { .microseconds(number(8, 4)) }
    /// How long an acknowledgement is delayed at present (`tcpi_ato`).
    public var acknowledgementTimeout: Duration { .microseconds(number(12, 4)) }
    /// The largest segment that is sent (`tcpi_snd_mss`).
    public var sendSegmentSize: Int { Int(number(16, 4)) }
    /// The size of the segments that arrive, as estimated (`tcpi_rcv_mss`).
    public var receiveSegmentSize: Int { Int(number(20, 4)) }
    /// Segments in flight; on a listener the connections that wait to be accepted: see ``acceptQueue``
    /// (`tcpi_unacked`).
    public var unacknowledged: Int { Int(number(24, 4)) }
    /// Segments acknowledged out of order; on a listener the backlog: see ``backlog`` (`tcpi_sacked`).
    public var selectivelyAcknowledged: Int { Int(number(28, 4)) }
    /// Segments taken for lost and not acknowledged yet (`tcpi_lost`).
    public var lost: Int { Int(number(32, 4)) }
    /// Segments sent again and not acknowledged yet (`tcpi_retrans`).
    public var retransmitted: Int { Int(number(36, 4)) }
    /// Always 0 since Linux 4.15 (`tcpi_fackets`).
    public var forwardAcknowledged: Int { Int(number(40, 4)) }
    /// Time since data was sent (`tcpi_last_data_sent`).
    public var sinceDataSent: Duration { .milliseconds(number(44, 4)) }
    /// Always 0: the kernel does not remember (`tcpi_last_ack_sent`).
    public var sinceAcknowledgementSent: Duration { .milliseconds(number(48, 4)) }
    /// Time since data arrived (`tcpi_last_data_recv`).
    public var sinceDataReceived: Duration { .milliseconds(number(52, 4)) }
    /// Time since an acknowledgement arrived (`tcpi_last_ack_recv`).
    public var sinceAcknowledgementReceived: Duration { .milliseconds(number(56, 4)) }
    /// The largest packet of the path (`tcpi_pmtu`).
    public var pathMTU: Int { Int(number(60, 4)) }
    /// How far the window that is offered may grow at present (`tcpi_rcv_ssthresh`).
    public var receiveSlowStartThreshold: Int { Int(number(64, 4)) }
    /// The smoothed round-trip time; zero when none was measured (`tcpi_rtt`).
    public var roundTripTime: Duration { .microseconds(number(68, 4)) }
    /// How much the round-trip time varies (`tcpi_rttvar`).
    public var roundTripTimeVariation: Duration { .microseconds(number(72, 4)) }
    /// The congestion window at which slow start ends; 2^31 - 1 while none is set (`tcpi_snd_ssthresh`).
    public var sendSlowStartThreshold: Int { Int(number(76, 4)) }
    /// How many segments may be in flight (`tcpi_snd_cwnd`).
    public var congestionWindow: Int { Int(number(80, 4)) }
    /// The segment size that the peer was offered (`tcpi_advmss`).
    public var advertisedSegmentSize: Int { Int(number(84, 4)) }
    /// By how many places segments are reordered on the path, at most (`tcpi_reordering`).
    public var reordering: Int { Int(number(88, 4)) }
    /// The round-trip time as the receiving side estimates it; zero when it did not (`tcpi_rcv_rtt`).
    public var receiverRoundTripTime: Duration { .microseconds(number(92, 4)) }
    /// What the program reads in a round trip, by which the receive buffer is tuned (`tcpi_rcv_space`).
    public var receiveSpace: Int { Int(number(96, 4)) }
    /// Segments sent again since the connection was made (`tcpi_total_retrans`).
    public var totalRetransmissions: Int { Int(number(100, 4)) }
}

extension TCPInfo {
    /// On a listener, the connections that wait to be accepted (`tcpi_unacked`); `nil` on any other socket.
    public var acceptQueue: Int? { state == .listening ? unacknowledged : nil }
    /// On a listener, how many connections may wait (`tcpi_sacked`); `nil` on any other socket.
    public var backlog: Int? { state == .listening ? selectivelyAcknowledged : nil }
}
