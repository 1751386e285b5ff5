import FoundationEssentials
import Testing

@testable import PlumbSockets

@Suite("Values of options as text") struct OptionValueTests {
    // MARK: Reading and printing by the option's kind

    @Test(
        "a text is read by the option's kind",
        arguments: [
            ("noDelay", "on", OptionValue.flag(true)), ("noDelay", "TRUE", .flag(true)), ("noDelay", "0", .flag(false)),
            ("noDelay", "no", .flag(false)), ("keepAliveCount", "7", .integer(7)), ("mark", "0x10", .integer(16)),
            ("sendBuffer", "256KiB", .integer(262_144)), ("sendBuffer", "65536", .integer(65_536)),
            ("sendBuffer", "1.5MiB", .integer(1_572_864)), ("sendBuffer", "100B", .integer(100)),
            ("keepAliveIdle", "60s", .duration(.seconds(60))), ("keepAliveIdle", "5m", .duration(.seconds(300))),
            ("keepAliveIdle", "1.5s", .duration(.milliseconds(1500))),
            ("keepAliveIdle", "2h", .duration(.seconds(7200))),
            ("busyPoll", "50us", .duration(.microseconds(50))), ("busyPoll", "50µs", .duration(.microseconds(50))),
            ("userTimeout", "250ms", .duration(.milliseconds(250))), ("userTimeout", "0", .duration(.zero)),
            ("receiveTimeout", "forever", .absent), ("receiveTimeout", "1s", .duration(.seconds(1))),
            ("linger", "off", .absent), ("linger", "reset", .duration(.zero)), ("linger", "2s", .duration(.seconds(2))),
            ("maximumPacingRate", "unlimited", .absent), ("maximumPacingRate", "1MiB/s", .integer(1 << 20)),
            ("maximumPacingRate", "1Gbit/s", .integer(125_000_000)), ("maximumPacingRate", "5000", .integer(5000)),
            ("typeOfService", "EF", .integer(0xb8)), ("typeOfService", "af41", .integer(0x88)),
            ("typeOfService", "CS1", .integer(0x20)), ("typeOfService", "low-delay", .integer(0x10)),
            ("typeOfService", "throughput", .integer(0x08)), ("typeOfService", "0x10", .integer(16)),
            ("bufferLock", "send,receive", .integer(3)), ("bufferLock", "none", .integer(0)),
            ("congestionControl", "bbr", .text("bbr")), ("device", "", .text("")),
            ("localPortRange", "40000-40999", .text("40000-40999")), ("localPortRange", "none", .absent),
            ("joinGroup", "239.1.2.3", .text("239.1.2.3")), ("fastOpenKey", "0x" + zeros(16), .bytes(zeroBytes)),
            ("transmitTime", "clock=1 isDeadline=1", .fields(["clock": 1, "isDeadline": 1])),
            ("peerGroups", "1,2", .list([1, 2])), ("detachFilter", "", .absent),
        ])
    func reads(_ name: String, _ text: String, _ value: OptionValue) throws {
        #expect(try OptionDescription.named(name).value(text) == value)
    }

    static func zeros(_ count: Int) -> String { String(repeating: "00", count: count) }
    static let zeroBytes = [UInt8](repeating: 0, count: 16)

