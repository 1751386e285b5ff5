import CPlumb
import PlumbSockets
import SystemPackage

/// One side of a measurement, from the start to the result: chooses the loop and runs it.
enum LoadSide {
    /// Runs a prepared side.
    ///
    /// - Parameter isOver: whether no more connections come, asked by a server that has had none for a while.
    static func run(
        _ endpoint: inout Endpoint, peer: SocketAddress?, isOver: @escaping () -> Bool
    ) throws(Errno) -> SideResult {
        let before = Usage.nowWithWaiting()
        var result =
            endpoint.specification.mode.connects
            ? try runConnections(endpoint, isOver) : try runConnected(&endpoint, peer)
        result.wholeUsage = Usage.nowWithWaiting().since(before)
        return result
    }

    // MARK: Over one connection

    private static func runConnected(_ endpoint: inout Endpoint, _ peer: SocketAddress?) throws(Errno) -> SideResult {
        let (role, specification) = (endpoint.role, endpoint.specification)
        var connection = try endpoint.connect(peer: peer)
        var result: SideResult
        if specification.implementation == .c {
            result = try PlainLoops.run(role, specification, connection)
        } else {
            result = try runLoop(role, specification, connection)
        }
        if role == .client { try connection.endOutput() }
        let socket = connection.input.borrowed
        result.options = specification.transport.kind == .pipe ? [] : endpoint.options.readBack(from: socket)
        return result
    }

    private static func runLoop(
        _ role: LoadRole, _ specification: LoadSpecification, _ connection: borrowing Connection
    ) throws(Errno) -> SideResult {
        switch specification.transport.kind {
        case .tcp, .tcp6, .unixStream: try run(StreamCarrier.self, role, specification, connection)
        case .unixSequencedPacket: try run(PacketCarrier.self, role, specification, connection)
        case .unixDatagram: try run(DatagramCarrier.self, role, specification, connection)
        case .pipe: try run(PipeCarrier.self, role, specification, connection)
        case .memfd: try runPlainly(MemoryFileCarrier.self, role, specification, connection)
        }
    }

    private static func run<Link: Carrier>(
        _ link: Link.Type, _ role: LoadRole, _ specification: LoadSpecification, _ connection: borrowing Connection
    ) throws(Errno) -> SideResult {
        switch (specification.fault, role, specification.placement.waiting) {
        case (.stall, .server, _): try runPlainly(StallingCarrier<Link>.self, role, specification, connection)
        case (.slowReceiver, .server, _): try runPlainly(SlowCarrier<Link>.self, role, specification, connection)
        case (.busyClient, .client, _): try runPlainly(BusyCarrier<Link>.self, role, specification, connection)
        // A rate's client looks after its waiting itself.
        case (_, .client, _) where specification.mode == .rate:
            try runPlainly(link, role, specification, connection)
        case (_, _, .spinning): try runPlainly(SpinningCarrier<Link>.self, role, specification, connection)
        case (_, _, .asleep): try runPlainly(link, role, specification, connection)
        }
    }

    private static func runPlainly<Link: Carrier>(
        _ link: Link.Type, _ role: LoadRole, _ specification: LoadSpecification, _ connection: borrowing Connection
    ) throws(Errno) -> SideResult {
        let plan = LoopPlan(specification)
        var buffer = LoadBuffer(size: specification.messageSize)
        if specification.fault == .wrongByte, role == .client { buffer.spoil() }
        return try connection.withEnds { input, output throws(Errno) in
            switch (specification.mode, role) {
            case (.stream, .client): try StreamLoop<Link>.send(plan, over: output, buffer)
            case (.stream, .server): try StreamLoop<Link>.receive(plan, from: input, &buffer)
            case (.descriptors, .client): try DescriptorLoop.send(plan, over: output)
            case (.descriptors, .server): try DescriptorLoop.receive(plan, from: input)
            case (_, .server): try EchoLoop<Link>.serve(plan, from: input, to: output, &buffer)
            case (let mode, .client):
                try runClient(link, mode, plan, input, output, buffer)
            }
        }
    }

    private static func runClient<Link: Carrier>(
        _ link: Link.Type, _ mode: LoadMode, _ plan: LoopPlan, _ input: BorrowedDescriptor,
        _ output: BorrowedDescriptor, _ buffer: borrowing LoadBuffer
    ) throws(Errno) -> SideResult {
        var answers = LoadBuffer(size: plan.messageSize)
        switch mode {
        case .rate: return try RateLoop<Link>.run(plan, from: input, to: output, buffer, answers: &answers)
        case .pipelined: return try EchoLoop<Link>.pipelined(plan, from: input, to: output, buffer, answers: &answers)
        default: return try EchoLoop<Link>.pingPong(plan, from: input, to: output, buffer, answers: &answers)
        }
    }

    // MARK: A connection an operation

    private static func runConnections(
        _ endpoint: borrowing Endpoint, _ isOver: @escaping () -> Bool
    ) throws(Errno) -> SideResult {
        let specification = endpoint.specification
        if specification.implementation == .c { return try PlainLoops.runConnections(endpoint, isOver) }
        switch specification.transport.kind {
        case .unixSequencedPacket: return try runConnections(PacketCarrier.self, endpoint, isOver)
        default: return try runConnections(StreamCarrier.self, endpoint, isOver)
        }
    }

    private static func runConnections<Link: Carrier>(
        _ link: Link.Type, _ endpoint: borrowing Endpoint, _ isOver: () -> Bool
    ) throws(Errno) -> SideResult {
        let specification = endpoint.specification
        let plan = LoopPlan(specification)
        let exchanges = specification.mode == .request
        var buffer = LoadBuffer(size: specification.messageSize)
        var options = endpoint.options
        // The last connection's, which stands for all.
        var effective: [EffectiveOption] = []
        var result: SideResult
        if endpoint.role == .server {
            result = try endpoint.withListener { listener throws(Errno) in
                try ConnectLoop<Link>.serve(plan, on: listener, answers: exchanges, &buffer) { socket in
                    options.applyToConnection(socket, accepted: true)
                    if effective.isEmpty { effective = options.readBack(from: socket) }
                } isOver: {
                    isOver()
                }
            }
        } else {
            var answers = LoadBuffer(size: specification.messageSize)
            result = try ConnectLoop<Link>.connect(
                plan, to: endpoint.serverAddress(), type: specification.transport.kind.socketType, asks: exchanges,
                buffer, answers: &answers
            ) { socket in
                options.applyBeforeConnection(to: socket)
                if effective.isEmpty { effective = options.readBack(from: socket) }
            }
        }
        result.options = effective
        return result
    }
}
