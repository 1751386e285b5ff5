import CPlumb
import PlumbSockets
import SystemPackage

/// A connection for each operation: the server closes first, so that the client's ports are soon free again.
enum ConnectLoop<Link: Carrier> {
    /// Accepts until `isOver` says that no more come, which is asked whenever none came for a while.
    static func serve(
        _ plan: LoopPlan, on listener: BorrowedDescriptor, answers: Bool, _ buffer: inout LoadBuffer,
        options: (BorrowedDescriptor) -> Void, isOver: () -> Bool
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var meter = Meter(plan)
        var last = Clock.now()
        while true {
            guard let connection = try accept(listener) else {
                if isOver() { break }
                continue
            }
            try serve(connection, answers: answers, &buffer, options)
            try connection.close()
            last = Clock.now()
            if meter.isRunning {
                result.operations += 1
            } else {
                result.totalOperations += 1
                _ = meter.look(at: last)
            }
        }
        (result.nanoseconds, result.usage) = meter.stop(at: last)
        result.totalOperations += result.operations
        if answers {
            result.bytes = result.operations * plan.messageSize
            result.totalBytes = result.totalOperations * plan.messageSize
        }
        return result
    }

    /// Waits for a connection as long as the listener's receive timeout; `nil` after that.
    private static func accept(_ listener: BorrowedDescriptor) throws(Errno) -> Descriptor? {
        let listener = listener.rawValue
        do throws(Errno) {
            return Descriptor(owning: try systemCall { plumb_accept4(listener, nil, nil, PLUMB_SOCK_CLOEXEC) })
        } catch {
            if error == .wouldBlock { return nil }
            throw error
        }
    }

    private static func serve(
        _ connection: borrowing Descriptor, answers: Bool, _ buffer: inout LoadBuffer,
        _ options: (BorrowedDescriptor) -> Void
    ) throws(Errno) {
        options(connection.borrowed)
        if answers { try answer(connection.borrowed, &buffer) }
    }

    private static func answer(_ connection: BorrowedDescriptor, _ buffer: inout LoadBuffer) throws(Errno) {
        var room = buffer.room
        guard try Link.receiveAll(into: &room, from: connection) else { return }
        try Link.sendAll(buffer.bytes, over: connection)
    }

    /// Connects again and again.
    static func connect(
        _ plan: LoopPlan, to address: SocketAddress, type: SocketType, asks: Bool,
        _ buffer: borrowing LoadBuffer, answers: inout LoadBuffer, options: (BorrowedDescriptor) -> Void
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var histogram = LatencyHistogram()
        var meter = Meter(plan)
        var now = Clock.now()
        _ = meter.look(at: now)
        var end = UInt64.max
        repeat {
            let before = now
            let socket = try Descriptor.socket(family: address.family, type: type)
            try converse(socket, address, asks: asks, buffer, &answers, options)
            try socket.close()
            now = Clock.now()
            if meter.isRunning {
                histogram.record(nanoseconds: now - before)
            } else {
                result.totalOperations += 1
                if meter.look(at: now) { end = now + plan.duration }
            }
        } while now < end
        (result.nanoseconds, result.usage) = meter.stop(at: now)
        result.operations = histogram.count
        result.totalOperations += histogram.count
        if asks {
            result.bytes = result.operations * plan.messageSize
            result.totalBytes = result.totalOperations * plan.messageSize
        }
        result.latency = histogram
        return result
    }

    private static func converse(
        _ socket: borrowing Descriptor, _ address: SocketAddress, asks: Bool, _ buffer: borrowing LoadBuffer,
        _ answers: inout LoadBuffer, _ options: (BorrowedDescriptor) -> Void
    ) throws(Errno) {
        options(socket.borrowed)
        try socket.borrowed.connect(to: address)
        var room = answers.room
        if asks {
            try Link.sendAll(buffer.bytes, over: socket.borrowed)
            guard try Link.receiveAll(into: &room, from: socket.borrowed) else { throw .connectionReset }
        }
        // The server's close.
        while try Link.receive(into: &room, from: socket.borrowed) > 0 {}
    }
}
