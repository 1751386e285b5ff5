/// When a worker that ended is replaced.
///
/// Causes are counted apart: a worker that cannot start, and one that starts and then dies. The first death of a worker
/// that served is followed by a replacement at once; deaths in a row by exponential backoff with jitter. After
/// ``breakerThreshold`` in a row the slot's breaker opens: it is tried again only once per ``maximumDelay``, the other
/// workers go on, and the status is degraded and says why.
///
/// A value outside its range counts as the nearest one in it, so that no policy is a fork storm.
public struct RestartPolicy: Sendable {
    /// The first delay of a row: 1 ms to ``maximumDelay``.
    public var initialDelay: Duration = .milliseconds(100)
    /// By how much each delay is longer than the one before: 1 to 100.
    public var multiplier: Double = 2
    /// The longest delay, and the interval of attempts while the breaker is open: 10 ms to a day.
    public var maximumDelay: Duration = .seconds(30)
    /// How long after READY a worker counts as having served, so that its death starts no row and ends one: 1 ms to a
    /// day.
    public var stableAfter: Duration = .milliseconds(250)
    /// Failures in a row that open the breaker: 1 or more.
    public var breakerThreshold = 5

    /// Creates the policy with its default values.
    public init() {}

    /// The policy with every value in its range.
    var bounded: RestartPolicy {
        let day: Duration = .seconds(86_400)
        var policy = self
        policy.maximumDelay = min(max(maximumDelay, .milliseconds(10)), day)
        policy.initialDelay = min(max(initialDelay, .milliseconds(1)), policy.maximumDelay)
        // What is not a number is not above 1.
        policy.multiplier = multiplier > 1 ? min(multiplier, 100) : 1
        policy.stableAfter = min(max(stableAfter, .milliseconds(1)), day)
        policy.breakerThreshold = max(breakerThreshold, 1)
        return policy
    }

    /// The delay before the replacement after a row of failures.
    ///
    /// - Parameters:
    ///   - row: failures in a row, this one included.
    ///   - servedBefore: whether the worker had been ready; then the first of a row is replaced at once.
    ///   - random: 0 to 1; the delay is shortened by up to a half, so that workers do not restart in step.
    func delay(row: Int, servedBefore: Bool, random: Double) -> Duration {
        if row >= breakerThreshold { return maximumDelay }
        let exponent = servedBefore ? row - 2 : row - 1
        if exponent < 0 { return .zero }
        var delay = initialDelay
        for _ in 0..<exponent where delay < maximumDelay { delay = delay * multiplier }
        return min(delay, maximumDelay) * (1 - random / 2)
    }
}

/// How a process ended, as `waitid(2)` tells it.
public enum ExitStatus: Hashable, Sendable {
    /// It called `exit` with this status.
    case exited(Int32)
    /// A signal killed it.
    case signalled(Int32)
    /// Another part of this program has asked first (`wait(2)` for any child, or SIGCHLD ignored).
    case unknown
}

/// Why a worker ended, or did not start.
public enum TerminationCause: Hashable, Sendable {
    /// The command could not be executed: an `errno`.
    case notExecutable(Int32)
    /// It ended before it was ready.
    case endedBeforeReady(ExitStatus)
    /// It was not ready by the start deadline, and was killed.
    case startDeadline
    /// It ended by itself.
    case ended(ExitStatus)
    /// It broke the protocol, and was killed.
    case violation(ProtocolViolation)
    /// It gave its listeners back, because not all of them had arrived: an `errno`.
    case listenersRefused(Int32)
    /// It closed its channel and lived on.
    case closedChannel
    /// It left connections unacknowledged beyond the hang deadline, and was killed.
    case hung
    /// It was told to end.
    case drained

    /// Whether the worker failed while it started.
    var isStartFailure: Bool {
        switch self {
        case .notExecutable, .endedBeforeReady, .startDeadline: true
        case .ended, .violation, .listenersRefused, .closedChannel, .hung, .drained: false
        }
    }

    /// Whether the worker had finished what it held, though it may not have said so: its status 0 says that.
    var finishesConnections: Bool {
        switch self {
        case .drained, .ended(.exited(0)): true
        case .ended, .notExecutable, .endedBeforeReady, .startDeadline, .violation, .listenersRefused, .closedChannel,
            .hung:
            false
        }
    }
}
