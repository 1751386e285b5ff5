import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// The yardstick's loops, which are in C.
enum PlainLoops {
    /// The most times of operations that are kept of a round.
    private static let capacity = 1 << 18

    /// Runs a loop over one connection.
    static func run(
        _ role: LoadRole, _ specification: LoadSpecification, _ connection: borrowing Connection
    ) throws(Errno) -> SideResult {
        try connection.withEnds { input, output throws(Errno) in
            try unsafe run(role, specification) { flow in
                unsafe flow.input = input.rawValue
                unsafe flow.output = output.rawValue
            } _: { flow, result in
                switch (specification.mode, role) {
                case (.stream, .client): unsafe plumb_c_stream_send(&flow, &result)
                case (.stream, .server): unsafe plumb_c_stream_receive(&flow, &result)
                case (.descriptors, .client): unsafe plumb_c_descriptors_send(&flow, &result)
                case (.descriptors, .server): unsafe plumb_c_descriptors_receive(&flow, &result)
                case (.pipelined, .client): unsafe plumb_c_pipelined(&flow, &result)
                case (_, .client): unsafe plumb_c_ping_pong(&flow, &result)
                case (_, .server): unsafe plumb_c_echo(&flow, &result)
                }
            }
        }
    }

    /// Runs a loop with a connection an operation.
    static func runConnections(
        _ endpoint: borrowing Endpoint, _ isOver: @escaping () -> Bool
    ) throws(Errno) -> SideResult {
        let specification = endpoint.specification
        if endpoint.role == .client {
            let address = try endpoint.serverAddress()
            return try unsafe run(.client, specification) { flow in
                unsafe setPeer(address, of: &flow)
            } _: { flow, result in
                unsafe plumb_c_connect(&flow, &result)
            }
        }
        // The question as an object that C carries by its address.
        let question = Question(isOver)
        return try endpoint.withListener { listener throws(Errno) in
            defer { withExtendedLifetime(question) {} }
            return try unsafe run(.server, specification) { flow in
                unsafe flow.listener = listener.rawValue
                unsafe flow.context = Unmanaged.passUnretained(question).toOpaque()
                unsafe flow.is_over = { context in
                    guard let context = unsafe context else { return 1 }
                    return unsafe Unmanaged<Question>.fromOpaque(context).takeUnretainedValue().isOver() ? 1 : 0
                }
            } _: { flow, result in
                unsafe plumb_c_accept(&flow, &result)
            }
        }
    }

    private final class Question {
        let isOver: () -> Bool
        init(_ isOver: @escaping () -> Bool) { self.isOver = isOver }
    }

    private static func setPeer(_ address: SocketAddress, of flow: inout plumb_flow) {
        _ = try? unsafe address.withKernelForm { form, length throws(Errno) in
            unsafe withUnsafeMutableBytes(of: &flow.peer) {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: form, count: Int(length)))
            }
            unsafe flow.peer_length = length
        }
    }

    private static func run(
        _ role: LoadRole, _ specification: LoadSpecification, _ complete: (inout plumb_flow) -> Void,
        _ loop: (inout plumb_flow, inout plumb_flow_result) -> CInt
    ) throws(Errno) -> SideResult {
        let plan = LoopPlan(specification)
        let message = LoadBuffer(size: plan.messageSize)
        let answer = LoadBuffer(size: plan.messageSize)
        guard let messageBase = unsafe message.base else { throw .noMemory }
        let hasSamples = role == .client && specification.mode.hasLatency
        let samples = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: hasSamples ? capacity : 1)
        unsafe samples.initialize(repeating: 0)
        defer { unsafe samples.deallocate() }
        var flow = unsafe plumb_flow()
        unsafe flow.link = link(specification.transport.kind)
        unsafe flow.spins = specification.placement.waiting == .spinning ? 1 : 0
        unsafe flow.message = messageBase.assumingMemoryBound(to: UInt8.self)
        unsafe flow.answer = answer.base?.assumingMemoryBound(to: UInt8.self)
        unsafe flow.size = plan.messageSize
        unsafe flow.depth = UInt32(plan.depth)
        unsafe flow.batch = UInt32(plan.batch)
        unsafe flow.sends_per_look = UInt32(plan.sendsPerLook)
        unsafe flow.warm_up = plan.warmUp
        unsafe flow.duration = plan.duration
        unsafe flow.samples = samples.baseAddress
        unsafe flow.capacity = samples.count
        unsafe flow.socket_type = specification.transport.kind.socketType.rawValue
        unsafe flow.asks = specification.mode == .request ? 1 : 0
        unsafe complete(&flow)
        var outcome = plumb_flow_result()
        if unsafe loop(&flow, &outcome) != 0 { throw Errno.current }
        return SideResult(outcome, samples: hasSamples ? unsafe samples.span : nil)
    }

    private static func link(_ kind: Transport.Kind) -> CInt {
        let link =
            switch kind {
            case .tcp, .tcp6, .unixStream: PLUMB_LINK_STREAM
            case .unixSequencedPacket: PLUMB_LINK_PACKET
            case .unixDatagram: PLUMB_LINK_DATAGRAM
            case .pipe: PLUMB_LINK_PIPE
            case .memfd: PLUMB_LINK_MEMORY_FILE
            }
        return CInt(link.rawValue)
    }
}

extension SideResult {
    fileprivate init(_ outcome: plumb_flow_result, samples: Span<UInt32>?) {
        bytes = Int(outcome.bytes)
        operations = Int(outcome.operations)
        nanoseconds = outcome.nanoseconds
        usage = Usage(outcome.usage)
        totalBytes = Int(outcome.total_bytes)
        totalOperations = Int(outcome.total_operations)
        guard let samples else { return }
        var histogram = LatencyHistogram()
        for index in 0..<min(samples.count, Int(outcome.sample_count)) {
            histogram.record(nanoseconds: UInt64(samples[index]))
        }
        latency = histogram
    }
}
