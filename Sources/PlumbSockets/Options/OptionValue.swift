/// Any option's value: what a command line, a profile or a report says without the option's own type.
public enum OptionValue: Hashable, Sendable {
    /// On or off.
    case flag(Bool)
    /// A number; what it counts is the option's ``OptionDescription/unit``.
    case integer(Int)
    /// A number beyond `Int`: some cookies. Smaller ones are ``integer(_:)``, so that equal numbers are equal values.
    case large(UInt64)
    /// A time.
    case duration(Duration)
    /// A name, an address.
    case text(String)
    /// What the kernel has, uninterpreted.
    case bytes([UInt8])
    /// Several numbers of one kind.
    case list([Int])
    /// Several numbers by name.
    case fields([String: Int])
    /// No value: for ever, unlimited, off, or an option that is done rather than set.
    case absent

    /// A number of 64 bits.
    public init(_ number: UInt64) {
        self = Int(exactly: number).map { .integer($0) } ?? .large(number)
    }

    /// The number, if the value is one that fits.
    public var integerValue: Int? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The number, if the value is one that is not negative.
    public var unsignedValue: UInt64? {
        switch self {
        case .integer(let number): UInt64(exactly: number)
        case .large(let number): number
        default: nil
        }
    }
}

extension OptionValue: CustomStringConvertible {
    /// The value without its option: `on`, `5`, `250ms`, `cubic`, `0x00ff`, `1,2`, `userID=0`, `none`.
    ///
    /// ``OptionDescription/text(of:)`` knows the option's units and names.
    public var description: String {
        switch self {
        case .flag(let isOn): isOn ? "on" : "off"
        case .integer(let number): "\(number)"
        case .large(let number): "\(number)"
        case .duration(let time): OptionText.print(time)
        case .text(let text): text
        case .bytes(let bytes): OptionText.print(bytes)
        case .list(let numbers): numbers.map { "\($0)" }.joined(separator: ",")
        case .fields(let fields):
            fields.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        case .absent: "none"
        }
    }
}

/// The natural form of each: `true`, `5`, `"250ms"`, `"cubic"`, `"0x00ff"`, `[1,2]`, `{"userID":0}`, `null`.
///
/// A text that would be read back as a time or as bytes is written as `{"text":"1s"}`, so that every value comes back
/// as it was.
extension OptionValue: Codable {
    private enum Key: String, CodingKey { case text }

    /// Reads the natural form.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .absent
        } else if let isOn = try? container.decode(Bool.self) {
            self = .flag(isOn)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let number = try? container.decode(UInt64.self) {
            self = .large(number)
        } else if let numbers = try? container.decode([Int].self) {
            self = .list(numbers)
        } else if let fields = try? container.decode([String: Int].self) {
            self = .fields(fields)
        } else if let text = try? container.decode(String.self) {
            self = OptionValue(unmarked: text)
        } else {
            self = .text(try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .text))
        }
    }

    /// Writes the natural form.
    public func encode(to encoder: any Encoder) throws {
        if case .text(let text) = self, OptionValue(unmarked: text) != self {
            var container = encoder.container(keyedBy: Key.self)
            return try container.encode(text, forKey: .text)
        }
        var container = encoder.singleValueContainer()
        switch self {
        case .flag(let isOn): try container.encode(isOn)
        case .integer(let number): try container.encode(number)
        case .large(let number): try container.encode(number)
        case .duration, .text, .bytes: try container.encode(description)
        case .list(let numbers): try container.encode(numbers)
        case .fields(let fields): try container.encode(fields)
        case .absent: try container.encodeNil()
        }
    }

    /// What a string stands for: a time, bytes, or itself.
    private init(unmarked text: String) {
        if let time = OptionText.duration(text), OptionText.print(time) == text {
            self = .duration(time)
        } else if let bytes = OptionText.bytes(text), OptionText.print(bytes) == text {
            self = .bytes(bytes)
        } else {
            self = .text(text)
        }
    }
}
