import BasicContainers
import CPlumb
import Logging
import PlumbSockets
import SystemPackage

// The event loop: wait, tell the supervisor, carry out what it wants, pass the connections of this turn.

extension Master {
    /// How many connections one listener may bring before the other descriptors have their turn.
    private static var acceptsPerTurn: Int { 16 }

    /// Runs until the master was stopped and every worker has ended.
    ///
    /// - Parameter announce: called once, when every worker is ready or has failed for good, with how many are ready.
    /// - Returns: how it ended.
    public mutating func run(announce: (_ ready: Int) -> Void) throws -> SupervisorOutcome {
        do throws(Errno) {
            try registerListeners()
            try events.register()
            try control?.register(events.epoll)
        } catch {
            throw WorkersError("register", "the event loop's descriptors", errno: error)
        }
        supervisor.start(at: .now)
        while true {
            perform(at: .now)
            flush()
            if let ready = announcement.take() { announce(ready) }
            if let outcome { return outcome }
            do throws(Errno) {
                try events.timer.arm(for: nextDeadline())
                let count = try events.epoll.wait()
                let now = MonotonicTime.now
                for index in 0..<count { handle(events.epoll[index], at: now) }
            } catch {
                throw WorkersError("wait for", "events", errno: error)
            }
        }
    }

    private mutating func nextDeadline() -> MonotonicTime? {
        earliest(earliest(supervisor.nextDeadline, control?.nextDeadline() ?? nil), flushAgainAt)
    }

    private func earliest(_ one: MonotonicTime?, _ other: MonotonicTime?) -> MonotonicTime? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    private mutating func handle(_ event: Epoll.Event, at now: MonotonicTime) {
        let token = event.token
        switch token.source {
        case .listener:
            accept(token.index, limit: Master.acceptsPerTurn, at: now)
        case .channel:
            guard isCurrent(token), channels.contains(token.index) else { return }
            if event.isWritable { unblock(token.index) }
            // One message: a worker has rarely said more, and asking costs a call. If it has, the next turn tells.
            receive(token.index, limit: 1, at: now)
        case .process:
            guard isCurrent(token) else { return }
            reap(token.index, at: now)
        case .signals:
            for _ in 0..<events.drainSignals() { supervisor.handle(.stop, at: now) }
        case .timer:
            events.timer.acknowledge()
            tick(at: now)
            control?.tick(events.epoll, at: now)
            flushAgain(at: now)
        case .control:
            control?.acceptClients(events.epoll, at: now) { [logger] refusal, count in
                logger.warning("control socket refused \(refusal)", metadata: ["refused": "\(count)"])
            }
        case .controlClient:
            let answer = { [status = status(at: now), encodeStatus] (request: String) -> [UInt8] in
                request == "status" ? encodeStatus(status) : Array("error: unknown request\n".utf8)
            }
            control?.handle(token.index, events.epoll, answer: answer)
        case .stop:
            for _ in 0..<events.stopHandle.drain() { supervisor.handle(.stop, at: now) }
        case nil:
            break
        }
    }

    /// Deadlines have passed. What was said before counts first: this process may have been stopped itself meanwhile, and
    /// a worker that answered is not to blame.
    mutating func tick(at now: MonotonicTime) {
        for row in rows.indices { receive(row, limit: Master.lastWordsLimit, at: now) }
        supervisor.handle(.tick, at: now)
    }

    /// Whether news from a channel or a process is of the worker that is in the row now.
    private func isCurrent(_ token: Epoll.Token) -> Bool {
        processes.contains(token.index) && rows[token.index].id.serial & 0xff_ffff == token.serial
    }

    /// Carries out what the supervisor wants, including what it wants because of that.
    mutating func perform(at now: MonotonicTime) {
        var next = 0
        while next < supervisor.actions.count {
            let action = supervisor.actions[next]
            next += 1
            switch action {
            case .send(let connection, let worker, let sequence):
                enqueue(connection, worker.row, sequence)
            case .close(let connection):
                _ = connections.remove(at: connection.index)
            case .spawn(let worker, let number, let generation):
                spawn(worker, number: number, generation: generation, at: now)
            case .drain(let worker):
                tell(worker.row, HandoffMessage(.drain))
            case .kill(let worker):
                kill(worker)
            case .abandon(let worker):
                dropChannel(worker.row)
            case .forget(let worker):
                forget(worker)
            case .setAccepting(let accepting):
                setAccepting(accepting, at: now)
            case .finishListeners:
                finishListeners(at: now)
            case .closeListeners:
                closeListeners(at: now)
            case .announce(let ready):
                announcement = ready
            case .log(let note):
                note.write(to: logger)
            case .finish(let outcome):
                self.outcome = outcome
            }
        }
        supervisor.actions.removeAll(keepingCapacity: true)
    }

    /// The master's state now.
    func status(at now: MonotonicTime) -> SupervisorStatus {
        let (workers, reasons) = supervisor.statusOfWorkers(at: now)
        return SupervisorStatus(
            state: supervisor.stateName(reasons: reasons), reasons: reasons, pid: getpid(),
            age: (now - supervisor.startedAt).inSeconds, addresses: addresses.map(\.description),
            dispatch: configuration.dispatch.rawValue, balance: configuration.balancing.description,
            workers: workers, totals: SupervisorStatus.Totals(supervisor))
    }
}
