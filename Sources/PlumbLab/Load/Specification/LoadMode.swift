/// What the two processes do, and so what is measured.
public enum LoadMode: String, Sendable, Codable, CaseIterable {
    /// The client sends as fast as it can; the server receives and stops the clock at the end of file.
    case stream
    /// One message there and back at a time; the client times the round trip.
    case pingPong = "ping-pong"
    /// Several messages on the way at a time; the client times each from its send to its answer.
    case pipelined
    /// The client connects, the server accepts and closes; the server counts, the client times each connection until it
    /// has seen the close.
    case connect
    /// The client connects, sends a message and gets one back; the server closes.
    case request = "connect-request-close"
    /// The client sends at a given rate whether or not answers come; latencies count from when it should have sent.
    case rate
    /// The client passes descriptors; the server receives and closes them.
    case descriptors = "fdpass"

    /// Whether the client times single operations.
    var hasLatency: Bool {
        switch self {
        case .stream, .descriptors: false
        case .pingPong, .pipelined, .connect, .request, .rate: true
        }
    }

    /// Whether every operation has a connection of its own.
    var connects: Bool { self == .connect || self == .request }

    /// Which transports can do it.
    public func isPossible(on transport: Transport) -> Bool {
        switch self {
        case .stream, .pingPong, .pipelined: true
        case .rate: transport.kind != .memfd
        case .connect, .request: transport.hasConnections
        case .descriptors: transport.kind.isUnix && transport.kind != .unixDatagram
        }
    }
}

/// Which loops do it.
public enum LoadImplementation: String, Sendable, Codable, CaseIterable {
    /// Plumb's own calls.
    case plumb
    /// The same loop in plain C: the yardstick.
    case c
}

/// Where the two processes run and how they wait.
///
/// Figures of different placement have nothing to do with each other: waking a process on another processor costs more
/// than most transports.
public struct Placement: Hashable, Sendable, Codable {
    /// Which processors the two have.
    public enum Processors: String, Sendable, Codable, CaseIterable {
        /// Both the same one.
        case same
        /// One each.
        case other
        /// Whatever the kernel's scheduler chooses.
        case any
    }

    /// What a process does while there is nothing to do.
    public enum Waiting: String, Sendable, Codable, CaseIterable {
        /// It sleeps in the kernel and is woken.
        case asleep
        /// It asks again and again.
        case spinning
    }

    /// Which processors the two have.
    public let processors: Processors
    /// What they do while there is nothing to do.
    public let waiting: Waiting

    /// States a placement.
    public init(_ processors: Processors, _ waiting: Waiting = .asleep) {
        self.processors = processors
        self.waiting = waiting
    }
}

/// `other`, `same`, `any`, and with a comma `spinning`.
extension Placement: LosslessStringConvertible {
    /// Reads the text.
    public init?(_ text: String) {
        let words = text.split(separator: ",", omittingEmptySubsequences: false).map { String($0) }
        guard let first = words.first, let processors = Processors(rawValue: first) else { return nil }
        switch words.count {
        case 1: self.init(processors)
        case 2:
            guard let waiting = Waiting(rawValue: words[1]) else { return nil }
            self.init(processors, waiting)
        default: return nil
        }
    }

    /// The text that ``init(_:)`` reads.
    public var description: String {
        waiting == .asleep ? processors.rawValue : "\(processors.rawValue),\(waiting.rawValue)"
    }
}
