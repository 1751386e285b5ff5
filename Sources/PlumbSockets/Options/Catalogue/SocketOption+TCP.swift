public import CPlumb

// The typed options of IPPROTO_TCP. What is known about each is in `OptionDescription.tcpLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `TCP_NODELAY`: sends small segments at once instead of waiting for acknowledgements (Nagle's algorithm off).
    @inlinable
    public static var noDelay: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_NODELAY) }
    /// `TCP_CORK`: holds back what does not fill a segment until it is switched off, at most 200 ms.
    @inlinable
    public static var cork: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_CORK) }
    /// `TCP_QUICKACK`: acknowledges at once, for now.
    @inlinable
    public static var quickAcknowledge: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_QUICKACK) }
    /// `TCP_THIN_LINEAR_TIMEOUTS`: repeats at even intervals on a connection with little in flight, instead of ever
    /// longer ones.
    @inlinable
    public static var thinLinearTimeouts: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_THIN_LINEAR_TIMEOUTS) }
    /// `TCP_THIN_DUPACK`: once repeated after one duplicate acknowledgement; it does nothing since Linux 4.11.
    @inlinable
    public static var thinDuplicateAcknowledgements: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_THIN_DUPACK) }
    /// `TCP_FASTOPEN_CONNECT`: lets connect(2) wait for the first write, whose data goes with the first packet.
    @inlinable
    public static var fastOpenConnect: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_FASTOPEN_CONNECT) }
    /// `TCP_FASTOPEN_NO_COOKIE`: takes data with the first packet without a cookie.
    @inlinable
    public static var fastOpenWithoutCookie: Self {
        Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_FASTOPEN_NO_COOKIE)
    }
    /// `TCP_INQ`: delivers with each read how much is left to read.
    @inlinable
    public static var reportQueued: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_INQ) }
    /// `TCP_IS_MPTCP`: whether the connection is multipath TCP rather than the plain TCP that it fell back to. Read
    /// only.
    @inlinable
    public static var isMultipath: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_IS_MPTCP) }
}

extension SocketOption where Codec == IntegerCodec {
    /// `TCP_NOTSENT_LOWAT`: how much that was not sent yet may wait before the socket no longer counts as writable.
    @inlinable
    public static var unsentLowWater: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_NOTSENT_LOWAT) }
    /// `TCP_KEEPCNT`: unanswered probes until the connection is given up.
    @inlinable
    public static var keepAliveCount: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPCNT) }
    /// `TCP_SYNCNT`: how often connect(2) repeats its first packet.
    @inlinable
    public static var synCount: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_SYNCNT) }
    /// `TCP_MAXSEG`: the largest segment, which the handshake tells the peer; read after it, what is sent.
    @inlinable
    public static var maximumSegment: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_MAXSEG) }
    /// `TCP_WINDOW_CLAMP`: the largest window that the peer is offered.
    @inlinable
    public static var windowClamp: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_WINDOW_CLAMP) }
    /// `TCP_FASTOPEN`: takes data with the first packet on a listener: how many such connections may wait.
    @inlinable
    public static var fastOpen: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_FASTOPEN) }
    /// `TCP_SAVE_SYN`: keeps the headers of each connection's first packet: 1 from IP on, 2 from Ethernet on.
    @inlinable
    public static var saveSyn: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_SAVE_SYN) }
}

extension SocketOption where Codec == MicrosecondsCodec {
    /// `TCP_DELACK_MAX_US`: the longest that an acknowledgement is held back.
    @inlinable
    public static var maximumAcknowledgementDelay: Self {
        Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_DELACK_MAX_US)
    }
    /// `TCP_RTO_MIN_US`: the shortest wait before something is repeated.
    @inlinable
    public static var minimumRetransmissionTimeout: Self {
        Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_RTO_MIN_US)
    }
    /// `TCP_TX_DELAY`: delays all that is sent, to try out a longer path.
    @inlinable
    public static var transmitDelay: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_TX_DELAY) }
}

extension SocketOption where Codec == MillisecondsCodec {
    /// `TCP_RTO_MAX_MS`: the longest wait before something is repeated.
    @inlinable
    public static var maximumRetransmissionTimeout: Self {
        Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_RTO_MAX_MS)
    }
    /// `TCP_USER_TIMEOUT`: how long sent data may stay unacknowledged; 0 leaves it to net.ipv4.tcp_retries2.
    @inlinable
    public static var userTimeout: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_USER_TIMEOUT) }
}

extension SocketOption where Codec == SecondsCodec {
    /// `TCP_KEEPIDLE`: silence before the first keep-alive probe.
    @inlinable
    public static var keepAliveIdle: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPIDLE) }
    /// `TCP_KEEPINTVL`: time between keep-alive probes.
    @inlinable
    public static var keepAliveInterval: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPINTVL) }
    /// `TCP_LINGER2`: how long a closed connection waits for the peer's FIN; negative: not at all.
    @inlinable
    public static var finWaitTimeout: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_LINGER2) }
    /// `TCP_DEFER_ACCEPT`: wakes the listener only when data has come, for so long.
    @inlinable
    public static var deferAccept: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_DEFER_ACCEPT) }
}

