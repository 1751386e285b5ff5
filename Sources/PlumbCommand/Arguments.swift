public import ArgumentParser
import PlumbSockets
public import PlumbWorkers

/// A duration on the command line: `250ms`, `30s`, `5m`, `1h`.
struct DurationArgument: ExpressibleByArgument {
    let duration: Duration

    static let units: [(suffix: String, milliseconds: Double)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let unit = Self.units.first(where: { argument.hasSuffix($0.suffix) }),
            let number = Double(argument.dropLast(unit.suffix.count)), number >= 0, number.isFinite,
            number * unit.milliseconds < 1e12
        else { return nil }
        duration = .milliseconds(Int64((number * unit.milliseconds).rounded()))
    }

    var defaultValueDescription: String {
        let milliseconds = duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }
}

extension Dispatch: ExpressibleByArgument {}

/// A balancing policy by its name.
enum BalancingName: String, ExpressibleByArgument, CaseIterable {
    case roundRobin = "round-robin"
    case leastConnections = "least-connections"
    case twoChoices = "two-choices"
    case sourceHash = "source-hash"

    var balancing: Balancing {
        switch self {
        case .roundRobin: .roundRobin
        case .leastConnections: .leastConnections
        case .twoChoices: .twoChoices
        case .sourceHash: .sourceHash
        }
    }
}

/// How the log is written.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
}
