import PlumbSockets
import SystemPackage

/// One side sends as fast as it can, the other receives.
enum StreamLoop<Link: Carrier> {
    /// Sends for the warm-up and the duration.
    static func send(
        _ plan: LoopPlan, over output: BorrowedDescriptor, _ buffer: borrowing LoadBuffer
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var meter = Meter(plan)
        let message = buffer.bytes
        let sendsPerLook = plan.sendsPerLook
        var messages = 0
        var now = Clock.now()
        _ = meter.look(at: now)
        var (end, messagesAtStart) = (UInt64.max, 0)
        repeat {
            for _ in 0..<sendsPerLook { try Link.sendAll(message, over: output) }
            messages += sendsPerLook
            now = Clock.now()
            if meter.look(at: now) { (end, messagesAtStart) = (now + plan.duration, messages) }
        } while now < end
        (result.nanoseconds, result.usage) = meter.stop(at: now)
        result.operations = messages - messagesAtStart
        result.bytes = result.operations * plan.messageSize
        result.totalOperations = messages
        result.totalBytes = messages * plan.messageSize
        return result
    }

    /// Receives to the end, and stops the clock there.
    static func receive(
        _ plan: LoopPlan, from input: BorrowedDescriptor, _ buffer: inout LoadBuffer
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var meter = Meter(plan)
        while !meter.isRunning {
            let count = try receiveOnce(from: input, &buffer)
            if count == 0 { break }
            if result.checkedBytes < LoopPlan.checkedBytes {
                result.wrongBytes += buffer.mismatches(
                    count: count, at: result.totalBytes, messageSize: plan.messageSize)
                result.checkedBytes += count
            }
            result.totalBytes += count
            _ = meter.look(at: Clock.now())
        }
        // From here on the clock is not looked at.
        let bytes = try drain(from: input, &buffer)
        (result.nanoseconds, result.usage) = meter.stop(at: Clock.now())
        result.bytes = bytes
        result.operations = bytes / plan.messageSize
        result.totalBytes += bytes
        result.totalOperations = result.totalBytes / plan.messageSize
        return result
    }

    private static func receiveOnce(
        from input: BorrowedDescriptor, _ buffer: inout LoadBuffer
    ) throws(Errno) -> Int {
        var room = buffer.room
        return try Link.receive(into: &room, from: input)
    }

    private static func drain(from input: BorrowedDescriptor, _ buffer: inout LoadBuffer) throws(Errno) -> Int {
        var room = buffer.room
        var bytes = 0
        while true {
            let count = try Link.receive(into: &room, from: input)
            if count == 0 { return bytes }
            bytes += count
        }
    }
}
