public import PlumbSockets

/// What is known about a field of `struct tcp_info`, as data: listings, their JSON and their help come from it.
public struct TCPInfoField: Sendable, Hashable {
    /// What a field counts, or how it is read.
    public enum Unit: String, Sendable, Hashable, Codable {
        /// A number of events.
        case count
        /// A number of bits.
        case bits
        /// Bytes.
        case bytes
        /// Segments.
        case packets
        /// Microseconds.
        case microseconds = "us"
        /// Milliseconds.
        case milliseconds = "ms"
        /// Bytes a second; all ones is unlimited.
        case bytesPerSecond = "bytes/s"
        /// Yes or no.
        case flag
        /// A ``SocketState``.
        case state
        /// A ``CongestionState``.
        case congestionState = "congestion state"
        /// A set of ``TCPFeatures``.
        case features
        /// A ``FastOpenFailure``.
        case fastOpenFailure = "fast open failure"
    }

    /// The kernel's name, without `tcpi_`: `rtt`.
    public let name: String
    /// The name of the property of ``TCPInfo``: `roundTripTime`.
    public let swiftName: String
    /// Where the field begins, in bytes.
    public private(set) var offset: Int
    /// How many bytes the field takes; a bit field is part of one.
    public let width: Int
    /// The first bit and the number of bits of a bit field.
    public let bits: Range<Int>?
    /// What the number counts.
    public let unit: Unit
    /// The first kernel that has it; `nil` for the fields that all have.
    public let firstKernel: KernelVersion?
    /// What it is, in one sentence.
    public let meaning: String

    init(
        _ name: String, _ swiftName: String, _ width: Int, _ unit: Unit, since firstKernel: KernelVersion? = nil,
        _ meaning: String
    ) {
        self.name = name
        self.swiftName = swiftName
        offset = -1
        self.width = width
        bits = nil
        self.unit = unit
        self.firstKernel = firstKernel
        self.meaning = meaning
    }

    /// A bit field.
    init(
        _ name: String, _ swiftName: String, bits: (first: Int, count: Int), ofByte offset: Int, _ unit: Unit,
        _ meaning: String
    ) {
        self.name = name
        self.swiftName = swiftName
        self.offset = offset
        width = 1
        self.bits = bits.first..<bits.first + bits.count
        self.unit = unit
        firstKernel = nil
        self.meaning = meaning
    }

    /// Gives each field the place behind the one before it.
    static func placed(_ fields: [TCPInfoField]) -> [TCPInfoField] {
        var end = 0
        return fields.map { field in
            var field = field
            if field.bits == nil { field.offset = end }
            end = field.offset + field.width
            return field
        }
    }

    /// The field of a kernel name, with or without `tcpi_`, or of a Swift name.
    public static func named(_ name: String) -> TCPInfoField? {
        let short = name.hasPrefix("tcpi_") ? String(name.dropFirst(5)) : name
        return all.first { $0.name == short || $0.swiftName == name }
    }

    /// The field's number as the kernel gave it; `nil` where the kernel's structure ends before.
    public func value(in info: TCPInfo) -> UInt64? {
        guard let number = info.optional(offset, width) else { return nil }
        guard let bits else { return number }
        return number >> UInt64(bits.lowerBound) & (1 << UInt64(bits.count) - 1)
    }

    /// The field with its unit: `45us`, `1.25Gbit/s`, `open`; `nil` where the kernel's structure ends before.
    public func text(in info: TCPInfo) -> String? {
        guard let number = value(in: info) else { return nil }
        let byte = UInt8(truncatingIfNeeded: number)
        return switch unit {
        case .count, .bits, .packets, .bytes: "\(number)"
        case .microseconds, .milliseconds: "\(number)\(unit.rawValue)"
        case .bytesPerSecond: TransferRate(rawValue: number).description
        case .flag: number == 0 ? "no" : "yes"
        case .state: SocketState(rawValue: byte).description
        case .congestionState: CongestionState(rawValue: byte).description
        case .features: TCPFeatures(rawValue: byte).description
        case .fastOpenFailure: FastOpenFailure(rawValue: byte).description
        }
    }
}
