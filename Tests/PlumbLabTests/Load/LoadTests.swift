import PlumbSockets
import Testing

@testable import PlumbLab

/// Every mode over every transport, in Swift and in C: what is counted is what was done. Nothing here is about speed.
@Suite(.serialized)
struct LoadTests {
    static let combinations: [(Transport, LoadMode, LoadImplementation)] = LoadMode.allCases.flatMap { mode in
        Transport.all.filter { mode.isPossible(on: $0) && (Machine.hasIPv6 || $0 != .tcp6) }.flatMap { transport in
            LoadImplementation.allCases.filter { mode != .rate || $0 == .plumb }.map { (transport, mode, $0) }
        }
    }

    /// One pair of processes does everything, one after the other: nothing of a measurement is left for the next.
    @Test func everything() throws {
        var pair = try LoadPair(labProgram())
        for (transport, mode, implementation) in Self.combinations {
            var specification = LoadSpecification.short(transport, mode, messageSize: 100, implementation)
            specification.depth = 5
            specification.batch = 3
            specification.rate = 2000
            let round = try pair.measure(specification)
            let title = Comment(rawValue: specification.title)
            let (server, client) = (round.server, round.client)
            #expect(round.primary(mode).operations > 0, title)
            #expect(round.primary(mode).nanoseconds > 0, title)
            #expect(server.totalOperations >= server.operations, title)
            if mode == .stream {
                #expect(server.totalBytes == client.totalBytes && server.totalBytes % 100 == 0, title)
            } else {
                #expect(server.totalOperations == client.totalOperations, title)
            }
            if mode == .descriptors { #expect(server.totalOperations % 3 == 0, title) }
            #expect((client.latency != nil) == mode.hasLatency, title)
            if let latency = client.latency { #expect(latency.count == client.operations, title) }
            #expect((client.lateness != nil) == (mode == .rate), title)
            if implementation == .plumb, !mode.connects, mode != .descriptors {
                #expect(server.checkedBytes > 0, title)
            }
            #expect(client.wholeUsage.total > 0, title)
        }
    }

    @Test(
        .enabled(if: Machine.hasTwoProcessors, Machine.processorsReason),
        arguments: ["other", "same", "other,spinning"])
    func placements(text: String) throws {
        var pair = try LoadPair(labProgram())
        let placement = try #require(Placement(text))
        for transport in [Transport.tcp, .unixDatagram(.abstract), .pipe] {
            for implementation in LoadImplementation.allCases {
                for mode in [LoadMode.stream, .pingPong] {
                    var specification = LoadSpecification.short(transport, mode, implementation)
                    specification.placement = placement
                    let round = try pair.measure(specification)
                    #expect(round.primary(mode).operations > 0)
                }
            }
        }
    }

    /// Messages larger than any buffer arrive whole.
    @Test(arguments: [Transport.tcp, .unixStream(.path), .pipe, .memfd], LoadImplementation.allCases)
    func largeMessages(transport: Transport, implementation: LoadImplementation) throws {
        for mode in [LoadMode.stream, .pingPong] {
            // Longer than the default, because one message alone may take a while.
            var specification = LoadSpecification.short(transport, mode, messageSize: (5 << 20) + 7, implementation)
            specification.durationMilliseconds = 100
            let round = try measure(specification)
            #expect(round.server.totalBytes == round.client.totalBytes)
            #expect(round.server.totalBytes % specification.messageSize == 0)
        }
    }

    @Test func rateKeepsItsPlan() throws {
        var specification = LoadSpecification.short(.unixStream(.pair), .rate)
        specification.rate = 1000
        specification.durationMilliseconds = 200
        let round = try measure(specification)
        // All messages of the plan are answered, however late: (2 + 200) ms of 1000 a second.
        #expect(round.client.totalOperations == 202)
        #expect(round.client.latency?.count == 200 && round.client.lateness?.count == 200)
    }

    @Test func optionsAreReadBack() throws {
        var specification = LoadSpecification.short(.tcp, .pingPong)
        specification.options = [
            OptionSetting("SO_SNDBUF", "64KiB", .client), OptionSetting("TCP_NODELAY", "on", .server),
        ]
        let round = try measure(specification)
        func option(_ name: String, _ side: SideResult) -> EffectiveOption? { side.options.first { $0.name == name } }
        #expect(
            option("SO_SNDBUF", round.client)
                == EffectiveOption(name: "SO_SNDBUF", requested: "64KiB", effective: "128KiB", refusal: nil))
        #expect(option("SO_SNDBUF", round.server)?.requested == nil)
        #expect(option("TCP_NODELAY", round.server)?.effective == "on")
        #expect(option("TCP_NODELAY", round.client)?.effective == "off")
    }

    /// On Unix sockets, which do not inherit buffers, the server's setting is on the connection all the same.
    @Test(arguments: Transport.Naming.allCases)
    func optionsOfUnixServers(naming: Transport.Naming) throws {
        var specification = LoadSpecification.short(.unixStream(naming), .stream)
        specification.options = [OptionSetting("SO_RCVBUF", "32KiB", .server)]
        let round = try measure(specification)
        #expect(round.server.options.contains { $0.name == "SO_RCVBUF" && $0.effective == "64KiB" })
        #expect(round.client.options.contains { $0.name == "SO_RCVBUF" && $0.requested == nil })
    }

    @Test func refusedOptionsAreTold() throws {
        var specification = LoadSpecification.short(.unixStream(.pair), .pingPong)
        specification.options = [OptionSetting("TCP_NODELAY", "on")]
        let option = try #require(try measure(specification).client.options.first)
        #expect(option.name == "TCP_NODELAY" && option.effective == nil && option.refusal != nil)
    }
}
