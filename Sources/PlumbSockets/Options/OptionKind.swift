/// How an option's value is written as text.
public enum OptionKind: String, Sendable, Codable, CaseIterable {
    /// `on` or `off`.
    case flag
    /// A whole number, with a binary unit where the option counts bytes.
    case integer
    /// Bytes a second, or `unlimited`.
    case rate
    /// A time: `250ms`, `60s`, `5m`.
    case duration
    /// A time, or `forever`.
    case timeout
    /// A time that `close(2)` waits, `reset`, or `off`.
    case linger
    /// One of the option's names, or its number.
    case choice
    /// Some of the option's names with commas between them, a number, or `none`.
    case set
    /// A name.
    case text
    /// An address, with an interface where the option takes one.
    case address
    /// Two numbers with a hyphen between them, or `none`.
    case range
    /// Numbers with commas between them.
    case list
    /// Numbers by name.
    case fields
    /// Bytes: `0x` and two hexadecimal digits each.
    case bytes
    /// An open descriptor's number.
    case descriptor
    /// Nothing: setting the option does something.
    case action
}

/// What an option's number counts.
public struct OptionUnit: RawRepresentable, Hashable, Sendable, Codable {
    /// The unit's name, in the plural.
    public let rawValue: String
    /// Creates a unit of a name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Bytes.
    public static var bytes: OptionUnit { OptionUnit(rawValue: "bytes") }
    /// Bytes a second.
    public static var bytesPerSecond: OptionUnit { OptionUnit(rawValue: "bytes per second") }
    /// Seconds: finer times are rounded up.
    public static var seconds: OptionUnit { OptionUnit(rawValue: "seconds") }
    /// Milliseconds: finer times are rounded up.
    public static var milliseconds: OptionUnit { OptionUnit(rawValue: "milliseconds") }
    /// Microseconds: finer times are rounded up.
    public static var microseconds: OptionUnit { OptionUnit(rawValue: "microseconds") }
    /// Packets or segments.
    public static var packets: OptionUnit { OptionUnit(rawValue: "packets") }
    /// Routers on the way.
    public static var hops: OptionUnit { OptionUnit(rawValue: "hops") }
    /// Connections.
    public static var connections: OptionUnit { OptionUnit(rawValue: "connections") }
}
