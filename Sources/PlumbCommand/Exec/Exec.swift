import ArgumentParser
import BasicContainers
import Foundation
import PlumbSockets

/// `plumb exec`: any program, with listeners that are made for it.
struct Exec: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run any program with listeners that it inherits.",
        discussion: """
            Listens, then becomes COMMAND in the same process: COMMAND has plumb's process number, the standard streams, \
            the listeners as descriptors 3, 4, … and nothing else. It needs no privilege and no code for listening, only \
            to take what it inherits, as most servers do:

              plumb exec --listen :8080 -- gunicorn app:application
              plumb exec --listen :8080 -- haproxy -db -f FILE     (bind fd@3)
              plumb exec --listen :8080 -- python3 -m uvicorn --fd 3 app:app
              plumb exec --listen 127.0.0.1:8080 --convention nginx -- nginx -g 'daemon off;'
              plumb exec --listen :80 -- setpriv --reuid U --regid G --init-groups COMMAND

            Documentation/run-any-server.md has the invocations of further servers.

            Connections that come before COMMAND is ready wait in the backlog. The descriptors are in the order of the \
            flags: each --listen, then each --listen-datagram, then each --listen-seqpacket; a host name that has \
            several addresses is several listeners.

            Conventions, by which COMMAND learns which descriptors are listeners:
            \(ListenerConvention.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

            COMMAND starts with no signal blocked and each signal's default action; SIGHUP, SIGINT and SIGQUIT stay \
            ignored if they are (nohup, a shell's &). Limits, user, directory and umask stay as they are.

            The file of a Unix socket stays when COMMAND ends, unless COMMAND removes it. The next start takes over the \
            path of a server that has ended, and never that of one that lives.

            Exit status: COMMAND's own, because plumb has become COMMAND. Before that, as with env and nohup: 127 there \
            is no such command, 126 it cannot be executed; 1 when listening failed, 64 for wrong usage.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp("Where to listen for connections; may be given several times.", valueName: "addr"))
    var listen: [String] = []

    @Option(
        name: .long, help: ArgumentHelp("Where to receive datagrams; may be given several times.", valueName: "addr"))
    var listenDatagram: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Unix address on which to listen for connections of packets; may be given several times.",
            valueName: "addr"))
    var listenSeqpacket: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            """
            Name of a listener in LISTEN_FDNAMES; may be given several times, in the listeners' order. A listener \
            without one is 'unknown'; without any, the variable is not set.
            """, valueName: "name"))
    var name: [ListenerName] = []

    @Option(
        name: .long,
        help: ArgumentHelp("How COMMAND learns which descriptors are listeners.", valueName: "convention"))
    var convention: ListenerConvention = .systemd

    @Flag(
        name: .customLong("ipv6-only"),
        help: "Leave IPv4 to another listener: [::]:80 beside 0.0.0.0:80, as nginx has them (IPV6_V6ONLY).")
    var ipv6Only = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How many connections may wait to be accepted (default: as many as the kernel allows).", valueName: "n"))
    var backlog: Int?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Permissions of the files of Unix sockets, such as 660 (default: what the umask leaves of 777).",
            valueName: "mode"))
    var mode: FileMode?

    @Flag(
        name: .long,
        help: """
            Hand the listeners over non-blocking (O_NONBLOCK), for a program that relies on that and does not set it, as \
            systemd's NonBlocking=yes. The convention nginx always does.
            """)
    var nonBlocking = false

    @Flag(name: .shortAndLong, help: "Do not say on standard error where it listens.")
    var quiet = false

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("No command is given. Write it after --, as in: plumb exec --listen :8080 -- COMMAND")
        }
        let count = listen.count + listenDatagram.count + listenSeqpacket.count
        guard count > 0 else {
            throw ValidationError("No address is given. Say where, as in: plumb exec --listen :8080 -- COMMAND")
        }
        guard name.count <= count else {
            throw ValidationError("There are \(name.count) names (--name) for \(count) addresses.")
        }
        if let backlog, !(1...Int(Int32.max)).contains(backlog) {
            throw ValidationError("--backlog takes a number from 1 to \(Int32.max), not \(backlog).")
        }
        if let address = listenSeqpacket.first(where: { !$0.hasPrefix("unix:") }) {
            throw ValidationError("--listen-seqpacket takes unix:/path or unix:@name, not \(address).")
        }
    }

    func run() throws {
        // Before it listens: a command that cannot be run shall not disturb anything.
        let program = try Program(words: RawArguments.last(command.count))
        let listeners = try makeListeners()
        if !quiet { announce(listeners) }
        throw program.execute(passing: listeners, by: convention, nonBlocking: nonBlocking)
    }

    private func makeListeners() throws(SocketsError) -> UniqueArray<PassedListener> {
        let wanted: [(texts: [String], type: SocketType)] = [
            (listen, .stream), (listenDatagram, .datagram), (listenSeqpacket, .sequencedPacket),
        ]
        var names = name[...]
        var listeners = UniqueArray<PassedListener>()
        for (texts, type) in wanted {
            for text in texts {
                let name = names.popFirst()
                for address in try SocketAddress.resolve(text) {
                    let listener = try Listener(
                        on: address, type: type, ipv6Only: ipv6Only, backlog: backlog ?? Listener.largestBacklog,
                        permissions: SocketFilePermissions(mode: mode?.bits))
                    listeners.append(PassedListener(listener, name: name))
                }
            }
        }
        return listeners
    }

    private func announce(_ listeners: borrowing UniqueArray<PassedListener>) {
        for index in 0..<listeners.count {
            let number = Int(ListenerConvention.firstDescriptor) + index
            let name = listeners[index].name.map { " (\($0))" } ?? ""
            printError("plumb: listening on \(listeners[index].listener.address) as descriptor \(number)\(name)")
        }
        if let backlog, let limit = backlogLimit, backlog > limit {
            printError("plumb: --backlog \(backlog) is more than net.core.somaxconn, so the kernel takes \(limit)")
        }
    }

    /// `net.core.somaxconn` of this network namespace, to which the kernel clamps every backlog without a word.
    private var backlogLimit: Int? {
        let text = try? String(contentsOfFile: "/proc/sys/net/core/somaxconn", encoding: .utf8)
        return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
}
