import CPlumb
import NIOCore
import PlumbSockets
import PlumbWorkers
import Synchronization
import SystemPackage

/// A connection on a ``ConnectionLoop`` as a SwiftNIO channel.
///
/// It is registered with epoll(7), edge-triggered and once, when it has to wait for its peer: a short connection whose
/// request is there already, and whose answer fits into the send buffer, never is.
final class ConnectionChannel: ReadinessHandler, Channel, @unchecked Sendable {
    let loop: ConnectionLoop
    let allocator = ByteBufferAllocator()
    let closePromise: EventLoopPromise<Void>
    private var lazyPipeline: ChannelPipeline?

    // What other threads may ask.

    /// The socket, and its addresses once they have been asked for. `nil` when it is closed.
    let socket: Mutex<Descriptor?>
    let isOpen = Atomic<Bool>(true)
    let isBelowHighWaterMark = Atomic<Bool>(true)
    private let addresses = Mutex<(local: NIOCore.SocketAddress?, remote: NIOCore.SocketAddress?)>((nil, nil))

    // Everything below belongs to the loop's thread.

    let number: CInt
    var options = ConnectionOptions()
    var pendingWrites = PendingWrites()
    var isRegistered = false
    var waitsForWritability = false
    /// Whether there may be something to read: true until a read says otherwise, and again with each edge.
    var mayBeReadable = true
    /// Whether somebody has asked for what comes next (`read()`).
    var wantsRead = false
    var isReading = false
    var isWriting = false
    var inputIsClosed = false
    private(set) var hasStarted = false
    var output = Output.open

    enum Output {
        case open
        /// Closes when what was flushed is written.
        case closing([EventLoopPromise<Void>])
        case closed
    }

    init(_ connection: consuming Descriptor, on loop: ConnectionLoop) {
        self.loop = loop
        number = connection.rawValue
        socket = Mutex(connection)
        closePromise = loop.makePromise()
        super.init()
        lazyPipeline = ChannelPipeline(channel: self)
    }

    /// A view by number, for the loop's thread, which alone closes the socket.
    var view: BorrowedDescriptor {
        @_lifetime(immortal)
        get { unsafe BorrowedDescriptor(unsafeRawValue: number) }
    }

    /// Runs the initializer, and serves.
    func start(_ initializer: (any Channel) -> EventLoopFuture<Void>) {
        loop.add(self)
        let ready = initializer(self)
        // Nearly always done by now, and then this runs at once.
        ready.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.activate()
            case .failure(let error): self.close0(error: error, mode: .all, promise: nil)
            }
        }
    }

    private func activate() {
        guard isActive else { return }
        hasStarted = true
        let operations = pipeline.syncOperations
        operations.fireChannelRegistered()
        operations.fireChannelActive()
        loop.owner?.channelStarted(self)
        readAgain()
        if isActive { register() }
    }

    /// Asks for more, through the handlers, when that is the channel's own task.
    func readAgain() { if options.autoRead && isActive { pipeline.syncOperations.read() } }

    // MARK: Readiness

    override func ready(_ events: Epoll.Readiness) {
        if events.contains(.write) && waitsForWritability {
            waitsForWritability = false
            writeFlushed()
        }
        guard isActive else { return }
        if events.contains(.read) { mayBeReadable = true }
        if events.contains(.error) || events.contains(.hangUp) {
            mayBeReadable = true
            // Nobody reads, so nobody would learn of it: the connection is gone in both directions.
            if !wantsRead { return fail(pendingError() ?? ChannelError.eof) }
        }
        readWhileWanted()
    }

    private func pendingError() -> (any Error)? {
        guard let code = try? view.get(.pendingError), code != 0 else { return nil }
        return IOError(errnoCode: CInt(code), reason: "connection")
    }

    func register() {
        if isRegistered { return }
        do throws(Errno) {
            try loop.watch(view, for: interest, self)
            isRegistered = true
        } catch {
            fail(IOError(errnoCode: error.rawValue, reason: "epoll_ctl"))
        }
    }

    /// Waits until there is room in the send buffer.
    func waitForWritability() {
        waitsForWritability = true
        if !isRegistered { return register() }
        do throws(Errno) {
            try loop.watch(view, for: interest, self, again: true)
        } catch {
            fail(IOError(errnoCode: error.rawValue, reason: "epoll_ctl"))
        }
    }

    private var interest: Epoll.Interest {
        [.read, .peerHangUp, .edgeTriggered, waitsForWritability ? .write : .none]
    }

    /// Reports an error to the handlers and closes.
    func fail(_ error: any Error) {
        guard isActive else { return }
        if error as? ChannelError != .eof { pipeline.syncOperations.fireErrorCaught(error) }
        close0(error: error, mode: .all, promise: nil)
    }

    /// The last step of closing, when no handler is on the stack any more.
    func finishClosing() {
        removeHandlers(pipeline: pipeline)
        closePromise.succeed()
    }

    // MARK: Channel

    var pipeline: ChannelPipeline {
        guard let lazyPipeline else { preconditionFailure("a channel has its pipeline from its start") }
        return lazyPipeline
    }

    var eventLoop: any EventLoop { loop }
    var closeFuture: EventLoopFuture<Void> { closePromise.futureResult }
    var parent: (any Channel)? { nil }
    var isActive: Bool { isOpen.load(ordering: .relaxed) }
    var isWritable: Bool { isActive && isBelowHighWaterMark.load(ordering: .relaxed) }
    var _channelCore: any ChannelCore { self }
    var syncOptions: (any NIOSynchronousChannelOptions)? { SynchronousOptions(channel: self) }

    var localAddress: NIOCore.SocketAddress? {
        addresses.withLock { known in
            if known.local == nil { known.local = nioAddress { (socket) throws(Errno) in try socket.localAddress() } }
            return known.local
        }
    }

    var remoteAddress: NIOCore.SocketAddress? {
        addresses.withLock { known in
            if known.remote == nil { known.remote = nioAddress { (socket) throws(Errno) in try socket.peerAddress() } }
            return known.remote
        }
    }

    private func nioAddress(
        _ address: (borrowing BorrowedDescriptor) throws(Errno) -> PlumbSockets.SocketAddress
    ) -> NIOCore.SocketAddress? {
        socket.withLock { socket -> NIOCore.SocketAddress? in
            guard socket != nil else { return nil }
            // Open for as long as the lock is held.
            return try? NIOCore.SocketAddress(address(view))
        }
    }

    func setOption<Option: ChannelOption>(_ option: Option, value: Option.Value) -> EventLoopFuture<Void> {
        if loop.inEventLoop { return loop.makeCompletedFuture { try set(option, value) } }
        return loop.submit { try self.set(option, value) }
    }

    func getOption<Option: ChannelOption>(_ option: Option) -> EventLoopFuture<Option.Value> {
        if loop.inEventLoop { return loop.makeCompletedFuture { try get(option) } }
        return loop.submit { try self.get(option) }
    }
}

extension NIOCore.SocketAddress {
    /// The same address in NIO's words; an unnamed Unix socket has an empty path there.
    fileprivate init(_ address: PlumbSockets.SocketAddress) throws {
        self = try unsafe address.withKernelForm { pointer, _ in
            let form = unsafe UnsafeRawPointer(pointer)
            return switch unsafe CInt(form.loadUnaligned(as: sa_family_t.self)) {
            case AF_INET: unsafe .init(form.loadUnaligned(as: sockaddr_in.self))
            case AF_INET6: unsafe .init(form.loadUnaligned(as: sockaddr_in6.self))
            default: unsafe .init(form.loadUnaligned(as: sockaddr_un.self))
            }
        }
    }
}
