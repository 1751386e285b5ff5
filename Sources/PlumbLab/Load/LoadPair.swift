import BasicContainers
import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// Two processes, a server and a client, and what they measure one thing after the other.
public struct LoadPair: ~Copyable {
    private let server: LabProcess
    private let client: LabProcess
    private let hosts: Hosts
    private let directory: LabDirectory
    private var serial: Int

    /// Where a server listens and under which address a client reaches it.
    struct Hosts {
        let server: IPv4Address
        let reachedAt: IPv4Address

        static let loopback = Hosts(server: .loopback, reachedAt: .loopback)
    }

    /// Starts the two processes.
    public init(_ program: LabProgram) throws(LabError) {
        self = try LoadPair.start(program, .loopback)
    }

    static func start(_ program: LabProgram, _ hosts: Hosts) throws(LabError) -> LoadPair {
        LoadPair(try LabProcess.start(program), try LabProcess.start(program), hosts, try LabDirectory())
    }

    private init(
        _ server: consuming LabProcess, _ client: consuming LabProcess, _ hosts: Hosts,
        _ directory: consuming LabDirectory
    ) {
        self.server = server
        self.client = client
        self.hosts = hosts
        self.directory = directory
        serial = 0
    }

    /// Measures one thing once.
    ///
    /// - Throws: ``LabError``; after one the pair is to be given up, because a process may be in the middle of something.
    public mutating func measure(_ specification: LoadSpecification) throws(LabError) -> RoundResult {
        try specification.validate()
        let usable = Processors.usable()
        let (serverProcessors, clientProcessors) = try specification.placement.choose(from: usable)
        serial += 1
        let address = listeningAddress(specification.transport)

        var ends = try Ends(specification.transport)
        try send(
            server, .prepare(.server, specification, processors: serverProcessors, address: address), &ends.server)
        guard case .ready(let bound) = try reply(server, within: .seconds(10)) else { throw unexpected("the server") }
        let reached = bound.map { reachable($0, specification.transport) }
        try send(
            client, .prepare(.client, specification, processors: clientProcessors, address: reached), &ends.client)
        guard case .ready(let own) = try reply(client, within: .seconds(10)) else { throw unexpected("the client") }

        let timesBefore = ProcessorTimes.now()
        let start = ContinuousClock.now
        try send(server, .start(peer: own))
        try send(client, .start(peer: nil))
        let (serverResult, clientResult) = try results(specification)
        let elapsed = ContinuousClock.now - start
        let contamination = contamination(
            from: timesBefore, specification.placement, elapsed, serverResult, clientResult, usable.count)
        return try RoundResult(
            specification, server: serverResult, client: clientResult, contamination: contamination)
    }

    // MARK: Addresses

    /// Where the server of this measurement listens; `nil` where nobody does.
    private func listeningAddress(_ transport: Transport) -> String? {
        switch (transport.kind, transport.naming) {
        case (.tcp, _): SocketAddress.ipv4(hosts.server, port: 0).description
        case (.tcp6, _): SocketAddress.ipv6(.loopback, port: 0).description
        case (_, .abstract): "unix:@plumb-lab-\(getpid())-\(serial)"
        case (_, .path): "unix:\(directory.path)/\(serial)"
        default: nil
        }
    }

    private func reachable(_ bound: String, _ transport: Transport) -> String {
        guard transport.kind == .tcp, let port = SocketAddress(bound)?.port else { return bound }
        return SocketAddress.ipv4(hosts.reachedAt, port: port).description
    }

    // MARK: The two processes

    /// The ends that the two processes are given.
    private struct Ends: ~Copyable {
        var server = UniqueArray<Descriptor>()
        var client = UniqueArray<Descriptor>()

        init(_ transport: Transport) throws(LabError) {
            guard transport.isGiven else { return }
            do throws(Errno) {
                if transport.kind == .pipe {
                    // Each has what to receive from first and what to send to second.
                    let there = try Ends.pipe()
                    server.append(Descriptor(owning: there.reader))
                    let writer = Descriptor(owning: there.writer)
                    let back = try Ends.pipe()
                    server.append(Descriptor(owning: back.writer))
                    client.append(Descriptor(owning: back.reader))
                    client.append(writer)
                } else {
                    let pair = try Descriptor.socketPair(type: transport.kind.socketType)
                    pair.split { first, second in
                        server.append(first)
                        client.append(second)
                    }
                }
            } catch {
                throw LabError(.system, "make", "\(transport)", errno: error)
            }
        }

        private static func pipe() throws(Errno) -> (reader: CInt, writer: CInt) {
            var ends: (CInt, CInt) = (-1, -1)
            _ = try systemCall {
                unsafe withUnsafeMutableBytes(of: &ends) {
                    unsafe plumb_pipe($0.baseAddress?.assumingMemoryBound(to: CInt.self))
                }
            }
            return (ends.0, ends.1)
        }
    }

