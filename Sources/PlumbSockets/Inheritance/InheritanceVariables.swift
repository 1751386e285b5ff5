import CPlumb

/// What the variables of sd_listen_fds(3) say, as the text that it is.
struct InheritanceVariables {
    var process: String?
    var processIdentity: String?
    var count: String?
    var names: String?

    /// What is inherited: so many descriptors, and their names, if they have any.
    struct Inheritance: Equatable {
        var count = 0
        var names: [ListenerName]? = nil

        func name(_ index: Int) -> ListenerName { names?[index] ?? .unknown }
    }

    /// Reads the variables as hostile input.
    ///
    /// - Parameters:
    ///   - process: this process.
    ///   - identity: its pidfd's inode, where this kernel has such numbers.
    ///   - first: the first number of an inherited descriptor.
    /// - Returns: nothing inherited when the variables are missing or meant for another process.
    func inheritance(
        process own: Int32, identity ownIdentity: UInt64?, first: CInt = ListenerConvention.firstDescriptor
    ) throws(SocketsError) -> Inheritance {
        guard let process else { return Inheritance() }
        guard let pid = Int32(digits: process), pid > 0 else {
            throw InheritanceVariables.error(SystemdVariable.process, process, "no number of a process")
        }
        guard pid == own, try isMeant(forIdentity: ownIdentity), let count else { return Inheritance() }
        guard let number = Int32(digits: count), number <= CInt.max - first else {
            throw InheritanceVariables.error(SystemdVariable.count, count, "no number of descriptors")
        }
        return Inheritance(count: Int(number), names: try names(count: Int(number)))
    }

    private func isMeant(forIdentity own: UInt64?) throws(SocketsError) -> Bool {
        guard let processIdentity else { return true }
        guard let identity = UInt64(digits: processIdentity) else {
            throw InheritanceVariables.error(
                SystemdVariable.processIdentity, processIdentity, "no number of a process's inode")
        }
        return own.map { $0 == identity } ?? true
    }

    private func names(count: Int) throws(SocketsError) -> [ListenerName]? {
        guard let names else { return nil }
        let parts = names.split(separator: ":", omittingEmptySubsequences: false)
        // No name and one empty name are written alike.
        guard parts.count == count || (count == 0 && names.isEmpty) else {
            throw InheritanceVariables.error(
                SystemdVariable.names, names, "\(parts.count) names, and \(SystemdVariable.count) says \(count)")
        }
        var result: [ListenerName] = []
        for part in parts {
            guard let name = ListenerName(String(part)) else {
                throw InheritanceVariables.error(
                    SystemdVariable.names, names, "no list of names of printable ASCII characters between colons")
            }
            result.append(name)
        }
        return result
    }

    private static func error(_ variable: String, _ value: String, _ what: String) -> SocketsError {
        let shown = value.count <= 40 ? value : "\(value.prefix(40))…"
        return InheritedListeners.error("\(variable) is '\(shown)', which is \(what)")
    }
}

extension FixedWidthInteger {
    /// Reads a number that is nothing but decimal digits.
    init?(digits text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
        self.init(text)
    }
}