extension SocketOption where Codec == TextCodec<CongestionControl> {
    /// `TCP_CONGESTION`: the algorithm that decides how fast is sent.
    @inlinable
    public static var congestionControl: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_CONGESTION) }
}

extension SocketOption where Codec == FastOpenKeyCodec {
    /// `TCP_FASTOPEN_KEY`: the key from which cookies are made, for listeners on several hosts behind one address.
    @inlinable
    public static var fastOpenKey: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_FASTOPEN_KEY) }
}

extension SocketOption where Codec == BytesCodec {
    /// `TCP_INFO`: the connection's state and counters (struct tcp_info); the module PlumbDiagnostics reads it. Read
    /// only.
    @inlinable
    public static var information: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_INFO) }
    /// `TCP_CC_INFO`: the congestion control's own state (union tcp_cc_info). Read only.
    @inlinable
    public static var congestionInformation: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_CC_INFO) }
    /// `TCP_SAVED_SYN`: the headers that TCP_SAVE_SYN kept. Read only.
    @inlinable
    public static var savedSyn: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_SAVED_SYN) }
    /// `TCP_ZEROCOPY_RECEIVE`: maps what was received into memory instead of copying it (struct tcp_zerocopy_receive).
    /// Read only.
    @inlinable
    public static var zeroCopyReceive: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_ZEROCOPY_RECEIVE) }
    /// `TCP_AO_ADD_KEY`: adds a key that segments to and from a peer are signed with (struct tcp_ao_add, RFC 5925). Set
    /// only.
    @inlinable
    public static var authenticationAddKey: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_AO_ADD_KEY) }
    /// `TCP_AO_DEL_KEY`: takes such a key away (struct tcp_ao_del). Set only.
    @inlinable
    public static var authenticationDeleteKey: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_AO_DEL_KEY) }
    /// `TCP_AO_INFO`: counters and the current key (struct tcp_ao_info_opt).
    @inlinable
    public static var authenticationInformation: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_AO_INFO) }
    /// `TCP_AO_GET_KEYS`: the keys (struct tcp_ao_getsockopt); the structure says which are wanted. Read only.
    @inlinable
    public static var authenticationKeys: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_AO_GET_KEYS) }
    /// `TCP_AO_REPAIR`: sequence numbers of the signatures of a socket under repair (struct tcp_ao_repair).
    @inlinable
    public static var authenticationRepair: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_AO_REPAIR) }
    /// `TCP_REPAIR_OPTIONS`: what the handshake agreed on, for a connection that had none (struct tcp_repair_opt). Set
    /// only.
    @inlinable
    public static var repairOptions: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_REPAIR_OPTIONS) }
}

extension SocketOption where Codec == Unsigned32Codec {
    /// `TCP_TIMESTAMP`: the connection's own clock, in the time stamps that it sends.
    @inlinable
    public static var timestampClock: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_TIMESTAMP) }
    /// `TCP_QUEUE_SEQ`: the sequence number of the chosen queue under repair.
    @inlinable
    public static var repairSequence: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_QUEUE_SEQ) }
}

extension SocketOption where Codec == TextCodec<UpperLayerProtocol> {
    /// `TCP_ULP`: a protocol between TCP and the program, such as TLS in the kernel.
    @inlinable
    public static var upperLayerProtocol: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_ULP) }
}

extension SocketOption where Codec == MD5SignatureCodec {
    /// `TCP_MD5SIG`: signs every segment to and from a peer with a key, as routers do for BGP. Set only.
    @inlinable
    public static var md5Signature: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_MD5SIG) }
    /// `TCP_MD5SIG_EXT`: as TCP_MD5SIG, for all peers whose addresses begin alike. Set only.
    @inlinable
    public static var md5SignatureOfPrefix: Self { Self(level: PLUMB_IPPROTO_TCP, number: PLUMB_TCP_MD5SIG_EXT) }
}

extension SocketOption where Codec == NamedCodec<TCPRepair> {
    /// `TCP_REPAIR`: takes a connection apart or puts it together, for moving it to another process or host.
    @inlinable
    public static var repair: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_REPAIR) }
}

extension SocketOption where Codec == NamedCodec<TCPRepairQueue> {
    /// `TCP_REPAIR_QUEUE`: which queue is read and written under repair.
    @inlinable
    public static var repairQueue: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_REPAIR_QUEUE) }
}

extension SocketOption where Codec == TCPRepairWindowCodec {
    /// `TCP_REPAIR_WINDOW`: the windows under repair.
    @inlinable
    public static var repairWindow: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_REPAIR_WINDOW) }
}
