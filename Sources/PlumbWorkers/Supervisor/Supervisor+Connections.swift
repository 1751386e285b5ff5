import DequeModule

// QUEUED → SENT → TAKEN: the connections' side of the supervisor.

extension Supervisor {
    mutating func accepted(_ connection: ConnectionID, _ sourceHash: UInt64, at now: MonotonicTime) {
        totals.accepted += 1
        if phase == .ending || phase == .finished {
            giveUp(connection)
            return
        }
        while attempts.count <= connection.index {
            attempts.append(0)
            arrivals.append(0)
            sourceHashes.append(0)
        }
        attempts[connection.index] = 0
        arrivals[connection.index] = totals.accepted
        sourceHashes[connection.index] = sourceHash
        queue.append(connection)
        dispatch(at: now)
    }

    /// Sends queued connections for as long as there is a worker to take one.
    mutating func dispatch(at now: MonotonicTime) {
        while let connection = queue.first {
            candidates.removeAll(keepingCapacity: true)
            for row in processes.indices where canTake(row, at: now) {
                candidates.append(
                    WorkerLoad(
                        number: slots[processes[row].slot].number,
                        connections: processes[row].unacknowledged + Int(clamping: processes[row].held),
                        unacknowledged: processes[row].unacknowledged, row: row))
            }
            if candidates.isEmpty { return }
            let workers = candidates
            let choice = balancer.choose(sourceHashes[connection.index], among: workers)
            queue.removeFirst()
            send(connection, to: candidates[choice].row, at: now)
        }
    }

    private func canTake(_ row: Int, at now: MonotonicTime) -> Bool {
        guard processes[row].isLive, processes[row].state == .ready, processes[row].suspectSince == nil else {
            return false
        }
        if processes[row].congestedUntil != nil { return false }
        return processes[row].unacknowledged < processes[row].allowance
    }

    private mutating func send(_ connection: ConnectionID, to row: Int, at now: MonotonicTime) {
        if processes[row].unacknowledged == 0 { processes[row].waitingSince = now }
        processes[row].sent += 1
        inFlight += 1
        let sequence = processes[row].sent
        sentRing[ringIndex(row, sequence)] = Int32(truncatingIfNeeded: connection.index)
        attempts[connection.index] += 1
        actions.append(.send(connection, to: processes[row].id, sequence: sequence))
    }

    func ringIndex(_ row: Int, _ sequence: UInt64) -> Int {
        row * settings.credits + Int(sequence % UInt64(settings.credits))
    }

    mutating func received(_ message: WorkerMessage, from row: Int, at now: MonotonicTime) {
        switch message {
        case .ready:
            ready(row, at: now)
        case .progress(let taken, let finished):
            progress(row, taken: taken, finished: finished, at: now)
        case .refused(let sequence, let reason):
            refused(row, sequence, Int32(truncatingIfNeeded: reason), at: now)
        }
    }

    private mutating func progress(_ row: Int, taken: UInt64, finished: UInt64, at now: MonotonicTime) {
        let process = processes[row]
        if case .starting = process.state { return kill(row, .violation(.order), at: now) }
        let most = settings.handsOff ? process.sent : mostAccepted(by: process, at: now)
        guard taken >= process.taken, taken <= most, finished >= process.finished else {
            return kill(row, .violation(.counts), at: now)
        }
        if settings.handsOff {
            for sequence in process.taken..<taken { release(row, sequence + 1) }
            if taken > process.taken { acknowledged(row, taken: taken, at: now) }
        } else {
            totals.accepted += taken - process.taken
            totals.taken += taken - process.taken
            processes[row].sent = taken
        }
        processes[row].taken = taken
        guard finished <= taken - processes[row].refused else { return kill(row, .violation(.counts), at: now) }
        totals.finished += finished - process.finished
        if finished > process.finished { processes[row].congestedUntil = nil }
        processes[row].finished = finished
        dispatch(at: now)
    }

    /// More connections than a worker that accepts by itself can have taken since its start. Its figures are its own
    /// word; within this bound, no sum of them overflows in the life of a machine.
    private func mostAccepted(by process: Process, at now: MonotonicTime) -> UInt64 {
        let nanoseconds = (now - process.startedAt + .seconds(1)).wholeNanoseconds
        return nanoseconds / (1_000_000_000 / settings.acceptsPerSecond)
    }

    private mutating func acknowledged(_ row: Int, taken: UInt64, at now: MonotonicTime) {
        processes[row].waitingSince = taken < processes[row].sent ? now : nil
        if processes[row].suspectSince != nil {
            processes[row].suspectSince = nil
            let process = processes[row]
            actions.append(.log(.workerRecovered(number: slots[process.slot].number, pid: process.pid)))
        }
    }

