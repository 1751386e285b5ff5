import CPlumb
import FoundationEssentials
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Access policies") struct AccessPolicyTests {
    private static let someone = PeerCredentials(processID: 4711, userID: 1000, groupID: 100)

    static let cases: [(rules: [AccessPolicy.Rule], source: PeerIdentity.Source, isAllowed: Bool)] = [
        ([], .connection, false),
        ([.user(1000)], .connection, true), ([.user(1001)], .connection, false),
        ([.user(1001), .user(1000)], .connection, true), ([.user(0)], .connection, false),
        ([.group(100)], .connection, true), ([.group(200)], .connection, false),
        ([.supplementaryGroup(100)], .connection, true), ([.supplementaryGroup(200)], .connection, true),
        ([.supplementaryGroup(300)], .connection, false),
        ([.supplementaryGroup(200)], .message, false), ([.supplementaryGroup(100)], .message, true),
        ([.executable("/proc/self/exe")], .connection, false),
        ([.custom("even") { $0.credentials.userID.isMultiple(of: 2) }], .connection, true),
        ([.custom("odd") { !$0.credentials.userID.isMultiple(of: 2) }], .connection, false),
        ([.all([.user(1000), .group(100)])], .connection, true),
        ([.all([.user(1000), .group(200)])], .connection, false), ([.all([])], .connection, false),
    ]

    @Test("any one rule lets in; nothing else does", arguments: cases.indices)
    func rules(_ index: Int) {
        let (rules, source, isAllowed) = Self.cases[index]
        let decision = AccessPolicy(rules).decide(on: identity(source))
        switch decision {
        case .allowed(let rule):
            #expect(isAllowed && rules.map(\.description).contains(rule))
        case .refused(let reason):
            #expect(!isAllowed)
            #expect(reason == (rules.isEmpty ? "nobody is let in" : "it is not \(AccessPolicy(rules))"))
        }
    }

    @Test("this process by the program that it runs", .enabled(if: Machine.hasPeerProcess, Machine.peerProcessReason))
    func executable() throws {
        let pair = try Descriptor.socketPair(type: .stream)
        let directory = try TemporaryDirectory()
        let program = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        try FileManager.default.createSymbolicLink(atPath: directory.file("link"), withDestinationPath: program)
        for path in [program, directory.file("link")] { #expect(try lets(in: .executable(path), pair.first)) }
        for path in ["/bin/sh", "/no/such/file", directory.path] {
            #expect(try !lets(in: .executable(path), pair.first))
        }
        #expect(try lets(in: .all([.user(geteuid()), .executable(program)]), pair.first))
        #expect(try !lets(in: .all([.user(geteuid() + 1), .executable(program)]), pair.first))
    }

    @Test(
        "not a process that has ended, whose number may be another's by now",
        .enabled(if: Machine.python != nil, Machine.pythonReason))
    func endedProcess() throws {
        let directory = try TemporaryDirectory()
        let listener = try Listener(on: SocketAddressTests.path(directory.file("socket")))
        let program = """
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(sys.argv[1])
            print("connected", flush=True)
            sys.stdin.readline()
            """
        var client = try Python(program, [directory.file("socket")])
        #expect(try client.readLine() == "connected")
        let connection = try require(listener.accept())
        let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(client.pid)/exe")
        #expect(try lets(in: .executable(executable), connection) == Machine.hasPeerProcess)
        try client.write("end")
        try client.wait()
        #expect(try !lets(in: .executable(executable), connection))
        #expect(try lets(in: .user(geteuid()), connection))
    }

    @Test("this user and root, whoever this user is")
    func sameUserOrRoot() {
        let rules = AccessPolicy.sameUserOrRoot.rules.map(\.description)
        #expect(rules == (geteuid() == 0 ? ["user 0"] : ["user \(geteuid())", "user 0"]))
        #expect(AccessPolicy.nobody.description == "nobody")
        if case .refused = AccessPolicy.everybody.decide(on: identity(.connection)) { Issue.record("refused") }
    }

    private func identity(_ source: PeerIdentity.Source) -> PeerIdentity {
        PeerIdentity(
            source: source, credentials: Self.someone, process: nil,
            supplementaryGroups: source == .connection ? [200, 201] : nil, securityLabel: nil)
    }
}

private func lets(in rule: AccessPolicy.Rule, _ connection: borrowing Descriptor) throws -> Bool {
    let identity = try connection.borrowed.peerIdentity()
    if case .allowed = AccessPolicy([rule]).decide(on: identity) { return true }
    return false
}
