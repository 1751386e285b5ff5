/// A connection that the master holds: its place in the master's table of descriptors.
struct ConnectionID: Hashable {
    let index: Int
}

/// A worker process: its row in the supervisor's table, and a serial number that tells it from others in that row.
struct WorkerID: Hashable {
    let row: Int
    let serial: UInt32
}

/// What happens to the supervisor. Everything it knows of the world comes in as one of these, with the time.
enum SupervisorEvent: Equatable {
    /// The process runs.
    case spawned(WorkerID, pid: Int32)
    /// The process could not be started: an `errno`.
    case spawnFailed(WorkerID, Int32)
    /// A well-formed message came from the worker.
    case message(WorkerID, WorkerMessage)
    /// The worker sent what it may not.
    case violation(WorkerID, ProtocolViolation)
    /// The worker's end of the channel is closed; everything it had sent before was delivered.
    case channelClosed(WorkerID)
    /// The process has ended; everything it had sent before was delivered.
    case exited(WorkerID, ExitStatus)
    /// A connection was accepted.
    case accepted(ConnectionID, sourceHash: UInt64)
    /// No connection could be accepted for want of descriptors or memory: an `errno`.
    case acceptFailed(Int32)
    /// The listeners are closed, and so are connections that waited in their backlogs.
    case listenersClosed(dropped: UInt64)
    /// SIGTERM or SIGINT, or the embedding program's wish. The second one ends at once.
    case stop
    /// Time has passed.
    case tick
}

/// What the supervisor wants done. Actions are performed in order.
enum SupervisorAction: Equatable {
    /// Start a worker process and welcome it.
    case spawn(WorkerID, number: Int, generation: Int)
    /// Pass the connection, keeping the duplicate.
    case send(ConnectionID, to: WorkerID, sequence: UInt64)
    /// Close the master's duplicate.
    case close(ConnectionID)
    /// Tell the worker that nothing more is coming.
    case drain(WorkerID)
    /// SIGKILL.
    case kill(WorkerID)
    /// The worker was killed and does not end: drop its channel, and wait for its end on the side.
    case abandon(WorkerID)
    /// The worker is past: drop its channel and process descriptor.
    case forget(WorkerID)
    /// Accept connections, or leave them in the backlog.
    case setAccepting(Bool)
    /// Accept what is in the backlogs, as far as ``setAccepting(_:)`` allows, and close each listener when it is empty.
    case finishListeners
    /// Close the listeners with what is in their backlogs.
    case closeListeners
    /// Every worker has started, or has failed to: say so.
    case announce(ready: Int)
    /// Write a line of log.
    case log(SupervisorNote)
    /// All is over.
    case finish(SupervisorOutcome)
}

/// What is worth a line in the log.
enum SupervisorNote: Equatable {
    case workerReady(number: Int, pid: Int32, after: Duration)
    case workerEnded(number: Int, pid: Int32, TerminationCause, heldConnections: UInt64, redispatched: Int)
    case workerStuck(
        number: Int, pid: Int32, TerminationCause, after: Duration, heldConnections: UInt64, redispatched: Int)
    case workerRestarts(number: Int, after: Duration)
    case breakerOpened(number: Int, failures: Int, TerminationCause, retryAfter: Duration)
    case breakerClosed(number: Int)
    case workerSuspect(number: Int, pid: Int32, unacknowledged: Int)
    case workerRecovered(number: Int, pid: Int32)
    case connectionGivenUp(attempts: Int)
    case connectionRefused(number: Int, reason: Int32)
    case acceptPaused(reason: Int32)
    case draining(connections: UInt64, deadline: Duration)
    case cutOff(connections: UInt64)
}

/// How a supervisor's life ended.
public enum SupervisorOutcome: Hashable, Sendable {
    /// Stopped, and every connection was finished.
    case drained
    /// Stopped, with connections cut off at the deadline, by a second signal, or by a worker that crashed meanwhile.
    case cutOff(connections: UInt64)
    /// No worker ever became ready.
    case neverReady(worker: Int, TerminationCause)
}
