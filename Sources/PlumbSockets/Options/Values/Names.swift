/// An algorithm that decides how fast TCP sends (`TCP_CONGESTION`).
///
/// `net.ipv4.tcp_available_congestion_control` lists what the kernel has, `net.ipv4.tcp_allowed_congestion_control` what
/// needs no privilege.
public struct CongestionControl: TextOptionValue {
    /// The kernel's name.
    public let rawValue: String
    /// Creates a value from the kernel's name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// By lost packets, with a cubic curve: the usual default.
    public static var cubic: CongestionControl { "cubic" }
    /// By lost packets, as in RFC 5681; every kernel has it.
    public static var reno: CongestionControl { "reno" }
    /// By a model of the path's bandwidth and round trip.
    public static var bbr: CongestionControl { "bbr" }
    /// By the share of marked packets, for data centres.
    public static var dctcp: CongestionControl { "dctcp" }
}

/// A protocol between TCP and the program, in the kernel (`TCP_ULP`).
public struct UpperLayerProtocol: TextOptionValue {
    /// The kernel's name; empty when there is none.
    public let rawValue: String
    /// Creates a value from the kernel's name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Records of TLS are made in the kernel.
    public static var tls: UpperLayerProtocol { "tls" }
    /// IPsec over TCP (RFC 8229).
    public static var espintcp: UpperLayerProtocol { "espintcp" }
}

/// A network interface by name (`SO_BINDTODEVICE`).
public struct InterfaceName: TextOptionValue {
    /// The name; empty for every interface.
    public let rawValue: String
    /// Creates a value from a name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Every interface.
    public static var any: InterfaceName { "" }
}
