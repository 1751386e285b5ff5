import CPlumb

/// Who may speak to a Unix socket: nobody, but for those that a rule allows.
///
/// It decides on a ``PeerIdentity``, so what ``PeerIdentity/fields`` says about trust holds for it. A rule on what an
/// identity does not have (a message's supplementary groups, the process of an old kernel) does not allow.
///
/// ```swift
/// let policy = AccessPolicy([.user(0), .supplementaryGroup(webGroup), .all([.user(1000), .executable("/usr/bin/app")])])
/// ```
public struct AccessPolicy: Sendable, CustomStringConvertible {
    /// One reason to let a peer in.
    public struct Rule: Sendable, CustomStringConvertible {
        /// What the rule asks for, as words that complete "not …".
        public let description: String
        let allows: @Sendable (borrowing PeerIdentity) -> Bool

        private init(_ description: String, _ allows: @escaping @Sendable (borrowing PeerIdentity) -> Bool) {
            self.description = description
            self.allows = allows
        }

        /// The effective user.
        ///
        /// 65534 is also how users without a number in this user namespace appear: do not let it in there.
        public static func user(_ user: UInt32) -> Rule {
            Rule("user \(user)") { $0.credentials.userID == user }
        }

        /// The effective group.
        public static func group(_ group: UInt32) -> Rule {
            Rule("group \(group)") { $0.credentials.groupID == group }
        }

        /// The effective group or a supplementary one. The latter are known of connections only.
        public static func supplementaryGroup(_ group: UInt32) -> Rule {
            Rule("in group \(group)") {
                $0.credentials.groupID == group || $0.supplementaryGroups?.contains(group) ?? false
            }
        }

        /// The living process runs the program at a path, compared as files (device and inode) at this moment.
        ///
        /// It takes a process descriptor (Linux 6.5) and the right to look into the process, which another user's process
        /// gives to root only. It says nothing about what the program was made to do: its user may have set its environment
        /// or attached a debugger. Combine it with a user by ``all(_:)``.
        public static func executable(_ path: String) -> Rule {
            Rule("program \(path)") { identity in
                guard let found = identity.executable, let wanted = try? fileIdentity(of: path) else { return false }
                return found.file == wanted
            }
        }

        /// A decision of one's own.
        ///
        /// - Parameters:
        ///   - description: what is asked for, as words that complete "not …".
        ///   - allows: whether to let the peer in.
        public static func custom(
            _ description: String, _ allows: @escaping @Sendable (borrowing PeerIdentity) -> Bool
        ) -> Rule {
            Rule(description, allows)
        }

        /// Several rules at once. No rules allow nobody.
        public static func all(_ rules: [Rule]) -> Rule {
            Rule(rules.map(\.description).joined(separator: " with ")) { identity in
                // Not `allSatisfy`: a closure cannot capture what is borrowed.
                for rule in rules where !rule.allows(identity) { return false }
                return !rules.isEmpty
            }
        }
    }

    /// What the policy says to a peer.
    public enum Decision: Hashable, Sendable {
        /// By which rule it is let in.
        case allowed(by: String)
        /// Why it is not.
        case refused(reason: String)
    }

    /// Any one of these lets a peer in.
    public var rules: [Rule]

    /// Creates a policy; without rules it lets nobody in.
    public init(_ rules: [Rule] = []) { self.rules = rules }

    /// Lets nobody in.
    public static var nobody: AccessPolicy { AccessPolicy() }

    /// The user that this process is now, and root.
    public static var sameUserOrRoot: AccessPolicy {
        let user = geteuid()
        return AccessPolicy(user == 0 ? [.user(0)] : [.user(user), .user(0)])
    }

    /// Everybody whom the kernel identifies. For sockets that are guarded by their file's permissions alone.
    public static var everybody: AccessPolicy { AccessPolicy([.custom("anybody") { _ in true }]) }

    /// Whom it lets in, as words.
    public var description: String {
        rules.isEmpty ? "nobody" : rules.map(\.description).joined(separator: ", ")
    }

    /// Decides on a peer.
    public func decide(on identity: borrowing PeerIdentity) -> Decision {
        for rule in rules where rule.allows(identity) { return .allowed(by: rule.description) }
        return .refused(reason: rules.isEmpty ? "nobody is let in" : "it is not \(description)")
    }
}

extension PeerIdentity {
    /// The program that the peer's living process runs now; `nil` where that cannot be known.
    public var executable: Executable? {
        switch process {
        case .some(let process): try? process.borrowed.processExecutable()
        case .none: nil
        }
    }
}

private func fileIdentity(of path: String) throws -> FileStatus.Identity {
    let file = try Descriptor.naming(Array(path.utf8))
    return try status(of: file).identity
}

private func status(of file: borrowing Descriptor) throws -> FileStatus { try FileStatus(of: file.borrowed) }
