import CPlumb

extension OptionDescription {
    /// What every socket has (`socket(7)`).
    static let socketLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.reuseAddress, "SO_REUSEADDR", "reuseAddress", .all, .beforeBind,
            purpose: "Binds at once although connections of the last run are in TIME_WAIT.",
            cost: "None for TCP listeners; for UDP another process can take the port over."),
        OptionDescription(
            SocketOption<FlagCodec>.reusePort, "SO_REUSEPORT", "reusePort", .internet, .beforeBind,
            purpose: "Several listeners on one address, over which the kernel spreads new connections.",
            cost: "A stalled process strands what the kernel queued for it; closing a listener loses its queue."),
        OptionDescription(
            SocketOption<FlagCodec>.keepAlive, "SO_KEEPALIVE", "keepAlive", .all,
            purpose: "Finds peers that vanished, by probes on a silent connection.",
            cost: "A packet per interval; closes connections over a path that is only interrupted."),
        OptionDescription(
            SocketOption<IntegerCodec>.sendBuffer, "SO_SNDBUF", "sendBuffer", .all, .beforeConnect, unit: .bytes,
            adjustment: .doubled, sysctl: "net.core.wmem_max",
            purpose: "How much may wait to be sent and acknowledged; read back it is doubled.",
            cost: "Setting it switches the kernel's auto-tuning off for this socket."),
        OptionDescription(
            SocketOption<IntegerCodec>.receiveBuffer, "SO_RCVBUF", "receiveBuffer", .all, .beforeConnect, unit: .bytes,
            adjustment: .doubled, sysctl: "net.core.rmem_max",
            purpose: "How much may wait to be read, which bounds the window; read back it is doubled.",
            cost: "Setting it switches the kernel's auto-tuning off: slower on every long path."),
        OptionDescription(
            SocketOption<LingerCodec>.linger, "SO_LINGER", "linger", .all, unit: .seconds,
            purpose: "What close does about data that is not sent yet.",
            cost: "close blocks for up to the time, even on a non-blocking descriptor; reset throws data away."),
        OptionDescription(
            SocketOption<TimeoutCodec>.receiveTimeout, "SO_RCVTIMEO", "receiveTimeout", .all, adjustment: .jiffies,
            purpose: "How long a blocking read or accept waits before it fails with EAGAIN.",
            cost: "None on a non-blocking descriptor, on which it does nothing."),
        OptionDescription(
            SocketOption<IntegerCodec>.priority, "SO_PRIORITY", "priority", .all, .perConnection, inherited: false,
            privilege: Privilege(["CAP_NET_ADMIN", "CAP_NET_RAW"], free: 0...6),
            purpose: "The queueing priority of outgoing packets.",
            cost: "Above 6 it needs CAP_NET_ADMIN; IP_TOS rewrites it."),
        OptionDescription(
            SocketOption<RateCodec>.maximumPacingRate, "SO_MAX_PACING_RATE", "maximumPacingRate", .all,
            purpose: "The fastest rate at which the kernel sends.",
            cost: "Without the fq queueing discipline TCP paces with timers of its own."),
        OptionDescription(
            SocketOption<IntegerCodec>.type, "SO_TYPE", "type", .all, access: .readOnly,
            purpose: "Stream, datagram or sequenced packets.",
            cost: "None."),
        OptionDescription(
            SocketOption<IntegerCodec>.domain, "SO_DOMAIN", "domain", .all, access: .readOnly,
            purpose: "The address family.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.isListening, "SO_ACCEPTCONN", "isListening", .all, inherited: false,
            access: .readOnly,
            purpose: "Whether the socket listens.",
            cost: "None."),
        OptionDescription(
            SocketOption<IntegerCodec>.pendingError, "SO_ERROR", "pendingError", .all, inherited: false,
            access: .readOnly, clearedByReading: true,
            purpose: "The error that the next call would report.",
            cost: "Reading clears it."),
    ]
}
