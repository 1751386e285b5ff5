import CPlumb
import SystemPackage

extension ExitStatus: CustomStringConvertible {
    /// `exited with status 3`, or `was killed by SIGSEGV`.
    public var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .signalled(let signal): "was killed by \(signalName(signal))"
        case .unknown: "ended, and another part of this program took the news of how"
        }
    }
}

extension TerminationCause: CustomStringConvertible {
    /// What happened, as the end of a sentence that begins with the worker.
    public var description: String {
        switch self {
        case .notExecutable(let error): "could not be started: \(Errno(rawValue: error))"
        case .endedBeforeReady(let status): "\(status) before it was ready"
        case .startDeadline: "was not ready by the start deadline"
        case .ended(let status): "\(status)"
        case .violation(let violation): "broke the hand-off protocol (\(violation.rawValue))"
        case .listenersRefused(let error): "could not take its listeners: \(Errno(rawValue: error))"
        case .closedChannel: "closed its channel"
        case .hung: "left connections unacknowledged until the hang deadline"
        case .drained: "was told to end"
        }
    }
}

/// A signal's name as in signal(7).
func signalName(_ signal: Int32) -> String {
    switch signal {
    case SIGHUP: "SIGHUP"
    case SIGINT: "SIGINT"
    case SIGQUIT: "SIGQUIT"
    case SIGILL: "SIGILL"
    case SIGTRAP: "SIGTRAP"
    case SIGABRT: "SIGABRT"
    case SIGBUS: "SIGBUS"
    case SIGFPE: "SIGFPE"
    case SIGKILL: "SIGKILL"
    case SIGSEGV: "SIGSEGV"
    case SIGPIPE: "SIGPIPE"
    case SIGTERM: "SIGTERM"
    case SIGSYS: "SIGSYS"
    default: "signal \(signal)"
    }
}
