public import CPlumb

// The typed options of SOL_SOCKET. What is known about each is in `OptionDescription.socketLevel`.

extension SocketOption where Codec == IntegerCodec {
    /// `SO_SNDBUF`: how much may wait to be sent and acknowledged.
    @inlinable
    public static var sendBuffer: Self { Self(level: SOL_SOCKET, number: SO_SNDBUF) }
    /// `SO_RCVBUF`: how much may wait to be read, which bounds the window that the peer is offered.
    @inlinable
    public static var receiveBuffer: Self { Self(level: SOL_SOCKET, number: SO_RCVBUF) }
    /// `SO_SNDBUFFORCE`: sets the send buffer beyond the limit of the system. Set only.
    @inlinable
    public static var forcedSendBuffer: Self { Self(level: SOL_SOCKET, number: SO_SNDBUFFORCE) }
    /// `SO_RCVBUFFORCE`: sets the receive buffer beyond the limit of the system. Set only.
    @inlinable
    public static var forcedReceiveBuffer: Self { Self(level: SOL_SOCKET, number: SO_RCVBUFFORCE) }
    /// `SO_RCVLOWAT`: how much must have arrived before the socket counts as readable.
    @inlinable
    public static var receiveLowWater: Self { Self(level: SOL_SOCKET, number: SO_RCVLOWAT) }
    /// `SO_SNDLOWAT`: how much must fit before the socket counts as writable; Linux always says 1. Read only.
    @inlinable
    public static var sendLowWater: Self { Self(level: SOL_SOCKET, number: SO_SNDLOWAT) }
    /// `SO_RESERVE_MEM`: memory that the socket may use without asking for it again.
    @inlinable
    public static var reservedMemory: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_RESERVE_MEM) }
    /// `SO_ERROR`: the error that the next call would report. Read only.
    @inlinable
    public static var pendingError: Self { Self(level: SOL_SOCKET, number: SO_ERROR) }
    /// `SO_DOMAIN`: the address family. Read only.
    @inlinable
    public static var domain: Self { Self(level: SOL_SOCKET, number: SO_DOMAIN) }
    /// `SO_PROTOCOL`: the protocol within the family. Read only.
    @inlinable
    public static var protocolNumber: Self { Self(level: SOL_SOCKET, number: SO_PROTOCOL) }
    /// `SO_PRIORITY`: the queueing priority of outgoing packets.
    @inlinable
    public static var priority: Self { Self(level: SOL_SOCKET, number: SO_PRIORITY) }
    /// `SO_BINDTOIFINDEX`: uses one network interface only, by its index; 0 lifts it.
    @inlinable
    public static var interfaceIndex: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_BINDTOIFINDEX) }
    /// `SO_TXREHASH`: tries another path through the network after a timeout, by another hash.
    @inlinable
    public static var transmitRehash: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_TXREHASH) }
    /// `SO_INCOMING_CPU`: among sockets that share a port, takes what this processor received; read, the one that
    /// received last.
    @inlinable
    public static var incomingProcessor: Self { Self(level: SOL_SOCKET, number: SO_INCOMING_CPU) }
    /// `SO_INCOMING_NAPI_ID`: the receive queue of the network card that the last packet came through; 0 when it is not
    /// known. Read only.
    @inlinable
    public static var incomingQueue: Self { Self(level: SOL_SOCKET, number: SO_INCOMING_NAPI_ID) }
    /// `SO_BUSY_POLL_BUDGET`: how many packets are taken when the card is polled. Set only.
    @inlinable
    public static var busyPollBudget: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_BUSY_POLL_BUDGET) }
    /// `SO_BPF_EXTENSIONS`: how many extensions of classic BPF the kernel has. Read only.
    @inlinable
    public static var filterExtensions: Self { Self(level: SOL_SOCKET, number: SO_BPF_EXTENSIONS) }
    /// `SO_PEEK_OFF`: where MSG_PEEK begins: it moves on with each peek; -1 is the old way, always from the front.
    @inlinable
    public static var peekOffset: Self { Self(level: SOL_SOCKET, number: SO_PEEK_OFF) }
}

