import BasicContainers
import CPlumb
import Logging
public import PlumbSockets
import SystemPackage

/// A master: it listens, runs worker processes, hands them connections and replaces them when they die.
///
/// ``run(announce:)`` takes the calling thread for the master's whole life. Everything it decides comes from the
/// supervisor, a pure state machine; the rest of this type asks the kernel for events and carries the actions out.
public struct Master: ~Copyable {
    let configuration: MasterConfiguration
    let logger: Logger
    /// The listeners: with `reuseport`, `workers` of them for each address, else one.
    var listeners: UniqueArray<Listener>
    /// Where the master listens, one address for each of the configuration's.
    public let addresses: [SocketAddress]
    var control: ControlServer?
    var events: EventSources
    var supervisor: Supervisor
    var hasListeners = true
    /// Whether only what waits in the backlogs is still accepted.
    var isFinishingListeners = false

    /// Connections that the master holds, at the index that is their ``ConnectionID``.
    var connections: DescriptorTable
    /// By connection: the index of the listener it came from.
    var connectionListeners: [UInt16] = []
    /// By row of the supervisor's table.
    var channels: DescriptorTable
    var processes: DescriptorTable
    var rows: [WorkerRow] = []
    /// By row, `credits` places each: connections to be passed when the turn ends.
    var outbox: [Int32] = []
    /// When to try again what could not be sent for a reason that no event ends.
    var flushAgainAt: MonotonicTime?
    /// Rows whose outbox is not empty.
    var rowsToFlush: [Int] = []

    var peer = PeerBuffer()
    var received: UniqueArray<Descriptor> = UniqueArray()
    var outcome: SupervisorOutcome?
    /// How many workers are ready, when that is to be said.
    var announcement: Int?
    var encodeStatus: (SupervisorStatus) -> [UInt8]

    /// What the effect layer keeps for a row beside its descriptors.
    struct WorkerRow {
        var id: WorkerID
        var pid: Int32 = 0
        /// How many places of the outbox are taken.
        var count = 0
        /// The sequence number of the first.
        var firstSequence: UInt64 = 0
        /// Whether the channel is full and the outbox waits for it.
        var isBlocked = false
    }

    /// Stops this master from another thread.
    public var stopHandle: MasterStopHandle { events.stopHandle }

    /// Listens on every address and on the control socket. No worker is started yet.
    ///
    /// SIGCHLD is set to its default, because a process that ignores it cannot learn how its children ended.
    ///
    /// - Parameters:
    ///   - configuration: what the master does.
    ///   - encodeStatus: how a status is written for a client of the control socket.
    /// - Throws: `SocketsError` for an address or path that cannot be had; ``WorkersError`` when the kernel refuses
    ///   what an event loop needs.
    public init(
        _ configuration: MasterConfiguration, encodeStatus: @escaping (SupervisorStatus) -> [UInt8]
    ) throws {
        precondition(!configuration.addresses.isEmpty, "a master needs an address to listen on")
        plumb_signal_default(SIGCHLD)
        self.init(
            configuration, encodeStatus, listeners: try Master.listen(configuration),
            control: try Master.control(configuration),
            events: try EventSources(stopsOnSignals: configuration.stopsOnSignals))
    }

    /// Connections that leave descriptors for the rest: the event loop, the control socket and its clients, and twice
    /// the workers, each with a channel and a process descriptor. Without that reserve a full queue would keep the
    /// replacements of its workers from starting, for ever.
    private static func connectionLimit(_ settings: Supervisor.Settings, listeners: Int) -> Int {
        var limit = rlimit()
        guard unsafe plumb_getrlimit_nofile(&limit) == 0 else { return .max }
        let reserve = 32 + listeners + 4 * settings.workers
        return max(Int(clamping: limit.rlim_cur) - reserve, 1)
    }

    private static func control(_ configuration: MasterConfiguration) throws(SocketsError) -> ControlServer? {
        guard let path = configuration.controlPath else { return nil }
        return try ControlServer(path: path)
    }

    private init(
        _ configuration: MasterConfiguration, _ encodeStatus: @escaping (SupervisorStatus) -> [UInt8],
        listeners: consuming UniqueArray<Listener>, control: consuming ControlServer?, events: consuming EventSources
    ) {
        self.configuration = configuration
        self.encodeStatus = encodeStatus
        logger = configuration.logger
        addresses = Master.addresses(of: listeners, count: configuration.addresses.count)
        let listenerCount = listeners.count
        self.listeners = listeners
        self.control = control
        self.events = events
        var settings = configuration.settings
        settings.connectionLimit = Master.connectionLimit(settings, listeners: listenerCount)
        supervisor = Supervisor(
            settings, balancing: configuration.balancing, seed: UInt64.random(in: 1...UInt64.max), at: .now)
        let capacity = settings.queueLimit + settings.workers * settings.credits
        connections = DescriptorTable(capacity: capacity)
        connectionListeners.reserveCapacity(capacity)
        channels = DescriptorTable(capacity: settings.workers)
        processes = DescriptorTable(capacity: settings.workers)
        rowsToFlush.reserveCapacity(settings.workers * 2)
    }
}
