import BasicContainers
import NIOCore
import PlumbSockets
import PlumbWorkers
import SystemPackage

/// The hand-off channel on a ``ConnectionLoop``: what the master sends becomes channels, and what has ended is reported.
final class HandoffSource: ReadinessHandler, ConnectionLoopOwner {
    private let worker: WorkerChannel
    private let loop: ConnectionLoop
    private let initializer: (any Channel) -> EventLoopFuture<Void>
    private var listeners: [ListenerSource] = []
    private var isDraining = false
    private var failure: (any Error)?
    /// Since when connections have ended that the master does not know of.
    private var newsSince: NIODeadline?

    init(
        _ worker: WorkerChannel, on loop: ConnectionLoop,
        initializer: @escaping (any Channel) -> EventLoopFuture<Void>
    ) {
        self.worker = worker
        self.loop = loop
        self.initializer = initializer
    }

    func run() throws {
        loop.owner = self
        loop.add(self)
        try worker.start()
        try loop.watch(worker.endpoint, for: .read, self)
        try loop.run()
    }

    // MARK: The master's messages

    override func ready(_ events: Epoll.Readiness) {
        do {
            _ = try turn()
        } catch {
            failure = error
        }
    }

    private func turn() throws -> WorkerChannel.Turn {
        try worker.turn { delivery in
            switch consume delivery {
            case .connection(let connection, _): serve(connection)
            case .listeners(let descriptors): try listen(descriptors)
            case .drain: drain()
            }
        }
    }

    private func serve(_ connection: consuming Descriptor) {
        ConnectionChannel(connection, on: loop).start(initializer)
    }

    private func listen(_ descriptors: consuming UniqueArray<Descriptor>) throws {
        while !descriptors.isEmpty {
            let source = ListenerSource(descriptors.remove(at: 0), on: loop) { connection in
                self.worker.connectionTaken()
                self.serve(connection)
            }
            try source.start()
            listeners.append(source)
        }
    }

    /// Takes what waits in the listeners, and tells every channel to finish.
    private func drain() {
        // Nothing more is coming, and its end of file would be news for ever.
        loop.unwatch(worker.endpoint)
        for listener in listeners { listener.finish() }
        listeners = []
        isDraining = true
        for channel in loop.channels where channel.hasStarted { tellToDrain(channel) }
    }

    private func tellToDrain(_ channel: ConnectionChannel) {
        channel.pipeline.syncOperations.fireUserInboundEventTriggered(NIOWorker.ShouldDrainEvent())
    }

    // MARK: The loop's owner

    func channelStarted(_ channel: ConnectionChannel) { if isDraining { tellToDrain(channel) } }

    func channelEnded() { worker.connectionFinished() }

    func wish() throws -> ConnectionLoop.Wish {
        if let failure { throw failure }
        if isDraining, try turn() == .done { return .stop }
        return .wait(until: try reportInTime())
    }

    /// Reports what has ended, unless an acknowledgement takes it along within a moment.
    ///
    /// - Returns: when to look again.
    private func reportInTime() throws -> NIODeadline? {
        guard worker.hasNews else {
            newsSince = nil
            return nil
        }
        let now = NIODeadline.now()
        let deadline = (newsSince ?? now) + .nanoseconds(WorkerChannel.reportDelay)
        if now < deadline {
            newsSince = newsSince ?? now
            return deadline
        }
        newsSince = nil
        try worker.report()
        return nil
    }
}
