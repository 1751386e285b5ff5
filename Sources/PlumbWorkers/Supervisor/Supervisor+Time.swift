// Deadlines: of starts, of acknowledgements, of drains, of ends, and of what was postponed.

extension Supervisor {
    /// The next moment at which ``SupervisorEvent/tick`` has something to do.
    var nextDeadline: MonotonicTime? {
        var next: MonotonicTime? = acceptPausedUntil
        func consider(_ time: MonotonicTime?) {
            if let time, time < next ?? MonotonicTime(nanoseconds: .max) { next = time }
        }
        for slot in slots { consider(slot.restartAt) }
        for process in processes where process.isLive {
            switch process.state {
            case .starting(let deadline), .channelClosed(let deadline), .draining(let deadline),
                .killed(_, let deadline):
                consider(deadline)
            case .ready:
                break
            }
            consider(process.congestedUntil)
            // Only what a tick does something about: a deadline that stays in the past would make the loop spin.
            guard process.state == .ready else { continue }
            if let since = process.waitingSince {
                if process.suspectSince == nil { consider(since + settings.suspectAfter) }
                if let hang = settings.hangDeadline { consider(since + hang) }
            }
            if let readyAt = process.readyAt, needsStability(slots[process.slot]) {
                consider(readyAt + settings.restart.stableAfter)
            }
        }
        if case .draining(let deadline) = phase { consider(deadline) }
        return next
    }

    private func needsStability(_ slot: Slot) -> Bool { slot.crashes > 0 || slot.isBroken }

    mutating func tick(at now: MonotonicTime) {
        if case .draining(let deadline) = phase, now >= deadline { cutOff(at: now) }
        if let until = acceptPausedUntil, now >= until { acceptPausedUntil = nil }
        for row in processes.indices where processes[row].isLive { tick(row, at: now) }
        for slot in slots.indices {
            if let restartAt = slots[slot].restartAt, now >= restartAt { spawn(slot, at: now) }
        }
        dispatch(at: now)
    }

    private mutating func tick(_ row: Int, at now: MonotonicTime) {
        let process = processes[row]
        switch process.state {
        case .starting(let deadline) where now >= deadline:
            return kill(row, .startDeadline, at: now)
        case .channelClosed(let deadline) where now >= deadline:
            return leave(row, at: now)
        case .draining(let deadline) where now >= deadline:
            return kill(row, slots[process.slot].row == row ? .drained : .closedChannel, at: now)
        case .killed(let cause, let deadline) where now >= deadline:
            return abandon(row, cause, at: now)
        case .starting, .ready, .channelClosed, .draining, .killed:
            break
        }
        if let until = process.congestedUntil, now >= until { processes[row].congestedUntil = nil }
        if let readyAt = process.readyAt, process.state == .ready, needsStability(slots[process.slot]),
            now >= readyAt + settings.restart.stableAfter
        {
            closeBreaker(process.slot)
        }
        guard let since = process.waitingSince, process.state == .ready else { return }
        if let hang = settings.hangDeadline, now >= since + hang {
            kill(row, .hung, at: now)
        } else if process.suspectSince == nil, now >= since + settings.suspectAfter {
            processes[row].suspectSince = now
            actions.append(
                .log(
                    .workerSuspect(
                        number: slots[process.slot].number, pid: process.pid,
                        unacknowledged: process.unacknowledged)))
        }
    }

    /// The worker closed its channel and lives: it finishes what it holds while another takes its slot.
    private mutating func leave(_ row: Int, at now: MonotonicTime) {
        let process = processes[row]
        if let reason = process.listenersRefused { return kill(row, .listenersRefused(reason), at: now) }
        if process.readyAt == nil { return kill(row, .closedChannel, at: now) }
        processes[row].state = .draining(deadline: now + settings.drainTimeout)
        actions.append(
            .log(
                .workerEnded(
                    number: slots[process.slot].number, pid: process.pid, .closedChannel, heldConnections: 0,
                    redispatched: process.redispatched)))
        if slots[process.slot].row == row { replace(processes[row], .closedChannel, at: now) }
    }
}
