import CPlumb
import FoundationEssentials
import PlumbSockets
import Testing

@testable import PlumbLab

/// What this machine has, for the tests that need it.
enum Machine {
    static let hasTwoProcessors = Processors.usable().count > 1
    static let processorsReason: Comment = "this process may use one processor only"

    static let hasIPv6 = (try? Listener(on: .ipv6(.loopback, port: 0))) != nil
    static let ipv6Reason: Comment = "this machine has no IPv6 loopback"
}

/// The built `plumb`, which is both sides of every measurement.
func labProgram() throws -> LabProgram {
    // `swift test` builds every executable into the directory of the test bundle that it runs.
    let directories = [
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/",
        CommandLine.arguments[0],
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/.build/debug/x",
    ].map { $0.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } }
    let path = try #require(
        directories.map { $0 + "/plumb" }.first { FileManager.default.isExecutableFile(atPath: $0) },
        "plumb is not built: looked in \(directories)")
    return LabProgram(path, ["lab-process"])
}

extension LoadSpecification {
    /// A round just long enough for something to happen, also on a machine that does ten other things.
    static func short(
        _ transport: Transport, _ mode: LoadMode, messageSize: Int = 64, _ implementation: LoadImplementation = .plumb
    ) -> LoadSpecification {
        LoadSpecification(
            transport, mode, messageSize: messageSize, placement: Placement(.any), implementation: implementation,
            warmUpMilliseconds: 2, durationMilliseconds: 20)
    }
}

/// Measures one thing once, with a pair of its own.
func measure(_ specification: LoadSpecification) throws -> RoundResult {
    var pair = try LoadPair(labProgram())
    return try pair.measure(specification)
}