    @Test(
        "a text that is no value says what one looks like",
        arguments: [
            ("noDelay", "maybe", "on or off"), ("keepAliveCount", "x", "a whole number"),
            ("keepAliveCount", "1.5", "a whole number"), ("sendBuffer", "64kB", "64KiB"),
            ("sendBuffer", "0.3", "64KiB"),
            ("sendBuffer", "9999999999GiB", "64KiB"), ("keepAliveIdle", "60", "a time with a unit"),
            ("keepAliveIdle", "60 s", "a time with a unit"), ("keepAliveIdle", "s", "a time with a unit"),
            ("keepAliveIdle", "１s", "a time with a unit"), ("receiveTimeout", "never", "forever"),
            ("linger", "on", "reset"), ("maximumPacingRate", "fast", "unlimited"), ("typeOfService", "EG", "EF"),
            ("bufferLock", "send,all", "send, receive"), ("bufferLock", "", "send, receive"),
            ("congestionControl", "sixteen-letters!", "15 bytes"), ("device", "a\0b", "15 bytes"),
            ("localPortRange", "5-4", "40000-40999"), ("localPortRange", "0-70000", "40000-40999"),
            ("joinGroup", "nowhere", "239.1.2.3"), ("joinGroup", "239.1.2.3%nosuchif0", "239.1.2.3"),
            ("fastOpenKey", "0x00", "16 or 32 bytes"), ("fastOpenKey", "00", "16 or 32 bytes"),
            ("filter", "0x0600", "8 bytes"), ("mark", "-1", "a whole number"), ("mark", "4294967296", "a whole number"),
            ("transmitTime", "when=1", "clock=11"), ("transmitTime", "clock", "clock=11"),
            ("detachFilter", "x", "no value"),
            ("md5Signature", "127.0.0.1:0", "secret"), ("peerCredentials", "userID=0", "numbers by name"),
        ])
    func refuses(_ name: String, _ text: String, _ expected: String) throws {
        let option = try OptionDescription.named(name)
        let error = try #require(throws: SocketsError.self) { try option.value(text) }
        #expect(error.code == .invalidValue)
        #expect(error.description.hasPrefix("cannot set \(name) (\(option.name)) to '\(text)': "), "\(error)")
        #expect(error.reason.contains(expected), "\(error)")
    }

    @Test(
        "a value out of range says what the kernel takes",
        arguments: [
            ("keepAliveIdle", "0", "1s to 32767s"), ("keepAliveIdle", "10h", "1s to 32767s"),
            ("keepAliveCount", "128", "1 to 127"),
            ("maximumRetransmissionTimeout", "500ms", "1s to 2m"), ("timeToLive", "256", "1 to 255"),
            ("maximumSegment", "87", "88B to 32767B"), ("typeOfService", "256", "best-effort to 255"),
        ])
    func outOfRange(_ name: String, _ text: String, _ expected: String) throws {
        let option = try OptionDescription.named(name)
        let error = try #require(throws: SocketsError.self) { try option.value(text) }
        #expect(error.code == .invalidValue && error.reason.contains(expected), "\(error)")
    }

    @Test("what the kernel clamps is not refused: the report shows what became of it")
    func clamped() throws {
        #expect(try OptionDescription.named("finWaitTimeout").value("200s") == .duration(.seconds(200)))
    }

    @Test(
        "a value is printed with the option's units and names, and read back",
        arguments: [
            ("noDelay", OptionValue.flag(true), "on"), ("sendBuffer", .integer(262_144), "256KiB"),
            ("sendBuffer", .integer(200_000), "200000B"), ("sendBuffer", .integer(0), "0B"),
            ("sendBuffer", .integer(1 << 30), "1GiB"), ("keepAliveCount", .integer(9), "9"),
            ("keepAliveIdle", .duration(.seconds(60)), "60s"), ("keepAliveIdle", .duration(.seconds(90)), "90s"),
            ("keepAliveIdle", .duration(.seconds(600)), "10m"), ("keepAliveIdle", .duration(.seconds(7200)), "2h"),
            ("userTimeout", .duration(.milliseconds(1501)), "1501ms"),
            ("busyPoll", .duration(.microseconds(50)), "50us"),
            ("receiveTimeout", .absent, "forever"), ("receiveTimeout", .duration(.milliseconds(4)), "4ms"),
            ("linger", .absent, "off"), ("linger", .duration(.zero), "reset"), ("linger", .duration(.seconds(2)), "2s"),
            ("maximumPacingRate", .absent, "unlimited"), ("maximumPacingRate", .integer(1 << 20), "1MiB/s"),
            ("typeOfService", .integer(0xb8), "EF"), ("typeOfService", .integer(0x11), "17"),
            ("bufferLock", .integer(3), "send,receive"), ("bufferLock", .integer(0), "none"),
            ("addressPreferences", .integer(0x500), "pubtmp-default,home"), ("pathMTUDiscovery", .integer(2), "do"),
            ("type", .integer(1), "stream"), ("domain", .integer(2), "ipv4"), ("protocolNumber", .integer(6), "tcp"),
            ("protocolNumber", .integer(132), "132"), ("congestionControl", .text("cubic"), "cubic"),
            ("localPortRange", .text("1-2"), "1-2"), ("localPortRange", .absent, "none"),
        ])
    func prints(_ name: String, _ value: OptionValue, _ text: String) throws {
        let option = try OptionDescription.named(name)
        #expect(option.text(of: value) == text)
        #expect(try option.value(text) == value)
    }

