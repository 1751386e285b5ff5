import CPlumb

extension OptionDescription {
    /// What TCP sockets have (`tcp(7)`).
    static let tcpLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.noDelay, "TCP_NODELAY", "noDelay", .tcp,
            purpose: "Sends small segments at once instead of waiting for acknowledgements (Nagle's algorithm off).",
            cost: "More packets from a program that writes in small pieces."),
        OptionDescription(
            SocketOption<FlagCodec>.quickAcknowledge, "TCP_QUICKACK", "quickAcknowledge", .tcp, .perConnection,
            purpose: "Acknowledges at once, for now.",
            cost: "More packets; it does not stick."),
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
            SocketOption<MillisecondsCodec>.userTimeout, "TCP_USER_TIMEOUT", "userTimeout", .tcp,
            purpose: "How long sent data may stay unacknowledged.",
            cost: "It also overrides when keep-alive gives up."),
        OptionDescription(
            SocketOption<IntegerCodec>.maximumSegment, "TCP_MAXSEG", "maximumSegment", .tcp, .beforeConnect,
            inherited: false, unit: .bytes, range: 88...32767, adjustment: .derived,
            purpose: "The largest segment.",
            cost: "Smaller segments cost more packets."),
    ]
}
