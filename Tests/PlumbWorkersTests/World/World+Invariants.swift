@testable import PlumbWorkers

// What holds after every event, whatever came before.

extension World {
    func checkInvariants() throws {
        try checkConnections()
        try checkWorkers()
        try checkSlots()
        try checkProgress()
    }

    /// After the timer went off: nobody is beyond a deadline of its own.
    func checkDeadlines() throws {
        for worker in workers.values {
            if let killedAt = worker.killedAt {
                let isLate = !worker.isStuck && now >= killedAt + settings.killGrace
                try require(!isLate, "\(worker.name) is beyond the time in which it should have ended")
                continue
            }
            let hasStarted = worker.isReady || worker.isChannelClosed
            let isLate = !hasStarted && now >= worker.startedAt + settings.startDeadline
            try require(!isLate, "\(worker.name) is beyond its start deadline")
            guard let since = worker.waitingSince, let hang = settings.hangDeadline, worker.serves else { continue }
            try require(now < since + hang, "\(worker.name) is beyond the hang deadline")
        }
    }

    private func require(_ condition: Bool, _ what: @autoclosure () -> String) throws {
        if !condition { throw Broken(what()) }
    }

    /// Each connection is in exactly one place, and the supervisor's account of it is the world's.
    private func checkConnections() throws {
        for (index, connection) in connections {
            switch connection.place {
            case .queued:
                try require(queue.filter { $0 == index }.count == 1, "#\(index) is not once in the queue")
            case .sent(let id):
                try require(workers[id]?.isLive == true, "#\(index) is with a worker that is past")
                try require(!queue.contains(index), "#\(index) is sent and queued")
            case .taken, .givenUp:
                throw Broken("#\(index) is not closed: \(connection.place)")
            }
        }
        let untaken = workers.values.reduce(0) { $0 + $1.untaken.count }
        try require(connections.count == queue.count + untaken, "a connection is nowhere, or in two places")
        try require(supervisor.queue.map(\.index) == queue, "the queue is \(supervisor.queue), not \(queue)")
        try require(supervisor.inFlight == untaken, "inFlight is \(supervisor.inFlight), not \(untaken)")

        let counted = supervisor.totals
        let theirs = Totals(
            accepted: counted.accepted, taken: counted.taken, finished: counted.finished, lost: counted.lost,
            endedWithWorker: counted.endedWithWorker)
        try require(theirs == totals, "counted \(theirs), happened \(totals)")
        if settings.handsOff {
            let placed = counted.taken + counted.lost + UInt64(queue.count + untaken)
            try require(counted.accepted == placed, "\(counted.accepted) accepted, \(placed) placed")
            try require(counted.finished + counted.endedWithWorker <= counted.taken, "more ended than was taken")
        }
    }

    /// The rows of the supervisor's table are the world's workers.
    private func checkWorkers() throws {
        for (row, process) in supervisor.processes.enumerated() {
            let places = supervisor.sentRing[row * settings.credits..<(row + 1) * settings.credits]
            guard process.isLive else {
                try require(places.allSatisfy { $0 == -1 }, "a connection is left in a row that is past")
                continue
            }
            guard let worker = workers[process.id] else { throw Broken("\(process.id) is live in the table alone") }
            try require(process.id.row == row, "\(worker.name) is in another's row")
            try require(process.sent == worker.sent && process.taken == worker.taken, "counts of \(worker.name)")
            try require(process.finished == worker.finished, "finished by \(worker.name)")
            try require(process.held == worker.held, "held by \(worker.name)")
            try require(process.unacknowledged <= settings.credits || !settings.handsOff, "more than the credits")
            try require((process.suspectSince != nil) == worker.isSuspect, "suspicion of \(worker.name)")
            try require(process.congestedUntil == worker.congestedUntil, "congestion of \(worker.name)")
            try require(process.allowance == worker.allowance, "allowance of \(worker.name)")
            guard settings.handsOff else { continue }
            for place in places where place >= 0 {
                try require(
                    worker.untaken.contains { $0.connection == Int(place) }, "#\(place) is \(worker.name)'s no more")
            }
            for sent in worker.untaken {
                try require(
                    supervisor.sentRing[supervisor.ringIndex(row, sent.sequence)] == sent.connection,
                    "#\(sent.connection) is not where \(worker.name)'s sequence \(sent.sequence) is")
            }
        }
        for worker in workers.values {
            try require(worker.isLive || worker.isStuck, "\(worker.name) is not forgotten")
            try require(
                supervisor.processes.indices.contains(worker.id.row)
                    && supervisor.processes[worker.id.row].id == worker.id, "\(worker.name) is not in the table")
        }
    }

    private func checkSlots() throws {
        for (index, slot) in supervisor.slots.enumerated() {
            try require(slot.number == index + 1, "number of a slot")
            if let row = slot.row {
                try require(
                    supervisor.processes[row].isLive && supervisor.processes[row].slot == index,
                    "slot \(slot.number) has a process that is not its")
                try require(slot.restartAt == nil, "slot \(slot.number) has a process and waits for one")
            }
            let isOpen = supervisor.phase == .starting || supervisor.phase == .serving
            let isEnding = supervisor.phase == .ending || supervisor.phase == .finished
            try require(!isEnding || slot.restartAt == nil, "slot \(slot.number) waits for a process at the end")
            try require(!isOpen || slot.row != nil || slot.restartAt != nil, "slot \(slot.number) is left empty")
        }
    }

    /// Nothing waits for nothing: a connection that can be sent is sent, and what waits has somebody or some moment to
    /// wait for.
    private func checkProgress() throws {
        if let connection = queue.first {
            let idle = workers.values.filter { $0.canTake }.map(\.name)
            try require(idle.isEmpty, "#\(connection) waits while \(idle) could take it")
        }
        if !connections.isEmpty {
            let isAwaited = workers.values.contains { !$0.isStuck } || supervisor.slots.contains { $0.restartAt != nil }
            try require(isAwaited, "connections wait, and no worker is to come")
        }
        for worker in workers.values where worker.serves && settings.hangDeadline != nil {
            try require(
                worker.sent == worker.taken || !settings.handsOff || supervisor.nextDeadline != nil,
                "\(worker.name) may leave connections unacknowledged for ever")
        }
        let isServing = supervisor.phase == .starting || supervisor.phase == .serving
        let isOpen = isServing || (isDraining && !listenersAreClosed)
        let wants =
            settings.handsOff && isOpen && supervisor.acceptPausedUntil == nil && queue.count < settings.queueLimit
        try require(isAccepting == wants && supervisor.isAccepting == wants, "accepting is \(isAccepting)")
        if case .draining = supervisor.phase {
            try require(supervisor.nextDeadline != nil, "draining without a deadline")
        }
        let isOver = outcome != nil
        try require(
            isOver == (supervisor.phase == .finished), "\(phase), the outcome is \(outcome.map { "\($0)" } ?? "open")")
        if workers.values.allSatisfy(\.isStuck), listenersAreClosed, connections.isEmpty, !isOver {
            throw Broken("nobody is left, and it does not finish")
        }
    }
}
