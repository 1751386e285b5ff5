import CPlumb

extension OptionDescription {
    /// What IPv6 sockets have (`ipv6(7)`).
    static let ipv6Level: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.ipv6Only, "IPV6_V6ONLY", "ipv6Only", .ipv6, .beforeBind,
            purpose: "Keeps IPv4 connections away from an IPv6 socket.",
            cost: "Two listeners instead of one.")
    ]
}
