/// Bytes a second, as the kernel counts rates.
public struct TransferRate: RawRepresentable, Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Bytes a second; all ones is unlimited.
    public let rawValue: UInt64
    /// Creates a rate from bytes a second.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// No limit (all ones).
    public static var unlimited: TransferRate { TransferRate(rawValue: .max) }
    /// Whether there is no limit.
    public var isUnlimited: Bool { rawValue == .max }

    /// Whether one is slower than the other.
    public static func < (first: TransferRate, second: TransferRate) -> Bool { first.rawValue < second.rawValue }

    /// In bits a second with a decimal unit, three digits: `1.25Gbit/s`, `800kbit/s`; or `unlimited`.
    public var description: String {
        isUnlimited ? "unlimited" : TransferRate.text(bitsPerSecond: Double(rawValue) * 8)
    }

    static func text(bitsPerSecond: Double) -> String {
        let units = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"]
        var value = bitsPerSecond
        var unit = 0
        while value >= 999.5, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return threeDigits(value) + units[unit]
    }
}

/// A number of about three digits: `1.25`, `12.5`, `125`.
func threeDigits(_ value: Double) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
    let decimals = value.magnitude >= 99.95 ? 0 : value.magnitude >= 9.995 ? 1 : 2
    let scale: Double = [1, 10, 100][decimals]
    let scaled = Int64((value * scale).rounded())
    var digits = String(scaled.magnitude)
    if decimals > 0 {
        while digits.utf8.count <= decimals { digits = "0" + digits }
        let point = digits.index(digits.endIndex, offsetBy: -decimals)
        var fraction = digits[point...]
        while fraction.last == "0" { fraction.removeLast() }
        digits = String(digits[..<point]) + (fraction.isEmpty ? "" : "." + fraction)
    }
    return (scaled < 0 ? "-" : "") + digits
}
