import DequeModule

// Stopping: accept no more, let the workers finish, end at the deadline or at the second word.

extension Supervisor {
    mutating func stop(at now: MonotonicTime) {
        switch phase {
        case .starting, .serving:
            let deadline = now + settings.drainTimeout
            phase = .draining(deadline: deadline)
            // Connections in the backlog have been established for their clients: they are served, not reset.
            actions.append(settings.handsOff ? .finishListeners : .closeListeners)
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
        noteCutOff(heldConnections + UInt64(queue.count))
        if cutOffConnections > 0 { actions.append(.log(.cutOff(connections: cutOffConnections))) }
        end(at: now)
    }

    mutating func end(at now: MonotonicTime) {
        if !areListenersClosed { actions.append(.closeListeners) }
        phase = .ending
        for row in processes.indices where processes[row].isLive { kill(row, .drained, at: now) }
        for slot in slots.indices { slots[slot].restartAt = nil }
        while let connection = queue.popFirst() { giveUp(connection) }
    }

    /// Whether connections wait for a worker, in the queue or, after a stop, in the backlog.
    var hasUntaken: Bool { !queue.isEmpty || (settings.handsOff && isDraining && !areListenersClosed) }

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
        actions.append(.finish(outcome ?? stoppedOutcome))
    }

    private var stoppedOutcome: SupervisorOutcome {
        cutOffConnections == 0 ? .drained : .cutOff(connections: cutOffConnections)
    }

    /// Notes connections that were not finished; after the cut they are counted already.
    mutating func noteCutOff(_ connections: UInt64) {
        if isDraining { cutOffConnections += connections }
    }

    mutating func listenersClosed(dropped: UInt64) {
        areListenersClosed = true
        // After the cut: before, nothing is dropped.
        guard dropped > 0, outcome == nil else { return }
        cutOffConnections += dropped
        actions.append(.log(.cutOff(connections: dropped)))
    }

    var isDraining: Bool {
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
