import PlumbSockets
import Testing

@testable import PlumbWorkers

/// The master's end of a channel, with workers that do what no worker should. The event loop does not run: the test
/// makes its steps, so that everything happens in the order that matters.
struct MasterChannelTests {
    @Test("What a worker acknowledged before it died stays acknowledged, though it left messages unread")
    func lastWords() throws {
        // The worker never reads, so its end resets the channel: the kernel tells that first, then its words.
        let stage = try Stage(
            "printf \(Stage.ready) >&3; read go < \"$GO\"; printf \(Stage.progress(1)) >&3; kill -9 $$")
        var master = try stage.master()
        defer { stage.end(&master) }
        let connection = try Sockets(1)
        try stage.hear(&master)
        try stage.inject(connection, into: &master)
        #expect(master.supervisor.inFlight == 1)
        try stage.go()
        try stage.waitForEnd(&master)
        master.reap(0, at: .now)
        #expect(master.supervisor.totals.taken == 1)
        #expect(master.supervisor.totals.redispatched == 0)
        #expect(master.supervisor.totals.endedWithWorker == 1)
    }

    @Test("A worker that acknowledges what was not passed yet is killed, and everything goes elsewhere")
    func acknowledgesAhead() throws {
        let stage = try Stage(
            "printf \(Stage.ready) >&3; read go < \"$GO\"; printf \(Stage.progress(20)) >&3; read go < \"$GO\"")
        var master = try stage.master()
        defer { stage.end(&master) }
        try stage.hear(&master)
        let connections = try Sockets(20)
        try stage.inject(connections, into: &master, sendBuffer: 1)
        let (isBlocked, waiting) = (master.rows[0].isBlocked, master.rows[0].count)
        #expect(isBlocked && waiting > 0)
        try stage.go()
        try stage.hear(&master)
        guard case .killed(.violation(.counts), _) = master.supervisor.processes[0].state else {
            Issue.record("its state is \(master.supervisor.processes[0].state)")
            return
        }
        #expect(master.supervisor.totals.taken == 0)
        master.perform(at: .now)
        try stage.waitForEnd(&master)
        master.reap(0, at: .now)
        #expect(master.supervisor.queue.count == 20)
        #expect(master.supervisor.inFlight == 0)
    }

    @Test("A full channel is waited for, and no longer when it is not full")
    func fullChannel() throws {
        let stage = try Stage("printf \(Stage.ready) >&3; read go < \"$GO\"; dd bs=64 count=1000 <&3 >/dev/null 2>&1")
        var master = try stage.master()
        defer { stage.end(&master) }
        try stage.hear(&master)
        let connections = try Sockets(20)
        try stage.inject(connections, into: &master, sendBuffer: 1)
        try #require(master.rows[0].isBlocked)
        try stage.go()
        while master.rows[0].count > 0 {
            for token in try stage.events(of: &master, within: .seconds(30), writable: true) {
                try #require(token.source == .channel, "the channel does not become writable")
                master.unblock(token.index)
            }
            master.flush()
        }
        // Whatever else: an event that comes back at once would make the loop spin.
        let sources = try stage.events(of: &master, within: .milliseconds(1), writable: false).map(\.source)
        #expect(sources == [.timer])
    }

    @Test("A worker that does not end although it was killed gets a successor, and is forgotten when it ends")
    func stuck() throws {
        let stage = try Stage("printf \(Stage.ready) >&3; read go < \"$GO\"")
        var master = try stage.master()
        defer { stage.end(&master) }
        try stage.hear(&master)
        let stuck = master.rows[0].id
        master.supervisor.handle(.violation(stuck, .length), at: .now)
        // It is killed, and the loop does not hear of its end.
        master.perform(at: .now)
        master.supervisor.handle(.tick, at: .now + .seconds(6))
        // It failed, so the successor is not started at once.
        master.supervisor.handle(.tick, at: .now + .seconds(66))
        master.perform(at: .now)
        let (channel, process) = (master.channels.contains(0), master.processes.contains(0))
        #expect(!channel && process, "its end is still watched")
        let (successor, hasSuccessor) = (master.rows[1].id, master.channels.contains(1))
        #expect(hasSuccessor && successor != stuck)
        try stage.waitForEnd(&master)
        master.reap(0, at: .now)
        master.perform(at: .now)
        let isForgotten = !master.processes.contains(0)
        #expect(isForgotten)
    }

