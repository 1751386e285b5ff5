import ArgumentParser
import Foundation
import Logging
import PlumbSockets
import PlumbWorkers

/// `plumb serve`: N workers behind an address.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run N workers behind one address; a crash costs only what the worker had taken.",
        discussion: """
            The master accepts connections and hands each to a worker process. A connection that a worker had not taken \
            when it died goes to another one. Without COMMAND, a built-in demonstration worker answers HTTP and shows \
            which worker and which socket served you: try `curl localhost:8080` and `curl -X POST localhost:8080/crash`.

            COMMAND is any program that speaks the hand-off protocol (Documentation/handoff-protocol.md).

            SIGTERM or SIGINT stops accepting and lets the workers finish; a second one ends at once.
            Exit status: 0 when every connection was finished, 1 when some were cut off or nothing could be served.
            """)

    @Option(name: .long, help: ArgumentHelp("Where to listen; may be given several times.", valueName: "addr"))
    var listen: [String] = []

    @Option(name: .long, help: "How many workers (default: one per CPU, at least 2).")
    var workers: Int?

    @Option(name: .long, help: "How connections reach the workers.")
    var dispatch: Dispatch = .handoff

    @Option(name: .long, help: "How a worker is chosen for a connection (handoff only).")
    var balance: BalancingName = .leastConnections

    @Option(name: .long, help: ArgumentHelp("Path of the control socket.", valueName: "path"))
    var control: String?

    @Option(
        name: .long,
        help: ArgumentHelp("How long workers may finish after a stop (250ms, 30s, 5m).", valueName: "duration"))
    var drainTimeout = DurationArgument(.seconds(30))

    @Option(
        name: .long,
        help: ArgumentHelp("How long a worker may take to become ready (250ms, 30s, 5m).", valueName: "duration"))
    var startTimeout = DurationArgument(.seconds(10))

    @Option(
        name: .long,
        help: ArgumentHelp(
            "How long a worker may leave connections unacknowledged before it is killed (250ms, 30s; 0s is for ever).",
            valueName: "duration"))
    var hangTimeout = DurationArgument(.seconds(10))

    @Option(name: .long, help: "How the log on standard error is written.")
    var logFormat: LogFormat = .text

    @Argument(parsing: .postTerminator, help: "The workers' program and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers takes a number from 1 to 1024, not \(workers).")
        }
    }

    func run() throws {
        TerminationSignals.block()
        var logger = Logger(label: "plumb") { [logFormat] _ in LineLogHandler(format: logFormat) }
        logger.logLevel = .info

        let texts = listen.isEmpty ? ["127.0.0.1:8080"] : listen
        var configuration = MasterConfiguration(
            addresses: try texts.flatMap { try SocketAddress.resolve($0) }, command: workerCommand)
        configuration.workers = workers ?? max(ProcessInfo.processInfo.activeProcessorCount, 2)
        configuration.dispatch = dispatch
        configuration.balancing = balance.balancing
        configuration.drainTimeout = drainTimeout.duration
        configuration.startDeadline = startTimeout.duration
        configuration.hangDeadline = hangTimeout.duration == .zero ? nil : hangTimeout.duration
        configuration.logger = logger
        configuration.controlPath = control ?? ControlClient.defaultPath

        var master = try makeMaster(&configuration)
        let addresses = master.addresses.map(\.description).joined(separator: ", ")
        let wanted = configuration.workers
        let outcome = try master.run { ready in
            let count = ready == wanted ? "\(ready)" : "\(ready) of \(wanted)"
            printLine("plumb: listening on \(addresses) with \(count) workers")
        }
        try report(outcome)
    }

    /// The default control socket may be another server's: then this one goes without. A path that was asked for must be
    /// had.
    private func makeMaster(_ configuration: inout MasterConfiguration) throws -> Master {
        do {
            return try Master(configuration) { StatusReport.json($0) }
        } catch let error as SocketsError where control == nil && error.subject.contains(ControlClient.defaultPath) {
            configuration.logger.warning("no control socket: \(error); give --control PATH to have one")
            configuration.controlPath = nil
            return try Master(configuration) { StatusReport.json($0) }
        }
    }

    private var workerCommand: WorkerCommand {
        guard let program = command.first else { return .thisProgram(["demonstration-worker"]) }
        return WorkerCommand(program, Array(command.dropFirst()))
    }

    private func report(_ outcome: SupervisorOutcome) throws {
        switch outcome {
        case .drained:
            break
        case .cutOff(let connections):
            throw WorkersError(
                "finish", "\(connections) connections",
                reason: "they were cut off at the deadline, by a second signal or with a worker that crashed, as the "
                    + "log says; --drain-timeout gives more time")
        case .neverReady(_, let cause):
            let name =
                command.isEmpty ? "the demonstration worker" : "the worker command '\(command.joined(separator: " "))'"
            throw WorkersError("start", name, reason: advice(cause))
        }
    }

    private func advice(_ cause: TerminationCause) -> String {
        switch cause {
        case .notExecutable(let error):
            "it \(cause); check the name, the path and the file's permissions"
                + (error == 2 ? " (there is no such program)" : "")
        case .startDeadline:
            "it did not say READY within \(startTimeout.defaultValueDescription); does it speak the hand-off protocol? "
                + "--start-timeout gives it more time"
        case .violation:
            "it \(cause); Documentation/handoff-protocol.md says what a worker may send"
        default:
            "it \(cause); run it by hand to see why"
        }
    }
}
