import BasicContainers
import CPlumb
import Logging
import PlumbSockets
import SystemPackage

// The workers: started, heard, passed connections to, killed and forgotten.

extension Master {
    mutating func spawn(_ id: WorkerID, number: Int, generation: Int, at now: MonotonicTime) {
        do throws(Errno) {
            let worker = try WorkerProcess.spawn(configuration.command, number: number, generation: generation)
            let pid = worker.pid
            try adopt(worker, id)
            supervisor.handle(.spawned(id, pid: pid), at: now)
            tell(
                id.row,
                HandoffMessage(
                    .welcome, argument: UInt32(supervisor.settings.credits), first: UInt64(number),
                    second: UInt64(generation)))
            if configuration.dispatch != .handoff && hasListeners { try passListeners(id, number: number) }
        } catch {
            supervisor.handle(.spawnFailed(id, error.rawValue), at: now)
        }
    }

    private mutating func adopt(_ worker: consuming WorkerProcess, _ id: WorkerID) throws(Errno) {
        while rows.count <= id.row {
            rows.append(WorkerRow(id: id))
            outbox.append(contentsOf: repeatElement(-1, count: supervisor.settings.credits))
        }
        rows[id.row] = WorkerRow(id: id, pid: worker.pid)
        worker.split { process, channel in
            channels.insert(channel, at: id.row)
            processes.insert(process, at: id.row)
        }
        do throws(Errno) {
            try events.epoll.add(channels.borrow(id.row), .read, Epoll.Token(.channel, id.row, serial: id.serial))
            try events.epoll.add(processes.borrow(id.row), .read, Epoll.Token(.process, id.row, serial: id.serial))
        } catch {
            discard(id)
            throw error
        }
    }

    /// A worker that cannot be watched, or has not got what it needs, is none.
    private mutating func discard(_ id: WorkerID) {
        processes.borrow(id.row).killGroup(rows[id.row].pid)
        processes.borrow(id.row).waitForEnd()
        forget(id)
    }

    /// Passes a worker that accepts by itself its listeners.
    private mutating func passListeners(_ id: WorkerID, number: Int) throws(Errno) {
        let indices = listenerIndices(forWorker: number)
        for first in stride(from: 0, to: indices.count, by: HandoffProtocol.batchLimit) {
            let batch = indices[first..<min(first + HandoffProtocol.batchLimit, indices.count)]
            let numbers = batch.map { listeners[$0].descriptor.rawValue }
            let message = HandoffMessage(.listeners, count: batch.count, argument: UInt32(first))
            do throws(Errno) {
                try message.send(over: channels.borrow(id.row), numbers: numbers.span)
            } catch {
                // One that has ended already says more by how it did.
                if error == .brokenPipe || error == .connectionReset { return }
                discard(id)
                throw error
            }
        }
    }

    /// Sends a message without descriptors. A worker that cannot be told has closed its channel, or does not read it:
    /// the supervisor learns either from elsewhere.
    func tell(_ row: Int, _ message: HandoffMessage) {
        guard channels.contains(row) else { return }
        try? message.send(over: channels.borrow(row), numbers: Span())
    }

    // MARK: Passing connections

    /// Notes a connection for the worker's next batch.
    mutating func enqueue(_ connection: ConnectionID, _ row: Int, _ sequence: UInt64) {
        if rows[row].count == 0 {
            rows[row].firstSequence = sequence
            rowsToFlush.append(row)
        }
        outbox[row * supervisor.settings.credits + rows[row].count] = Int32(truncatingIfNeeded: connection.index)
        rows[row].count += 1
    }

    /// Passes the connections of this turn, as many in a message as follow each other from one listener.
    mutating func flush() {
        for row in rowsToFlush { flush(row) }
        rowsToFlush.removeAll(keepingCapacity: true)
    }

    private mutating func flush(_ row: Int) {
        var sent = 0
        let start = row * supervisor.settings.credits
        let count = rows[row].count
        guard channels.contains(row), !rows[row].isBlocked else { return }
        while sent < count {
            let listener = connectionListeners[Int(outbox[start + sent])]
            var end = sent + 1
            while end < count, end - sent < HandoffProtocol.batchLimit,
                connectionListeners[Int(outbox[start + end])] == listener
            { end += 1 }
            do throws(Errno) {
                try pass(start + sent..<start + end, listener, row, rows[row].firstSequence + UInt64(sent))
            } catch {
                switch error.rawValue {
                case EAGAIN:
                    block(row)
                case ETOOMANYREFS, ENOMEM, ENOBUFS:
                    // More in flight than this user may have, or no memory; no event tells when that is over.
                    flushAgainAt = .now + .milliseconds(20)
                case EPIPE, ECONNRESET:
                    // A closed channel tells by its end of file.
                    sent = count
                default:
                    // The sequence numbers would have a gap that the worker's acknowledgements cover: these connections
                    // have to go elsewhere.
                    logger.error("cannot pass connections, killing the worker: \(error)")
                    processes.borrow(row).killGroup(rows[row].pid)
                    sent = count
                }
                break
            }
            sent = end
        }
        for index in sent..<count { outbox[start + index - sent] = outbox[start + index] }
        rows[row].firstSequence += UInt64(sent)
        rows[row].count = count - sent
    }

