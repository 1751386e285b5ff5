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

/// A kind of socket that options are tried on.
struct ScratchKind: Sendable, CustomTestStringConvertible, Equatable {
    let kind: SocketKinds
    let family: CInt
    let type: SocketType
    let testDescription: String

    static let all: [ScratchKind] = SocketKinds.each.map {
        ScratchKind(kind: $0.kind, family: $0.family, type: $0.type, testDescription: $0.name)
    }
    /// Those that this machine has.
    static let here = all.filter { Machine.hasIPv6 || !SocketKinds.ipv6.contains($0.kind) }

    static func == (first: ScratchKind, second: ScratchKind) -> Bool { first.kind == second.kind }

    /// A socket that is neither bound nor connected.
    func fresh() throws(Errno) -> Descriptor { try Descriptor.socket(family: family, type: type) }

    /// A socket with a peer, and what keeps the peer there.
    func connected() throws -> DescriptorPair {
        if family == AF_UNIX { return try Descriptor.socketPair(type: type) }
        let loopback: SocketAddress = family == AF_INET ? .ipv4(.loopback, port: 0) : .ipv6(.loopback, port: 0)
        let other = try fresh()
        let address = try bind(other, to: loopback)
        let socket = try Descriptor.connecting(to: address, type: type)
        return DescriptorPair(first: socket, second: other)
    }

    /// Binds, and listens where there are connections.
    private func bind(_ socket: borrowing Descriptor, to address: SocketAddress) throws(Errno) -> SocketAddress {
        try socket.borrowed.bind(to: address)
        if type == .stream { try socket.borrowed.listen(backlog: 1) }
        return try socket.borrowed.localAddress()
    }
}

/// An option on a kind of socket.
struct OptionCase: Sendable, CustomTestStringConvertible {
    let option: OptionDescription
    let scratch: ScratchKind

    var testDescription: String { "\(option.name) on \(scratch.testDescription)" }

    /// Every option that this kernel has, on every kind that has it.
    static let all: [OptionCase] = OptionDescription.catalogue.flatMap { option in
        ScratchKind.here.filter { option.sockets.contains($0.kind) }.map { OptionCase(option: option, scratch: $0) }
    }.filter { OptionPresence.isPresent($0.option) }
}

/// Which options the running kernel has.
enum OptionPresence {
    static let absent: [OptionDescription] = OptionDescription.catalogue.filter { option in
        guard let scratch = ScratchKind.here.first(where: { option.sockets.contains($0.kind) }) else { return false }
        return (try? isAbsent(option, scratch.fresh())) ?? false
    }

    static func isPresent(_ option: OptionDescription) -> Bool { has(option.swiftName) }

    static func has(_ swiftName: String) -> Bool { !absent.contains { $0.swiftName == swiftName } }

    /// Whether the kernel says that it does not know the option. What is only set is set to 0, on a socket that is not
    /// used for anything else.
    private static func isAbsent(_ option: OptionDescription, _ socket: consuming Descriptor) -> Bool {
        let number = socket.rawValue
        var zero = CInt(0)
        let result =
            option.access == .setOnly
            ? unsafe setsockopt(number, option.level.rawValue, option.number, &zero, 4) : readResult(option, number)
        return result == -1 && Errno.current == .protocolNotAvailable
    }

    private static func readResult(_ option: OptionDescription, _ number: CInt) -> CInt {
        var bytes = [UInt8](repeating: 0, count: 64)
        // SO_NETNS_COOKIE takes 8 bytes only.
        var length = socklen_t(option.swiftName == "networkNamespaceCookie" ? 8 : bytes.count)
        return unsafe getsockopt(number, option.level.rawValue, option.number, &bytes, &length)
    }
}

/// What this process may do (`/proc/thread-self/status`).
enum Capability {
    static let names = ["CAP_NET_ADMIN": 12, "CAP_NET_RAW": 13, "CAP_BPF": 39, "CAP_SYS_ADMIN": 21]

    static func has(_ name: String) -> Bool {
        guard let bit = names[name], let status = try? text(ofFile: "/proc/thread-self/status"),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("CapEff:") }),
            let bits = UInt64(line.dropFirst(7).drop { $0 == "\t" }, radix: 16)
        else { return false }
        return bits & 1 << UInt64(bit) != 0
    }
}

extension OptionDescription {
    /// Whether this process lacks what it needs to set a value.
    func lacksPrivilege(for value: OptionValue) -> Bool {
        guard let privilege, privilege.condition == nil else { return false }
        if let free = privilege.freeValues, let amount = amount(of: value), free.contains(amount) { return false }
        return !privilege.capabilities.contains { Capability.has($0) }
    }

    /// The option of a Swift name.
    static func swift(_ name: String) throws -> OptionDescription {
        try #require(catalogue.first { $0.swiftName == name }, "no option \(name)")
    }
}

// Borrowing within one function and consuming in another keeps the compiler content.

func readText(_ option: OptionDescription, _ socket: borrowing Descriptor) throws(Errno) -> String {
    option.text(of: try option.read(from: socket.borrowed))
}

func write(_ option: OptionDescription, _ value: OptionValue, _ socket: borrowing Descriptor) throws(Errno) {
    try option.write(value, to: socket.borrowed)
}

/// What a call threw, for a message.
func shown(_ error: Errno?) -> String { error?.description ?? "no error" }

/// What a call throws; `nil` when it does not.
func errno(_ body: () throws(Errno) -> Void) -> Errno? {
    do throws(Errno) {
        try body()
        return nil
    } catch {
        return error
    }
}

extension Machine {
    /// The running kernel's version (`uname(2)`).
    static func kernel() throws -> KernelVersion {
        let numbers = try text(ofFile: "/proc/sys/kernel/osrelease").split { !$0.isNumber }.prefix(2).compactMap {
            Int($0)
        }
        try #require(numbers.count == 2)
        return KernelVersion(numbers[0], numbers[1])
    }
}

func text(ofFile path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
