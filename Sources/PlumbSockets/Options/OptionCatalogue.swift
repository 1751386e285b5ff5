extension OptionDescription {
    /// Every option that Plumb knows, by level, in the order in which it is shown.
    public static let catalogue: [OptionDescription] = [
        socketLevel, unixLevel, tcpLevel, ipLevel, ipv6Level, udpLevel,
    ].flatMap(\.self)

    /// The option of a name: the C name with or without its prefix (`TCP_NODELAY`, `nodelay`), or the Swift name
    /// (`noDelay`); upper and lower case are the same.
    ///
    /// - Parameters:
    ///   - name: one of these names.
    ///   - level: where several levels have an option of the name; `nil` takes the first, which is IPv4's.
    /// - Throws: ``SocketsError`` with the code `.unknownOption`, which names what is near.
    public static func named(_ name: String, level: OptionLevel? = nil) throws(SocketsError) -> OptionDescription {
        let key = name.lowercased()
        let candidates = level.map { level in catalogue.filter { $0.level == level } } ?? catalogue
        // Whole names first: a name without its prefix can be on several levels (SO_ and UDP_CORK's CORK).
        let found =
            candidates.first { $0.name.lowercased() == key } ?? candidates.first { $0.swiftName.lowercased() == key }
            ?? candidates.first { $0.unprefixedName.lowercased() == key }
        if let found { return found }
        let near = nearest(to: key, in: candidates)
        throw SocketsError(
            .unknownOption, "find the option", "'\(name)'",
            reason: "no option of the catalogue has this name"
                + (near.isEmpty ? "; `plumb options` lists them" : "; did you mean \(near.joined(separator: ", "))?"))
    }

    /// The C name without the level's prefix: `NODELAY`.
    var unprefixedName: String {
        name.firstIndex(of: "_").map { String(name[name.index(after: $0)...]) } ?? name
    }

    /// At most three names that a person may have meant.
    private static func nearest(to key: String, in options: [OptionDescription]) -> [String] {
        var found: [(distance: Int, name: String)] = []
        for option in options {
            for name in [option.name, option.swiftName, option.unprefixedName] {
                let lowercased = name.lowercased()
                let distance =
                    key.count >= 4 && lowercased.contains(key)
                    ? 1 : editDistance(Array(key.utf8), Array(lowercased.utf8))
                if distance <= max(1, key.utf8.count / 3) {
                    // The unprefixed name is no name to show.
                    found.append((distance, name == option.swiftName ? name : option.name))
                }
            }
        }
        var names: [String] = []
        for candidate in found.sorted(by: { ($0.distance, $0.name) < ($1.distance, $1.name) })
        where names.count < 3 && !names.contains(candidate.name) {
            names.append(candidate.name)
        }
        return names
    }
}

/// How many letters must be put in, taken out, replaced or swapped with their neighbour to make one word of the other.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...second.count)
    for row in first.indices {
        var current = [row + 1]
        for column in second.indices {
            var best = min(last[column + 1], current[column]) + 1
            best = min(best, last[column] + (first[row] == second[column] ? 0 : 1))
            if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
                best = min(best, beforeLast[column - 1] + 1)
            }
            current.append(best)
        }
        (beforeLast, last) = (last, current)
    }
    return last[second.count]
}
