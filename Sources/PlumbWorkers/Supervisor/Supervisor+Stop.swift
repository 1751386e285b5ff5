import DequeModule

// Stopping: accept no more, let the workers finish, end at the deadline or at the second word.

extension Supervisor {
    mutating func stop(at now: MonotonicTime) {
        switch phase {
        case .starting, .serving:
            let deadline = now + settings.drainTimeout
            phase = .draining(deadline: deadline)
            // Connections in the backlog have been established for their clients: they are served, not reset.
            actions.append(.closeListeners(acceptRest: settings.handsOff))
            actions.append(
                .log(.draining(connections: heldConnections + UInt64(queue.count), deadline: settings.drainTimeout)))
            if !settings.handsOff { drainWorkers(until: deadline, at: now) }
        case .draining:
            cutOff(at: now)
        case .ending, .finished:
            break
        }
    }

    /// Connections that workers hold, by their own account, or were sent.
    var heldConnections: UInt64 {
        processes.reduce(UInt64(inFlight)) { $1.isLive ? $0 + $1.held : $0 }
    }

    /// Kills every worker: connections that are not finished now are cut off.
    mutating func cutOff(at now: MonotonicTime) {
        let connections = heldConnections + UInt64(queue.count) + cutOffWhileDraining
        outcome = connections == 0 ? .drained : .cutOff(connections: connections)
        if connections > 0 { actions.append(.log(.cutOff(connections: connections))) }
        end(at: now)
    }

    mutating func end(at now: MonotonicTime) {
        if phase == .starting || phase == .serving { actions.append(.closeListeners(acceptRest: false)) }
        phase = .ending
        for row in processes.indices where processes[row].isLive { kill(row, .drained, at: now) }
        for slot in slots.indices { slots[slot].restartAt = nil }
        while let connection = queue.popFirst() { giveUp(connection) }
    }

    /// What follows when connections were handed on, and when workers have ended.
    mutating func proceedWithEnd(at now: MonotonicTime) {
        guard areListenersClosed else { return }
        if case .draining(let deadline) = phase {
            // Not earlier: while something is on its way to one worker, another must be able to take it over.
            guard queue.isEmpty, inFlight == 0 else { return }
            for slot in slots.indices { slots[slot].restartAt = nil }
            drainWorkers(until: deadline, at: now)
        }
        guard phase == .ending || isDraining, !processes.contains(where: \.isLive) else { return }
        phase = .finished
        actions.append(.finish(outcome ?? drainedOutcome))
    }

    private var drainedOutcome: SupervisorOutcome {
        cutOffWhileDraining == 0 ? .drained : .cutOff(connections: cutOffWhileDraining)
    }

    /// Notes connections that were not finished; after the cut they are counted already.
    mutating func cutOff(_ connections: UInt64) {
        if isDraining { cutOffWhileDraining += connections }
    }

    private var isDraining: Bool {
        if case .draining = phase { true } else { false }
    }

    private mutating func drainWorkers(until deadline: MonotonicTime, at now: MonotonicTime) {
        for row in processes.indices where processes[row].isLive {
            switch processes[row].state {
            case .ready: drain(row, until: deadline)
            case .starting: kill(row, .drained, at: now)
            case .channelClosed, .draining, .killed: break
            }
        }
    }

    mutating func drain(_ row: Int, until deadline: MonotonicTime) {
        processes[row].state = .draining(deadline: deadline)
        actions.append(.drain(processes[row].id))
    }
}
