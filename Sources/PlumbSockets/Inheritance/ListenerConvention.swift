import CPlumb

/// How a program learns which of its descriptors are listeners.
///
/// With every convention the listeners are the descriptors from 3 up, in order; the conventions differ in the variables
/// that say so. ``all`` is the table: the command line and its help come from it.
public struct ListenerConvention: Sendable {
    /// The first descriptor that is a listener (`SD_LISTEN_FDS_START`).
    public static var firstDescriptor: CInt { 3 }

    /// What it is called on the command line.
    public let name: String
    /// Who understands it, and by which variables, in one sentence.
    public let summary: String
    /// Whether the program relies on listeners that do not wait (`O_NONBLOCK`) without making them so itself.
    public let needsNonBlocking: Bool
    /// The variables for these listeners.
    let variables: @Sendable (_ listeners: [Entry], _ process: Int32) -> [Variable]

    /// What a convention says about a listener.
    struct Entry {
        let number: CInt
        let address: SocketAddress
        let name: ListenerName?
    }

    /// A variable of the environment.
    struct Variable: Equatable {
        let name: String
        let value: String
    }

    /// Looks a convention up; `nil` where there is none of the name.
    public init?(named name: String) {
        guard let convention = ListenerConvention.all.first(where: { $0.name == name }) else { return nil }
        self = convention
    }

    private init(
        _ name: String, needsNonBlocking: Bool = false, _ summary: String,
        variables: @escaping @Sendable ([Entry], Int32) -> [Variable]
    ) {
        self.name = name
        self.summary = summary
        self.needsNonBlocking = needsNonBlocking
        self.variables = variables
    }

    /// The convention of systemd's socket activation, which most servers understand (sd_listen_fds(3)).
    public static let systemd = ListenerConvention(
        "systemd", "LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, as sd_listen_fds(3)."
    ) { listeners, process in
        var variables = [
            Variable(name: SystemdVariable.count, value: "\(listeners.count)"),
            Variable(name: SystemdVariable.process, value: "\(process)"),
        ]
        // Without any name the variable stays away, as with systemd: the reader then calls each "unknown".
        if listeners.contains(where: { $0.name != nil }) {
            let names = listeners.map { ($0.name ?? .unknown).description }
            variables.append(Variable(name: SystemdVariable.names, value: names.joined(separator: ":")))
        }
        return variables
    }

    /// Every convention that Plumb knows.
    public static let all: [ListenerConvention] = [
        systemd,
        // nginx leaves O_NONBLOCK of inherited listeners as it is, and a worker that waits in accept(2) serves nobody.
        ListenerConvention("nginx", needsNonBlocking: true, "NGINX=3;4; as nginx for its next binary.") {
            listeners, _ in
            [Variable(name: "NGINX", value: listeners.map { "\($0.number);" }.joined())]
        },
        // php-fpm's workers wait in accept(2), and end when it does not wait.
        ListenerConvention("php-fpm", "FPM_SOCKETS=ADDR=3,ADDR=4 as php-fpm for its next binary.") { listeners, _ in
            [Variable(name: "FPM_SOCKETS", value: pairs(listeners, separator: ",", brackets: false))]
        },
        ListenerConvention("server-starter", "SERVER_STARTER_PORT=ADDR=3;ADDR=4 as Server::Starter (h2o).") {
            listeners, _ in
            [Variable(name: "SERVER_STARTER_PORT", value: pairs(listeners, separator: ";", brackets: true))]
        },
    ]

    /// `address=number` of each.
    private static func pairs(_ listeners: [Entry], separator: String, brackets: Bool) -> String {
        listeners.map { "\(key($0.address, brackets: brackets))=\($0.number)" }.joined(separator: separator)
    }

    /// An address as servers write it that name listeners by it: a Unix path without more, IPv6 with brackets or not.
    private static func key(_ address: SocketAddress, brackets: Bool) -> String {
        if let path = address.pathname { return path }
        let text = address.description
        return brackets ? text : text.filter { $0 != "[" && $0 != "]" }
    }
}

/// The variables of sd_listen_fds(3).
enum SystemdVariable {
    static let count = "LISTEN_FDS"
    static let process = "LISTEN_PID"
    static let names = "LISTEN_FDNAMES"
    /// The process by the number of its pidfd's inode, which is never used twice (systemd 258).
    static let processIdentity = "LISTEN_PIDFDID"

    static let all = [count, process, names, processIdentity]
}
