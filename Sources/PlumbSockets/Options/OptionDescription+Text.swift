extension OptionDescription {
    /// Reads a value of this option from text: `on`, `256KiB`, `60s`, `EF`, `send,receive`, `unlimited`.
    ///
    /// - Throws: ``SocketsError`` with the code `.invalidValue`, which says what is expected.
    public func value(_ text: String) throws(SocketsError) -> OptionValue {
        guard let value = parse(text), codec.accepts(value) else { throw invalid(text, "expected \(expectation)") }
        if adjustment != .clamped, let range, let amount = amount(of: value), !range.contains(amount) {
            throw invalid(
                text,
                "the kernel takes \(self.text(ofAmount: range.lowerBound)) to "
                    + self.text(ofAmount: range.upperBound))
        }
        return value
    }

    /// The value with the option's units and names: `256KiB`, `EF`, `unlimited`. ``value(_:)`` reads it back.
    public func text(of value: OptionValue) -> String {
        switch (kind, value) {
        case (.action, .absent): return ""
        case (.timeout, .absent): return "forever"
        case (.rate, .absent): return "unlimited"
        case (.linger, .absent): return "off"
        case (.linger, .duration(.zero)): return "reset"
        case (.rate, .integer(let number)): return OptionText.printSize(number) + "/s"
        case (.integer, .integer(let number)) where unit == .bytes: return OptionText.printSize(number)
        case (.choice, .integer(let number)), (.integer, .integer(let number)):
            return names.first { $0.value == number }?.name ?? value.description
        case (.set, .integer(let number)): return text(ofSet: number)
        default: return value.description
        }
    }

    /// What a value looks like, as the end of a sentence.
    public var expectation: String {
        if let expectation = codec.expectation { return expectation }
        return switch kind {
        case .flag: "on or off"
        case .integer where unit == .bytes: "a size such as 65536, 64KiB or 1MiB"
        case .integer: "a whole number" + (names.isEmpty ? "" : ", or one of \(nameList)")
        case .rate: "a rate such as 125000B/s, 10MiB/s or 100Mbit/s, or unlimited"
        case .duration: "a time with a unit, such as 250ms, 60s or 5m"
        case .timeout: "a time with a unit, such as 250ms, 60s or 5m, or forever"
        case .linger: "the seconds to wait, such as 2s, or reset, or off"
        case .choice: "one of \(nameList), or a number"
        case .set: "some of \(nameList), with commas between them, or none"
        case .text: "a name of at most 15 bytes"
        case .address: "an address"
        case .range: "two ports such as 40000-40999, or none"
        case .list: "numbers with commas between them"
        case .fields: "numbers by name, such as clock=11"
        case .bytes: "bytes in hexadecimal, such as 0x00ff"
        case .descriptor: "the number of an open descriptor"
        case .action: "no value"
        }
    }

    private var nameList: String { names.map(\.name).joined(separator: ", ") }

    /// The value of a text, whether it is in range or not.
    func parse(_ text: String) -> OptionValue? {
        let word = text.lowercased()
        switch kind {
        case .flag: return OptionText.flag(text).map { .flag($0) }
        case .integer where unit == .bytes: return OptionText.size(text).map { .integer($0) }
        case .integer, .choice: return number(text).map { .integer($0) }
        case .rate: return word == "unlimited" ? .absent : OptionText.rate(text).map { .integer($0) }
        case .duration: return OptionText.duration(text).map { .duration($0) }
        case .timeout: return word == "forever" ? .absent : OptionText.duration(text).map { .duration($0) }
        case .linger:
            if word == "off" { return .absent }
            return word == "reset" ? .duration(.zero) : OptionText.duration(text).map { .duration($0) }
        case .set: return set(text).map { .integer($0) }
        case .text, .address: return .text(text)
        case .range: return word == "none" ? .absent : .text(text)
        case .descriptor: return Int(text).map { .integer($0) }
        case .bytes: return OptionText.bytes(text).map { .bytes($0) }
        case .action: return text.isEmpty ? .absent : nil
        case .list: return list(text).map { .list($0) }
        case .fields: return fields(text).map { .fields($0) }
        }
    }

    private func number(_ text: String) -> Int? {
        names.first { $0.name.lowercased() == text.lowercased() }?.value ?? OptionText.integer(text)
    }

    private func set(_ text: String) -> Int? {
        if text.lowercased() == "none" { return 0 }
        var bits = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = number(String(part)) else { return nil }
            bits |= value
        }
        return bits
    }

    private func list(_ text: String) -> [Int]? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { OptionText.integer($0) }
        return numbers.count == parts.count ? numbers : nil
    }

    private func fields(_ text: String) -> [String: Int]? {
        var fields: [String: Int] = [:]
        for part in text.split(separator: " ") {
            let halves = part.split(separator: "=", omittingEmptySubsequences: false)
            guard halves.count == 2, let number = OptionText.integer(halves[1]) else { return nil }
            fields[String(halves[0])] = number
        }
        return fields
    }

    private func text(ofSet bits: Int) -> String {
        var rest = bits
        var parts: [String] = []
        for name in names where name.value != 0 && rest & name.value == name.value {
            parts.append(name.name)
            rest &= ~name.value
        }
        if rest != 0 { parts.append("\(rest)") }
        return parts.isEmpty ? "none" : parts.joined(separator: ",")
    }

    /// The number that the range is about: a count, or a time in the option's unit.
    func amount(of value: OptionValue) -> Int? {
        switch value {
        case .flag(let isOn): isOn ? 1 : 0
        case .integer(let number): number
        case .duration(let time): Int(time.roundedUp(toMultipleOf: timeUnit))
        default: nil
        }
    }

    private func text(ofAmount amount: Int) -> String {
        kind == .duration || kind == .timeout || kind == .linger
            ? OptionText.print(timeUnit * amount) : text(of: .integer(amount))
    }

    private var timeUnit: Duration {
        switch unit {
        case .milliseconds: .milliseconds(1)
        case .microseconds: .microseconds(1)
        default: .seconds(1)
        }
    }

    private func invalid(_ text: String, _ reason: String) -> SocketsError {
        SocketsError(.invalidValue, "set \(swiftName) (\(name)) to", "'\(text)'", reason: reason)
    }
}

extension OptionCodec {
    fileprivate static func accepts(_ optionValue: OptionValue) -> Bool { value(optionValue) != nil }
}
