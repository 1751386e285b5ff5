public import Logging
public import PlumbSockets

/// How connections reach the workers.
public enum Dispatch: String, Sendable, Codable, CaseIterable {
    /// The master accepts and passes each connection to one worker.
    case handoff
    /// All workers accept from the same listeners.
    case shared
    /// Each worker accepts from listeners of its own on the same address (`SO_REUSEPORT`). The master keeps a duplicate,
    /// so that what waits in a dead worker's listener waits for its replacement.
    case reuseport
}

/// What a master does.
public struct MasterConfiguration: Sendable {
    /// Where to listen.
    public var addresses: [SocketAddress]
    /// The workers' program.
    public var command: WorkerCommand
    /// How many workers, at least 1.
    public var workers: Int = 2
    /// How connections reach the workers.
    public var dispatch: Dispatch = .handoff
    /// How a worker is chosen for a connection (`handoff` only).
    public var balancing: Balancing = .leastConnections
    /// Where the control socket is; `nil` for none.
    public var controlPath: String?
    /// How long workers may finish what they hold after a stop.
    public var drainTimeout: Duration = .seconds(30)
    /// How long a worker may take to become ready.
    public var startDeadline: Duration = .seconds(10)
    /// How long a worker may leave connections unacknowledged before it is killed; `nil` for ever.
    public var hangDeadline: Duration? = .seconds(10)
    /// After how long without an acknowledgement a worker receives nothing more.
    public var suspectAfter: Duration = .milliseconds(250)
    /// Connections that a worker may have unacknowledged, 1 to 1024.
    public var credits: Int = 32
    /// Connections that wait in the master for a worker; more wait in the kernel's backlog.
    public var queueLimit: Int = 1024
    /// When ended workers are replaced.
    public var restart = RestartPolicy()
    /// Whether SIGTERM and SIGINT stop the master: see ``TerminationSignals``.
    public var stopsOnSignals = true
    /// Where the log goes.
    public var logger = Logger(label: "plumb")

    /// Creates a configuration with default values for the rest.
    public init(addresses: [SocketAddress], command: WorkerCommand) {
        self.addresses = addresses
        self.command = command
    }

    var settings: Supervisor.Settings {
        var settings = Supervisor.Settings()
        settings.workers = max(workers, 1)
        settings.handsOff = dispatch == .handoff
        settings.credits = min(max(credits, 1), 1024)
        settings.queueLimit = max(queueLimit, 1)
        settings.startDeadline = startDeadline
        settings.suspectAfter = suspectAfter
        settings.hangDeadline = hangDeadline
        settings.drainTimeout = drainTimeout
        settings.restart = restart.bounded
        return settings
    }
}