extension SocketOption where Codec == MemoryInformationCodec {
    /// `SO_MEMINFO`: what the socket holds of memory, and how many packets it dropped. Read only.
    @inlinable
    public static var memoryInformation: Self { Self(level: SOL_SOCKET, number: SO_MEMINFO) }
}

extension SocketOption where Codec == NamedCodec<BufferLock> {
    /// `SO_BUF_LOCK`: which buffers were set by hand, and so are not tuned by the kernel; setting none lets it tune
    /// them again.
    @inlinable
    public static var bufferLock: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_BUF_LOCK) }
}

extension SocketOption where Codec == FlagCodec {
    /// `SO_REUSEADDR`: binds at once although connections of the last run are in TIME_WAIT.
    @inlinable
    public static var reuseAddress: Self { Self(level: SOL_SOCKET, number: SO_REUSEADDR) }
    /// `SO_REUSEPORT`: several listeners on one address, over which the kernel spreads new connections.
    @inlinable
    public static var reusePort: Self { Self(level: SOL_SOCKET, number: SO_REUSEPORT) }
    /// `SO_KEEPALIVE`: finds peers that vanished, by probes on a silent connection.
    @inlinable
    public static var keepAlive: Self { Self(level: SOL_SOCKET, number: SO_KEEPALIVE) }
    /// `SO_ACCEPTCONN`: whether the socket listens. Read only.
    @inlinable
    public static var isListening: Self { Self(level: SOL_SOCKET, number: SO_ACCEPTCONN) }
    /// `SO_BROADCAST`: allows datagrams to a broadcast address.
    @inlinable
    public static var broadcast: Self { Self(level: SOL_SOCKET, number: SO_BROADCAST) }
    /// `SO_OOBINLINE`: leaves urgent data in the stream instead of beside it.
    @inlinable
    public static var outOfBandInline: Self { Self(level: SOL_SOCKET, number: SO_OOBINLINE) }
    /// `SO_DONTROUTE`: sends only to hosts that are on a network of this one.
    @inlinable
    public static var dontRoute: Self { Self(level: SOL_SOCKET, number: SO_DONTROUTE) }
    /// `SO_DEBUG`: asks the kernel for a trace, which Linux no longer keeps.
    @inlinable
    public static var debug: Self { Self(level: SOL_SOCKET, number: SO_DEBUG) }
    /// `SO_BSDCOMPAT`: once asked for errors as BSD reports them; it does nothing since Linux 2.2.
    @inlinable
    public static var bsdCompatibility: Self { Self(level: SOL_SOCKET, number: SO_BSDCOMPAT) }
    /// `SO_RCVMARK`: delivers the mark of each packet with it.
    @inlinable
    public static var receiveMark: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_RCVMARK) }
    /// `SO_RCVPRIORITY`: delivers the priority of each packet with it.
    @inlinable
    public static var receivePriority: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_RCVPRIORITY) }
    /// `SO_PREFER_BUSY_POLL`: lets a program that polls all the time keep the card from interrupting.
    @inlinable
    public static var preferBusyPoll: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_PREFER_BUSY_POLL) }
    /// `SO_ZEROCOPY`: allows MSG_ZEROCOPY: what is sent is not copied, and a message says when it may be changed.
    @inlinable
    public static var zeroCopy: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_ZEROCOPY) }
    /// `SO_TIMESTAMP`: delivers the time at which each packet arrived, in microseconds.
    @inlinable
    public static var timestamp: Self { Self(level: SOL_SOCKET, number: SO_TIMESTAMP) }
    /// `SO_TIMESTAMPNS`: delivers the time at which each packet arrived, in nanoseconds.
    @inlinable
    public static var timestampNanoseconds: Self { Self(level: SOL_SOCKET, number: SO_TIMESTAMPNS) }
    /// `SO_TIMESTAMP_NEW`: as SO_TIMESTAMP, in the layout that has 64 bits on every machine.
    @inlinable
    public static var timestamp64: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_TIMESTAMP_NEW) }
    /// `SO_TIMESTAMPNS_NEW`: as SO_TIMESTAMPNS, in the layout that has 64 bits on every machine.
    @inlinable
    public static var timestampNanoseconds64: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_TIMESTAMPNS_NEW) }
    /// `SO_SELECT_ERR_QUEUE`: reports what is in the error queue as POLLPRI too, so that select(2) sees it.
    @inlinable
    public static var selectErrorQueue: Self { Self(level: SOL_SOCKET, number: SO_SELECT_ERR_QUEUE) }
    /// `SO_RXQ_OVFL`: delivers the number of dropped packets with each read.
    @inlinable
    public static var receiveOverflow: Self { Self(level: SOL_SOCKET, number: SO_RXQ_OVFL) }
    /// `SO_WIFI_STATUS`: reports on the error queue whether a wireless packet was acknowledged.
    @inlinable
    public static var wifiStatus: Self { Self(level: SOL_SOCKET, number: SO_WIFI_STATUS) }
    /// `SO_NOFCS`: makes the last four bytes of what is sent the frame's check sequence.
    @inlinable
    public static var noFrameCheck: Self { Self(level: SOL_SOCKET, number: SO_NOFCS) }
    /// `SO_NO_CHECK`: sends UDP over IPv4 without a checksum.
    @inlinable
    public static var noChecksum: Self { Self(level: SOL_SOCKET, number: SO_NO_CHECK) }
    /// `SO_LOCK_FILTER`: lets nobody change the filter any more.
    @inlinable
    public static var lockFilter: Self { Self(level: SOL_SOCKET, number: SO_LOCK_FILTER) }
}

