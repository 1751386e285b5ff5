import FoundationEssentials
import Testing

@testable import PlumbSockets

@Suite("The documentation of options") struct OptionDocumentationTests {
    /// Other libraries' distinct names: SOL_SOCKET, TCP, IP, IPv6, UDP.
    static let others: [(name: String, counts: [Int])] = [
        ("Go x/sys", [73, 36, 47, 53, 6]), ("nix", [29, 12, 15, 13, 2]), ("socket2", [25, 11, 15, 14, 0]),
        ("socat", [25, 13, 20, 18, 0]), ("SwiftNIO", [9, 2, 6, 6, 2]),
    ]
    static let levels: [OptionLevel] = [.socket, .tcp, .ip, .ipv6, .udp]

    static var coverage: String {
        var lines = [
            "| Level | Plumb | typed | unit | read back | " + others.map(\.name).joined(separator: " | ") + " |",
            "|---" + String(repeating: "|---:", count: 4 + others.count) + "|",
        ]
        var rows = levels.enumerated().map { index, level in
            counts(OptionDescription.catalogue.filter { $0.level == level }) + others.map { $0.counts[index] }
        }
        rows.append((0..<rows[0].count).map { column in rows.reduce(0) { $0 + $1[column] } })
        for (name, row) in zip(levels.map { "`\($0)`" } + ["all"], rows) {
            lines.append("| \(name) | " + row.map { "\($0)" }.joined(separator: " | ") + " |")
        }
        return lines.joined(separator: "\n")
    }

    private static func counts(_ options: [OptionDescription]) -> [Int] {
        [
            options.count, options.filter { $0.kind != .bytes || $0.codec != BytesCodec.self }.count,
            options.filter { $0.unit != nil || !$0.names.isEmpty }.count,
            options.filter { $0.access == .readWrite }.count,
        ]
    }

    static var reference: String {
        levels.map { level in
            let options = OptionDescription.catalogue.filter { $0.level == level }
            return """
                ### \(level)

                | Option | Swift | Value | When | accept | Privilege | For | Cost |
                |---|---|---|---|---|---|---|---|
                """ + options.map { "\n" + row($0) }.joined()
        }.joined(separator: "\n\n")
    }

    private static func row(_ option: OptionDescription) -> String {
        let since = option.firstKernel.map { " (Linux \($0))" } ?? ""
        var value = option.kind.rawValue + (option.unit.map { ", \($0.rawValue)" } ?? "")
        if let range = option.range { value += ", \(range.lowerBound) to \(range.upperBound)" }
        if option.access == .readOnly { value += "; read only" }
        if option.access == .setOnly { value += "; set only" }
        let phases: [OptionDescription.Phase: String] = [
            .beforeBind: "before bind", .beforeConnect: "before connect or listen", .anyTime: "at any time",
            .perConnection: "on each connection",
        ]
        let phase = option.access == .readOnly ? "" : phases[option.phase] ?? ""
        let cells = [
            "`\(option.name)`\(since)", "`\(option.swiftName)`", value, phase, option.isInherited ? "yes" : "no",
            option.privilege.map { describe($0) } ?? "", option.purpose, option.cost,
        ]
        return "| " + cells.joined(separator: " | ") + " |"
    }

    private static func describe(_ privilege: OptionDescription.Privilege) -> String {
        var text = privilege.capabilities.joined(separator: " or ")
        if let free = privilege.freeValues { text += " beyond \(free.lowerBound) to \(free.upperBound)" }
        if let condition = privilege.condition { text += " " + condition }
        return text
    }

    @Test(
        "an article says what the catalogue says",
        arguments: [("Options", "coverage"), ("OptionReference", "reference")])
    func article(_ name: String, _ section: String) throws {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let path = "/\(root)/Sources/PlumbSockets/PlumbSockets.docc/\(name).md"
        let text = try text(ofFile: path)
        let begin = try #require(text.firstRange(of: "<!-- \(section) -->\n"))
        let end = try #require(text[begin.upperBound...].firstRange(of: "<!-- /\(section) -->"))
        let wanted = section == "coverage" ? Self.coverage : Self.reference
        if ProcessInfo.processInfo.environment["PLUMB_UPDATE_DOCUMENTATION"] != nil {
            let new = text[..<begin.upperBound] + "\n" + wanted + "\n\n" + text[end.lowerBound...]
            try String(new).write(toFile: path, atomically: true, encoding: .utf8)
        } else {
            let written = text[begin.upperBound..<end.lowerBound]
            #expect(
                written == "\n\(wanted)\n\n",
                "run PLUMB_UPDATE_DOCUMENTATION=1 swift test --filter OptionDocumentation, and commit \(name).md")
        }
    }

    @Test("no other library has more options of a level")
    func coverage() {
        for (index, level) in Self.levels.enumerated() {
            let count = OptionDescription.catalogue.filter { $0.level == level }.count
            #expect(Self.others.allSatisfy { $0.counts[index] <= count }, "\(level)")
        }
    }

    @Test("a description is JSON under the names of its properties")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let option = try OptionDescription.named("TCP_RTO_MAX_MS")
        let text = String(decoding: try encoder.encode(option), as: UTF8.self)
        for part in [
            #""name":"TCP_RTO_MAX_MS""#, #""level":"IPPROTO_TCP""#, #""range":[1000,120000]"#, #""firstKernel":"6.15""#,
            #""sockets":["tcp4","tcp6"]"#, #""kind":"duration""#, #""unit":"milliseconds""#, #""phase":"anyTime""#,
        ] {
            #expect(text.contains(part), "\(part) in \(text)")
        }
    }
}
