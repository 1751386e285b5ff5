// What the process that measures tells the two others, and what they answer.

/// Which of the two a process is.
enum LoadRole: String, Codable, Sendable {
    case server
    case client
}

/// An order to a process.
enum LoadCommand: Codable, Sendable {
    /// Make ready: ``LoadReply/ready(address:)`` is the answer. Descriptors that come with it are the process's ends.
    case prepare(LoadRole, LoadSpecification, processors: [Int], address: String?)
    /// Begin; the address is the client's, where the server has to know it. ``LoadReply/done(_:)`` is the answer.
    case start(peer: String?)
    /// No more connections come. No answer.
    case stop
    /// Enter the user and network namespaces whose descriptors come with this. ``LoadReply/ready(address:)`` is the
    /// answer.
    case enter
}

/// A process's answer.
enum LoadReply: Codable, Sendable {
    /// It is ready; the address is the one to connect to, or the client's own.
    case ready(address: String?)
    /// It has done its part.
    case done(SideResult)
    /// It could not.
    case failed(String)
}

/// What one side did and what it cost.
struct SideResult: Codable, Sendable, Equatable {
    /// Bytes while the clock ran.
    var bytes = 0
    /// Messages, connections or descriptors while the clock ran.
    var operations = 0
    /// Nanoseconds on this side's clock.
    var nanoseconds: UInt64 = 0
    /// What it cost while the clock ran.
    var usage = Usage()
    /// What the whole of it cost, the warm-up included.
    var wholeUsage = Usage()
    /// Bytes in all, the warm-up included.
    var totalBytes = 0
    /// Messages, connections or descriptors in all.
    var totalOperations = 0
    /// How long each operation took.
    var latency: LatencyHistogram? = nil
    /// How late each message was sent.
    var lateness: LatencyHistogram? = nil
    /// How many bytes were compared with what was sent.
    var checkedBytes = 0
    /// How many of them were different.
    var wrongBytes = 0
    /// The options at the end.
    var options: [EffectiveOption] = []
}

extension LatencyHistogram: Equatable {
    /// Whether the same times were counted.
    public static func == (first: LatencyHistogram, second: LatencyHistogram) -> Bool {
        first.count == second.count && first.minimum == second.minimum && first.maximum == second.maximum
            && first.percentiles == second.percentiles
    }
}

/// Processor time of a process.
struct Usage: Codable, Sendable, Hashable {
    /// Nanoseconds outside of the kernel.
    var user: UInt64 = 0
    /// Nanoseconds inside of the kernel.
    var system: UInt64 = 0
    /// How often it waited for something.
    var voluntarySwitches: UInt64 = 0
    /// How often it was made to wait.
    var involuntarySwitches: UInt64 = 0
    /// Nanoseconds for which it was ready and another process had its processor.
    var waiting: UInt64 = 0

    /// Nanoseconds in all.
    var total: UInt64 { user + system }

    /// What happened between two readings.
    func since(_ earlier: Usage) -> Usage {
        func difference(_ field: KeyPath<Usage, UInt64>) -> UInt64 {
            let (later, before) = (self[keyPath: field], earlier[keyPath: field])
            return later > before ? later - before : 0
        }
        return Usage(
            user: difference(\.user), system: difference(\.system), voluntarySwitches: difference(\.voluntarySwitches),
            involuntarySwitches: difference(\.involuntarySwitches), waiting: difference(\.waiting))
    }
}
