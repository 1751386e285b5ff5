@testable import PlumbWorkers

// What an event means by the documentation, on the world's own account.

extension World {
    mutating func apply(_ event: SupervisorEvent) throws {
        mustBeKilled = nil
        mayKill = true
        switch event {
        case .accepted(let connection, _):
            totals.accepted += 1
            guard connections[connection.index] == nil else { throw Broken("the test's own error: place taken") }
            let isTooLate = supervisor.phase == .ending || supervisor.phase == .finished
            connections[connection.index] = Connection(
                place: isTooLate ? .givenUp : .queued, arrival: totals.accepted)
            if !isTooLate { queue.append(connection.index) }
        case .message(let id, let message):
            guard workers[id]?.isLive == true else { return }
            mayKill = false
            if !apply(message, id) { mustBeKilled = id }
        case .violation(let id, _):
            if workers[id]?.isLive == true { mustBeKilled = id }
        case .channelClosed(let id):
            guard let worker = workers[id], worker.isLive, !worker.isKilled else { return }
            workers[id]?.isChannelClosed = true
            // One that was told to end owes nothing, but perhaps the word on what it refused.
            if !worker.isDrained { requeueAll(id) }
        case .exited(let id, let status):
            // Its status 0 says that it had finished what it held.
            try end(id, cutsOff: status != .exited(0) || workers[id]?.isKilled ?? false)
        case .spawnFailed(let id, _):
            try end(id, cutsOff: true)
        case .tick:
            for id in workers.keys { try applyTick(id) }
        case .spawned, .acceptFailed, .listenersClosed, .stop:
            break
        }
    }

    private mutating func end(_ id: WorkerID, cutsOff: Bool) throws {
        guard let worker = workers[id], worker.isLive else { return }
        totals.endedWithWorker += worker.held
        if isDraining && cutsOff { cutOff += worker.held }
        requeueAll(id)
        workers[id]?.isLive = false
    }

    /// - Returns: whether the worker may say that.
    private mutating func apply(_ message: WorkerMessage, _ id: WorkerID) -> Bool {
        guard var worker = workers[id] else { return true }
        defer { workers[id] = worker }
        switch message {
        case .ready:
            if worker.isKilled { return true }
            if worker.isReady || worker.isDrained { return false }
            worker.isReady = true
            return true
        case .progress(let taken, let finished):
            if !worker.isReady && !worker.isKilled { return false }
            let seconds = (now - worker.startedAt).inSeconds + 1
            let most = settings.handsOff ? worker.sent : UInt64(seconds * Double(settings.acceptsPerSecond))
            guard taken >= worker.taken, finished >= worker.finished, taken <= most else { return false }
            apply(taken: taken, &worker)
            guard finished <= taken - worker.passedOver else { return false }
            totals.finished += finished - worker.finished
            if finished > worker.finished { worker.congestedUntil = nil }
            worker.finished = finished
            return true
        case .refused(0, _) where !settings.handsOff:
            // It cannot take its listeners, and leaves.
            if !worker.isKilled && !worker.isDrained { worker.isChannelClosed = true }
            return true
        case .refused(let sequence, _):
            if !worker.isReady && !worker.isKilled { return false }
            guard settings.handsOff, let index = worker.untaken.firstIndex(where: { $0.sequence == sequence })
            else { return false }
            let connection = worker.untaken.remove(at: index).connection
            worker.congestedUntil = worker.congestedUntil ?? now + settings.acceptPause
            (worker.allowance, worker.refusedThrough) = (1, worker.sent)
            connections[connection]?.attempts -= 1
            if supervisor.phase == .ending {
                connections[connection]?.place = .givenUp
                return true
            }
            requeue(connection)
            return true
        }
    }

    private mutating func apply(taken: UInt64, _ worker: inout Worker) {
        if settings.handsOff {
            let (acknowledged, left) = (
                worker.untaken.prefix { $0.sequence <= taken }, worker.untaken.drop { $0.sequence <= taken }
            )
            for sent in acknowledged { connections[sent.connection]?.place = .taken }
            totals.taken += UInt64(acknowledged.count)
            let isRoom = acknowledged.filter { $0.sequence > worker.refusedThrough }.count
            worker.allowance = min(worker.allowance + isRoom, settings.credits)
            worker.passedOver += taken - worker.taken - UInt64(acknowledged.count)
            worker.untaken = Array(left)
            if taken > worker.taken {
                worker.isSuspect = false
                worker.waitingSince = taken < worker.sent ? now : nil
            }
        } else {
            totals.accepted += taken - worker.taken
            totals.taken += taken - worker.taken
            worker.sent = taken
        }
        worker.taken = taken
    }

    /// The queue is in the order of arrival.
    private mutating func requeue(_ connection: Int) {
        connections[connection]?.place = .queued
        let arrival = connections[connection]?.arrival ?? 0
        let next = queue.firstIndex { connections[$0]?.arrival ?? 0 > arrival }
        queue.insert(connection, at: next ?? queue.count)
    }

    /// What the worker had not taken goes back into the queue, or is given up.
    private mutating func requeueAll(_ id: WorkerID) {
        guard let worker = workers[id] else { return }
        for sent in worker.untaken.reversed() {
            let isLastAttempt = connections[sent.connection]?.attempts ?? 0 >= settings.attemptLimit
            if supervisor.phase == .ending || isLastAttempt {
                connections[sent.connection]?.place = .givenUp
            } else {
                requeue(sent.connection)
            }
        }
        workers[id]?.untaken = []
        workers[id]?.waitingSince = nil
        if settings.handsOff { workers[id]?.sent = worker.taken }
    }

    private mutating func applyTick(_ id: WorkerID) throws {
        if let killedAt = workers[id]?.killedAt, workers[id]?.isLive == true, now >= killedAt + settings.killGrace {
            workers[id]?.isStuck = true
            try end(id, cutsOff: true)
        }
        guard var worker = workers[id], worker.isLive else { return }
        if let until = worker.congestedUntil, now >= until { worker.congestedUntil = nil }
        if worker.serves, let since = worker.waitingSince, now >= since + settings.suspectAfter {
            worker.isSuspect = true
        }
        workers[id] = worker
    }
}
