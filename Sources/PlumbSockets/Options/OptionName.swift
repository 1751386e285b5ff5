import CPlumb

/// A name of one of an option's values.
public struct OptionName: Hashable, Sendable, Codable {
    /// The name.
    public let name: String
    /// The kernel's number.
    public let value: Int

    /// Names a value.
    public init(_ name: String, _ value: Int) {
        self.name = name
        self.value = value
    }

    /// Address families (`AF_UNIX`, …).
    static let families = [
        OptionName("unix", Int(AF_UNIX)), OptionName("ipv4", Int(AF_INET)), OptionName("ipv6", Int(AF_INET6)),
    ]

    /// Protocols (`IPPROTO_TCP`, …).
    static let protocols = [
        OptionName("tcp", Int(PLUMB_IPPROTO_TCP)), OptionName("udp", Int(PLUMB_IPPROTO_UDP)),
        OptionName("mptcp", 262),
    ]
}
