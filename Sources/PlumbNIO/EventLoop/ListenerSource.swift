import NIOCore
import PlumbSockets
import PlumbWorkers
import SystemPackage

/// Accepts from a listener on a ``ConnectionLoop``.
final class ListenerSource: ReadinessHandler {
    private let listener: Descriptor
    private let loop: ConnectionLoop
    private let accepted: (consuming Descriptor) -> Void
    private var isFinished = false

    /// Connections of one turn, so that those that are open get theirs.
    private static let batch = 16
    private static let pauseWhenFull = 50

    init(_ listener: consuming Descriptor, on loop: ConnectionLoop, accepted: @escaping (consuming Descriptor) -> Void)
    {
        self.listener = listener
        self.loop = loop
        self.accepted = accepted
    }

    private var view: BorrowedDescriptor {
        @_lifetime(immortal)
        get { unsafe BorrowedDescriptor(unsafeRawValue: listener.rawValue) }
    }

    func start() throws(Errno) {
        loop.add(self)
        try loop.watch(view, for: .read, self)
    }

    override func ready(_ events: Epoll.Readiness) {
        for _ in 0..<Self.batch { guard takeOne() else { return } }
    }

    /// Takes what waits in the backlog, and then no more.
    func finish() {
        isFinished = true
        stop()
        while takeOne() {}
    }

    private func stop() {
        loop.unwatch(view)
        loop.remove(self)
    }

    private func takeOne() -> Bool {
        var unused = PeerBuffer()
        do throws(Errno) {
            guard let connection = try view.accept(peer: &unused, wanted: false) else { return false }
            accepted(connection)
            return true
        } catch {
            pause()
            return false
        }
    }

    /// Without descriptors or memory the listener would be ready for ever: a moment's rest, not a spin.
    private func pause() {
        if isFinished { return }
        stop()
        nonisolated(unsafe) let source = self
        _ = loop.scheduleTask(in: .milliseconds(Int64(Self.pauseWhenFull))) {
            if unsafe !source.isFinished { try unsafe source.start() }
        }
    }
}
