import BasicContainers
import CPlumb
import PlumbSockets
import SystemPackage

/// One side passes descriptors in batches, the other receives and closes them.
enum DescriptorLoop {
    /// Passes descriptors of one open file for the warm-up and the duration.
    static func send(_ plan: LoopPlan, over output: BorrowedDescriptor) throws(Errno) -> SideResult {
        let file = Descriptor(owning: try systemCall { eventfd(0, PLUMB_EFD_FLAGS) })
        return try send(plan, file, over: output)
    }

    private static func send(
        _ plan: LoopPlan, _ file: borrowing Descriptor, over output: BorrowedDescriptor
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var meter = Meter(plan)
        let byte: [UInt8] = [1]
        let numbers = [CInt](repeating: file.rawValue, count: plan.batch)
        var messages = 0
        var now = Clock.now()
        _ = meter.look(at: now)
        var (end, messagesAtStart) = (UInt64.max, 0)
        repeat {
            _ = try output.send(unsafe byte.span.bytes, numbers: numbers.span)
            messages += 1
            now = Clock.now()
            if meter.look(at: now) { (end, messagesAtStart) = (now + plan.duration, messages) }
        } while now < end
        (result.nanoseconds, result.usage) = meter.stop(at: now)
        result.operations = (messages - messagesAtStart) * plan.batch
        result.totalOperations = messages * plan.batch
        return result
    }

    /// Receives descriptors to the end, closes each, and stops the clock there.
    static func receive(_ plan: LoopPlan, from input: BorrowedDescriptor) throws(Errno) -> SideResult {
        var result = SideResult()
        var meter = Meter(plan)
        var files = UniqueArray<Descriptor>(minimumCapacity: DescriptorPassing.limit)
        var byte: [UInt8] = [0]
        while true {
            let count = try receive(from: input, &byte, &files)
            if count == 0 { break }
            if meter.isRunning {
                result.operations += files.count
            } else {
                result.totalOperations += files.count
                _ = meter.look(at: Clock.now())
            }
            files.removeAll(keepingCapacity: true)
        }
        (result.nanoseconds, result.usage) = meter.stop(at: Clock.now())
        result.totalOperations += result.operations
        return result
    }

    private static func receive(
        from input: BorrowedDescriptor, _ byte: inout [UInt8], _ files: inout UniqueArray<Descriptor>
    ) throws(Errno) -> Int {
        var span = byte.mutableSpan
        var room = unsafe span.mutableBytes
        return try input.receive(into: &room, descriptors: &files).count
    }
}
