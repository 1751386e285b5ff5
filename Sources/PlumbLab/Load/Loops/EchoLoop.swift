import PlumbSockets
import SystemPackage

/// One side sends messages and times their way there and back, the other returns them.
enum EchoLoop<Link: Carrier> {
    /// Returns each message until there are no more.
    static func serve(
        _ plan: LoopPlan, from input: BorrowedDescriptor, to output: BorrowedDescriptor, _ buffer: inout LoadBuffer
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var meter = Meter(plan)
        while !meter.isRunning {
            guard try serveOne(from: input, to: output, &buffer) else { break }
            if result.checkedBytes < LoopPlan.checkedBytes {
                result.wrongBytes += buffer.mismatches(
                    count: plan.messageSize, at: 0, messageSize: plan.messageSize)
                result.checkedBytes += plan.messageSize
            }
            result.totalOperations += 1
            _ = meter.look(at: Clock.now())
        }
        while try serveOne(from: input, to: output, &buffer) { result.operations += 1 }
        (result.nanoseconds, result.usage) = meter.stop(at: Clock.now())
        result.totalOperations += result.operations
        result.bytes = result.operations * plan.messageSize
        result.totalBytes = result.totalOperations * plan.messageSize
        return result
    }

    @inline(__always)
    private static func serveOne(
        from input: BorrowedDescriptor, to output: BorrowedDescriptor, _ buffer: inout LoadBuffer
    ) throws(Errno) -> Bool {
        guard try receiveWhole(from: input, &buffer) else { return false }
        try Link.sendAll(buffer.bytes, over: output)
        return true
    }

    @inline(__always)
    private static func receiveWhole(
        from input: BorrowedDescriptor, _ buffer: inout LoadBuffer
    ) throws(Errno) -> Bool {
        var room = buffer.room
        return try Link.receiveAll(into: &room, from: input)
    }

    /// Sends one message at a time and waits for it to come back.
    static func pingPong(
        _ plan: LoopPlan, from input: BorrowedDescriptor, to output: BorrowedDescriptor,
        _ buffer: borrowing LoadBuffer, answers: inout LoadBuffer
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var histogram = LatencyHistogram()
        var meter = Meter(plan)
        let message = buffer.bytes
        var before = Clock.now()
        _ = meter.look(at: before)
        var end = UInt64.max
        repeat {
            try Link.sendAll(message, over: output)
            guard try receiveWhole(from: input, &answers) else { break }
            let now = Clock.now()
            if meter.isRunning {
                histogram.record(nanoseconds: now - before)
            } else {
                result.totalOperations += 1
                if meter.look(at: now) { end = now + plan.duration }
            }
            // One look at the clock a round: the answer's time is the next message's.
            before = now
        } while before < end
        (result.nanoseconds, result.usage) = meter.stop(at: before)
        finish(&result, plan, histogram)
        return result
    }

    /// Keeps `depth` messages on the way; each answer sends the next one.
    static func pipelined(
        _ plan: LoopPlan, from input: BorrowedDescriptor, to output: BorrowedDescriptor,
        _ buffer: borrowing LoadBuffer, answers: inout LoadBuffer
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var histogram = LatencyHistogram()
        var meter = Meter(plan)
        let message = buffer.bytes
        var now = Clock.now()
        _ = meter.look(at: now)
        var sent = [UInt64](repeating: now, count: plan.depth)
        for _ in 0..<plan.depth { try Link.sendAll(message, over: output) }
        var (end, oldest, onTheWay) = (UInt64.max, 0, plan.depth)
        while onTheWay > 0, try receiveWhole(from: input, &answers) {
            now = Clock.now()
            if meter.isRunning {
                if now < end { histogram.record(nanoseconds: now - sent[oldest]) }
            } else {
                result.totalOperations += 1
                if meter.look(at: now) { end = now + plan.duration }
            }
            if now < end {
                sent[oldest] = now
                try Link.sendAll(message, over: output)
            } else {
                // The last ones come back unmeasured: fewer and fewer are on the way.
                if result.nanoseconds == 0 { (result.nanoseconds, result.usage) = meter.stop(at: now) }
                onTheWay -= 1
                result.totalOperations += 1
            }
            oldest = oldest + 1 == plan.depth ? 0 : oldest + 1
        }
        finish(&result, plan, histogram)
        return result
    }

    private static func finish(_ result: inout SideResult, _ plan: LoopPlan, _ histogram: LatencyHistogram) {
        result.operations = histogram.count
        result.totalOperations += histogram.count
        result.bytes = result.operations * plan.messageSize
        result.totalBytes = result.totalOperations * plan.messageSize
        result.latency = histogram
    }
}