    @Test("bits without a name are printed as a number")
    func unknownBits() throws {
        let option = try OptionDescription.named("bufferLock")
        #expect(option.text(of: .integer(0x11)) == "send,16")
        #expect(try option.value("send,16") == .integer(0x11))
    }

    // MARK: Without an option

    static let values: [(OptionValue, text: String, json: String)] = [
        (.flag(true), "on", "true"), (.flag(false), "off", "false"), (.integer(5), "5", "5"),
        (.integer(-1), "-1", "-1"),
        (.integer(.max), "9223372036854775807", "9223372036854775807"),
        (.large(.max), "18446744073709551615", "18446744073709551615"),
        (.duration(.seconds(60)), "60s", "\"60s\""), (.duration(.zero), "0s", "\"0s\""),
        (.duration(.nanoseconds(-1500)), "-1500ns", "\"-1500ns\""),
        (.text("cubic"), "cubic", "\"cubic\""), (.text(""), "", "\"\""), (.text("on"), "on", "\"on\""),
        (.text("60s"), "60s", "{\"text\":\"60s\"}"), (.text("0x00"), "0x00", "{\"text\":\"0x00\"}"),
        (.text("60.0s"), "60.0s", "\"60.0s\""), (.bytes([0, 255]), "0x00ff", "\"0x00ff\""),
        (.bytes([]), "0x", "\"0x\""),
        (.list([1, 2]), "1,2", "[1,2]"), (.list([]), "", "[]"),
        (.fields(["b": 2, "a": 1]), "a=1 b=2", "{\"a\":1,\"b\":2}"),
        (.fields([:]), "", "{}"), (.absent, "none", "null"),
    ]

    @Test("a value by itself, as text and as JSON, and back", arguments: values)
    func codable(_ value: OptionValue, _ text: String, _ json: String) throws {
        #expect(value.description == text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        // In an array, since a value alone is no document for older readers.
        let data = try encoder.encode([value])
        #expect(String(decoding: data, as: UTF8.self) == "[\(json)]")
        #expect(try JSONDecoder().decode([OptionValue].self, from: data) == [value])
    }

    @Test("JSON that is no value is refused", arguments: ["[1.5]", "[{\"text\":1.5}]", "[{\"x\":\"y\"}]", "[[\"a\"]]"])
    func badJSON(_ json: String) {
        #expect(throws: (any Error).self) { try JSONDecoder().decode([OptionValue].self, from: Data(json.utf8)) }
    }

    @Test("equal numbers are equal values")
    func numbers() {
        #expect(OptionValue(UInt64(5)) == .integer(5))
        #expect(OptionValue(UInt64(Int.max)) == .integer(.max))
        #expect(OptionValue(UInt64(Int.max) + 1) == .large(1 << 63))
        #expect(OptionValue.large(1 << 63).unsignedValue == 1 << 63)
        #expect(OptionValue.integer(-1).unsignedValue == nil)
    }

    @Test("every value of the table of trials is printed as it was written, or reads back as the same")
    func trials() throws {
        for trial in OptionTrial.table {
            let option = try OptionDescription.swift(trial.option)
            let value = try #require(option.parse(trial.text))
            #expect(option.parse(option.text(of: value)) == value, "\(option.name) \(trial.text)")
        }
    }
}