    @Test("A worker whose end another part of this program asked about first is past all the same")
    func reapedElsewhere() throws {
        let stage = try Stage("printf \(Stage.ready) >&3; read go < \"$GO\"; exit 3")
        var master = try stage.master()
        defer { stage.end(&master) }
        try stage.hear(&master)
        try stage.go()
        try stage.waitForEnd(&master)
        #expect(master.processes.borrow(0).exitStatus() == .exited(3))
        // What is readable and stays so would make the loop spin.
        master.reap(0, at: .now)
        #expect(master.supervisor.slots[0].lastCause == .ended(.unknown))
        master.perform(at: .now)
        let pids = master.rows.map(\.pid)
        #expect(pids.count == 1, "its place has its successor")
    }

    @Test("Deadlines that pass while this process is stopped are nobody's fault who has answered meanwhile")
    func stoppedMaster() throws {
        let stage = try Stage(
            "printf \(Stage.ready) >&3; read go < \"$GO\"; printf \(Stage.progress(0)) >&3; "
                + "printf \(Stage.progress(1)) >&3; : > \"$GO.done\"; read go < \"$GO\"")
        var master = try stage.master()
        defer { stage.end(&master) }
        try stage.hear(&master)
        let connection = try Sockets(1)
        try stage.inject(connection, into: &master)
        try stage.go()
        // Both messages are there before the timer, of which the loop takes one a turn.
        try stage.waitUntilDone()
        master.tick(at: .now + .seconds(60))
        #expect(master.supervisor.processes[0].state == .ready)
        #expect(master.supervisor.totals.taken == 1)
    }

    @Test("At the stop, what waits in the backlog is passed before anybody is told to drain")
    func backlog() throws {
        let stage = try Stage("printf \(Stage.ready) >&3; read go < \"$GO\"")
        var master = try stage.master()
        defer { stage.end(&master) }
        try stage.hear(&master)
        let address = master.addresses[0]
        let clients = try (0..<3).map { _ in try Client(address) }
        master.supervisor.handle(.stop, at: .now)
        master.perform(at: .now)
        master.flush()
        #expect(master.supervisor.processes[0].sent == UInt64(clients.count))
        #expect(master.supervisor.processes[0].state == .ready)
        let hasListeners = master.hasListeners
        #expect(!hasListeners)
        master.supervisor.handle(.message(master.rows[0].id, .progress(taken: 3, finished: 0)), at: .now)
        #expect(master.supervisor.actions.contains(.drain(master.rows[0].id)))
        master.supervisor.actions.removeAll()
    }

    @Test("A backlog longer than the queue is taken as there is room, or dropped and counted", arguments: [0, 9])
    func longBacklog(taken: UInt64) throws {
        let stage = try Stage("printf \(Stage.ready) >&3; read go < \"$GO\"")
        var master = try stage.master {
            ($0.addresses, $0.queueLimit, $0.credits) = ([.ipv4(.loopback, port: 0), .ipv4(.loopback, port: 0)], 3, 2)
        }
        defer { stage.end(&master) }
        try stage.hear(&master)
        let clients = try (0..<9).map { try Client(master.addresses[$0 % 2]) }
        func turn(_ event: SupervisorEvent) {
            master.supervisor.handle(event, at: .now)
            master.perform(at: .now)
            master.flush()
        }
        turn(.stop)
        #expect(master.supervisor.totals.accepted == 5)
        let isOpen = master.hasListeners
        #expect(isOpen)
        for count in 0..<taken { turn(.message(master.rows[0].id, .progress(taken: count + 1, finished: count + 1))) }
        if taken == 0 { turn(.stop) }
        #expect(master.supervisor.totals.accepted == (taken == 0 ? 5 : 9))
        #expect(master.supervisor.cutOffConnections == (taken == 0 ? 9 : 0))
        let isClosed = !master.hasListeners
        #expect(isClosed)
        _ = clients
    }
}

/// A client's connection, in an array.
private final class Client {
    let descriptor: Descriptor
    init(_ address: SocketAddress) throws { descriptor = try Descriptor.connecting(to: address) }
}
