import BasicContainers
import CPlumb
import PlumbSockets
import SystemPackage

// The listeners: made at the start, watched while there is room for connections, closed at the stop.

extension Master {
    /// Listens on each address; with `reuseport`, once for each worker, address by address.
    static func listen(_ configuration: MasterConfiguration) throws(SocketsError) -> UniqueArray<Listener> {
        var listeners = UniqueArray<Listener>()
        let reusePort = configuration.dispatch == .reuseport
        for address in configuration.addresses {
            if reusePort && address.isUnix {
                throw SocketsError(
                    .invalidAddress, "listen on", address.description,
                    reason: "a Unix socket has no SO_REUSEPORT; choose --dispatch handoff or shared")
            }
            listeners.append(try Listener(on: address, reusePort: reusePort))
            let effective = listeners[listeners.count - 1].address
            guard reusePort else { continue }
            for _ in 1..<max(configuration.workers, 1) {
                listeners.append(try Listener(on: effective, reusePort: true))
            }
        }
        return listeners
    }

    /// One address for each of the configuration's, from the listeners that ``listen(_:)`` made in their order.
    static func addresses(of listeners: borrowing UniqueArray<Listener>, count: Int) -> [SocketAddress] {
        let perAddress = listeners.count / count
        return (0..<count).map { listeners[$0 * perAddress].address }
    }

    /// The listeners that a worker gets when it accepts by itself: all of them, or with `reuseport` its own.
    func listenerIndices(forWorker number: Int) -> [Int] {
        guard configuration.dispatch == .reuseport else { return Array(0..<listeners.count) }
        let workers = max(configuration.workers, 1)
        return stride(from: number - 1, to: listeners.count, by: workers).map { $0 }
    }

    /// Registers the listeners, not watching them yet.
    func registerListeners() throws(Errno) {
        guard configuration.dispatch == .handoff else { return }
        for index in 0..<listeners.count {
            try events.epoll.add(listeners[index].descriptor.borrowed, .none, Epoll.Token(.listener, index))
        }
    }

    mutating func setAccepting(_ accepting: Bool, at now: MonotonicTime) {
        guard hasListeners else { return }
        if isFinishingListeners { return acceptRest(at: now) }
        for index in 0..<listeners.count {
            try? events.epoll.modify(
                listeners[index].descriptor.borrowed, accepting ? .read : .none, Epoll.Token(.listener, index))
        }
    }

    /// Accepts what waits on a listener, at most `limit` connections, so that no listener starves the rest.
    mutating func accept(_ index: Int, limit: Int, at now: MonotonicTime) {
        guard hasListeners, !isFinishingListeners else { return }
        for _ in 0..<limit where supervisor.isAccepting {
            if !acceptOne(index, at: now) { return }
            // Passed on at once: collecting first saves calls and costs more, because the workers wait meanwhile.
            perform(at: now)
            flush()
        }
    }

    private mutating func acceptOne(_ index: Int, at now: MonotonicTime) -> Bool {
        let wantsPeer = configuration.balancing.needsPeer
        do throws(Errno) {
            // A view by number: the borrow checker takes a borrow of one field for a borrow of all.
            let listener = unsafe BorrowedDescriptor(unsafeRawValue: listeners[index].descriptor.rawValue)
            guard let connection = try listener.accept(peer: &peer, wanted: wantsPeer) else { return false }
            let id = connections.insert(connection)
            while connectionListeners.count <= id { connectionListeners.append(0) }
            connectionListeners[id] = UInt16(truncatingIfNeeded: index)
            supervisor.handle(
                .accepted(ConnectionID(index: id), sourceHash: wantsPeer ? peer.hostHash : 0), at: now)
            return true
        } catch {
            supervisor.handle(.acceptFailed(error.rawValue), at: now)
            return false
        }
    }

    // MARK: The end

    /// From here on, only what waits in the backlogs is accepted.
    mutating func finishListeners(at now: MonotonicTime) {
        guard hasListeners else { return }
        isFinishingListeners = true
        for index in 0..<listeners.count { retire(index) }
        acceptRest(at: now)
    }

    /// Watches a listener no longer, and lets nobody in any more: clients that connected already keep their place.
    private func retire(_ index: Int) {
        events.epoll.remove(listeners[index].descriptor.borrowed)
        try? listeners[index].descriptor.borrowed.listen(backlog: 0)
    }

    /// Accepts from the listeners, the last one first, and closes each when it is empty. Where the supervisor has no room
    /// this stops, and goes on when it has.
    private mutating func acceptRest(at now: MonotonicTime) {
        while !listeners.isEmpty, supervisor.isAccepting {
            if acceptOne(listeners.count - 1, at: now) { continue }
            // Nothing waits, or it could not be accepted: then accepting pauses.
            if supervisor.isAccepting { listeners.removeLast() }
        }
        if listeners.isEmpty { listenersAreClosed(dropped: 0, at: now) }
    }

    /// Closes the listeners with what waits in them.
    mutating func closeListeners(at now: MonotonicTime) {
        guard hasListeners else { return }
        var dropped: UInt64 = 0
        if configuration.dispatch == .handoff {
            for index in 0..<listeners.count {
                retire(index)
                while drop(index) { dropped += 1 }
            }
        }
        listenersAreClosed(dropped: dropped, at: now)
    }

    /// Closes the next connection that waits, if one does.
    private func drop(_ index: Int) -> Bool {
        do throws(Errno) {
            return try listeners[index].accept() != nil
        } catch {
            return false
        }
    }

    private mutating func listenersAreClosed(dropped: UInt64, at now: MonotonicTime) {
        hasListeners = false
        listeners.removeAll()
        supervisor.handle(.listenersClosed(dropped: dropped), at: now)
    }
}

extension Balancing {
    /// Whether the choice rests on the peer's address, which costs the kernel a copy.
    var needsPeer: Bool {
        switch policy {
        case .sourceHash, .custom: true
        case .roundRobin, .leastConnections, .twoChoices: false
        }
    }
}
