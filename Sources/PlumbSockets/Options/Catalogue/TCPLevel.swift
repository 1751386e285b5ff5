extension OptionDescription {
    /// What TCP sockets have (`tcp(7)`).
    static let tcpLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.noDelay, "TCP_NODELAY", "noDelay", .tcp,
            purpose: "Sends small segments at once instead of waiting for acknowledgements (Nagle's algorithm off).",
            cost: "More packets from a program that writes in small pieces."),
        OptionDescription(
            SocketOption<FlagCodec>.cork, "TCP_CORK", "cork", .tcp,
            purpose: "Holds back what does not fill a segment until it is switched off, at most 200 ms.",
            cost: "Forgotten, it delays the end of every message."),
        OptionDescription(
            SocketOption<FlagCodec>.quickAcknowledge, "TCP_QUICKACK", "quickAcknowledge", .tcp, .perConnection,
            inherited: [], adjustment: .derived,
            purpose: "Acknowledges at once, for now.",
            cost: "More packets; it does not stick: the kernel falls back by itself."),
        OptionDescription(
            SocketOption<FlagCodec>.thinLinearTimeouts, "TCP_THIN_LINEAR_TIMEOUTS", "thinLinearTimeouts", .tcp,
            sysctl: "net.ipv4.tcp_thin_linear_timeouts",
            purpose: "Repeats at even intervals on a connection with little in flight, instead of ever longer ones.",
            cost: "More packets into a path that is congested."),
        OptionDescription(
            SocketOption<FlagCodec>.thinDuplicateAcknowledgements, "TCP_THIN_DUPACK", "thinDuplicateAcknowledgements",
            .tcp, inert: .tcp, adjustment: .derived,
            purpose: "Once repeated after one duplicate acknowledgement; it does nothing since Linux 4.11.",
            cost: "None, and no use."),
        OptionDescription(
            SocketOption<IntegerCodec>.unsentLowWater, "TCP_NOTSENT_LOWAT", "unsentLowWater", .tcp, unit: .bytes,
            since: KernelVersion(3, 12), sysctl: "net.ipv4.tcp_notsent_lowat",
            purpose: "How much that was not sent yet may wait before the socket no longer counts as writable.",
            cost: "Too little and the connection runs dry between writes; 0 asks for what the system has."),
        OptionDescription(
            SocketOption<MicrosecondsCodec>.maximumAcknowledgementDelay, "TCP_DELACK_MAX_US",
            "maximumAcknowledgementDelay", .tcp, range: 8000...200000, since: KernelVersion(6, 15),
            adjustment: .jiffies,
            purpose: "The longest that an acknowledgement is held back.",
            cost: "Shorter: more packets."),
        OptionDescription(
            SocketOption<MicrosecondsCodec>.minimumRetransmissionTimeout, "TCP_RTO_MIN_US",
            "minimumRetransmissionTimeout", .tcp, range: 5000...200000, since: KernelVersion(6, 15),
            adjustment: .jiffies, sysctl: "net.ipv4.tcp_rto_min_us",
            purpose: "The shortest wait before something is repeated.",
            cost: "Below the peer's delay of acknowledgements it repeats needlessly."),
        OptionDescription(
            SocketOption<MillisecondsCodec>.maximumRetransmissionTimeout, "TCP_RTO_MAX_MS",
            "maximumRetransmissionTimeout", .tcp, range: 1000...120000, since: KernelVersion(6, 15),
            adjustment: .jiffies, sysctl: "net.ipv4.tcp_rto_max_ms",
            purpose: "The longest wait before something is repeated.",
            cost: "Shorter: more packets into a path that is dead."),
        OptionDescription(
            SocketOption<SecondsCodec>.keepAliveIdle, "TCP_KEEPIDLE", "keepAliveIdle", .tcp, range: 1...32767,
            sysctl: "net.ipv4.tcp_keepalive_time",
            purpose: "Silence before the first keep-alive probe.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<SecondsCodec>.keepAliveInterval, "TCP_KEEPINTVL", "keepAliveInterval", .tcp, range: 1...32767,
            sysctl: "net.ipv4.tcp_keepalive_intvl",
            purpose: "Time between keep-alive probes.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IntegerCodec>.keepAliveCount, "TCP_KEEPCNT", "keepAliveCount", .tcp, unit: .packets,
            range: 1...127, sysctl: "net.ipv4.tcp_keepalive_probes",
            purpose: "Unanswered probes until the connection is given up.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IntegerCodec>.synCount, "TCP_SYNCNT", "synCount", .tcp, .beforeConnect, unit: .packets,
            range: 1...127, sysctl: "net.ipv4.tcp_syn_retries",
            purpose: "How often connect(2) repeats its first packet.",
            cost: "Few: a lost packet or two fail the connection; many: an absent host is noticed late."),
        OptionDescription(
            SocketOption<MillisecondsCodec>.userTimeout, "TCP_USER_TIMEOUT", "userTimeout", .tcp,
            range: 0...Int(Int32.max),
            purpose: "How long sent data may stay unacknowledged; 0 leaves it to net.ipv4.tcp_retries2.",
            cost: "It also overrides when keep-alive gives up."),
        OptionDescription(
            SocketOption<SecondsCodec>.finWaitTimeout, "TCP_LINGER2", "finWaitTimeout", .tcp, range: 1...120,
            adjustment: .clamped, sysctl: "net.ipv4.tcp_fin_timeout",
            purpose: "How long a closed connection waits for the peer's FIN; negative: not at all.",
            cost: "Too short and a slow peer gets a reset."),
        OptionDescription(
            SocketOption<SecondsCodec>.deferAccept, "TCP_DEFER_ACCEPT", "deferAccept", .tcp, .beforeConnect,
            inherited: [], adjustment: .retransmissions,
            purpose: "Wakes the listener only when data has come, for so long.",
            cost: "Protocols in which the server speaks first wait for the whole time."),
        OptionDescription(
            SocketOption<IntegerCodec>.maximumSegment, "TCP_MAXSEG", "maximumSegment", .tcp, .beforeConnect,
            inherited: [], unit: .bytes, range: 88...32767, adjustment: .derived,
            purpose: "The largest segment, which the handshake tells the peer; read after it, what is sent.",
            cost: "Smaller segments cost more packets."),
        OptionDescription(
            SocketOption<IntegerCodec>.windowClamp, "TCP_WINDOW_CLAMP", "windowClamp", .tcp, unit: .bytes,
            adjustment: .clamped,
            purpose: "The largest window that the peer is offered.",
            cost: "Slower on every long path; at least 1152 bytes, or half the smallest receive buffer."),
        OptionDescription(
            SocketOption<TextCodec<CongestionControl>>.congestionControl, "TCP_CONGESTION", "congestionControl", .tcp,
            privilege: Privilege(
                ["CAP_NET_ADMIN"],
                condition: "for algorithms that net.ipv4.tcp_allowed_congestion_control does not list"),
            sysctl: "net.ipv4.tcp_congestion_control",
            purpose: "The algorithm that decides how fast is sent.",
            cost: "Unfair or slow on paths it was not made for; ENOENT where the kernel does not have it."),
        OptionDescription(
            SocketOption<MicrosecondsCodec>.transmitDelay, "TCP_TX_DELAY", "transmitDelay", .tcp,
            since: KernelVersion(5, 3),
            purpose: "Delays all that is sent, to try out a longer path.",
            cost: "Needs the fq queueing discipline to be exact; the clock is switched on for the whole machine."),
        OptionDescription(
            SocketOption<IntegerCodec>.fastOpen, "TCP_FASTOPEN", "fastOpen", .tcp, .beforeConnect, inherited: [],
            unit: .connections, adjustment: .clamped, sysctl: "net.ipv4.tcp_fastopen",
            purpose: "Takes data with the first packet on a listener: how many such connections may wait.",
            cost: "The first request can arrive twice; boxes on the way drop such packets."),
        OptionDescription(
            SocketOption<FlagCodec>.fastOpenConnect, "TCP_FASTOPEN_CONNECT", "fastOpenConnect", .tcp, .beforeConnect,
            since: KernelVersion(4, 11), sysctl: "net.ipv4.tcp_fastopen",
            purpose: "Lets connect(2) wait for the first write, whose data goes with the first packet.",
            cost: "A connect(2) succeeds before anything was sent, so errors come with the write."),
        OptionDescription(
            SocketOption<FastOpenKeyCodec>.fastOpenKey, "TCP_FASTOPEN_KEY", "fastOpenKey", .tcp, .beforeConnect,
            inherited: [], sysctl: "net.ipv4.tcp_fastopen_key",
            purpose: "The key from which cookies are made, for listeners on several hosts behind one address.",
            cost: "Whoever knows it can make cookies for any address."),
        OptionDescription(
            SocketOption<FlagCodec>.fastOpenWithoutCookie, "TCP_FASTOPEN_NO_COOKIE", "fastOpenWithoutCookie", .tcp,
            .beforeConnect, since: KernelVersion(4, 15),
            purpose: "Takes data with the first packet without a cookie.",
            cost: "Requests from forged addresses are served."),
        OptionDescription(
            SocketOption<BytesCodec>.information, "TCP_INFO", "information", .tcp, inherited: [], access: .readOnly,
            purpose: "The connection's state and counters (struct tcp_info); the module PlumbDiagnostics reads it.",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.congestionInformation, "TCP_CC_INFO", "congestionInformation", .tcp,
            inherited: [], access: .readOnly,
            purpose: "The congestion control's own state (union tcp_cc_info).",
            cost: "None."),
        OptionDescription(
            SocketOption<IntegerCodec>.saveSyn, "TCP_SAVE_SYN", "saveSyn", .tcp, .beforeConnect, range: 0...2,
            purpose: "Keeps the headers of each connection's first packet: 1 from IP on, 2 from Ethernet on.",
            cost: "Memory for each connection until they are read."),
        OptionDescription(
            SocketOption<BytesCodec>.savedSyn, "TCP_SAVED_SYN", "savedSyn", .tcp, .perConnection, inherited: [],
            access: .readOnly, clearedByReading: true,
            purpose: "The headers that TCP_SAVE_SYN kept.",
            cost: "Reading takes them away."),
        OptionDescription(
            SocketOption<FlagCodec>.reportQueued, "TCP_INQ", "reportQueued", .tcp, since: KernelVersion(4, 18),
            purpose: "Delivers with each read how much is left to read.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<Unsigned32Codec>.timestampClock, "TCP_TIMESTAMP", "timestampClock", .tcp, inherited: [],
            privilege: Privilege(["CAP_NET_ADMIN"], condition: "by way of TCP_REPAIR"), adjustment: .derived,
            purpose: "The connection's own clock, in the time stamps that it sends.",
            cost: "Setting it works under repair only."),
        OptionDescription(
            SocketOption<FlagCodec>.isMultipath, "TCP_IS_MPTCP", "isMultipath", .tcp, inherited: [], access: .readOnly,
            since: KernelVersion(6, 10),
            purpose: "Whether the connection is multipath TCP rather than the plain TCP that it fell back to.",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.zeroCopyReceive, "TCP_ZEROCOPY_RECEIVE", "zeroCopyReceive", .tcp, inherited: [],
            access: .readOnly, since: KernelVersion(4, 18),
            purpose: "Maps what was received into memory instead of copying it (struct tcp_zerocopy_receive).",
            cost:
                "The structure goes both ways, so a call of its own is needed for more than asking whether it is "
                + "there."),
        OptionDescription(
            SocketOption<TextCodec<UpperLayerProtocol>>.upperLayerProtocol, "TCP_ULP", "upperLayerProtocol", .tcp,
            .perConnection, inherited: [],
            purpose: "A protocol between TCP and the program, such as TLS in the kernel.",
            cost: "It cannot be taken away; ENOENT where the kernel does not have it."),
        OptionDescription(
            SocketOption<MD5SignatureCodec>.md5Signature, "TCP_MD5SIG", "md5Signature", .tcp, .beforeConnect,
            inherited: [], access: .setOnly,
            purpose: "Signs every segment to and from a peer with a key, as routers do for BGP.",
            cost: "A peer without the key cannot connect; MD5 is weak."),
        OptionDescription(
            SocketOption<MD5SignatureCodec>.md5SignatureOfPrefix, "TCP_MD5SIG_EXT", "md5SignatureOfPrefix", .tcp,
            .beforeConnect, inherited: [], access: .setOnly, since: KernelVersion(4, 13),
            purpose: "As TCP_MD5SIG, for all peers whose addresses begin alike.",
            cost: "As TCP_MD5SIG."),
        OptionDescription(
            SocketOption<BytesCodec>.authenticationAddKey, "TCP_AO_ADD_KEY", "authenticationAddKey", .tcp,
            .beforeConnect, inherited: [], access: .setOnly, since: KernelVersion(6, 7),
            purpose: "Adds a key that segments to and from a peer are signed with (struct tcp_ao_add, RFC 5925).",
            cost: "A peer without the key cannot connect."),
        OptionDescription(
            SocketOption<BytesCodec>.authenticationDeleteKey, "TCP_AO_DEL_KEY", "authenticationDeleteKey", .tcp,
            inherited: [], access: .setOnly, since: KernelVersion(6, 7),
            purpose: "Takes such a key away (struct tcp_ao_del).",
            cost: "Segments signed with it are dropped."),
        OptionDescription(
            SocketOption<BytesCodec>.authenticationInformation, "TCP_AO_INFO", "authenticationInformation", .tcp,
            inherited: [], since: KernelVersion(6, 7),
            purpose: "Counters and the current key (struct tcp_ao_info_opt).",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.authenticationKeys, "TCP_AO_GET_KEYS", "authenticationKeys", .tcp, inherited: [],
            access: .readOnly, since: KernelVersion(6, 7),
            purpose: "The keys (struct tcp_ao_getsockopt); the structure says which are wanted.",
            cost: "It goes both ways, so a call of its own is needed."),
        OptionDescription(
            SocketOption<BytesCodec>.authenticationRepair, "TCP_AO_REPAIR", "authenticationRepair", .tcp,
            inherited: [], privilege: Privilege(["CAP_NET_ADMIN"], condition: "by way of TCP_REPAIR"),
            since: KernelVersion(6, 7),
            purpose: "Sequence numbers of the signatures of a socket under repair (struct tcp_ao_repair).",
            cost: "As TCP_REPAIR."),
        OptionDescription(
            SocketOption<NamedCodec<TCPRepair>>.repair, "TCP_REPAIR", "repair", .tcp, inherited: [],
            privilege: Privilege(["CAP_NET_ADMIN"]),
            purpose: "Takes a connection apart or puts it together, for moving it to another process or host.",
            cost: "A mistake breaks the connection without a word to the peer."),
        OptionDescription(
            SocketOption<NamedCodec<TCPRepairQueue>>.repairQueue, "TCP_REPAIR_QUEUE", "repairQueue", .tcp,
            inherited: [], privilege: Privilege(["CAP_NET_ADMIN"], condition: "by way of TCP_REPAIR"),
            purpose: "Which queue is read and written under repair.",
            cost: "As TCP_REPAIR."),
        OptionDescription(
            SocketOption<Unsigned32Codec>.repairSequence, "TCP_QUEUE_SEQ", "repairSequence", .tcp, inherited: [],
            privilege: Privilege(["CAP_NET_ADMIN"], condition: "by way of TCP_REPAIR"),
            purpose: "The sequence number of the chosen queue under repair.",
            cost: "As TCP_REPAIR."),
        OptionDescription(
            SocketOption<BytesCodec>.repairOptions, "TCP_REPAIR_OPTIONS", "repairOptions", .tcp, inherited: [],
            access: .setOnly, privilege: Privilege(["CAP_NET_ADMIN"], condition: "by way of TCP_REPAIR"),
            purpose: "What the handshake agreed on, for a connection that had none (struct tcp_repair_opt).",
            cost: "As TCP_REPAIR."),
        OptionDescription(
            SocketOption<TCPRepairWindowCodec>.repairWindow, "TCP_REPAIR_WINDOW", "repairWindow", .tcp, inherited: [],
            privilege: Privilege(["CAP_NET_ADMIN"], condition: "by way of TCP_REPAIR"),
            purpose: "The windows under repair.",
            cost: "As TCP_REPAIR."),
    ]
}