    private func pass(_ places: Range<Int>, _ listener: UInt16, _ row: Int, _ sequence: UInt64) throws(Errno) {
        let message = HandoffMessage(
            .connections, count: places.count, argument: UInt32(listener), first: sequence)
        let channel = channels.borrow(row)
        let error = unsafe withUnsafeTemporaryAllocation(of: CInt.self, capacity: places.count) { numbers -> Errno? in
            for (index, place) in places.enumerated() {
                unsafe numbers[index] = connections.borrow(Int(outbox[place])).rawValue
            }
            do throws(Errno) {
                try unsafe message.send(over: channel, numbers: UnsafeBufferPointer(numbers).span)
                return nil
            } catch {
                return error
            }
        }
        if let error { throw error }
    }

    /// Waits until the channel can be written to.
    private mutating func block(_ row: Int) {
        rows[row].isBlocked = true
        watch(row, [.read, .write])
    }

    /// The channel can be written to.
    mutating func unblock(_ row: Int) {
        guard rows[row].isBlocked else { return }
        rows[row].isBlocked = false
        watch(row, .read)
        rowsToFlush.append(row)
    }

    private func watch(_ row: Int, _ interest: Epoll.Interest) {
        let token = Epoll.Token(.channel, row, serial: rows[row].id.serial)
        try? events.epoll.modify(channels.borrow(row), interest, token)
    }

    /// Tries again what could not be sent for a reason that no event ends.
    mutating func flushAgain(at now: MonotonicTime) {
        guard let time = flushAgainAt, now >= time else { return }
        flushAgainAt = nil
        for row in rows.indices where rows[row].count > 0 { rowsToFlush.append(row) }
    }

    // MARK: Hearing

    /// Takes what the worker has sent, at most `limit` messages. It is hostile input: 24 bytes of a known type without
    /// descriptors, or the worker is replaced.
    mutating func receive(_ row: Int, limit: Int, at now: MonotonicTime) {
        let id = rows[row].id
        for _ in 0..<limit where channels.contains(row) {
            // One word more than a message has, so that a longer one shows.
            var room: InlineArray<4, UInt64> = [0, 0, 0, 0]
            var span = room.mutableSpan
            var bytes = unsafe span.mutableBytes
            do throws(Errno) {
                // No room for descriptors: the kernel drops what comes and says so.
                let channel = unsafe BorrowedDescriptor(unsafeRawValue: channels.borrow(row).rawValue)
                let message = try channel.receive(into: &bytes, descriptors: &received, limit: 0)
                if message.count == 0 { return closed(row, at: now) }
                let parsed = WorkerMessage.parse(
                    bytes.bytes.extracting(first: message.count), hasDescriptors: message.lostDescriptors != nil)
                switch parsed {
                case .success(let message):
                    if let violation = violation(of: message, row) {
                        supervisor.handle(.violation(id, violation), at: now)
                    } else {
                        supervisor.handle(.message(id, message), at: now)
                    }
                case .failure(let violation): supervisor.handle(.violation(id, violation.kind), at: now)
                }
            } catch {
                if error == .wouldBlock { return }
                // A worker that ended without having read everything: told once, before what it had sent.
                if error == .connectionReset { continue }
                return closed(row, at: now)
            }
        }
    }

    /// What is wrong with a message that speaks of connections which wait in the outbox: they were sent as far as the
    /// supervisor knows, and the worker cannot know of them.
    private func violation(of message: WorkerMessage, _ row: Int) -> ProtocolViolation? {
        guard rows[row].count > 0 else { return nil }
        switch message {
        case .progress(let taken, _) where taken >= rows[row].firstSequence: return .counts
        case .refused(let sequence, _) where sequence >= rows[row].firstSequence: return .refusal
        case .progress, .refused, .ready: return nil
        }
    }

    private mutating func closed(_ row: Int, at now: MonotonicTime) {
        // Level-triggered, the end of file would be told again and again.
        events.epoll.remove(channels.borrow(row))
        rows[row].count = 0
        supervisor.handle(.channelClosed(rows[row].id), at: now)
    }

    /// More messages than a channel holds: a process that outlives its worker may go on sending for ever.
    static var lastWordsLimit: Int { 4096 }

    /// The process has ended: first what it had said, then its end.
    mutating func reap(_ row: Int, at now: MonotonicTime) {
        guard processes.borrow(row).hasEnded else { return }
        // What it leaves in its group may have the channel, and would take connections that go to others now.
        processes.borrow(row).killGroup(rows[row].pid)
        receive(row, limit: Master.lastWordsLimit, at: now)
        guard let status = processes.borrow(row).exitStatus() else { return }
        supervisor.handle(.exited(rows[row].id, status), at: now)
    }

    // MARK: Ending

    mutating func kill(_ id: WorkerID) {
        guard processes.contains(id.row) else { return }
        rows[id.row].count = 0
        processes.borrow(id.row).killGroup(rows[id.row].pid)
    }

    /// Drops the worker's channel, with what waits to be passed.
    mutating func dropChannel(_ row: Int) {
        guard channels.contains(row) else { return }
        rows[row].count = 0
        events.epoll.remove(channels.borrow(row))
        _ = channels.take(at: row)
    }

    mutating func forget(_ id: WorkerID) {
        dropChannel(id.row)
        guard processes.contains(id.row) else { return }
        events.epoll.remove(processes.borrow(id.row))
        _ = processes.take(at: id.row)
    }
}

extension HandoffMessage {
    /// Sends the message with descriptors attached, by their numbers.
    func send(over channel: BorrowedDescriptor, numbers: Span<CInt>) throws(Errno) {
        let words = words
        _ = try unsafe channel.send(words.span.bytes, numbers: numbers)
    }
}
