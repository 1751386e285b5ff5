import PlumbSockets

extension TCPInfoField {
    /// Every field in the kernel's order, as `include/uapi/linux/tcp.h` of Linux 6.18 has them. A field stands behind the
    /// one before it, so their widths give their places.
    ///
    /// Bytes 276 to 279 are not here: they are padding up to Linux 6.18, two numbers of 16 bits in drafts of Accurate
    /// ECN, and bit fields since 7.0, and the length does not tell which.
    public static let all: [TCPInfoField] = placed([
        TCPInfoField(
            "state", "state", 1, .state,
            "The connection's state."),
        TCPInfoField(
            "ca_state", "congestionState", 1, .congestionState,
            "What the congestion control is doing."),
        TCPInfoField(
            "retransmits", "consecutiveRetransmissions", 1, .count,
            "Retransmissions in a row without an acknowledgement, by the timer."),
        TCPInfoField(
            "probes", "unansweredProbes", 1, .count,
            "Probes of a closed window or for keep-alive that were not answered."),
        TCPInfoField(
            "backoff", "backoff", 1, .count,
            "How often the retransmission timer was doubled."),
        TCPInfoField(
            "options", "features", 1, .features,
            "What both sides agreed on in the handshake."),
        TCPInfoField(
            "snd_wscale", "sendWindowScale", bits: (0, 4), ofByte: 6, .bits,
            "Bits by which the peer's windows are shifted."),
        TCPInfoField(
            "rcv_wscale", "receiveWindowScale", bits: (4, 4), ofByte: 6, .bits,
            "Bits by which this side's windows are shifted."),
        TCPInfoField(
            "delivery_rate_app_limited", "isDeliveryRateApplicationLimited", bits: (0, 1), ofByte: 7, .flag,
            "Whether the delivery rate was measured while the program had nothing to send: the path may be faster."),
        TCPInfoField(
            "fastopen_client_fail", "fastOpenFailure", bits: (1, 2), ofByte: 7, .fastOpenFailure,
            "Why a fast open by this side failed."),
        TCPInfoField(
            "rto", "retransmissionTimeout", 4, .microseconds,
            "Silence after which a segment is sent again."),
        TCPInfoField(
            "ato", "acknowledgementTimeout", 4, .microseconds,
            "How long an acknowledgement is delayed at present."),
        TCPInfoField(
            "snd_mss", "sendSegmentSize", 4, .bytes,
            "The largest segment that is sent."),
        TCPInfoField(
            "rcv_mss", "receiveSegmentSize", 4, .bytes,
            "The size of the segments that arrive, as estimated."),
        TCPInfoField(
            "unacked", "unacknowledged", 4, .packets,
            "Segments in flight; on a listener the connections that wait to be accepted: see acceptQueue."),
        TCPInfoField(
            "sacked", "selectivelyAcknowledged", 4, .packets,
            "Segments acknowledged out of order; on a listener the backlog: see backlog."),
        TCPInfoField(
            "lost", "lost", 4, .packets,
            "Segments taken for lost and not acknowledged yet."),
        TCPInfoField(
            "retrans", "retransmitted", 4, .packets,
            "Segments sent again and not acknowledged yet."),
        TCPInfoField(
            "fackets", "forwardAcknowledged", 4, .packets,
            "Always 0 since Linux 4.15."),
        TCPInfoField(
            "last_data_sent", "sinceDataSent", 4, .milliseconds,
            "Time since data was sent."),
        TCPInfoField(
            "last_ack_sent", "sinceAcknowledgementSent", 4, .milliseconds,
            "Always 0: the kernel does not remember."),
        TCPInfoField(
            "last_data_recv", "sinceDataReceived", 4, .milliseconds,
            "Time since data arrived."),
        TCPInfoField(
            "last_ack_recv", "sinceAcknowledgementReceived", 4, .milliseconds,
            "Time since an acknowledgement arrived."),
        TCPInfoField(
            "pmtu", "pathMTU", 4, .bytes,
            "The largest packet of the path."),
        TCPInfoField(
            "rcv_ssthresh", "receiveSlowStartThreshold", 4, .bytes,
            "How far the window that is offered may grow at present."),
        TCPInfoField(
            "rtt", "roundTripTime", 4, .microseconds,
            "The smoothed round-trip time; zero when none was measured."),
        TCPInfoField(
            "rttvar", "roundTripTimeVariation", 4, .microseconds,
            "How much the round-trip time varies."),
        TCPInfoField(
            "snd_ssthresh", "sendSlowStartThreshold", 4, .packets,
            "The congestion window at which slow start ends; 2^31 - 1 while none is set."),
        TCPInfoField(
            "snd_cwnd", "congestionWindow", 4, .packets,
            "How many segments may be in flight."),
        TCPInfoField(
            "advmss", "advertisedSegmentSize", 4, .bytes,
            "The segment size that the peer was offered."),
        TCPInfoField(
            "reordering", "reordering", 4, .packets,
            "By how many places segments are reordered on the path, at most."),
        TCPInfoField(
            "rcv_rtt", "receiverRoundTripTime", 4, .microseconds,
            "The round-trip time as the receiving side estimates it; zero when it did not."),
        TCPInfoField(
            "rcv_space", "receiveSpace", 4, .bytes,
            "What the program reads in a round trip, by which the receive buffer is tuned."),
        TCPInfoField(
            "total_retrans", "totalRetransmissions", 4, .packets,
            "Segments sent again since the connection was made."),
        TCPInfoField(
            "pacing_rate", "pacingRate", 8, .bytesPerSecond, since: KernelVersion(3, 15),
            "The rate at which the kernel sends at present."),
        TCPInfoField(
            "max_pacing_rate", "maximumPacingRate", 8, .bytesPerSecond, since: KernelVersion(3, 15),
            "The fastest rate at which the kernel may send (`SO_MAX_PACING_RATE`)."),
        TCPInfoField(
            "bytes_acked", "bytesAcknowledged", 8, .bytes, since: KernelVersion(4, 1),
            "Bytes that the peer has acknowledged."),
        TCPInfoField(
            "bytes_received", "bytesReceived", 8, .bytes, since: KernelVersion(4, 1),
            "Bytes that arrived in order."),
        TCPInfoField(
            "segs_out", "segmentsSent", 4, .packets, since: KernelVersion(4, 2),
            "Segments sent, with and without data."),
        TCPInfoField(
            "segs_in", "segmentsReceived", 4, .packets, since: KernelVersion(4, 2),
            "Segments received, with and without data."),
        TCPInfoField(
            "notsent_bytes", "bytesNotSent", 4, .bytes, since: KernelVersion(4, 6),
            "Bytes written by the program and not sent for the first time yet."),
        TCPInfoField(
            "min_rtt", "minimumRoundTripTime", 4, .microseconds, since: KernelVersion(4, 6),
            "The shortest round-trip time of the last minutes; `nil` also when none was measured."),
        TCPInfoField(
            "data_segs_in", "dataSegmentsReceived", 4, .packets, since: KernelVersion(4, 6),
            "Segments with data received."),
        TCPInfoField(
            "data_segs_out", "dataSegmentsSent", 4, .packets, since: KernelVersion(4, 6),
            "Segments with data sent, retransmissions counted."),
        TCPInfoField(
            "delivery_rate", "deliveryRate", 8, .bytesPerSecond, since: KernelVersion(4, 9),
            "The rate at which data was last seen to arrive at the peer. It means nothing without the limit state: "
                + "see TCPRates."),
        TCPInfoField(
            "busy_time", "busyTime", 8, .microseconds, since: KernelVersion(4, 10),
            "Time with data to send or unacknowledged."),
        TCPInfoField(
            "rwnd_limited", "receiveWindowLimitedTime", 8, .microseconds, since: KernelVersion(4, 10),
            "The part of the busy time in which the peer's window kept this side from sending."),
        TCPInfoField(
            "sndbuf_limited", "sendBufferLimitedTime", 8, .microseconds, since: KernelVersion(4, 10),
            "The part of the busy time in which the send buffer was too small for the window."),
        TCPInfoField(
            "delivered", "delivered", 4, .packets, since: KernelVersion(4, 18),
            "Segments that arrived at the peer, also out of order."),
        TCPInfoField(
            "delivered_ce", "deliveredWithCongestionMark", 4, .packets, since: KernelVersion(4, 18),
            "Segments of which the peer said that they were marked for congestion."),
        TCPInfoField(
            "bytes_sent", "bytesSent", 8, .bytes, since: KernelVersion(4, 19),
            "Bytes sent, retransmissions counted."),
        TCPInfoField(
            "bytes_retrans", "bytesRetransmitted", 8, .bytes, since: KernelVersion(4, 19),
            "Bytes sent again."),
        TCPInfoField(
            "dsack_dups", "needlessRetransmissions", 4, .packets, since: KernelVersion(4, 19),
            "Segments sent again that the peer had: it said so by a duplicate SACK."),
        TCPInfoField(
            "reord_seen", "reorderingsSeen", 4, .packets, since: KernelVersion(4, 19),
            "How often segments were seen to be reordered."),
        TCPInfoField(
            "rcv_ooopack", "outOfOrderReceived", 4, .packets, since: KernelVersion(5, 4),
            "Segments that arrived out of order."),
        TCPInfoField(
            "snd_wnd", "sendWindow", 4, .bytes, since: KernelVersion(5, 4),
            "The window that the peer offers; 0 when it does not read."),
        TCPInfoField(
            "rcv_wnd", "receiveWindow", 4, .bytes, since: KernelVersion(6, 2),
            "The window that this side offers."),
        TCPInfoField(
            "rehash", "rehashes", 4, .count, since: KernelVersion(6, 2),
            "How often another path was tried because of losses."),
        TCPInfoField(
            "total_rto", "timeouts", 2, .count, since: KernelVersion(6, 7),
            "How often the retransmission timer ran out, for SYNs too."),
        TCPInfoField(
            "total_rto_recoveries", "timeoutRecoveries", 2, .count, since: KernelVersion(6, 7),
            "How often the connection recovered from such timeouts."),
        TCPInfoField(
            "total_rto_time", "timeoutRecoveryTime", 4, .milliseconds, since: KernelVersion(6, 7),
            "Time spent in recovering from such timeouts."),
        TCPInfoField(
            "received_ce", "receivedWithCongestionMark", 4, .packets, since: KernelVersion(6, 18),
            "Segments received that were marked for congestion."),
        TCPInfoField(
            "delivered_e1_bytes", "deliveredECT1Bytes", 4, .bytes, since: KernelVersion(6, 18),
            "Bytes that the peer received with ECT(1) (Accurate ECN)."),
        TCPInfoField(
            "delivered_e0_bytes", "deliveredECT0Bytes", 4, .bytes, since: KernelVersion(6, 18),
            "Bytes that the peer received with ECT(0) (Accurate ECN)."),
        TCPInfoField(
            "delivered_ce_bytes", "deliveredCEBytes", 4, .bytes, since: KernelVersion(6, 18),
            "Bytes that the peer received marked for congestion (Accurate ECN)."),
        TCPInfoField(
            "received_e1_bytes", "receivedECT1Bytes", 4, .bytes, since: KernelVersion(6, 18),
            "Bytes received with ECT(1) (Accurate ECN)."),
        TCPInfoField(
            "received_e0_bytes", "receivedECT0Bytes", 4, .bytes, since: KernelVersion(6, 18),
            "Bytes received with ECT(0) (Accurate ECN)."),
        TCPInfoField(
            "received_ce_bytes", "receivedCEBytes", 4, .bytes, since: KernelVersion(6, 18),
            "Bytes received marked for congestion (Accurate ECN)."),
    ])
}
