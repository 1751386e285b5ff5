import BasicContainers
import CPlumb
import PlumbSockets
import SystemPackage
import Testing

@testable import PlumbLab

/// What goes wrong is told, and nothing hangs.
@Suite
struct FailureTests {
    private func failure(_ body: () throws(LabError) -> Void) -> LabError? {
        do throws(LabError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    @Test func changedBytesAreFound() throws {
        for mode in [LoadMode.stream, .pingPong] {
            var specification = LoadSpecification.short(.unixStream(.pair), mode)
            specification.fault = .wrongByte
            var pair = try LoadPair(labProgram())
            let error = try #require(failure { () throws(LabError) in _ = try pair.measure(specification) })
            #expect(error.code == .integrity && error.description.contains("arrived changed"), "\(error)")
        }
    }

    @Test func lostBytesAreFound() {
        let specification = LoadSpecification.short(.tcp, .stream)
        let sent = SideResult(totalBytes: 640, totalOperations: 10)
        let received = SideResult(bytes: 1, operations: 1, nanoseconds: 1, totalBytes: 576, totalOperations: 9)
        let error = failure { () throws(LabError) in
            _ = try RoundResult(specification, server: received, client: sent, contamination: .none)
        }
        #expect(error?.code == .integrity && error?.reason == "640 bytes were sent and 576 arrived")
    }

    @Test func aRoundInWhichNothingHappened() {
        let specification = LoadSpecification.short(.tcp, .stream)
        let error = failure { () throws(LabError) in
            _ = try RoundResult(specification, server: SideResult(), client: SideResult(), contamination: .none)
        }
        #expect(error?.code == .invalid)
    }

    @Test func noSuchProgram() throws {
        let error = failure { () throws(LabError) in _ = try LoadPair(LabProgram("/nonexistent/plumb", [])) }
        #expect(error?.code == .process && error?.errno == .noSuchFileOrDirectory)
    }

    /// A program that says nothing and ends.
    @Test func anotherProgram() throws {
        var pair = try LoadPair(LabProgram("/bin/true", []))
        let error = failure { () throws(LabError) in
            _ = try pair.measure(LoadSpecification.short(.tcp, .pingPong))
        }
        #expect(error?.code == .process, "\(String(describing: error))")
    }

    /// What the two processes cannot do is told in the words of the one that could not.
    @Test func aNameThatIsTaken() throws {
        let program = try labProgram()
        let process = try LabProcess.start(program)
        let channel = LabChannel(process.channel.borrowed)
        var none = UniqueArray<Descriptor>()
        try channel.send(
            LoadCommand.prepare(
                .server, .short(.unixStream(.path), .pingPong), processors: Processors.usable(),
                address: "unix:/proc/no/such/place"))
        guard case .failed(let words) = try channel.receive(LoadReply.self, descriptors: &none) else {
            Issue.record("it did not fail")
            return
        }
        #expect(words.hasPrefix("cannot "))
        // It goes on all the same.
        try channel.send(
            LoadCommand.prepare(
                .server, .short(.tcp, .pingPong), processors: Processors.usable(), address: "127.0.0.1:0"))
        guard case .ready(let address) = try channel.receive(LoadReply.self, descriptors: &none) else {
            Issue.record("it is not ready")
            return
        }
        #expect(address.flatMap { SocketAddress($0)?.port } ?? 0 > 0)
        try channel.send(LoadCommand.start(peer: nil))
        // Nobody connects; killed with the value, it does not keep us.
    }

    @Test func startWithoutPreparation() throws {
        let process = try LabProcess.start(try labProgram())
        let channel = LabChannel(process.channel.borrowed)
        var none = UniqueArray<Descriptor>()
        try channel.send(LoadCommand.start(peer: nil))
        guard case .failed = try channel.receive(LoadReply.self, descriptors: &none) else {
            Issue.record("it did not fail")
            return
        }
    }

    /// Messages longer than a packet, with descriptors, arrive whole.
    @Test(arguments: [0, 1, 32766, 32767, 32768, 100_000])
    func longMessages(length: Int) throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        try pair.split { first, second in
            let text = String(repeating: "x", count: length)
            var files = UniqueArray<Descriptor>()
            files.append(try first.duplicate())
            try exchange(text, files, first, second)
        }
    }

    private func exchange(
        _ text: String, _ files: borrowing UniqueArray<Descriptor>, _ first: borrowing Descriptor,
        _ second: borrowing Descriptor
    ) throws {
        try LabChannel(first.borrowed).send([text], descriptors: files.span)
        var received = UniqueArray<Descriptor>()
        let message = try LabChannel(second.borrowed).receive([String].self, descriptors: &received)
        #expect(message == [text] && received.count == 1)
    }

    @Test func endOfChannel() throws {
        let pair = try Descriptor.socketPair(type: .sequencedPacket)
        try pair.split { first, second in
            try first.close()
            var none = UniqueArray<Descriptor>()
            let message = try LabChannel(second.borrowed).receive([String].self, descriptors: &none)
            #expect(message == nil)
        }
    }
}
