// starting → ready → (suspect) → ended, and what comes after: the processes' side of the supervisor.

extension Supervisor {
    mutating func spawn(_ slot: Int, at now: MonotonicTime) {
        let row = processes.firstIndex { !$0.isLive && !$0.isStuck } ?? processes.count
        let id = WorkerID(row: row, serial: nextSerial)
        nextSerial &+= 1
        let process = Process(
            id: id, slot: slot, generation: settings.generation,
            state: .starting(deadline: now + settings.startDeadline), startedAt: now, allowance: settings.credits)
        if row == processes.count {
            processes.append(process)
            sentRing.append(contentsOf: repeatElement(-1, count: settings.credits))
        } else {
            processes[row] = process
        }
        slots[slot].row = row
        slots[slot].restartAt = nil
        actions.append(.spawn(id, number: slots[slot].number, generation: process.generation))
    }

    mutating func ready(_ row: Int, at now: MonotonicTime) {
        guard case .starting = processes[row].state else { return kill(row, .violation(.order), at: now) }
        processes[row].state = .ready
        processes[row].readyAt = now
        hasBeenReady = true
        let process = processes[row]
        slots[process.slot].startFailures = 0
        actions.append(
            .log(
                .workerReady(
                    number: slots[process.slot].number, pid: process.pid, after: now - process.startedAt)))
        finishStarting()
        dispatch(at: now)
    }

    /// Kills a worker; the rest follows when its end is reported, or when that does not come.
    mutating func kill(_ row: Int, _ cause: TerminationCause, at now: MonotonicTime) {
        if case .killed = processes[row].state { return }
        processes[row].state = .killed(cause, deadline: now + settings.killGrace)
        actions.append(.kill(processes[row].id))
    }

    mutating func channelClosed(_ row: Int, at now: MonotonicTime) {
        switch processes[row].state {
        case .starting, .ready:
            // Usually the first sign of a crash; the news of the end follows and has the cause.
            processes[row].state = .channelClosed(deadline: now + settings.exitGrace)
            takeBackAll(row)
            dispatch(at: now)
        case .draining, .killed, .channelClosed:
            break
        }
    }

    mutating func exited(_ row: Int, _ status: ExitStatus, at now: MonotonicTime) {
        let cause: TerminationCause =
            switch processes[row].state {
            case .killed(let cause, _): cause
            case .draining where status == .exited(0): .drained
            case .draining, .ready: .ended(status)
            case .starting: .endedBeforeReady(status)
            case .channelClosed: endWithoutChannel(processes[row], status)
            }
        ended(row, cause, at: now)
    }

    private func endWithoutChannel(_ process: Process, _ status: ExitStatus) -> TerminationCause {
        if let reason = process.listenersRefused { return .listenersRefused(reason) }
        return process.readyAt == nil ? .endedBeforeReady(status) : .ended(status)
    }

    /// A process is past: its untaken connections go to others and its slot gets a replacement.
    mutating func ended(_ row: Int, _ cause: TerminationCause, at now: MonotonicTime) {
        let held = settle(row, cause)
        let process = processes[row]
        actions.append(.forget(process.id))
        if cause != .drained || held > 0 {
            actions.append(
                .log(
                    .workerEnded(
                        number: slots[process.slot].number, pid: process.pid, cause, heldConnections: held,
                        redispatched: process.redispatched)))
        }
        if slots[process.slot].row == row { replace(process, cause, at: now) }
        dispatch(at: now)
    }

    /// A process does not end although it was killed: it waits in the kernel, on a device that does not answer. It runs
    /// no instruction of its own any more, so what it had not taken may go to others as if it had ended.
    mutating func abandon(_ row: Int, _ cause: TerminationCause, at now: MonotonicTime) {
        let held = settle(row, cause)
        processes[row].isStuck = true
        let process = processes[row]
        actions.append(.abandon(process.id))
        actions.append(
            .log(
                .workerStuck(
                    number: slots[process.slot].number, pid: process.pid, cause, after: settings.killGrace,
                    heldConnections: held, redispatched: process.redispatched)))
        if slots[process.slot].row == row { replace(process, cause, at: now) }
    }

    /// Counts what a worker leaves, and takes back what it had not taken.
    ///
    /// - Returns: how many connections end with it.
    private mutating func settle(_ row: Int, _ cause: TerminationCause) -> UInt64 {
        let held = processes[row].held
        totals.endedWithWorker += held
        if !cause.finishesConnections { noteCutOff(held) }
        takeBackAll(row)
        processes[row].isLive = false
        return held
    }

    /// Schedules the replacement of a process in its slot.
    mutating func replace(_ process: Process, _ cause: TerminationCause, at now: MonotonicTime) {
        let slot = process.slot
        slots[slot].row = nil
        slots[slot].lastCause = cause
        let servedBefore = process.readyAt != nil
        let row: Int
        if cause.isStartFailure || !servedBefore {
            slots[slot].startFailures += 1
            row = slots[slot].startFailures
        } else if now - (process.readyAt ?? now) >= settings.restart.stableAfter {
            closeBreaker(slot)
            row = 0
        } else {
            slots[slot].crashes += 1
            row = slots[slot].crashes
        }
        guard phase == .starting || phase == .serving || hasUntaken else { return }
        if failsForGood(cause, of: slot, at: now) { return }
        let delay =
            slots[slot].isBroken
            ? settings.restart.maximumDelay
            : settings.restart.delay(row: row, servedBefore: servedBefore, random: nextRandom())
        if row >= settings.restart.breakerThreshold && !slots[slot].isBroken {
            slots[slot].isBroken = true
            actions.append(
                .log(.breakerOpened(number: slots[slot].number, failures: row, cause, retryAfter: delay)))
        } else {
            actions.append(.log(.workerRestarts(number: slots[slot].number, after: delay)))
        }
        slots[slot].restarts += 1
        if delay == .zero {
            spawn(slot, at: now)
        } else {
            slots[slot].restartAt = now + delay
        }
        finishStarting()
    }

    mutating func closeBreaker(_ slot: Int) {
        slots[slot].crashes = 0
        if slots[slot].isBroken && slots[slot].startFailures == 0 {
            slots[slot].isBroken = false
            actions.append(.log(.breakerClosed(number: slots[slot].number)))
        }
    }

    /// Before any worker was ready, a command that cannot run, or fails in every slot, is the user's to mend.
    private mutating func failsForGood(_ cause: TerminationCause, of slot: Int, at now: MonotonicTime) -> Bool {
        guard phase == .starting, !hasBeenReady else { return false }
        let everySlotFailed = slots.allSatisfy { $0.startFailures > 0 }
        if case .notExecutable = cause {} else if !everySlotFailed { return false }
        outcome = .neverReady(worker: slots[slot].number, cause)
        end(at: now)
        return true
    }

    /// Every slot has a ready worker, or an open breaker: the start is over.
    private mutating func finishStarting() {
        guard phase == .starting else { return }
        var ready = 0
        for slot in slots {
            if let row = slot.row, processes[row].state == .ready {
                ready += 1
            } else if !slot.isBroken {
                return
            }
        }
        phase = .serving
        actions.append(.announce(ready: ready))
    }
}
