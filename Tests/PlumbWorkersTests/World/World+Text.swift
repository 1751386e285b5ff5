@testable import PlumbWorkers

// Actions and states as a table of expectations has them.

extension World {
    /// What was performed because of the last event, without the lines of log: `send #2 to 1; close #0`.
    var performed: String {
        actions.compactMap { text($0) }.joined(separator: "; ")
    }

    /// A worker's state: `ready`, or `past`.
    func state(_ name: String) -> String {
        guard let id = names[name], let process = supervisor.processes.first(where: { $0.id == id }) else {
            return "past"
        }
        if !process.isLive { return process.isStuck ? "stuck" : "past" }
        return switch process.state {
        case .starting: "starting"
        case .ready where process.suspectSince != nil: "suspect"
        case .ready where process.congestedUntil != nil: "congested"
        case .ready: "ready"
        case .channelClosed: "channel closed"
        case .draining: "draining"
        case .killed(.violation(let violation), _): "killed (\(violation.rawValue))"
        case .killed(let cause, _): "killed (\(cause))"
        }
    }

    /// The supervisor's phase.
    var phase: String {
        switch supervisor.phase {
        case .starting: "starting"
        case .serving: "serving"
        case .draining: "draining"
        case .ending: "ending"
        case .finished: "finished"
        }
    }

    func name(_ id: WorkerID) -> String { names.first { $0.value == id }?.key ?? "?" }

    private func text(_ action: SupervisorAction) -> String? {
        switch action {
        case .spawn(let id, _, _): "spawn \(name(id))"
        case .send(let connection, let id, _): "send #\(connection.index) to \(name(id))"
        case .close(let connection): "close #\(connection.index)"
        case .drain(let id): "drain \(name(id))"
        case .kill(let id): "kill \(name(id))"
        case .abandon(let id): "abandon \(name(id))"
        case .forget(let id): "forget \(name(id))"
        case .setAccepting(let accepting): accepting ? "accept" : "do not accept"
        case .finishListeners: "accept the rest and close"
        case .closeListeners: "close listeners"
        case .announce(let ready): "announce \(ready)"
        case .log: nil
        case .finish(let outcome): "finish: \(text(outcome))"
        }
    }

    private func text(_ outcome: SupervisorOutcome) -> String {
        switch outcome {
        case .drained: "drained"
        case .cutOff(let connections): "\(connections) cut off"
        case .neverReady(let worker, let cause): "worker \(worker) \(cause)"
        }
    }
}
