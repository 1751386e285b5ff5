import Foundation
import Testing

/// One socket as `ss` prints it with `-O -H -n -e -i -m -o`.
struct SSLine {
    let text: String
    /// `ESTAB`, `LISTEN`.
    let state: String
    let receiveQueue: Int
    let sendQueue: Int
    let local: String
    let peer: String
    /// `rtt:0.045/0.022` as `rtt` → `0.045/0.022`; a word without a colon as itself → "".
    private(set) var values: [String: String] = [:]

    /// - Parameter hasKind: whether the line begins with `tcp`, `u_str` and the like.
    init?(_ line: Substring, hasKind: Bool = false) {
        text = String(line)
        var words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        if hasKind, !words.isEmpty { words.removeFirst() }
        guard words.count >= 5, let received = Int(words[1]), let sent = Int(words[2]) else { return nil }
        state = words[0]
        receiveQueue = received
        sendQueue = sent
        // Unix sockets have the inode as a word of its own behind the name.
        local = words[3]
        peer = words[4]
        var rest = Array(words.dropFirst(5))
        while !rest.isEmpty {
            let word = rest.removeFirst()
            if ["send", "pacing_rate", "delivery_rate", "max_pacing_rate"].contains(word), !rest.isEmpty {
                values[word] = rest.removeFirst()
            } else if let colon = word.firstIndex(of: ":") {
                values[String(word[..<colon])] = String(word[word.index(after: colon)...])
            } else {
                values[word] = ""
            }
        }
    }

    subscript(name: String) -> String? { values[name] }

    func integer(_ name: String) -> Int? { values[name].flatMap { Int($0) } }

    /// Runs `ss` with a filter.
    static func of(_ flags: [String], _ filter: [String] = []) throws -> [SSLine] {
        let program = try #require(Machine.ss)
        let output = try Program.run(program, ["-O", "-H", "-n", "-e", "-i", "-m", "-o"] + flags + filter)
        return output.split(separator: "\n").compactMap { SSLine($0) }
    }
}
