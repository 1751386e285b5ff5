import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

@Suite("What accept(2) hands on") struct OptionInheritanceTests {
    /// An option with a value that is not the default.
    struct Case: Sendable, CustomTestStringConvertible {
        let item: OptionCase
        let value: OptionValue
        var testDescription: String { item.testDescription }
    }

    static let excluded = [
        // A socket under repair neither listens nor shakes hands.
        "repair",
        // No connection comes about through a header that stands before another one that is not there.
        "routingDestinationOptions",
        // What is read is the processor that received last.
        "incomingProcessor",
    ]

    static let cases: [Case] = OptionCase.all.compactMap { item in
        let isAccepting: SocketKinds = [.tcp, .unixStream, .unixSequencedPacket]
        guard item.option.access == .readWrite, isAccepting.contains(item.scratch.kind),
            !excluded.contains(item.option.swiftName),
            let value = try? unusualValue(item)
        else { return nil }
        return Case(item: item, value: value)
    }

    /// The first value of the table that is taken, and is not what a fresh socket has.
    private static func unusualValue(_ item: OptionCase) throws -> OptionValue? {
        for trial in OptionTrial.trials(of: item.option, on: item.scratch.kind) {
            guard let value = item.option.parse(trial.text) else { continue }
            let socket = try item.scratch.fresh()
            let before = try readText(item.option, socket)
            guard errno({ () throws(Errno) in try write(item.option, value, socket) }) == nil else { continue }
            if try readText(item.option, socket) != before { return value }
        }
        return nil
    }

    @Test("an accepted socket has the listener's value, or not, as the catalogue says", arguments: cases)
    func inheritance(_ item: Case) throws {
        let (option, scratch) = (item.item.option, item.item.scratch)
        let listener = try scratch.fresh()
        try write(option, item.value, listener)
        let kept = try readText(option, listener)
        let client = try scratch.fresh()
        try connect(client, to: listen(listener, scratch), scratch)
        // What TCP_DEFER_ACCEPT waits for.
        try send("x", over: client)
        try waitUntilReadable(listener)
        let accepted = try accept(listener)
        let text = try readText(option, accepted)
        #expect((text == kept) == option.inheritance.contains(scratch.kind), "\(text), the listener has \(kept)")
    }

    private func listen(_ listener: borrowing Descriptor, _ scratch: ScratchKind) throws -> SocketAddress {
        let address: SocketAddress? =
            switch scratch.family {
            case AF_INET: .ipv4(.loopback, port: 0)
            case AF_INET6: .ipv6(.loopback, port: 0)
            default: .unix(abstract: Array("plumb-\(UInt64.random(in: 0 ... .max))".utf8))
            }
        try listener.borrowed.bind(to: #require(address))
        try listener.borrowed.listen(backlog: 8)
        return try listener.borrowed.localAddress()
    }

    private func connect(_ client: borrowing Descriptor, to address: SocketAddress, _ scratch: ScratchKind) throws {
        // What IP_MINTTL asks for.
        if scratch.family == AF_INET { try client.set(.timeToLive, to: 255) }
        if scratch.family == AF_INET6 { try client.set(.hopLimit, to: 255) }
        try client.borrowed.connect(to: address)
    }

    private func accept(_ listener: borrowing Descriptor) throws -> Descriptor {
        var peer = PeerBuffer()
        return try require(listener.borrowed.accept(peer: &peer, wanted: false))
    }
}
