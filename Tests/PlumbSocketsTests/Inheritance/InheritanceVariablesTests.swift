import Testing

@testable import PlumbSockets

/// The variables of sd_listen_fds(3) as text; what they are read as.
struct VariablesCase: Sendable, CustomTestStringConvertible {
    var process: String? = "42"
    var identity: String? = nil
    var count: String? = "2"
    var names: String? = nil
    /// The names, or nothing inherited; an error when `nil`.
    var expected: [String]? = nil
    /// What an error says.
    var says = ""

    var testDescription: String {
        "PID \(process ?? "-") PIDFDID \(identity ?? "-") FDS \(count ?? "-") NAMES \(names ?? "-")"
    }
}

@Suite("Variables of inherited listeners") struct InheritanceVariablesTests {
    static let understood: [VariablesCase] = [
        VariablesCase(expected: ["unknown", "unknown"]),
        VariablesCase(count: "1", names: "http", expected: ["http"]),
        VariablesCase(names: "http:admin", expected: ["http", "admin"]),
        VariablesCase(names: "http:http", expected: ["http", "http"]),
        VariablesCase(names: ":", expected: ["", ""]),
        VariablesCase(count: "1", names: "", expected: [""]),
        VariablesCase(count: "0", expected: []),
        VariablesCase(count: "0", names: "", expected: []),
        VariablesCase(process: "0042", count: "001", expected: ["unknown"]),
        VariablesCase(identity: "7", expected: ["unknown", "unknown"]),
    ]

    static let notForThisProcess: [VariablesCase] = [
        VariablesCase(process: nil, expected: []),
        VariablesCase(process: nil, count: nil, expected: []),
        VariablesCase(process: nil, count: "garbage", names: ":::", expected: []),
        VariablesCase(process: "41", expected: []),
        VariablesCase(process: "41", count: "garbage", expected: []),
        VariablesCase(count: nil, expected: []),
        VariablesCase(identity: "8", expected: []),
    ]

    static let hostile: [VariablesCase] = [
        VariablesCase(process: "", says: "LISTEN_PID is ''"),
        VariablesCase(process: "0", says: "LISTEN_PID is '0'"),
        VariablesCase(process: "-42", says: "LISTEN_PID is '-42'"),
        VariablesCase(process: " 42", says: "LISTEN_PID is ' 42'"),
        VariablesCase(process: "42x", says: "LISTEN_PID"),
        VariablesCase(process: "4294967338", says: "LISTEN_PID"),
        VariablesCase(identity: "-7", says: "LISTEN_PIDFDID"),
        VariablesCase(identity: "", says: "LISTEN_PIDFDID"),
        VariablesCase(count: "", says: "LISTEN_FDS is ''"),
        VariablesCase(count: "-1", says: "LISTEN_FDS is '-1', which is no number of descriptors"),
        VariablesCase(count: "+1", says: "LISTEN_FDS"),
        VariablesCase(count: "1 ", says: "LISTEN_FDS"),
        VariablesCase(count: "0x1", says: "LISTEN_FDS"),
        VariablesCase(count: "one", says: "LISTEN_FDS"),
        VariablesCase(count: "1\u{661}", says: "LISTEN_FDS"),
        VariablesCase(count: "2147483645", says: "LISTEN_FDS"),
        VariablesCase(count: "4294967297", says: "LISTEN_FDS"),
        VariablesCase(count: String(repeating: "9", count: 5000), says: "9…'"),
        VariablesCase(names: "http", says: "LISTEN_FDNAMES is 'http', which is 1 names, and LISTEN_FDS says 2"),
        VariablesCase(names: "a:b:c", says: "3 names"),
        VariablesCase(names: "", says: "1 names"),
        VariablesCase(count: "0", names: "a", says: "1 names"),
        VariablesCase(names: "a:\u{7}", says: "printable ASCII"),
        VariablesCase(names: "a:" + String(repeating: "x", count: 256), says: "printable ASCII"),
        VariablesCase(names: "a:\u{fffd}", says: "printable ASCII"),
    ]

    @Test("read", arguments: understood + notForThisProcess)
    func read(_ variables: VariablesCase) throws {
        let inheritance = try inheritance(variables)
        let names = (0..<inheritance.count).map { inheritance.name($0).description }
        #expect(names == variables.expected)
    }

    @Test("hostile: an error that names the variable and what to do", arguments: hostile)
    func refused(_ variables: VariablesCase) throws {
        let error = try #require(throws: SocketsError.self) { try inheritance(variables) }
        #expect(error.code == .invalidInheritance)
        #expect(error.description.hasPrefix("cannot take the inherited listeners: "), "\(error)")
        #expect(error.description.contains(variables.says), "\(error)")
        #expect(error.description.hasSuffix("must pass that many sockets from descriptor 3 up"), "\(error)")
        #expect(error.description.utf8.count < 300, "\(error)")
    }

    @Test("a count that no array could hold costs nothing")
    func hugeCount() throws {
        #expect(try inheritance(VariablesCase(count: "2147483644")).count == 2_147_483_644)
    }

    @Test("where the kernel has no such numbers, only the process counts")
    func noIdentity() throws {
        let variables = InheritanceVariables(process: "42", processIdentity: "8", count: "1", names: nil)
        #expect(try variables.inheritance(process: 42, identity: nil).count == 1)
    }

    private func inheritance(_ variables: VariablesCase) throws -> InheritanceVariables.Inheritance {
        let read = InheritanceVariables(
            process: variables.process, processIdentity: variables.identity, count: variables.count,
            names: variables.names)
        return try read.inheritance(process: 42, identity: 7)
    }
}
