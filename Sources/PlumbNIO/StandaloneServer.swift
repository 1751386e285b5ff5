package import NIOCore
package import PlumbSockets
import SystemPackage

/// Serves listeners of its own on one ``ConnectionLoop``: what a worker does without a master.
package final class StandaloneServer: ConnectionLoopOwner {
    private let loop: ConnectionLoop
    private let initializer: (any Channel) -> EventLoopFuture<Void>

    package init(initializer: @escaping (any Channel) -> EventLoopFuture<Void>) throws {
        loop = try ConnectionLoop()
        self.initializer = initializer
    }

    /// Serves a non-blocking listener.
    package func listen(_ listener: consuming Descriptor) throws {
        let source = ListenerSource(listener, on: loop) { connection in
            ConnectionChannel(connection, on: self.loop).start(self.initializer)
        }
        try source.start()
    }

    /// Serves on the calling thread, for ever.
    package func run() throws {
        loop.owner = self
        try loop.run()
    }

    func wish() -> ConnectionLoop.Wish { .wait(until: nil) }

    func channelStarted(_ channel: ConnectionChannel) {}

    func channelEnded() {}
}
