import CPlumb

extension OptionDescription {
    /// What internet sockets have (`ip(7)`).
    static let ipLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<IntegerCodec>.timeToLive, "IP_TTL", "timeToLive", .internet, unit: .hops, range: 1...255,
            sysctl: "net.ipv4.ip_default_ttl",
            purpose: "How many routers a packet may pass.",
            cost: "Too few and the peer is out of reach.")
    ]
}
