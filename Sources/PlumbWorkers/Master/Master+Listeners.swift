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

    func setAccepting(_ accepting: Bool) {
        guard hasListeners else { return }
        for index in 0..<listeners.count {
            try? events.epoll.modify(
                listeners[index].descriptor.borrowed, accepting ? .read : .none, Epoll.Token(.listener, index))
        }
    }

    /// Accepts what waits on a listener, at most `limit` connections, so that no listener starves the rest.
    mutating func accept(_ index: Int, limit: Int, at now: MonotonicTime) {
        guard hasListeners else { return }
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

    /// Closes the listeners; before that, takes what waits in their backlogs if `acceptRest` says so.
    mutating func closeListeners(acceptRest: Bool, at now: MonotonicTime) {
        guard hasListeners else { return }
        if acceptRest {
            for index in 0..<listeners.count {
                while acceptOne(index, at: now) {}
            }
        }
        if configuration.dispatch == .handoff {
            for index in 0..<listeners.count { events.epoll.remove(listeners[index].descriptor.borrowed) }
        }
        hasListeners = false
        listeners.removeAll()
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
