import CPlumb
import NIOCore
import PlumbSockets
import PlumbWorkers
import Synchronization
import SystemPackage

// What the pipeline's head asks of the channel.

extension ConnectionChannel: ChannelCore, NIOTransportAccessibleChannelCore {
    func localAddress0() throws -> NIOCore.SocketAddress {
        guard let localAddress else { throw ChannelError.unknownLocalAddress }
        return localAddress
    }

    func remoteAddress0() throws -> NIOCore.SocketAddress {
        guard let remoteAddress else { throw ChannelError.operationUnsupported }
        return remoteAddress
    }

    func withUnsafeTransport<Result>(_ body: (NIOBSDSocket.Handle) throws -> Result) throws -> Result {
        guard isActive else { throw ChannelError.ioOnClosedChannel }
        return try body(number)
    }

    // A connection is what it is from the start.

    func register0(promise: EventLoopPromise<Void>?) { promise?.fail(ChannelError.inappropriateOperationForState) }
    func registerAlreadyConfigured0(promise: EventLoopPromise<Void>?) { register0(promise: promise) }
    func bind0(to: NIOCore.SocketAddress, promise: EventLoopPromise<Void>?) { register0(promise: promise) }
    func connect0(to: NIOCore.SocketAddress, promise: EventLoopPromise<Void>?) { register0(promise: promise) }

    func triggerUserOutboundEvent0(_ event: Any, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func channelRead0(_ data: NIOAny) {}

    func errorCaught0(error: any Error) {}

    // MARK: Reading

    func read0() {
        wantsRead = true
        if isActive && !isReading { readWhileWanted() }
    }

    /// Reads as long as somebody wants it and there may be something, at most so many times in one turn of the loop.
    func readWhileWanted() {
        if isReading { return }
        isReading = true
        var rounds = 0
        while wantsRead, mayBeReadable, isActive, !inputIsClosed {
            rounds += 1
            if rounds > Self.roundsPerTurn {
                // Others have their turn first.
                loop.execute { self.readWhileWanted() }
                break
            }
            wantsRead = false
            readRound()
        }
        isReading = false
    }

    private static var roundsPerTurn: Int { 16 }

    /// Reads what is there, up to the channel's number of messages, and tells the handlers.
    private func readRound() {
        var hasRead = false
        for _ in 0..<options.messagesPerRead where mayBeReadable {
            var buffer = options.receiveAllocator.buffer(allocator: allocator)
            let room = buffer.writableBytes
            do throws(Errno) {
                let count = try read(into: &buffer)
                // Fewer than there was room for: the socket is empty, and the next bytes make an edge.
                if count < room { mayBeReadable = false }
                if count == 0 {
                    if hasRead { pipeline.syncOperations.fireChannelReadComplete() }
                    return endOfInput()
                }
                _ = options.receiveAllocator.record(actualReadBytes: count)
            } catch {
                mayBeReadable = false
                if error == .wouldBlock {
                    if !hasRead { wantsRead = true }
                    break
                }
                if hasRead { pipeline.syncOperations.fireChannelReadComplete() }
                return fail(IOError(errnoCode: error.rawValue, reason: "read"))
            }
            hasRead = true
            pipeline.syncOperations.fireChannelRead(NIOAny(buffer))
            if !isActive { return }
        }
        if hasRead {
            pipeline.syncOperations.fireChannelReadComplete()
            readAgain()
        }
    }

    private func read(into buffer: inout ByteBuffer) throws(Errno) -> Int {
        let number = number
        return try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { bytes throws(Errno) in
            try systemCall { unsafe plumb_read(number, bytes.baseAddress, bytes.count) }
        }
    }

    /// The peer has sent its last byte.
    private func endOfInput() {
        guard options.allowsRemoteHalfClosure, case .open = output else { return fail(ChannelError.eof) }
        inputIsClosed = true
        pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    }

    // MARK: Writing

    func write0(_ data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard isActive else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        guard case .open = output else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        pendingWrites.append(unwrapData(data, as: IOData.self), promise)
        if pendingWrites.bytes > options.waterMark.high { setWritable(false) }
    }

    private func setWritable(_ writable: Bool) {
        guard isBelowHighWaterMark.exchange(writable, ordering: .relaxed) != writable else { return }
        pipeline.syncOperations.fireChannelWritabilityChanged()
    }

    func flush0() {
        pendingWrites.flush()
        if isActive && !waitsForWritability { writeFlushed() }
    }

    /// Writes what was flushed, until it is written or the send buffer is full.
    func writeFlushed() {
        if isWriting { return }
        isWriting = true
        defer { isWriting = false }
        while isActive, pendingWrites.hasFlushed {
            do throws(Errno) {
                try pendingWrites.writeSome(to: view)
            } catch {
                if error == .wouldBlock { return waitForWritability() }
                let failure = IOError(errnoCode: error.rawValue, reason: "write")
                return close0(error: failure, mode: .all, promise: nil)
            }
            // After the bytes are accounted for: what a promise sets going may write, or close.
            while let promise = pendingWrites.takeWritten() { promise.succeed() }
            if pendingWrites.bytes < options.waterMark.low { setWritable(true) }
        }
        if isActive, case .closing(let promises) = output { shutDownOutput(promises) }
    }

    // MARK: Closing

    func close0(error: any Error, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isActive else {
            promise?.fail(ChannelError.alreadyClosed)
            return
        }
        switch mode {
        case .all: closeAll(error, promise)
        case .output: closeOutput(promise)
        case .input: closeInput(promise)
        }
    }

    private func closeAll(_ error: any Error, _ promise: EventLoopPromise<Void>?) {
        isOpen.store(false, ordering: .relaxed)
        // A duplicate in the master keeps the registration alive when this one is closed.
        if isRegistered { loop.unwatch(view) }
        loop.remove(self)
        let closing = if case .closing(let promises) = output { promises } else { [EventLoopPromise<Void>]() }
        output = .closed
        socket.withLock { socket in socket = nil }
        for promise in pendingWrites.takeAll() { promise.fail(error) }
        for promise in closing { promise.fail(error) }
        promise?.succeed()
        let operations = pipeline.syncOperations
        operations.fireChannelInactive()
        operations.fireChannelUnregistered()
        loop.retire(self)
    }

    private func closeOutput(_ promise: EventLoopPromise<Void>?) {
        guard case .open = output else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        pendingWrites.failUnflushed(ChannelError.outputClosed)
        let promises = [promise].compactMap { $0 }
        output = .closing(promises)
        if !pendingWrites.hasFlushed { shutDownOutput(promises) }
    }

    private func shutDownOutput(_ promises: [EventLoopPromise<Void>]) {
        output = .closed
        if inputIsClosed {
            for promise in promises { promise.succeed() }
            return close0(error: ChannelError.eof, mode: .all, promise: nil)
        }
        shutDown(CInt(SHUT_WR), promises)
        if isActive { pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.outputClosed) }
    }

    private func closeInput(_ promise: EventLoopPromise<Void>?) {
        guard !inputIsClosed else {
            promise?.fail(ChannelError.inputClosed)
            return
        }
        inputIsClosed = true
        shutDown(CInt(SHUT_RD), [promise].compactMap { $0 })
        if isActive { pipeline.syncOperations.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    private func shutDown(_ how: CInt, _ promises: [EventLoopPromise<Void>]) {
        let number = number
        do throws(Errno) {
            _ = try systemCall { shutdown(number, how) }
            for promise in promises { promise.succeed() }
        } catch {
            let failure = IOError(errnoCode: error.rawValue, reason: "shutdown")
            for promise in promises { promise.fail(failure) }
        }
    }
}
