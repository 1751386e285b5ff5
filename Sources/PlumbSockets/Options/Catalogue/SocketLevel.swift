extension OptionDescription {
    /// What every socket has (`socket(7)`).
    static let socketLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<IntegerCodec>.sendBuffer, "SO_SNDBUF", "sendBuffer", .all, .beforeConnect, unit: .bytes,
            adjustment: .doubled, sysctl: "net.core.wmem_max",
            purpose: "How much may wait to be sent and acknowledged.",
            cost:
                "Setting it switches off the kernel's tuning of this buffer; read back it is doubled, and at "
                + "least 4608 bytes."),
        OptionDescription(
            SocketOption<IntegerCodec>.receiveBuffer, "SO_RCVBUF", "receiveBuffer", .all, .beforeConnect, inert: .unix,
            unit: .bytes, adjustment: .doubled, sysctl: "net.core.rmem_max",
            purpose: "How much may wait to be read, which bounds the window that the peer is offered.",
            cost:
                "Setting it switches off the kernel's tuning: slower on every long path; read back it is doubled, "
                + "and at least 2304 bytes."),
        OptionDescription(
            SocketOption<IntegerCodec>.forcedSendBuffer, "SO_SNDBUFFORCE", "forcedSendBuffer", .all, .beforeConnect,
            access: .setOnly, unit: .bytes, privilege: Privilege(["CAP_NET_ADMIN"]), adjustment: .doubled,
            purpose: "Sets the send buffer beyond the limit of the system.",
            cost: "As the send buffer, and it can use up memory that others need."),
        OptionDescription(
            SocketOption<IntegerCodec>.forcedReceiveBuffer, "SO_RCVBUFFORCE", "forcedReceiveBuffer", .all,
            .beforeConnect, inert: .unix, access: .setOnly, unit: .bytes, privilege: Privilege(["CAP_NET_ADMIN"]),
            adjustment: .doubled,
            purpose: "Sets the receive buffer beyond the limit of the system.",
            cost: "As the receive buffer, and it can use up memory that others need."),
        OptionDescription(
            SocketOption<IntegerCodec>.receiveLowWater, "SO_RCVLOWAT", "receiveLowWater", .all,
            inert: [.udp, .unixDatagram, .unixSequencedPacket], unit: .bytes, adjustment: .clamped,
            purpose: "How much must have arrived before the socket counts as readable.",
            cost:
                "A value above the receive buffer raises the buffer to twice it; a peer that sends less leaves a "
                + "reader waiting."),
        OptionDescription(
            SocketOption<IntegerCodec>.sendLowWater, "SO_SNDLOWAT", "sendLowWater", .all, access: .readOnly,
            unit: .bytes,
            purpose: "How much must fit before the socket counts as writable; Linux always says 1.",
            cost: "None."),
        OptionDescription(
            SocketOption<MemoryInformationCodec>.memoryInformation, "SO_MEMINFO", "memoryInformation", .all,
            inherited: [], access: .readOnly, unit: .bytes, since: KernelVersion(4, 12),
            purpose: "What the socket holds of memory, and how many packets it dropped.",
            cost: "None."),
        OptionDescription(
            SocketOption<NamedCodec<BufferLock>>.bufferLock, "SO_BUF_LOCK", "bufferLock", .all, inert: [.udp, .unix],
            since: KernelVersion(5, 15),
            purpose:
                "Which buffers were set by hand, and so are not tuned by the kernel; setting none lets it tune "
                + "them again.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IntegerCodec>.reservedMemory, "SO_RESERVE_MEM", "reservedMemory", .internet, inherited: [],
            unit: .bytes, since: KernelVersion(5, 16), adjustment: .clamped,
            purpose: "Memory that the socket may use without asking for it again.",
            cost: "It counts against the control group at once; without one it is refused."),
        OptionDescription(
            SocketOption<FlagCodec>.reuseAddress, "SO_REUSEADDR", "reuseAddress", .all, .beforeBind, inert: .unix,
            purpose: "Binds at once although connections of the last run are in TIME_WAIT.",
            cost: "None for TCP listeners; for UDP another process can take the port over."),
        OptionDescription(
            SocketOption<FlagCodec>.reusePort, "SO_REUSEPORT", "reusePort", .internet, .beforeBind,
            since: KernelVersion(3, 9),
            purpose: "Several listeners on one address, over which the kernel spreads new connections.",
            cost: "A stalled process strands what the kernel queued for it; closing a listener loses its queue."),
        OptionDescription(
            SocketOption<FlagCodec>.keepAlive, "SO_KEEPALIVE", "keepAlive", .all, inert: [.udp, .unix],
            purpose: "Finds peers that vanished, by probes on a silent connection.",
            cost: "A packet per interval; closes connections over a path that is only interrupted."),
        OptionDescription(
            SocketOption<LingerCodec>.linger, "SO_LINGER", "linger", .all, inert: [.udp, .unix], unit: .seconds,
            purpose: "What close(2) does about data that is not sent yet.",
            cost: "A time blocks close(2) that long even on a non-blocking descriptor; reset throws data away."),
        OptionDescription(
            SocketOption<TimeoutCodec>.receiveTimeout, "SO_RCVTIMEO", "receiveTimeout", .all, adjustment: .jiffies,
            purpose: "How long a blocking read or accept waits before it fails with EAGAIN.",
            cost: "Nothing on a non-blocking descriptor; a blocking program must expect EAGAIN."),
        OptionDescription(
            SocketOption<TimeoutCodec>.sendTimeout, "SO_SNDTIMEO", "sendTimeout", .all, adjustment: .jiffies,
            purpose: "How long a blocking write or connect waits before it fails with EAGAIN or EINPROGRESS.",
            cost: "Nothing on a non-blocking descriptor; a blocking program must expect a part of its data to be sent."),
        OptionDescription(
            SocketOption<TimeoutCodec>.receiveTimeout64, "SO_RCVTIMEO_NEW", "receiveTimeout64", .all,
            since: KernelVersion(5, 1), adjustment: .jiffies,
            purpose: "As SO_RCVTIMEO, in the layout that has 64 bits on every machine.",
            cost: "As SO_RCVTIMEO."),
        OptionDescription(
            SocketOption<TimeoutCodec>.sendTimeout64, "SO_SNDTIMEO_NEW", "sendTimeout64", .all,
            since: KernelVersion(5, 1), adjustment: .jiffies,
            purpose: "As SO_SNDTIMEO, in the layout that has 64 bits on every machine.",
            cost: "As SO_SNDTIMEO."),
        OptionDescription(
            SocketOption<IntegerCodec>.pendingError, "SO_ERROR", "pendingError", .all, inherited: [],
            access: .readOnly, clearedByReading: true,
            purpose: "The error that the next call would report.",
            cost: "Reading clears it."),
        OptionDescription(
            SocketOption<NamedCodec<SocketType>>.type, "SO_TYPE", "type", .all, access: .readOnly,
            purpose: "Stream, datagram or sequenced packets.",
            cost: "None."),
        OptionDescription(
            SocketOption<IntegerCodec>.domain, "SO_DOMAIN", "domain", .all, access: .readOnly,
            names: OptionName.families,
            purpose: "The address family.",
            cost: "None."),
        OptionDescription(
            SocketOption<IntegerCodec>.protocolNumber, "SO_PROTOCOL", "protocolNumber", .all, access: .readOnly,
            names: OptionName.protocols,
            purpose: "The protocol within the family.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.isListening, "SO_ACCEPTCONN", "isListening", .all, inherited: [],
            access: .readOnly,
            purpose: "Whether the socket listens.",
            cost: "None."),
        OptionDescription(
            SocketOption<PeerNameCodec>.peerName, "SO_PEERNAME", "peerName", .all, inherited: [], access: .readOnly,
            purpose: "The peer's address, as getpeername(2) has it.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.broadcast, "SO_BROADCAST", "broadcast", .all, inert: [.tcp, .unix],
            purpose: "Allows datagrams to a broadcast address.",
            cost: "Every host of the network reads them."),
        OptionDescription(
            SocketOption<FlagCodec>.outOfBandInline, "SO_OOBINLINE", "outOfBandInline", .all,
            inert: [.udp, .unixDatagram, .unixSequencedPacket],
            purpose: "Leaves urgent data in the stream instead of beside it.",
            cost: "None; urgent data is rarely what a program wants."),
        OptionDescription(
            SocketOption<FlagCodec>.dontRoute, "SO_DONTROUTE", "dontRoute", .all, inert: .unix,
            purpose: "Sends only to hosts that are on a network of this one.",
            cost: "Every other peer is unreachable."),
        OptionDescription(
            SocketOption<FlagCodec>.debug, "SO_DEBUG", "debug", .all, inert: .all,
            privilege: Privilege(["CAP_NET_ADMIN"], free: 0...0),
            purpose: "Asks the kernel for a trace, which Linux no longer keeps.",
            cost: "None, and no use."),
        OptionDescription(
            SocketOption<FlagCodec>.bsdCompatibility, "SO_BSDCOMPAT", "bsdCompatibility", .all, inert: .all,
            adjustment: .derived,
            purpose: "Once asked for errors as BSD reports them; it does nothing since Linux 2.2.",
            cost: "None, and no use."),
        OptionDescription(
            SocketOption<IntegerCodec>.priority, "SO_PRIORITY", "priority", .all, .perConnection, inherited: [],
            inert: .unix, range: 0...Int(Int32.max),
            privilege: Privilege(["CAP_NET_RAW", "CAP_NET_ADMIN"], free: 0...6),
            purpose: "The queueing priority of outgoing packets.",
            cost: "IP_TOS rewrites it: set that first; queueing disciplines decide whether it means anything."),
        OptionDescription(
            SocketOption<Unsigned32Codec>.mark, "SO_MARK", "mark", .all, .beforeConnect, inert: .unix,
            privilege: Privilege(["CAP_NET_RAW", "CAP_NET_ADMIN"]),
            purpose: "A number on every packet that routing rules, firewalls and queueing disciplines can ask for.",
            cost:
                "A wrong one sends packets by another route; with net.ipv4.tcp_fwmark_accept accepted sockets "
                + "take it from the packet."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveMark, "SO_RCVMARK", "receiveMark", .all, inert: [.tcp, .unix],
            since: KernelVersion(5, 19),
            purpose: "Delivers the mark of each packet with it.",
            cost: "Ancillary data with each read; older kernels ask for CAP_NET_RAW or CAP_NET_ADMIN."),
        OptionDescription(
            SocketOption<FlagCodec>.receivePriority, "SO_RCVPRIORITY", "receivePriority", .all, inert: [.tcp, .unix],
            since: KernelVersion(6, 14),
            purpose: "Delivers the priority of each packet with it.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<TextCodec<InterfaceName>>.device, "SO_BINDTODEVICE", "device", .all, .beforeBind,
            inert: .unix, privilege: Privilege(["CAP_NET_RAW"], condition: "to change it once it is set"),
            purpose: "Uses one network interface only, whatever the routes say; the empty name lifts it.",
            cost: "Peers behind other interfaces are unreachable; a name stands for the interface that has it now."),
        OptionDescription(
            SocketOption<IntegerCodec>.interfaceIndex, "SO_BINDTOIFINDEX", "interfaceIndex", .all, .beforeBind,
            inert: .unix, privilege: Privilege(["CAP_NET_RAW"], condition: "to change it once it is set"),
            since: KernelVersion(5, 1),
            purpose: "Uses one network interface only, by its index; 0 lifts it.",
            cost: "Peers behind other interfaces are unreachable."),
        OptionDescription(
            SocketOption<RateCodec>.maximumPacingRate, "SO_MAX_PACING_RATE", "maximumPacingRate", .all, inert: .unix,
            unit: .bytesPerSecond, since: KernelVersion(3, 13),
            purpose: "The fastest rate at which the kernel sends, without bursts.",
            cost: "Without the fq queueing discipline TCP paces with timers of its own; UDP is paced by fq alone."),
        OptionDescription(
            SocketOption<TransmitTimeCodec>.transmitTime, "SO_TXTIME", "transmitTime", .all, inert: .unix,
            privilege: Privilege(["CAP_NET_ADMIN"], condition: "for clocks other than CLOCK_MONOTONIC"),
            since: KernelVersion(4, 19),
            purpose: "Lets each message say when it is to leave.",
            cost: "Only some queueing disciplines heed it (etf, fq)."),
        OptionDescription(
            SocketOption<IntegerCodec>.transmitRehash, "SO_TXREHASH", "transmitRehash", .tcp, range: -1...1,
            since: KernelVersion(5, 18), adjustment: .derived, sysctl: "net.core.txrehash",
            purpose: "Tries another path through the network after a timeout, by another hash.",
            cost: "None where there is one path; -1 asks for what the system has."),
        OptionDescription(
            SocketOption<IntegerCodec>.incomingProcessor, "SO_INCOMING_CPU", "incomingProcessor", .all, inherited: [],
            inert: .unix, since: KernelVersion(3, 19), adjustment: .derived,
            purpose:
                "Among sockets that share a port, takes what this processor received; read, the one that received "
                + "last.",
            cost: "Work piles up where the network card delivers."),
        OptionDescription(
            SocketOption<IntegerCodec>.incomingQueue, "SO_INCOMING_NAPI_ID", "incomingQueue", .all, inherited: [],
            inert: .unix, access: .readOnly, since: KernelVersion(4, 12),
            purpose: "The receive queue of the network card that the last packet came through; 0 when it is not known.",
            cost: "None."),
        OptionDescription(
            SocketOption<MicrosecondsCodec>.busyPoll, "SO_BUSY_POLL", "busyPoll", .all, inert: .unix,
            since: KernelVersion(3, 11), sysctl: "net.core.busy_read",
            purpose: "How long a read polls the network card instead of sleeping.",
            cost: "A processor is kept busy that long; nothing on interfaces without a queue, such as loopback."),
        OptionDescription(
            SocketOption<FlagCodec>.preferBusyPoll, "SO_PREFER_BUSY_POLL", "preferBusyPoll", .all, inert: .unix,
            privilege: Privilege(["CAP_NET_ADMIN"], free: 0...0), since: KernelVersion(5, 11),
            purpose: "Lets a program that polls all the time keep the card from interrupting.",
            cost: "Without polling nothing arrives until a timer runs out."),
        OptionDescription(
            SocketOption<IntegerCodec>.busyPollBudget, "SO_BUSY_POLL_BUDGET", "busyPollBudget", .all, inert: .unix,
            access: .setOnly, unit: .packets, range: 0...65535, privilege: Privilege(["CAP_NET_ADMIN"], free: 0...0),
            since: KernelVersion(5, 11),
            purpose: "How many packets are taken when the card is polled.",
            cost: "Others on the processor wait longer."),
        OptionDescription(
            SocketOption<Unsigned64Codec>.cookie, "SO_COOKIE", "cookie", .all, inherited: [], access: .readOnly,
            since: KernelVersion(4, 12),
            purpose: "A number that no other socket has until the next start of the machine.",
            cost: "None."),
        OptionDescription(
            SocketOption<Unsigned64Codec>.networkNamespaceCookie, "SO_NETNS_COOKIE", "networkNamespaceCookie", .all,
            access: .readOnly, since: KernelVersion(5, 14),
            purpose: "A number that no other network namespace has until the next start of the machine.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.zeroCopy, "SO_ZEROCOPY", "zeroCopy", .internet, since: KernelVersion(4, 14),
            purpose: "Allows MSG_ZEROCOPY: what is sent is not copied, and a message says when it may be changed.",
            cost:
                "Slower below some 10 KiB; completions must be read from the error queue; loopback copies all the "
                + "same."),
        OptionDescription(
            SocketOption<ActionCodec>.reportBadRoute, "SO_CNX_ADVICE", "reportBadRoute", .all, inert: .unix,
            access: .setOnly, since: KernelVersion(4, 6),
            purpose: "Tells the kernel that the route does not work: it looks for another.",
            cost: "The route is looked up again."),
        OptionDescription(
            SocketOption<FlagCodec>.timestamp, "SO_TIMESTAMP", "timestamp", .all, inert: .unixStream,
            purpose: "Delivers the time at which each packet arrived, in microseconds.",
            cost: "Ancillary data with each read; the clock is read for every packet of the machine."),
        OptionDescription(
            SocketOption<FlagCodec>.timestampNanoseconds, "SO_TIMESTAMPNS", "timestampNanoseconds", .all,
            inert: .unixStream,
            purpose: "Delivers the time at which each packet arrived, in nanoseconds.",
            cost: "As SO_TIMESTAMP, which it switches off."),
        OptionDescription(
            SocketOption<NamedCodec<TimestampingFlags>>.timestamping, "SO_TIMESTAMPING", "timestamping", .all,
            inert: .unix,
            purpose: "Takes time stamps of what is received and sent, in the kernel or in the card.",
            cost: "Stamps of what is sent must be read from the error queue."),
        OptionDescription(
            SocketOption<FlagCodec>.timestamp64, "SO_TIMESTAMP_NEW", "timestamp64", .all, inert: .unixStream,
            since: KernelVersion(5, 1),
            purpose: "As SO_TIMESTAMP, in the layout that has 64 bits on every machine.",
            cost: "As SO_TIMESTAMP."),
        OptionDescription(
            SocketOption<FlagCodec>.timestampNanoseconds64, "SO_TIMESTAMPNS_NEW", "timestampNanoseconds64", .all,
            inert: .unixStream, since: KernelVersion(5, 1),
            purpose: "As SO_TIMESTAMPNS, in the layout that has 64 bits on every machine.",
            cost: "As SO_TIMESTAMPNS."),
        OptionDescription(
            SocketOption<NamedCodec<TimestampingFlags>>.timestamping64, "SO_TIMESTAMPING_NEW", "timestamping64", .all,
            inert: .unix, since: KernelVersion(5, 1),
            purpose: "As SO_TIMESTAMPING, in the layout that has 64 bits on every machine.",
            cost: "As SO_TIMESTAMPING."),
        OptionDescription(
            SocketOption<FlagCodec>.selectErrorQueue, "SO_SELECT_ERR_QUEUE", "selectErrorQueue", .all, inert: .unix,
            since: KernelVersion(3, 10),
            purpose: "Reports what is in the error queue as POLLPRI too, so that select(2) sees it.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveOverflow, "SO_RXQ_OVFL", "receiveOverflow", .all, inert: [.tcp, .unix],
            purpose: "Delivers the number of dropped packets with each read.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.wifiStatus, "SO_WIFI_STATUS", "wifiStatus", .all, inert: .unix,
            purpose: "Reports on the error queue whether a wireless packet was acknowledged.",
            cost: "None where there is no wireless interface."),
        OptionDescription(
            SocketOption<FlagCodec>.noFrameCheck, "SO_NOFCS", "noFrameCheck", .all, inert: .all,
            purpose: "Makes the last four bytes of what is sent the frame's check sequence.",
            cost: "Only for packet sockets and cards that allow it."),
        OptionDescription(
            SocketOption<FlagCodec>.noChecksum, "SO_NO_CHECK", "noChecksum", .all, inert: [.tcp, .udp6, .unix],
            purpose: "Sends UDP over IPv4 without a checksum.",
            cost: "Damaged packets are delivered."),
        OptionDescription(
            SocketOption<SocketFilterCodec>.filter, "SO_ATTACH_FILTER", "filter", .all, inert: .unixStream,
            privilege: Privilege(["CAP_NET_ADMIN"], condition: "on TCP, with kernels patched since June 2026"),
            purpose: "A program of classic BPF that decides which packets are taken.",
            cost: "It runs for every packet; a wrong one drops what is needed."),
        OptionDescription(
            SocketOption<ActionCodec>.detachFilter, "SO_DETACH_FILTER", "detachFilter", .all, inherited: [],
            inert: .unixStream, access: .setOnly,
            purpose: "Takes the filter away.",
            cost: "Everything is taken again."),
        OptionDescription(
            SocketOption<FlagCodec>.lockFilter, "SO_LOCK_FILTER", "lockFilter", .all, inert: .unixStream,
            since: KernelVersion(3, 9),
            purpose: "Lets nobody change the filter any more.",
            cost: "It cannot be undone."),
        OptionDescription(
            SocketOption<DescriptorCodec>.filterProgram, "SO_ATTACH_BPF", "filterProgram", .all, inert: .unixStream,
            access: .setOnly,
            privilege: Privilege(
                ["CAP_BPF"], condition: "to load the program, unless kernel.unprivileged_bpf_disabled is 0"),
            since: KernelVersion(3, 19),
            purpose: "A program of eBPF that decides which packets are taken, by its descriptor.",
            cost: "It runs for every packet."),
        OptionDescription(
            SocketOption<SocketFilterCodec>.reusePortFilter, "SO_ATTACH_REUSEPORT_CBPF", "reusePortFilter", .internet,
            .beforeConnect, inherited: [], access: .setOnly, since: KernelVersion(4, 5),
            purpose:
                "A program of classic BPF that chooses which of the sockets on a port takes a connection or "
                + "datagram.",
            cost: "A result out of range falls back to the hash."),
        OptionDescription(
            SocketOption<DescriptorCodec>.reusePortProgram, "SO_ATTACH_REUSEPORT_EBPF", "reusePortProgram", .internet,
            .beforeConnect, inherited: [], access: .setOnly,
            privilege: Privilege(
                ["CAP_BPF"], condition: "to load the program, unless kernel.unprivileged_bpf_disabled is 0"),
            since: KernelVersion(4, 5),
            purpose: "A program of eBPF that chooses which of the sockets on a port takes a connection or datagram.",
            cost: "A result out of range falls back to the hash."),
        OptionDescription(
            SocketOption<ActionCodec>.detachReusePortFilter, "SO_DETACH_REUSEPORT_BPF", "detachReusePortFilter",
            .internet, inherited: [], access: .setOnly, since: KernelVersion(5, 3),
            purpose: "Takes the program that chooses among sockets on a port away.",
            cost: "The hash chooses again."),
        OptionDescription(
            SocketOption<IntegerCodec>.filterExtensions, "SO_BPF_EXTENSIONS", "filterExtensions", .all,
            access: .readOnly, since: KernelVersion(3, 14),
            purpose: "How many extensions of classic BPF the kernel has.",
            cost: "None."),
        OptionDescription(
            SocketOption<IntegerCodec>.peekOffset, "SO_PEEK_OFF", "peekOffset", .all, unit: .bytes,
            range: -1...Int(Int32.max), since: KernelVersion(3, 4),
            purpose: "Where MSG_PEEK begins: it moves on with each peek; -1 is the old way, always from the front.",
            cost: "A reader that mixes peeking and reading must know that reading moves it back."),
        OptionDescription(
            SocketOption<BytesCodec>.releaseDeviceMemory, "SO_DEVMEM_DONTNEED", "releaseDeviceMemory", .tcp,
            inherited: [], access: .setOnly, since: KernelVersion(6, 12),
            purpose: "Gives pages of device memory that were received back to the card.",
            cost: "Only with a card and a socket set up for it."),
    ]
}