    /// The worker has the connection: the duplicate goes at once, or the worker's close would send no FIN.
    private mutating func release(_ row: Int, _ sequence: UInt64) {
        let place = ringIndex(row, sequence)
        if sentRing[place] < 0 {
            // It was refused before; the cumulative acknowledgement passes over it.
            processes[row].refused += 1
            return
        }
        totals.taken += 1
        // Something sent after a refusal was taken: the worker has room again, and is tried with more.
        if sequence > processes[row].refusedThrough, processes[row].allowance < settings.credits {
            processes[row].allowance += 1
        }
        actions.append(.close(ConnectionID(index: Int(sentRing[place]))))
        sentRing[place] = -1
        inFlight -= 1
        acceptPausedUntil = nil
    }

    private mutating func refused(_ row: Int, _ sequence: UInt64, _ reason: Int32, at now: MonotonicTime) {
        let process = processes[row]
        if !settings.handsOff && sequence == 0 {
            // It leaves, and says why itself.
            processes[row].listenersRefused = reason
            return channelClosed(row, at: now)
        }
        if case .starting = process.state { return kill(row, .violation(.order), at: now) }
        guard settings.handsOff, sequence > process.taken, sequence <= process.sent,
            sentRing[ringIndex(row, sequence)] >= 0
        else { return kill(row, .violation(.refusal), at: now) }
        if process.congestedUntil == nil { processes[row].congestedUntil = now + settings.acceptPause }
        if isOver(process.refusedAt, at: now) {
            actions.append(.log(.connectionRefused(number: slots[process.slot].number, reason: reason)))
        }
        processes[row].refusedAt = now
        // It is tried with one connection first, or each time something is finished all its credits would be refused.
        processes[row].allowance = 1
        processes[row].refusedThrough = process.sent
        let connection = takeBack(row, sequence)
        if phase == .ending { return giveUp(connection) }
        // That a worker is full is not the connection's fault: it does not count as an attempt.
        attempts[connection.index] -= 1
        requeue(connection)
        dispatch(at: now)
    }

    /// Puts a connection back to its place in the queue, which is in the order of arrival.
    private mutating func requeue(_ connection: ConnectionID) {
        let arrival = arrivals[connection.index]
        var places = 0..<queue.count
        while !places.isEmpty {
            let middle = (places.lowerBound + places.upperBound) / 2
            let isEarlier = arrivals[queue[middle].index] < arrival
            places = isEarlier ? middle + 1..<places.upperBound : places.lowerBound..<middle
        }
        queue.insert(connection, at: places.lowerBound)
        totals.redispatched += 1
    }

    private mutating func takeBack(_ row: Int, _ sequence: UInt64) -> ConnectionID {
        let place = ringIndex(row, sequence)
        let connection = ConnectionID(index: Int(sentRing[place]))
        sentRing[place] = -1
        inFlight -= 1
        return connection
    }

    /// Puts everything that was sent to the worker and not taken back into the queue.
    mutating func takeBackAll(_ row: Int) {
        guard settings.handsOff else { return }
        for sequence in (processes[row].taken..<processes[row].sent).reversed()
        where sentRing[ringIndex(row, sequence + 1)] >= 0 {
            let connection = takeBack(row, sequence + 1)
            if phase == .ending {
                giveUp(connection)
            } else if attempts[connection.index] >= settings.attemptLimit {
                actions.append(.log(.connectionGivenUp(attempts: settings.attemptLimit)))
                giveUp(connection)
            } else {
                requeue(connection)
                processes[row].redispatched += 1
            }
        }
        processes[row].sent = processes[row].taken
        processes[row].waitingSince = nil
    }

    /// Closes a connection that no worker has taken.
    mutating func giveUp(_ connection: ConnectionID) {
        totals.lost += 1
        noteCutOff(1)
        actions.append(.close(connection))
        acceptPausedUntil = nil
    }

    mutating func acceptFailed(_ error: Int32, at now: MonotonicTime) {
        totals.acceptFailures += 1
        if isOver(acceptFailedAt, at: now) { actions.append(.log(.acceptPaused(reason: error))) }
        acceptFailedAt = now
        acceptPausedUntil = now + settings.acceptPause
    }

    /// Whether a shortage is long past: one that comes and goes with each connection is one line of log, not thousands.
    private func isOver(_ shortage: MonotonicTime?, at now: MonotonicTime) -> Bool {
        shortage.map { now - $0 >= settings.shortageQuiet } ?? true
    }

    /// Accepts while there is room in the queue; what does not fit waits in the kernel's backlog, also after a stop.
    mutating func updateAccepting() {
        let isOpen = phase == .starting || phase == .serving || (isDraining && !areListenersClosed)
        let accepts =
            settings.handsOff && isOpen && acceptPausedUntil == nil
            && queue.count < settings.queueLimit && queue.count + inFlight < settings.connectionLimit
        if accepts != isAccepting {
            isAccepting = accepts
            actions.append(.setAccepting(accepts))
        }
    }
}
