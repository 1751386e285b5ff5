import CPlumb

/// Who may reach a Unix socket by its file: connecting needs write permission on it (unix(7)).
///
/// They hold from the moment at which the file has its name. An abstract name has no file and no permissions: any process
/// of the network namespace can connect to it, and an ``AccessPolicy`` decides alone.
public struct SocketFilePermissions: Hashable, Sendable {
    /// The permission bits, exactly these whatever the umask; `nil` leaves 0777 less the umask.
    public var mode: UInt32?
    /// The owner; `nil` leaves the process's user. Another one needs CAP_CHOWN.
    public var owner: UInt32?
    /// The group; `nil` leaves the process's, or the directory's where it says so. One that the process is not in needs
    /// CAP_CHOWN.
    public var group: UInt32?

    /// Creates permissions; what is not said is left to the process and its umask.
    public init(mode: UInt32? = nil, owner: UInt32? = nil, group: UInt32? = nil) {
        self.mode = mode
        self.owner = owner
        self.group = group
    }

    /// What the umask leaves of 0777, usually 0755: everybody may see the file, and its owner connect.
    public static var umask: SocketFilePermissions { SocketFilePermissions() }
    /// 0600: this process's user, and root.
    public static var ownerOnly: SocketFilePermissions { SocketFilePermissions(mode: 0o600) }
    /// 0660: this process's user, and a group.
    public static func group(_ group: UInt32) -> SocketFilePermissions {
        SocketFilePermissions(mode: 0o660, group: group)
    }
    /// 0666: everybody who can reach the directory.
    public static var everybody: SocketFilePermissions { SocketFilePermissions(mode: 0o666) }

    /// Whether `bind(2)` alone gives the file what is asked for.
    var canBeMadeByBind: Bool {
        guard owner == nil, group == nil else { return false }
        guard let mode else { return true }
        // Not umask(2), which can only be read by changing it, for every thread.
        guard let lines = try? contents(ofFile: "/proc/self/status"),
            let umask = value(of: "Umask", in: lines).flatMap({ UInt32($0, radix: 8) })
        else { return false }
        return mode & umask == 0
    }
}
