/// The words of option values: times, sizes, rates, bytes, flags, as DESIGN.md's command line has them.
enum OptionText {
    // MARK: Times

    private static let timeUnits: [(name: String, unit: Duration)] = [
        ("ns", .nanoseconds(1)), ("us", .microseconds(1)), ("µs", .microseconds(1)), ("ms", .milliseconds(1)),
        ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3600)),
    ]

    /// A number and a unit: `250ms`, `1.5s`, `5m`. A bare 0 needs no unit.
    static func duration(_ text: some StringProtocol) -> Duration? {
        if text == "0" { return .zero }
        guard let (number, unit) = quantity(text), let scale = timeUnits.first(where: { $0.name == unit })?.unit else {
            return nil
        }
        return number.times(scale.attoseconds).map { Duration(attoseconds: $0) }
    }

    /// The largest unit in which the time is whole; minutes and hours from two on, since 60s and 90s read better.
    static func print(_ time: Duration) -> String {
        if time == .zero { return "0s" }
        let attoseconds = time.attoseconds
        for (name, unit) in timeUnits.reversed() where name != "µs" {
            let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: unit.attoseconds)
            if rest == 0, whole.magnitude >= (unit > .seconds(1) ? 2 : 1) { return "\(whole)\(name)" }
        }
        // Below a nanosecond, where no kernel time is.
        return "\(attoseconds / 1_000_000_000)ns"
    }

    // MARK: Sizes and rates

    private static let sizeUnits: [(name: String, unit: Int)] = [
        ("", 1), ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]
    private static let bitUnits: [(name: String, unit: Int)] = [
        ("kbit/s", 1000 / 8), ("Mbit/s", 1_000_000 / 8), ("Gbit/s", 1_000_000_000 / 8),
    ]

    /// Bytes: `65536`, `64KiB`, `1.5MiB`.
    static func size(_ text: some StringProtocol) -> Int? {
        guard let (number, unit) = quantity(text), let scale = sizeUnits.first(where: { $0.name == unit })?.unit else {
            return nil
        }
        return number.times(Int128(scale)).flatMap { Int(exactly: $0) }
    }

    /// The largest binary unit in which the number is whole.
    static func printSize(_ bytes: Int) -> String {
        for (name, unit) in sizeUnits.reversed() where unit > 1 && bytes != 0 && bytes % unit == 0 {
            return "\(bytes / unit)\(name)"
        }
        return "\(bytes)B"
    }

    /// Bytes a second: `125000`, `10MiB/s`, `100Mbit/s`.
    static func rate(_ text: some StringProtocol) -> Int? {
        if let (number, unit) = quantity(text), let scale = bitUnits.first(where: { $0.name == unit })?.unit {
            return number.times(Int128(scale)).flatMap { Int(exactly: $0) }
        }
        return size(text.hasSuffix("/s") ? String(text.dropLast(2)) : String(text))
    }

    // MARK: Flags and bytes

    /// `on`, `true`, `yes`, `1` and their opposites.
    static func flag(_ text: some StringProtocol) -> Bool? {
        switch text.lowercased() {
        case "on", "true", "yes", "1": true
        case "off", "false", "no", "0": false
        default: nil
        }
    }

    /// Decimal, or hexadecimal after `0x`.
    static func integer(_ text: some StringProtocol) -> Int? {
        if text.hasPrefix("0x") { return Int(text.dropFirst(2), radix: 16) }
        return Int(text)
    }

    /// `0x` and two hexadecimal digits a byte.
    static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.starts(with: "0x".utf8), digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        for index in stride(from: 2, to: digits.count, by: 2) {
            guard let high = hexDigit(digits[index]), let low = hexDigit(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    static func print(_ bytes: [UInt8]) -> String {
        bytes.reduce(into: "0x") { text, byte in
            text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
    }

    // MARK: A number and its unit

    /// A decimal number, exactly.
    private struct Decimal {
        /// All digits, without the point.
        var digits: Int128
        /// Ten to the number of digits after the point.
        var divisor: Int128

        /// The product where it is whole and fits.
        func times(_ factor: Int128) -> Int128? {
            let (product, overflow) = digits.multipliedReportingOverflow(by: factor)
            guard !overflow, product % divisor == 0 else { return nil }
            return product / divisor
        }
    }

    /// Splits `1.5KiB` into the number and the unit; `nil` when it does not begin with a digit or a minus.
    private static func quantity(_ text: some StringProtocol) -> (Decimal, unit: String)? {
        var number = Decimal(digits: 0, divisor: 1)
        var (hasDigits, hasPoint, isNegative) = (false, false, false)
        var rest = Substring(text)
        if rest.first == "-" {
            isNegative = true
            rest.removeFirst()
        }
        while let character = rest.first {
            if let digit = character.wholeNumberValue, character.isASCII {
                // Far more digits than any option's value has.
                guard number.digits < 1 << 80, number.divisor < 1 << 40 else { return nil }
                number.digits = number.digits * 10 + Int128(digit)
                if hasPoint { number.divisor *= 10 }
                hasDigits = true
            } else if character == ".", hasDigits, !hasPoint {
                hasPoint = true
            } else {
                break
            }
            rest.removeFirst()
        }
        guard hasDigits else { return nil }
        if isNegative { number.digits = -number.digits }
        return (number, String(rest))
    }
}
