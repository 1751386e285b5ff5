import CPlumb
import DequeModule
package import Dispatch
package import NIOCore
import PlumbSockets
import PlumbWorkers
import Synchronization
package import SystemPackage

/// What a ``ConnectionLoop`` tells of a descriptor's readiness.
class ReadinessHandler {
    /// Its place in the loop's table.
    fileprivate(set) var slot = ConnectionLoop.noSlot

    /// The descriptor has news.
    func ready(_ events: Epoll.Readiness) { fatalError("a handler says what it does") }
}

/// Whom a ``ConnectionLoop`` serves.
protocol ConnectionLoopOwner {
    /// Asked before each wait.
    func wish() throws -> ConnectionLoop.Wish
    /// A channel's initializer is done.
    func channelStarted(_ channel: ConnectionChannel)
    /// A channel is closed, and nothing of it runs any more.
    func channelEnded()
}

/// A SwiftNIO event loop made for connections that arrive as descriptors and often end soon.
///
/// NIO's own loops set a channel up for everything that it could become: it costs ten system calls and half of the
/// processor time of a short connection before the first byte is read. This one reads at once, and registers a
/// connection with epoll(7) only when it has to wait for it. It runs on the thread that calls ``run()``.
///
/// Bootstraps of NIOPosix do not take it: `ClientBootstrap(group:)` needs a loop of NIO's own.
package final class ConnectionLoop: EventLoop, NIOSerialEventLoopExecutor, @unchecked Sendable {
    /// Work from other threads.
    private struct Inbox {
        var tasks: [() -> Void] = []
        var isClosed = false
    }

    static let noSlot = -1
    /// How often the end looks for tasks that tasks have left: one that returns for ever must not keep it.
    private static let lastRounds = 1000
    private static let wakeUpToken = Epoll.Token(rawValue: .max)

    /// The thread that runs the loop, 0 before.
    private let thread = Atomic<UInt>(0)
    private let inbox = Mutex(Inbox())
    private let wakeUp: WakeUpDescriptor

    // Everything below belongs to the loop's thread.

    private let epoll: Epoll
    private var tasks = Deque<() -> Void>()
    private var timers = TimerHeap()
    private var handlers: [ReadinessHandler?] = []
    private var freeSlots: [Int] = []
    /// The slots' serial numbers, so that news of a closed descriptor is not taken for its successor's.
    private var serials: [UInt32] = []
    /// Channels that closed in this turn: their handlers may still be on the stack.
    private var closed: [ConnectionChannel] = []

    package init() throws(Errno) {
        epoll = try Epoll()
        wakeUp = try WakeUpDescriptor()
        let view = unsafe BorrowedDescriptor(unsafeRawValue: wakeUp.descriptor.rawValue)
        try epoll.add(view, .read, Self.wakeUpToken)
    }

    // MARK: Running

    /// What the loop's owner wants before the loop waits.
    enum Wish {
        /// Wait until something happens, at most until then.
        case wait(until: NIODeadline?)
        case stop
    }

    /// Whom the loop serves, asked before each wait.
    var owner: (any ConnectionLoopOwner)?

    /// Runs on the calling thread until the owner says stop.
    func run() throws {
        let previous = thread.exchange(plumb_thread(), ordering: .releasing)
        precondition(previous == 0, "an event loop runs once")
        defer { end() }
        while true {
            runTasks()
            guard case .wait(let deadline)? = try owner?.wish() else { return }
            let count = try epoll.wait(milliseconds: patience(until: deadline))
            for index in 0..<count { dispatch(epoll[index]) }
        }
    }

    private func dispatch(_ event: Epoll.Event) {
        if event.token == Self.wakeUpToken {
            _ = wakeUp.drain()
            return
        }
        let slot = event.token.index
        guard serials[slot] & 0xff_ffff == event.token.serial else { return }
        handlers[slot]?.ready(event.readiness)
    }

    /// Milliseconds, rounded up, that the next wait may take; -1 is for ever.
    private func patience(until deadline: NIODeadline?) -> CInt {
        if !tasks.isEmpty { return 0 }
        guard let deadline = [deadline, timers.next].compactMap({ $0 }).min() else { return -1 }
        let nanoseconds = (deadline - .now()).nanoseconds
        return nanoseconds <= 0 ? 0 : CInt(clamping: (nanoseconds + 999_999) / 1_000_000)
    }

    /// Runs what is due now; what it adds waits for the next turn, after the descriptors' news.
    private func runTasks() {
        settle()
        takeInbox()
        if !timers.isEmpty {
            let now = NIODeadline.now()
            while let timer = timers.popDue(now) { timer.fire() }
        }
        for _ in 0..<tasks.count { tasks.popFirst()?() }
        settle()
    }

    private func takeInbox() {
        let new = inbox.withLock { inbox in
            let tasks = inbox.tasks
            inbox.tasks = []
            return tasks
        }
        tasks.append(contentsOf: new)
    }

    /// Lets go of the channels that have closed.
    private func settle() {
        while let channel = closed.popLast() {
            channel.finishClosing()
            owner?.channelEnded()
        }
    }

    /// Nothing runs any more: what waits for a result gets an error instead.
    private func end() {
        for channel in channels { channel.close0(error: EventLoopError.shutdown, mode: .all, promise: nil) }
        inbox.withLock { $0.isClosed = true }
        while let timer = timers.pop() { timer.fail(EventLoopError.shutdown) }
        runTasks()
        // What those ends have set going runs as well, and what that sets going.
        for _ in 0..<Self.lastRounds where !tasks.isEmpty { runTasks() }
        owner = nil
    }

    // MARK: Descriptors

    /// Gives a handler its place, for ``watch(_:for:_:)``.
    func add(_ handler: ReadinessHandler) {
        if let slot = freeSlots.popLast() {
            handlers[slot] = handler
            handler.slot = slot
        } else {
            handler.slot = handlers.count
            handlers.append(handler)
            serials.append(0)
        }
    }

    func remove(_ handler: ReadinessHandler) {
        let slot = handler.slot
        guard slot != Self.noSlot else { return }
        handler.slot = Self.noSlot
        handlers[slot] = nil
        serials[slot] &+= 1
        freeSlots.append(slot)
    }

    /// Starts to wait for a descriptor, or changes for what.
    func watch(
        _ descriptor: BorrowedDescriptor, for interest: Epoll.Interest, _ handler: ReadinessHandler, again: Bool = false
    ) throws(Errno) {
        let token = Epoll.Token(index: handler.slot, serial: serials[handler.slot])
        if again {
            try epoll.modify(descriptor, interest, token)
        } else {
            try epoll.add(descriptor, interest, token)
        }
    }

    func unwatch(_ descriptor: BorrowedDescriptor) { epoll.remove(descriptor) }

    /// The channels that are open.
    var channels: [ConnectionChannel] { handlers.compactMap { $0 as? ConnectionChannel } }

    /// Lets go of a channel at the end of this turn.
    func retire(_ channel: ConnectionChannel) { closed.append(channel) }

    // MARK: EventLoop

    package var inEventLoop: Bool { thread.load(ordering: .relaxed) == plumb_thread() }

    package func execute(_ task: @escaping @Sendable () -> Void) {
        if inEventLoop {
            tasks.append(task)
            return
        }
        let wasEmpty = inbox.withLock { inbox -> Bool? in
            if inbox.isClosed { return nil }
            inbox.tasks.append(task)
            return inbox.tasks.count == 1
        }
        if wasEmpty == true { wakeUp.signal() }
    }

    package func submit<T>(_ task: @escaping @Sendable () throws -> T) -> EventLoopFuture<T> {
        let promise = makePromise(of: T.self)
        execute { promise.assumeIsolated().completeWith(Result { try task() }) }
        return promise.futureResult
    }

    package func scheduleTask<T>(
        deadline: NIODeadline, _ task: @escaping @Sendable () throws -> T
    ) -> Scheduled<T> {
        let promise = makePromise(of: T.self)
        let timer = LoopTimer(
            deadline, fire: { promise.assumeIsolated().completeWith(Result { try task() }) }, fail: { promise.fail($0) }
        )
        onLoop { self.timers.insert(timer) }
        return Scheduled(promise: promise) { self.onLoop { self.timers.cancel(timer) } }
    }

    package func scheduleTask<T>(
        in delay: TimeAmount, _ task: @escaping @Sendable () throws -> T
    ) -> Scheduled<T> {
        scheduleTask(deadline: .now() + delay, task)
    }

    private func onLoop(_ task: @escaping @Sendable () -> Void) {
        if inEventLoop { task() } else { execute(task) }
    }

    package func preconditionInEventLoop(file: StaticString, line: UInt) {
        precondition(inEventLoop, "not on the event loop", file: file, line: line)
    }

    package func preconditionNotInEventLoop(file: StaticString, line: UInt) {
        precondition(!inEventLoop, "on the event loop", file: file, line: line)
    }

    package func next() -> any EventLoop { self }

    package func any() -> any EventLoop { self }

    package func makeIterator() -> EventLoopIterator { EventLoopIterator([self]) }

    /// Refused: the loop ends with what it serves.
    package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }
}