extension SocketOption where Codec == LingerCodec {
    /// `SO_LINGER`: what close(2) does about data that is not sent yet.
    @inlinable
    public static var linger: Self { Self(level: SOL_SOCKET, number: SO_LINGER) }
}

extension SocketOption where Codec == TimeoutCodec {
    /// `SO_RCVTIMEO`: how long a blocking read or accept waits before it fails with EAGAIN.
    @inlinable
    public static var receiveTimeout: Self { Self(level: SOL_SOCKET, number: SO_RCVTIMEO) }
    /// `SO_SNDTIMEO`: how long a blocking write or connect waits before it fails with EAGAIN or EINPROGRESS.
    @inlinable
    public static var sendTimeout: Self { Self(level: SOL_SOCKET, number: SO_SNDTIMEO) }
    /// `SO_RCVTIMEO_NEW`: as SO_RCVTIMEO, in the layout that has 64 bits on every machine.
    @inlinable
    public static var receiveTimeout64: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_RCVTIMEO_NEW) }
    /// `SO_SNDTIMEO_NEW`: as SO_SNDTIMEO, in the layout that has 64 bits on every machine.
    @inlinable
    public static var sendTimeout64: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_SNDTIMEO_NEW) }
}

extension SocketOption where Codec == NamedCodec<SocketType> {
    /// `SO_TYPE`: stream, datagram or sequenced packets. Read only.
    @inlinable
    public static var type: Self { Self(level: SOL_SOCKET, number: SO_TYPE) }
}

extension SocketOption where Codec == PeerNameCodec {
    /// `SO_PEERNAME`: the peer's address, as getpeername(2) has it. Read only.
    @inlinable
    public static var peerName: Self { Self(level: SOL_SOCKET, number: SO_PEERNAME) }
}

extension SocketOption where Codec == Unsigned32Codec {
    /// `SO_MARK`: a number on every packet that routing rules, firewalls and queueing disciplines can ask for.
    @inlinable
    public static var mark: Self { Self(level: SOL_SOCKET, number: SO_MARK) }
}

extension SocketOption where Codec == TextCodec<InterfaceName> {
    /// `SO_BINDTODEVICE`: uses one network interface only, whatever the routes say; the empty name lifts it.
    @inlinable
    public static var device: Self { Self(level: SOL_SOCKET, number: SO_BINDTODEVICE) }
}

