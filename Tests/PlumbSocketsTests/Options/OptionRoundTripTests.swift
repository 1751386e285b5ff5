import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

@Suite("Each option on each socket that has it") struct OptionRoundTripTests {
    /// What is read of a connected socket only, and what a fresh one says instead.
    static let needConnection: [String: Errno] = [
        "peerName": .socketNotConnected, "pathMTU": .socketNotConnected, "ipv6PathMTU": .socketNotConnected,
        "ipv6KnownPathMTU": .socketNotConnected, "addressForm": .socketNotConnected,
        "peerGroups": .noData, "peerProcess": .noData,
    ]
    /// What cannot be read of any plain socket, and what it says.
    static let unreadable: [String: [Errno]] = [
        // A connection that was not redirected.
        "originalDestination": [.noSuchFileOrDirectory], "ipv6OriginalDestination": [.noSuchFileOrDirectory],
        // Sockets under repair only.
        "repairQueue": [.invalidArgument], "repairSequence": [.invalidArgument], "repairWindow": [.notPermitted],
        // No security module labels the peer, or the kernel has none.
        "peerSecurity": [.protocolNotAvailable],
        // Structures that go both ways.
        "authenticationInformation": [.invalidArgument, .noSuchFileOrDirectory],
        "authenticationKeys": [.invalidArgument, .noSuchFileOrDirectory],
        "authenticationRepair": [.invalidArgument, .notPermitted],
    ]

    @Test("it is read", arguments: OptionCase.all.filter { $0.option.access != .setOnly })
    func read(_ item: OptionCase) throws {
        let (option, scratch) = (item.option, item.scratch)
        let name = option.swiftName
        if let expected = Self.unreadable[name] {
            let socket = try scratch.fresh()
            let error = errno { () throws(Errno) in _ = try readText(option, socket) }
            #expect(error.map { expected.contains($0) } ?? (name == "peerSecurity"), "\(shown(error))")
            return
        }
        if let expected = Self.needConnection[name] {
            let socket = try scratch.fresh()
            #expect(throws: expected) { try readText(option, socket) }
            let pair = try scratch.connected()
            // There may be no supplementary groups.
            #expect(try readText(option, pair.first) != "" || option.kind == .list)
            return
        }
        let socket = try scratch.fresh()
        let value = try option.read(from: socket.borrowed)
        // What was read is text, and the text is the value: it can be written into a profile.
        if option.access == .readWrite, value != .text(""), value != .absent {
            #expect(try option.value(option.text(of: value)) == value)
        }
    }

    @Test("it is set and read back", arguments: OptionCase.all.filter { $0.option.access != .readOnly })
    func roundTrip(_ item: OptionCase) throws {
        let trials = OptionTrial.trials(of: item.option, on: item.scratch.kind)
        try #require(!trials.isEmpty, "the table has no value to try")
        for trial in trials {
            let value = try parse(trial.text, item.option)
            try attempt(trial, value, item.option, item.scratch.fresh())
        }
    }

    /// A value of the table may be out of the option's range, to see it refused by the kernel.
    private func parse(_ text: String, _ option: OptionDescription) throws -> OptionValue {
        try #require(option.parse(text), "\(text) is not \(option.expectation)")
    }

    private func attempt(
        _ trial: OptionTrial, _ value: OptionValue, _ option: OptionDescription, _ socket: consuming Descriptor
    ) throws {
        let socket = socket
        let error = errno { () throws(Errno) in try write(option, value, socket) }
        if option.lacksPrivilege(for: value) {
            let expected: [Errno] = [.notPermitted, .permissionDenied]
            #expect(error.map { expected.contains($0) } ?? false, "\(trial.text): \(shown(error))")
            return
        }
        switch trial.outcome {
        case .refused(let errors):
            #expect(error.map { errors.contains($0) } ?? false, "\(trial.text): \(shown(error))")
            return
        case .sameOrRefused(let errors):
            if let error {
                #expect(errors.contains(error), "\(trial.text): \(error)")
                return
            }
        default:
            #expect(error == nil, "\(trial.text): \(shown(error))")
            if error != nil { return }
        }
        try compare(trial, value, option, socket)
    }

    private func compare(
        _ trial: OptionTrial, _ value: OptionValue, _ option: OptionDescription, _ socket: borrowing Descriptor
    ) throws {
        switch trial.outcome {
        case .same, .sameOrRefused:
            #expect(try readText(option, socket) == option.text(of: value))
        case .reads(let text):
            #expect(try readText(option, socket) == text, "\(trial.text)")
        case .rounded:
            guard case .duration(let asked) = value, case .duration(let kept) = try option.read(from: socket.borrowed)
            else { throw NothingThere() }
            #expect(kept >= asked && kept < asked + .milliseconds(11), "\(trial.text): \(kept)")
        case .shows(let name, let text):
            #expect(try readText(.swift(name), socket) == text)
        case .taken, .refused:
            break
        }
    }

    @Test("a socket that does not have it says so", arguments: foreignCases)
    func foreign(_ item: OptionCase) throws {
        let (option, scratch) = (item.option, item.scratch)
        var errors: [Errno] = []
        if option.access != .setOnly {
            let socket = try scratch.fresh()
            if let error = errno({ () throws(Errno) in _ = try readText(option, socket) }) { errors.append(error) }
        }
        if option.access != .readOnly {
            let known = ScratchKind.all.first { option.sockets.contains($0.kind) }
            for trial in try OptionTrial.trials(of: option, on: #require(known).kind) {
                let value = try parse(trial.text, option)
                let socket = try scratch.fresh()
                if let error = errno({ () throws(Errno) in try write(option, value, socket) }) { errors.append(error) }
            }
        }
        #expect(!errors.isEmpty, "it can be read and set")
    }

    /// Options on kinds that do not have them, less those that the kernel answers all the same.
    static let foreignCases: [OptionCase] = OptionDescription.catalogue.flatMap { option in
        ScratchKind.here.filter { !option.sockets.contains($0.kind) }.map { OptionCase(option: option, scratch: $0) }
    }.filter {
        // A TCP socket answers (0, -1, -1), which peerCredentials() refuses.
        !$0.option.sockets.contains(.raw) && $0.option.swiftName != "peerCredentials"
    }

    @Test(
        "without privileges all of it is as the catalogue says",
        .enabled(if: Machine.canBeUnprivileged, Machine.unprivilegedReason))
    func unprivileged() async {
        await #expect(processExitsWith: .success) {
            try becomeUnprivileged()
            let privileged = OptionCase.all.filter { $0.option.privilege.map { $0.condition == nil } ?? false }
            try #require(privileged.count > 20 && !Capability.has("CAP_NET_ADMIN"))
            for item in OptionCase.all where item.option.access != .readOnly {
                try OptionRoundTripTests().roundTrip(item)
            }
        }
    }

    @Test("this kernel lacks it: it is newer, or left out of the configuration", arguments: OptionPresence.absent)
    func absent(_ option: OptionDescription) throws {
        let configurable = [
            "TCP_AO_", "TCP_MD5SIG", "SO_BUSY_POLL", "SO_ORIGINAL_DST", "IP6T_SO_", "IP_XFRM", "SO_PEERSEC",
        ]
        let isConfigurable = configurable.contains { option.name.hasPrefix($0) }
        let kernel = try Machine.kernel()
        let isNewer = option.firstKernel.map { $0 > kernel } ?? false
        #expect(isNewer || isConfigurable, "\(option.name) is not in Linux \(kernel)")
    }
}
