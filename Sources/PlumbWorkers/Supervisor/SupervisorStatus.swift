/// What a master says about itself and its workers: the answer to `plumb ctl status`.
public struct SupervisorStatus: Codable, Sendable, Equatable {
    /// A worker's line.
    public struct Worker: Codable, Sendable, Equatable {
        /// The worker's number, which its replacements keep.
        public var number: Int
        /// The process; `nil` between two processes.
        public var pid: Int32?
        /// `starting`, `ready`, `suspect`, `draining`, `ending`, `restarting`, `broken` (its breaker is open), `stuck` (it
        /// was killed and waits in the kernel), or, after a stop, `ended`.
        public var state: String
        /// The generation that the process belongs to.
        public var generation: Int
        /// Seconds since the process was started.
        public var age: Double?
        /// Connections that it holds now, by its own account.
        public var live: UInt64
        /// Connections that this process has taken.
        public var taken: UInt64
        /// Connections sent to it that it has not acknowledged.
        public var unacknowledged: Int
        /// How many unacknowledged connections it may have; fewer for a while after it refused some.
        public var credits: Int
        /// How often this number was given a new process after a failure.
        public var restarts: Int
        /// Why the last process ended.
        public var lastEnd: String?
        /// Seconds until the next process starts.
        public var restartIn: Double?
    }

    /// Counts since the master's start.
    public struct Totals: Codable, Sendable, Equatable {
        /// Connections accepted.
        public var accepted: UInt64
        /// Connections that workers have taken.
        public var taken: UInt64
        /// Connections that workers have finished, by their own account.
        public var finished: UInt64
        /// Connections that were sent to another worker than the first.
        public var redispatched: UInt64
        /// Connections that no worker took and that were closed.
        public var lost: UInt64
        /// Connections that ended with the worker that had taken them.
        public var endedWithWorker: UInt64
        /// Connections that wait in the master for a worker.
        public var queued: Int
        /// Connections sent and not yet acknowledged.
        public var inFlight: Int
        /// How often no connection could be accepted for want of descriptors or memory.
        public var acceptFailures: UInt64
    }

    /// `starting`, `serving`, `degraded` or `draining`.
    public var state: String
    /// Why the state is degraded, a sentence each.
    public var reasons: [String]
    /// The master's process.
    public var pid: Int32
    /// Seconds since the master's start.
    public var age: Double
    /// Where it listens.
    public var addresses: [String]
    /// `handoff`, `shared` or `reuseport`.
    public var dispatch: String
    /// The balancing policy's name.
    public var balance: String
    /// The workers, by number; processes that only finish what they hold come after their successors.
    public var workers: [Worker]
    /// Counts.
    public var totals: Totals
}

extension Supervisor {
    /// The workers as they are now, and why the state is degraded, if it is.
    func statusOfWorkers(at now: MonotonicTime) -> (workers: [SupervisorStatus.Worker], reasons: [String]) {
        var workers: [SupervisorStatus.Worker] = []
        var reasons: [String] = []
        for slot in slots {
            let process = slot.row.map { processes[$0] }
            var worker = SupervisorStatus.Worker(
                number: slot.number, pid: nil, state: emptyState(slot),
                generation: settings.generation, age: nil, live: 0, taken: 0, unacknowledged: 0,
                credits: settings.credits, restarts: slot.restarts, lastEnd: slot.lastCause?.description,
                restartIn: slot.restartAt.map { ($0 - now).inSeconds })
            if let process { describe(process, in: &worker, at: now) }
            workers.append(worker)
            if let reason = reason(slot, worker) { reasons.append(reason) }
        }
        for process in processes where (process.isLive || process.isStuck) && slots[process.slot].row != process.id.row
        {
            var worker = SupervisorStatus.Worker(
                number: slots[process.slot].number, pid: nil, state: "", generation: process.generation, age: nil,
                live: 0, taken: 0, unacknowledged: 0, credits: settings.credits, restarts: 0, lastEnd: nil,
                restartIn: nil)
            describe(process, in: &worker, at: now)
            workers.append(worker)
        }
        return (workers, reasons)
    }

    /// The state of a slot without a process.
    private func emptyState(_ slot: Slot) -> String {
        if slot.restartAt == nil { return "ended" }
        return slot.isBroken ? "broken" : "restarting"
    }

    private func describe(_ process: Process, in worker: inout SupervisorStatus.Worker, at now: MonotonicTime) {
        worker.pid = process.pid
        worker.generation = process.generation
        worker.age = (now - process.startedAt).inSeconds
        worker.live = process.held
        worker.taken = process.taken - process.refused
        worker.unacknowledged = process.unacknowledged
        worker.credits = process.allowance
        if process.isStuck { return worker.state = "stuck" }
        worker.state =
            switch process.state {
            case .starting: "starting"
            case .ready: process.suspectSince == nil ? "ready" : "suspect"
            case .draining: "draining"
            case .channelClosed, .killed: "ending"
            }
    }

    private func reason(_ slot: Slot, _ worker: SupervisorStatus.Worker) -> String? {
        let cause = slot.lastCause?.description ?? "has not been started"
        if slot.isBroken {
            let failures = max(slot.startFailures, slot.crashes)
            let next = worker.restartIn.map { "; next attempt in \(Int($0.rounded(.up))) s" } ?? ""
            return "worker \(slot.number) failed \(failures) times in a row: it \(cause)\(next)"
        }
        if phase == .starting { return nil }
        switch worker.state {
        case "restarting", "starting", "ending":
            return phase == .serving ? "worker \(slot.number) is being replaced: it \(cause)" : nil
        case "suspect":
            return "worker \(slot.number) (pid \(worker.pid ?? 0)) leaves \(worker.unacknowledged) connections "
                + "unacknowledged"
        default: return nil
        }
    }

    /// The state in one word.
    func stateName(reasons: [String]) -> String {
        switch phase {
        case .starting: "starting"
        case .serving: reasons.isEmpty ? "serving" : "degraded"
        case .draining, .ending, .finished: "draining"
        }
    }
}

extension SupervisorStatus.Totals {
    init(_ supervisor: Supervisor) {
        let totals = supervisor.totals
        self.init(
            accepted: totals.accepted, taken: totals.taken, finished: totals.finished,
            redispatched: totals.redispatched, lost: totals.lost, endedWithWorker: totals.endedWithWorker,
            queued: supervisor.queue.count, inFlight: supervisor.inFlight, acceptFailures: totals.acceptFailures)
    }
}