extension SocketOption where Codec == RateCodec {
    /// `SO_MAX_PACING_RATE`: the fastest rate at which the kernel sends, without bursts.
    @inlinable
    public static var maximumPacingRate: Self { Self(level: SOL_SOCKET, number: SO_MAX_PACING_RATE) }
}

extension SocketOption where Codec == TransmitTimeCodec {
    /// `SO_TXTIME`: lets each message say when it is to leave.
    @inlinable
    public static var transmitTime: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_TXTIME) }
}

extension SocketOption where Codec == MicrosecondsCodec {
    /// `SO_BUSY_POLL`: how long a read polls the network card instead of sleeping.
    @inlinable
    public static var busyPoll: Self { Self(level: SOL_SOCKET, number: SO_BUSY_POLL) }
}

extension SocketOption where Codec == Unsigned64Codec {
    /// `SO_COOKIE`: a number that no other socket has until the next start of the machine. Read only.
    @inlinable
    public static var cookie: Self { Self(level: SOL_SOCKET, number: SO_COOKIE) }
    /// `SO_NETNS_COOKIE`: a number that no other network namespace has until the next start of the machine. Read only.
    @inlinable
    public static var networkNamespaceCookie: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_NETNS_COOKIE) }
}

extension SocketOption where Codec == ActionCodec {
    /// `SO_CNX_ADVICE`: tells the kernel that the route does not work: it looks for another. Set only.
    @inlinable
    public static var reportBadRoute: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_CNX_ADVICE) }
    /// `SO_DETACH_FILTER`: takes the filter away. Set only.
    @inlinable
    public static var detachFilter: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_DETACH_FILTER) }
    /// `SO_DETACH_REUSEPORT_BPF`: takes the program that chooses among sockets on a port away. Set only.
    @inlinable
    public static var detachReusePortFilter: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_DETACH_REUSEPORT_BPF) }
}

extension SocketOption where Codec == NamedCodec<TimestampingFlags> {
    /// `SO_TIMESTAMPING`: takes time stamps of what is received and sent, in the kernel or in the card.
    @inlinable
    public static var timestamping: Self { Self(level: SOL_SOCKET, number: SO_TIMESTAMPING) }
    /// `SO_TIMESTAMPING_NEW`: as SO_TIMESTAMPING, in the layout that has 64 bits on every machine.
    @inlinable
    public static var timestamping64: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_TIMESTAMPING_NEW) }
}

extension SocketOption where Codec == SocketFilterCodec {
    /// `SO_ATTACH_FILTER`: a program of classic BPF that decides which packets are taken.
    @inlinable
    public static var filter: Self { Self(level: SOL_SOCKET, number: SO_ATTACH_FILTER) }
    /// `SO_ATTACH_REUSEPORT_CBPF`: a program of classic BPF that chooses which of the sockets on a port takes a
    /// connection or datagram. Set only.
    @inlinable
    public static var reusePortFilter: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_ATTACH_REUSEPORT_CBPF) }
}

extension SocketOption where Codec == DescriptorCodec {
    /// `SO_ATTACH_BPF`: a program of eBPF that decides which packets are taken, by its descriptor. Set only.
    @inlinable
    public static var filterProgram: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_ATTACH_BPF) }
    /// `SO_ATTACH_REUSEPORT_EBPF`: a program of eBPF that chooses which of the sockets on a port takes a connection or
    /// datagram. Set only.
    @inlinable
    public static var reusePortProgram: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_ATTACH_REUSEPORT_EBPF) }
}

extension SocketOption where Codec == BytesCodec {
    /// `SO_DEVMEM_DONTNEED`: gives pages of device memory that were received back to the card. Set only.
    @inlinable
    public static var releaseDeviceMemory: Self { Self(level: SOL_SOCKET, number: PLUMB_SO_DEVMEM_DONTNEED) }
}