    private func send(
        _ process: borrowing LabProcess, _ command: LoadCommand, _ descriptors: inout UniqueArray<Descriptor>
    ) throws(LabError) {
        try LabChannel(process.channel.borrowed).send(command, descriptors: descriptors.span)
        // Ours must be closed, or nobody sees the end.
        descriptors.removeAll()
    }

    private func send(_ process: borrowing LabProcess, _ command: LoadCommand) throws(LabError) {
        try LabChannel(process.channel.borrowed).send(command)
    }

    private func reply(_ process: borrowing LabProcess, within timeout: Duration) throws(LabError) -> LoadReply {
        let channel = LabChannel(process.channel.borrowed)
        guard try channel.waitForMessage(within: timeout) else {
            throw LabError(
                .deadline, "wait for", "a process of the measurement", reason: "it did not answer within \(timeout)")
        }
        var none = UniqueArray<Descriptor>()
        guard let reply = try channel.receive(LoadReply.self, descriptors: &none) else {
            throw LabError(.process, "measure", "anything", reason: "a process of the measurement has ended")
        }
        if case .failed(let sentence) = reply {
            throw LabError(.process, "measure", "anything", reason: sentence)
        }
        return reply
    }

    /// Sends both processes into namespaces.
    func enter(_ namespaces: borrowing UniqueArray<Descriptor>) throws(LabError) {
        for isServer in [true, false] {
            let channel =
                isServer ? LabChannel(server.channel.borrowed) : LabChannel(client.channel.borrowed)
            try channel.send(LoadCommand.enter, descriptors: namespaces.span)
            guard case .ready = try isServer ? reply(server, within: .seconds(10)) : reply(client, within: .seconds(10))
            else { throw unexpected(isServer ? "the server" : "the client") }
        }
    }

    private func unexpected(_ process: String) -> LabError {
        LabError(.process, "measure", "anything", reason: "\(process) answered out of turn")
    }

    /// What the two did. The client ends first, unless something went wrong on the other side.
    private func results(_ specification: LoadSpecification) throws(LabError) -> (SideResult, SideResult) {
        let planned = specification.warmUpMilliseconds + specification.durationMilliseconds
        let deadline = Duration.milliseconds(10_000 + 10 * planned)
        let clientReply: LoadReply
        do throws(LabError) {
            clientReply = try replyOrServersFailure(within: deadline)
        } catch {
            throw error.code == .deadline
                ? LabError(
                    .deadline, "measure", specification.title,
                    reason: "it should take \(planned) ms and was not over after \(deadline)")
                : error
        }
        if specification.mode.connects { try send(server, .stop) }
        let serverReply = try reply(server, within: deadline)
        guard case .done(let client) = clientReply, case .done(let server) = serverReply else {
            throw unexpected("a process")
        }
        return (server, client)
    }

    /// The client's answer. A server that fails leaves its client waiting, so both are listened to.
    private func replyOrServersFailure(within deadline: Duration) throws(LabError) -> LoadReply {
        let end = ContinuousClock.now + deadline
        while ContinuousClock.now < end {
            if try LabChannel(client.channel.borrowed).waitForMessage(within: .milliseconds(100)) {
                do throws(LabError) {
                    return try reply(client, within: .zero)
                } catch {
                    // The server's own words say more than the client's "connection reset".
                    if try LabChannel(server.channel.borrowed).waitForMessage(within: .milliseconds(200)) {
                        _ = try reply(server, within: .zero)
                    }
                    throw error
                }
            }
            if try LabChannel(server.channel.borrowed).waitForMessage(within: .zero),
                try !LabChannel(client.channel.borrowed).waitForMessage(within: .milliseconds(1000))
            {
                _ = try reply(server, within: .zero)
                throw unexpected("the server")
            }
        }
        throw LabError(.deadline, "wait for", "the client", reason: "it did not answer within \(deadline)")
    }

    private func contamination(
        from before: ProcessorTimes?, _ placement: Placement, _ elapsed: Duration, _ server: SideResult,
        _ client: SideResult, _ processors: Int
    ) -> Contamination {
        guard let before, let after = ProcessorTimes.now() else { return .none }
        // On one processor the two wait for each other.
        let waiting =
            placement.processors == .other ? max(server.wholeUsage.waiting, client.wholeUsage.waiting) : 0
        return Contamination(
            times: after.since(before),
            own: .nanoseconds(Int64(server.wholeUsage.total + client.wholeUsage.total)), elapsed: elapsed,
            waiting: .nanoseconds(Int64(waiting)), ticksPerSecond: max(sysconf(Int32(_SC_CLK_TCK)), 1),
            processors: MachineFacts.onlineProcessors)
    }
}

extension Placement {
    /// Which processors the server and the client run on.
    func choose(from usable: [Int]) throws(LabError) -> (server: [Int], client: [Int]) {
        switch processors {
        case .any: return (usable, usable)
        case .same: return ([usable[0]], [usable[0]])
        case .other:
            guard usable.count > 1 else {
                throw LabError(
                    .unavailable, "run on", "two processors", reason: "this process may use one only; ask for 'same'")
            }
            return ([usable[0]], [usable[1]])
        }
    }
}
