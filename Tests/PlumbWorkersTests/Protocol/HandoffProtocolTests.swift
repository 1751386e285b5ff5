import Testing

@testable import PlumbWorkers

/// The messages as Documentation/handoff-protocol.md has them, byte by byte.
struct HandoffProtocolTests {
    private func bytes(_ message: HandoffMessage) -> [UInt8] {
        let words = message.words
        return unsafe words.span.bytes.withUnsafeBytes { unsafe Array($0) }
    }

    private func message(_ bytes: [UInt8]) -> HandoffMessage? { unsafe HandoffMessage(bytes.span.bytes) }

    private func parse(
        _ bytes: [UInt8], hasDescriptors: Bool = false
    ) -> Result<WorkerMessage, WorkerMessage.Violation> {
        unsafe WorkerMessage.parse(bytes.span.bytes, hasDescriptors: hasDescriptors)
    }

    // MARK: Layout

    struct Layout: CustomTestStringConvertible {
        let message: HandoffMessage
        let bytes: [UInt8]

        init(_ message: HandoffMessage, _ bytes: [UInt8]) { (self.message, self.bytes) = (message, bytes) }

        var testDescription: String { message.kind.map { "\($0)" } ?? "?" }
    }

    @Test(
        "Each message is the 24 bytes of the documentation",
        arguments: [
            Layout(
                HandoffMessage(.welcome, argument: 32, first: 2, second: 1),
                [1, 1, 0, 0, 32, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]),
            Layout(
                HandoffMessage(.connections, count: 64, argument: 3, first: 0x0102_0304_0506_0708),
                [2, 1, 64, 0, 3, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
            Layout(
                HandoffMessage(.listeners, count: 2, argument: 64),
                [3, 1, 2, 0, 64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Layout(
                HandoffMessage(.drain), [4, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Layout(
                HandoffMessage(.ready), [65, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Layout(
                HandoffMessage(.progress, first: 0x1122_3344_5566_7788, second: 0x99aa_bbcc_ddee_ff00),
                [
                    66, 1, 0, 0, 0, 0, 0, 0, 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00, 0xff, 0xee, 0xdd,
                    0xcc, 0xbb, 0xaa, 0x99,
                ]),
            Layout(
                HandoffMessage(.refused, argument: 24, first: 7),
                [67, 1, 0, 0, 24, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Layout(
                HandoffMessage(.refused, argument: 0xa1b2_c3d4, first: .max),
                [67, 1, 0, 0, 0xd4, 0xc3, 0xb2, 0xa1] + Array(repeating: 255, count: 8) + Array(repeating: 0, count: 8)),
        ])
    func layout(layout: Layout) {
        #expect(bytes(layout.message) == layout.bytes)
        #expect(message(layout.bytes) == layout.message)
    }

    @Test("Every message survives the way there", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) {
        var random = SplitMix(state: seed << 32)
        for _ in 0..<500 {
            var sent = HandoffMessage(.ready)
            sent.type = UInt8.random(in: 0...255, using: &random)
            sent.version = UInt8.random(in: 0...255, using: &random)
            sent.count = UInt16.random(in: 0...UInt16.max, using: &random)
            sent.argument = UInt32.random(in: 0...UInt32.max, using: &random)
            sent.first = random.next()
            sent.second = random.next()
            #expect(message(bytes(sent)) == sent)
        }
    }

    @Test("Constants")
    func constants() {
        #expect(HandoffProtocol.version == 1)
        #expect(HandoffProtocol.messageSize == 24)
        #expect(HandoffProtocol.batchLimit == 64)
        #expect(HandoffProtocol.channelVariable == "PLUMB_CHANNEL")
        #expect(HandoffProtocol.workerVariable == "PLUMB_WORKER")
        #expect(HandoffProtocol.generationVariable == "PLUMB_GENERATION")
        #expect(MemoryLayout<InlineArray<3, UInt64>>.size == HandoffProtocol.messageSize)
    }

    // MARK: What a worker may say

    @Test("READY, PROGRESS and REFUSED are what a worker may say")
    func valid() {
        #expect(parse(bytes(HandoffMessage(.ready))) == .success(.ready))
        #expect(
            parse(bytes(HandoffMessage(.progress, first: 9, second: 4)))
                == .success(.progress(taken: 9, finished: 4)))
        #expect(
            parse(bytes(HandoffMessage(.refused, argument: 24, first: 5)))
                == .success(.refused(sequence: 5, reason: 24)))
    }

    @Test("Every other type is a violation", arguments: 0...255 as ClosedRange<UInt8>)
    func types(type: UInt8) {
        var sent = HandoffMessage(.ready)
        sent.type = type
        let isAllowed = (65...67).contains(type)
        switch parse(bytes(sent)) {
        case .success: #expect(isAllowed)
        case .failure(let violation): #expect(!isAllowed && violation.kind == .type)
        }
    }

    @Test("Every other version is a violation, whatever the type", arguments: 0...255 as ClosedRange<UInt8>)
    func versions(version: UInt8) {
        for type in [0, 1, 65, 66, 67, 255] as [UInt8] {
            var sent = HandoffMessage(.ready)
            (sent.type, sent.version) = (type, version)
            guard version != 1 else { continue }
            #expect(parse(bytes(sent)) == .failure(.init(.version)))
        }
    }

    @Test("Every other length is a violation, whatever the bytes", arguments: 0...64)
    func lengths(length: Int) {
        let ready = bytes(HandoffMessage(.ready))
        let sent = Array((ready + ready + ready).prefix(length))
        #expect((message(sent) == nil) == (length != 24))
        #expect(parse(sent) == (length == 24 ? .success(.ready) : .failure(.init(.length))))
    }

    @Test("Attached descriptors are a violation, whatever they are attached to", arguments: 0...64)
    func descriptors(length: Int) {
        let sent = Array((bytes(HandoffMessage(.progress)) + bytes(HandoffMessage(.ready))).prefix(length))
        #expect(parse(sent, hasDescriptors: true) == .failure(.init(.descriptors)))
    }

    @Test("Random bytes are a message or a violation", arguments: 0..<8 as Range<UInt64>)
    func fuzz(seed: UInt64) {
        var random = SplitMix(state: seed << 40)
        for _ in 0..<2000 {
            // Mostly almost right: otherwise nothing gets beyond the length.
            let length = random.below(4) == 0 ? random.below(65) : 24
            var sent = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            if length > 1, random.below(4) > 0 { sent[1] = 1 }
            if length > 0, random.below(4) > 0 { sent[0] = UInt8(64 + random.below(5)) }
            #expect(parse(sent) == reference(sent))
        }
    }

    /// The documentation once more, on its own.
    private func reference(_ bytes: [UInt8]) -> Result<WorkerMessage, WorkerMessage.Violation> {
        func integer(_ range: Range<Int>) -> UInt64 {
            bytes[range].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        if bytes.count != 24 { return .failure(.init(.length)) }
        if bytes[1] != 1 { return .failure(.init(.version)) }
        switch bytes[0] {
        case 65: return .success(.ready)
        case 66: return .success(.progress(taken: integer(8..<16), finished: integer(16..<24)))
        case 67: return .success(.refused(sequence: integer(8..<16), reason: UInt32(integer(4..<8))))
        default: return .failure(.init(.type))
        }
    }
}
