@testable import PlumbWorkers

// The effect layer of the world: it carries actions out, and objects to those that must not be.

extension World {
    /// Carries out what the supervisor wants, including what it wants because of that.
    mutating func perform() throws {
        var next = 0
        while next < supervisor.actions.count {
            let action = supervisor.actions[next]
            next += 1
            if outcome != nil { throw Broken("\(action) after .finish") }
            actions.append(action)
            try perform(action)
        }
        supervisor.actions.removeAll(keepingCapacity: true)
    }

    /// An event that comes of an action.
    private mutating func follow(_ event: SupervisorEvent) throws {
        let (killed, may) = (mustBeKilled, mayKill)
        try apply(event)
        (mustBeKilled, mayKill) = (killed, may)
        supervisor.handle(event, at: now)
    }

    private mutating func perform(_ action: SupervisorAction) throws {
        switch action {
        case .spawn(let id, let number, let generation):
            try spawn(id, number: number, generation: generation)
        case .send(let connection, let id, let sequence):
            try send(connection.index, to: id, sequence)
        case .close(let connection):
            try close(connection.index)
        case .drain(let id):
            guard let worker = workers[id], worker.serves else { throw Broken("DRAIN for a worker that cannot") }
            if settings.handsOff && (!queue.isEmpty || workers.values.contains { !$0.untaken.isEmpty }) {
                throw Broken("DRAIN for \(worker.name) while a connection is untaken")
            }
            workers[id]?.isDrained = true
        case .kill(let id):
            // Decided before the news that it could not be started: there is nobody to kill.
            if failedToStart.contains(id) { return }
            guard let worker = workers[id], worker.isLive else { throw Broken("kill of a worker that is past") }
            if worker.isKilled { throw Broken("\(worker.name) is killed twice") }
            if !mayKill && mustBeKilled != id && worker.isReady {
                throw Broken("\(worker.name) is killed for a message that it may send")
            }
            workers[id]?.killedAt = now
        case .abandon(let id):
            guard let worker = workers[id], worker.isStuck else { throw Broken("abandons \(name(id))") }
        case .forget(let id):
            guard let worker = workers[id], !worker.isLive else { throw Broken("a live worker is forgotten") }
            workers[id] = nil
        case .setAccepting(let accepting):
            if accepting == isAccepting { throw Broken("accepting is set to what it is") }
            isAccepting = accepting
            if isFinishingListeners && !listenersAreClosed { try acceptRest() }
        case .finishListeners:
            if isFinishingListeners || !settings.handsOff { throw Broken("the listeners are not to be finished") }
            isFinishingListeners = true
            try acceptRest()
        case .closeListeners:
            // It may be decided before the news that they were closed.
            if listenersAreClosed { return }
            listenersAreClosed = true
            let dropped = settings.handsOff ? UInt64(backlog) : 0
            if supervisor.phase == .ending && supervisor.outcome == nil { cutOff += dropped }
            try follow(.listenersClosed(dropped: dropped))
        case .announce(let ready):
            if announced != nil { throw Broken("announced twice") }
            announced = ready
            let expected = workers.values.filter { $0.isReady && !$0.isKilled && !$0.isChannelClosed }.count
            if ready != expected { throw Broken("announces \(ready) workers, ready are \(expected)") }
        case .log(let note):
            notes.append(note)
        case .finish(let outcome):
            let living = workers.values.filter { !$0.isStuck }.map(\.name)
            if !living.isEmpty { throw Broken(".finish while \(living) live") }
            if !connections.isEmpty { throw Broken(".finish while connections are open: \(connections)") }
            if outcome == .drained && cutOff > 0 {
                throw Broken("drained, but for \(cutOff)")
            }
            self.outcome = outcome
        }
    }

    /// As the master does: while there is room, and then closes.
    private mutating func acceptRest() throws {
        while backlog > 0, supervisor.isAccepting {
            backlog -= 1
            try follow(.accepted(ConnectionID(index: newPlace()), sourceHash: 0))
        }
        guard backlog == 0, supervisor.isAccepting else { return }
        listenersAreClosed = true
        try follow(.listenersClosed(dropped: 0))
    }

    private mutating func spawn(_ id: WorkerID, number: Int, generation: Int) throws {
        if workers[id] != nil || names.values.contains(id) { throw Broken("\(id) is used again") }
        if let other = workers.values.first(where: { $0.id.row == id.row }) {
            throw Broken("the row of \(other.name) is used again while it lives")
        }
        let predecessors = workers.values.filter { $0.number == number }
        if let other = predecessors.first(where: { !$0.isChannelClosed && !$0.isDrained && !$0.isKilled }) {
            throw Broken("worker \(number) is started beside \(other.name)")
        }
        if generation != settings.generation { throw Broken("worker of generation \(generation)") }
        var name = "\(number)"
        for letter in "bcdefghijklmnopqrstuvwxyz" where names[name] != nil { name = "\(number)\(letter)" }
        // After that, numbers: a test with so many processes asks for them by other means.
        if names[name] != nil { name = "\(number)#\(id.serial)" }
        names[name] = id
        workers[id] = Worker(id: id, number: number, name: name, startedAt: now, allowance: settings.credits)
        if spawnError != nil { failedToStart.insert(id) }
        try follow(spawnError.map { .spawnFailed(id, $0) } ?? .spawned(id, pid: Int32(1000 + id.serial)))
    }

    private mutating func send(_ connection: Int, to id: WorkerID, _ sequence: UInt64) throws {
        guard var worker = workers[id], worker.isLive else {
            throw Broken("#\(connection) is sent to a worker that is past")
        }
        guard let place = connections[connection]?.place else { throw Broken("#\(connection) is sent closed") }
        if place != .queued { throw Broken("#\(connection) is sent to \(worker.name) while \(place)") }
        if queue.first != connection { throw Broken("#\(connection) is sent before \(queue)") }
        if !settings.handsOff { throw Broken("a connection is sent where workers accept by themselves") }
        if !worker.canTake { throw Broken("#\(connection) is sent to \(worker)") }
        if sequence != worker.sent + 1 { throw Broken("sequence \(sequence) after \(worker.sent)") }
        if worker.sent == worker.taken { worker.waitingSince = now }
        worker.sent = sequence
        worker.untaken.append(Sent(sequence: sequence, connection: connection))
        workers[id] = worker
        queue.removeFirst()
        connections[connection]?.place = .sent(id)
        connections[connection]?.attempts += 1
        if connections[connection]?.attempts ?? 0 > settings.attemptLimit {
            throw Broken("#\(connection) is sent to more than \(settings.attemptLimit) workers")
        }
    }

    private mutating func close(_ connection: Int) throws {
        switch connections[connection]?.place {
        case nil:
            throw Broken("#\(connection) is closed twice")
        case .sent(let id):
            throw Broken("#\(connection) is closed while \(workers[id]?.name ?? "nobody") has not taken it")
        case .queued:
            guard supervisor.phase == .ending || supervisor.phase == .finished else {
                throw Broken("#\(connection) is closed while it waits")
            }
            queue.removeAll { $0 == connection }
            totals.lost += 1
        case .givenUp:
            totals.lost += 1
            if isDraining { cutOff += 1 }
        case .taken:
            break
        }
        connections[connection] = nil
        free(connection)
    }
}
