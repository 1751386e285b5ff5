import Logging
import SystemPackage

extension SupervisorNote {
    /// Writes the note as one line, with its figures as metadata.
    func write(to logger: Logger) {
        switch self {
        case .workerReady(let number, let pid, let after):
            logger.info(
                "worker ready",
                metadata: ["worker": "\(number)", "pid": "\(pid)", "after": "\(after.inMilliseconds)"])
        case .workerEnded(let number, let pid, let cause, let held, let redispatched):
            logger.warning(
                "worker \(cause)",
                metadata: [
                    "worker": "\(number)", "pid": "\(pid)", "held": "\(held)", "redispatched": "\(redispatched)",
                ])
        case .workerStuck(let number, let pid, let cause, let after, let held, let redispatched):
            logger.error(
                """
                worker \(cause), does not end although it was killed, and is left behind: it waits in the kernel, \
                perhaps for a disk or a network file system (/proc/\(pid)/stack says where)
                """,
                metadata: [
                    "worker": "\(number)", "pid": "\(pid)", "after": "\(after.inMilliseconds)", "held": "\(held)",
                    "redispatched": "\(redispatched)",
                ])
        case .workerRestarts(let number, let after):
            logger.info("replacing the worker", metadata: ["worker": "\(number)", "after": "\(after.inMilliseconds)"])
        case .breakerOpened(let number, let failures, let cause, let retryAfter):
            logger.error(
                "worker failed \(failures) times in a row and is now tried only now and then: it \(cause)",
                metadata: ["worker": "\(number)", "after": "\(retryAfter.inMilliseconds)"])
        case .breakerClosed(let number):
            logger.notice("worker serves again", metadata: ["worker": "\(number)"])
        case .workerSuspect(let number, let pid, let unacknowledged):
            logger.warning(
                "worker does not acknowledge: it gets no connections until it does",
                metadata: ["worker": "\(number)", "pid": "\(pid)", "unacknowledged": "\(unacknowledged)"])
        case .workerRecovered(let number, let pid):
            logger.notice("worker acknowledges again", metadata: ["worker": "\(number)", "pid": "\(pid)"])
        case .connectionGivenUp(let attempts):
            logger.error("connection closed: \(attempts) workers ended before they took it")
        case .connectionRefused(let number, let reason):
            logger.warning(
                "worker refused a connection, which another gets: \(Errno(rawValue: reason))",
                metadata: ["worker": "\(number)"])
        case .acceptPaused(let reason):
            logger.error("cannot accept: \(Errno(rawValue: reason)); connections wait in the kernel's backlog")
        case .draining(let connections, let deadline):
            logger.notice(
                "stopping: no new connections",
                metadata: ["connections": "\(connections)", "deadline": "\(deadline.inMilliseconds)"])
        case .cutOff(let connections):
            logger.error("connections cut off", metadata: ["connections": "\(connections)"])
        }
    }
}

extension Duration {
    /// As `125ms`, for a log.
    fileprivate var inMilliseconds: String { "\(Int((inSeconds * 1000).rounded()))ms" }
}
