import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// Sends at a given rate whether or not answers come, and times each answer from the moment when its message should
/// have been sent: what a queue of users would have waited.
enum RateLoop<Link: Carrier> {
    /// The time before a send from which on the loop looks at the clock rather than sleep: a timer is that late.
    private static var spinningTime: Int64 { 100_000 }

    /// Runs the client's side; the descriptors do not wait.
    static func run(
        _ plan: LoopPlan, from input: BorrowedDescriptor, to output: BorrowedDescriptor,
        _ buffer: borrowing LoadBuffer, answers: inout LoadBuffer
    ) throws(Errno) -> SideResult {
        var result = SideResult()
        var (latency, lateness) = (LatencyHistogram(), LatencyHistogram())
        let message = buffer.bytes
        let begin = Clock.now()
        let clockStart = begin + plan.warmUp
        let last = Int(Double(plan.warmUp + plan.duration) / plan.interval)
        func intended(_ number: Int) -> UInt64 { begin + UInt64(Double(number) * plan.interval) }

        let usage = Usage.now()
        var (sent, answered) = (0, 0)
        // A part of a message that was taken or has come.
        var (sentBytes, answeredBytes) = (0, 0)
        while answered < last {
            var now = Clock.now()
            var isBlocked = false
            while sent < last, now >= intended(sent) {
                guard
                    let count = try attempt({ () throws(Errno) in
                        try Link.send(message.extracting(droppingFirst: sentBytes), over: output)
                    })
                else {
                    isBlocked = true
                    break
                }
                if sentBytes == 0, intended(sent) >= clockStart {
                    lateness.record(nanoseconds: now - intended(sent))
                }
                sentBytes += count
                if sentBytes == plan.messageSize { (sentBytes, sent) = (0, sent + 1) }
                now = Clock.now()
            }
            switch try receive(from: input, &answers, &answeredBytes) {
            case .answer:
                now = Clock.now()
                if intended(answered) >= clockStart { latency.record(nanoseconds: now - intended(answered)) }
                answered += 1
            case .end: throw .connectionReset
            case .nothing:
                // Far from the next send, or with no room for it: sleep until something happens.
                let ahead = sent < last ? Int64(intended(sent)) - Int64(now) : .max
                if isBlocked || ahead > spinningTime {
                    try wait(input, output, nanoseconds: isBlocked ? .max : ahead - spinningTime, writable: isBlocked)
                }
            }
        }
        result.nanoseconds = Clock.now() - clockStart
        result.usage = Usage.now().since(usage)
        result.operations = latency.count
        result.bytes = latency.count * plan.messageSize
        result.totalOperations = answered
        result.totalBytes = answered * plan.messageSize
        result.latency = latency
        result.lateness = lateness
        return result
    }

    private enum Arrival { case answer, nothing, end }

    private static func receive(
        from input: BorrowedDescriptor, _ answers: inout LoadBuffer, _ received: inout Int
    ) throws(Errno) -> Arrival {
        var room = answers.room
        let size = room.byteCount
        var rest = room._mutatingExtracting(droppingFirst: received)
        do throws(Errno) {
            let count = try Link.receive(into: &rest, from: input)
            if count == 0 { return .end }
            received += count
        } catch {
            if error == .wouldBlock { return .nothing }
            throw error
        }
        guard received == size else { return .nothing }
        received = 0
        return .answer
    }

    private static func attempt(_ body: () throws(Errno) -> Int) throws(Errno) -> Int? {
        do throws(Errno) {
            return try body()
        } catch {
            if error == .wouldBlock { return nil }
            throw error
        }
    }

    private static func wait(
        _ input: BorrowedDescriptor, _ output: BorrowedDescriptor, nanoseconds: Int64, writable: Bool
    ) throws(Errno) {
        var entries = (
            pollfd(fd: input.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: output.rawValue, events: Int16(writable ? POLLOUT : 0), revents: 0)
        )
        // A second is longer than any loop has to wait, and short enough for a peer that is gone.
        let time = min(nanoseconds, 1_000_000_000)
        var timeout = timespec(tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
        _ = try systemCall {
            unsafe withUnsafeMutableBytes(of: &entries) {
                unsafe plumb_ppoll($0.baseAddress, 2, &timeout)
            }
        }
    }
}
