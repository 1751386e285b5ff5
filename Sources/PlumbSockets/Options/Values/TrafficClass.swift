/// What routers are told about a packet: the byte of `IP_TOS` and `IPV6_TCLASS`.
///
/// Its upper six bits are a differentiated services code point (RFC 2474, RFC 4594); the lower two are for congestion
/// notification, and on TCP belong to the kernel, which drops them from what it is given.
public struct TrafficClass: NamedOptionValue {
    /// The byte.
    public let rawValue: CInt
    /// Creates a class from the byte.
    public init(rawValue: CInt) { self.rawValue = rawValue }
    /// Creates a class from a code point, 0 to 63.
    public init(codePoint: Int) { rawValue = CInt(truncatingIfNeeded: codePoint) << 2 }

    /// Best effort: nothing is asked for (CS0).
    public static var bestEffort: TrafficClass { TrafficClass(rawValue: 0) }
    /// Less than best effort: a background transfer (LE, RFC 8622).
    public static var lowerEffort: TrafficClass { TrafficClass(codePoint: 1) }
    /// Little delay, in the words of RFC 1349 (`IPTOS_LOWDELAY`); sets `SO_PRIORITY` to 6.
    public static var lowDelay: TrafficClass { TrafficClass(rawValue: 0x10) }
    /// Much throughput, in the words of RFC 1349 (`IPTOS_THROUGHPUT`); sets `SO_PRIORITY` to 2.
    public static var throughput: TrafficClass { TrafficClass(rawValue: 0x08) }
    /// Expedited forwarding: telephony (EF, RFC 3246).
    public static var expeditedForwarding: TrafficClass { TrafficClass(codePoint: 46) }
    /// Expedited forwarding of calls that were admitted (VOICE-ADMIT, RFC 5865).
    public static var voiceAdmit: TrafficClass { TrafficClass(codePoint: 44) }
    /// Class selector 1 to 7: the precedence bits of old (CS1 … CS7).
    public static func classSelector(_ number: Int) -> TrafficClass { TrafficClass(codePoint: number << 3) }
    /// Assured forwarding, class 1 to 4, dropped earlier with a higher `drop`, 1 to 3 (AF11 … AF43, RFC 2597).
    public static func assuredForwarding(_ number: Int, drop: Int) -> TrafficClass {
        TrafficClass(codePoint: number << 3 | drop << 1)
    }

    /// `EF`, `AF41`, `CS1`, `low-delay`, ….
    public static let valueNames: [OptionName] =
        [
            OptionName("best-effort", 0), OptionName("low-delay", 0x10), OptionName("throughput", 0x08),
            OptionName("LE", 1 << 2), OptionName("EF", 46 << 2), OptionName("voice-admit", 44 << 2),
        ] + (1...7).map { OptionName("CS\($0)", $0 << 5) }
        + (1...4).flatMap { number in
            (1...3).map { OptionName("AF\(number)\($0)", number << 5 | $0 << 3) }
        }
}
