import BasicContainers
import NIOConcurrencyHelpers
public import NIOCore
import NIOPosix
import PlumbSockets
public import PlumbWorkers
import SystemPackage

/// Serves handed-over connections as SwiftNIO channels.
///
/// ```swift
/// let worker = NIOWorker(channel: try WorkerChannel.inherited()) { channel in
///     channel.pipeline.configureHTTPServerPipeline().flatMap { channel.pipeline.addHandler(MyHandler()) }
/// }
/// try worker.run()  // until the master says DRAIN, or is gone, and every connection is finished
/// ```
///
/// At DRAIN every channel gets a ``ShouldDrainEvent``; a handler that keeps connections open between requests closes
/// them then, or after the request it is in.
public final class NIOWorker: Sendable {
    /// The user inbound event that tells a channel's handlers to finish what they are doing and close.
    public struct ShouldDrainEvent: Sendable {}

    private let worker: WorkerChannel
    /// Absent when the worker has a loop of its own.
    private let group: (any EventLoopGroup)?
    private let initializer: @Sendable (any Channel) -> EventLoopFuture<Void>
    private let state = NIOLockedValueBox(State())

    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        var isDraining = false
        var listeners: [AdoptedListener] = []
    }

    /// A listener as a channel, and a duplicate of it, because a NIO channel gives no descriptor back and what waits in
    /// the backlog is to be taken when the channel has closed.
    private final class AdoptedListener: Sendable {
        let channel: any Channel
        let duplicate: Descriptor

        init(_ channel: any Channel, duplicate: consuming Descriptor) {
            self.channel = channel
            self.duplicate = duplicate
        }

        var view: BorrowedDescriptor {
            @_lifetime(immortal)
            get { unsafe BorrowedDescriptor(unsafeRawValue: duplicate.rawValue) }
        }

        func accept() -> Descriptor? {
            var unused = PeerBuffer()
            return try? view.accept(peer: &unused, wanted: false)
        }
    }

    /// Prepares a worker that serves on one event loop of its own, which is made for connections that come as
    /// descriptors: a short one costs half of what it costs on NIO's.
    ///
    /// NIOPosix's bootstraps do not take this loop as their group: a handler that makes connections of its own passes
    /// `MultiThreadedEventLoopGroup.singleton`, or the worker is given a group.
    ///
    /// - Parameters:
    ///   - channel: the worker's end of the hand-off channel.
    ///   - initializer: sets a connection's pipeline up, as for `ServerBootstrap.childChannelInitializer`.
    public init(channel: WorkerChannel, initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>) {
        worker = channel
        group = nil
        self.initializer = initializer
    }

    /// Prepares a worker that serves on event loops that are there anyway.
    ///
    /// - Parameters:
    ///   - channel: the worker's end of the hand-off channel.
    ///   - group: the event loops that serve the connections.
    ///   - initializer: sets a connection's pipeline up, as for `ServerBootstrap.childChannelInitializer`.
    public init(
        channel: WorkerChannel, group: any EventLoopGroup,
        initializer: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) {
        worker = channel
        self.group = group
        self.initializer = initializer
    }

    /// Serves until the master says DRAIN or is gone, and every connection is finished.
    ///
    /// The calling thread serves, or waits for the hand-off channel if there is a group, whose thread it must not be.
    /// The process should exit with status 0 afterwards.
    ///
    /// A loop reads the channel for as long as connections keep coming, which spares a change of threads for each, and
    /// means that a worker whose loop is stuck acknowledges nothing, so that the master sends its connections elsewhere.
    public func run() throws {
        if let group {
            try run(on: group)
        } else {
            try HandoffSource(worker, on: ConnectionLoop(), initializer: initializer).run()
        }
    }

    private func run(on group: any EventLoopGroup) throws {
        let loop = group.next()
        try worker.start()
        while true {
            let pump = Pump(worker: worker, loop: loop, promise: loop.makePromise())
            loop.execute { pump.turn { self.serve($0, group) } }
            let isDone = try pump.promise.futureResult.wait()
            for listener in pump.listeners.withLockedValue({ $0 }) { try adopt(listener, group) }
            if pump.isToDrain.withLockedValue({ $0 }) { try drain(group) }
            if isDone { return }
            try worker.wait()
        }
    }

    /// A connection that waits to become a channel; a class, because closures of event loops take no ownership.
    private final class HeldDescriptor: Sendable {
        private let descriptor: NIOLockedValueBox<CInt>

        init(_ descriptor: consuming Descriptor) { self.descriptor = NIOLockedValueBox(descriptor.release()) }

        deinit { if descriptor.withLockedValue({ $0 }) >= 0 { _ = take() } }

        func take() -> Descriptor {
            Descriptor(
                owning: descriptor.withLockedValue { number in
                    defer { number = -1 }
                    return number
                })
        }
    }

    /// The channel in the hands of an event loop, until nothing is left to receive.
    private final class Pump: Sendable {
        let worker: WorkerChannel
        let loop: any EventLoop
        /// Whether all is over.
        let promise: EventLoopPromise<Bool>
        let listeners = NIOLockedValueBox<[HeldDescriptor]>([])
        let isToDrain = NIOLockedValueBox(false)

        init(worker: WorkerChannel, loop: any EventLoop, promise: EventLoopPromise<Bool>) {
            self.worker = worker
            self.loop = loop
            self.promise = promise
        }

        func turn(_ serve: @escaping @Sendable (consuming Descriptor) -> Void) {
            do {
                let turn = try worker.turn { delivery in
                    switch consume delivery {
                    case .connection(let descriptor, _): serve(descriptor)
                    case .listeners(let descriptors): keep(descriptors)
                    case .drain: isToDrain.withLockedValue { $0 = true }
                    }
                }
                // What needs waiting for goes back to the thread that may wait.
                let needsThread = isToDrain.withLockedValue { $0 } || listeners.withLockedValue { !$0.isEmpty }
                if turn == .busy && !needsThread {
                    loop.execute { self.turn(serve) }
                } else {
                    promise.succeed(turn == .done)
                }
            } catch {
                promise.fail(error)
            }
        }

        private func keep(_ descriptors: consuming UniqueArray<Descriptor>) {
            while let descriptor = descriptors.popLast() {
                let held = HeldDescriptor(descriptor)
                listeners.withLockedValue { $0.append(held) }
            }
        }
    }

    /// Makes a channel of a connection that the worker has taken.
    private func serve(_ connection: consuming Descriptor, _ group: any EventLoopGroup) {
        let number = connection.release()
        let loop = group.next()
        // On the loop, where each step of the set-up completes without going through the loop's queue again. A failure
        // closes the channel, which counts it out.
        if loop.inEventLoop {
            _ = bootstrap(loop).withConnectedSocket(number)
        } else {
            loop.execute { _ = self.bootstrap(loop).withConnectedSocket(number) }
        }
    }

    private func bootstrap(_ loop: any EventLoop) -> ClientBootstrap {
        ClientBootstrap(group: loop).channelInitializer { self.setUp($0) }
    }

    /// Counts the channel in, and its end out.
    private func setUp(_ channel: any Channel) -> EventLoopFuture<Void> {
        let isDraining = state.withLockedValue { state in
            state.channels[ObjectIdentifier(channel)] = channel
            return state.isDraining
        }
        channel.closeFuture.whenComplete { _ in
            self.state.withLockedValue { $0.channels[ObjectIdentifier(channel)] = nil }
            self.worker.connectionFinished()
        }
        let result = initializer(channel)
        if isDraining { result.whenSuccess { channel.pipeline.fireUserInboundEventTriggered(ShouldDrainEvent()) } }
        return result
    }

    private func adopt(_ held: HeldDescriptor, _ group: any EventLoopGroup) throws {
        let listener = held.take()
        let duplicate = try listener.duplicate()
        let channel = try ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                self.worker.connectionTaken()
                return self.setUp(channel)
            }
            .withBoundSocket(listener.release()).wait()
        let adopted = AdoptedListener(channel, duplicate: duplicate)
        // NIO has called listen(2) with its own backlog of 128.
        try adopted.view.listen(backlog: Listener.largestBacklog)
        state.withLockedValue { $0.listeners.append(adopted) }
    }

    /// Takes what waits in the listeners, and tells every channel to finish.
    private func drain(_ group: any EventLoopGroup) throws {
        let (listeners, channels) = state.withLockedValue { state in
            state.isDraining = true
            defer { state.listeners = [] }
            return (state.listeners, Array(state.channels.values))
        }
        for listener in listeners {
            try listener.channel.close().wait()
            while let connection = listener.accept() {
                worker.connectionTaken()
                serve(connection, group)
            }
        }
        for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ShouldDrainEvent()) }
    }
}
