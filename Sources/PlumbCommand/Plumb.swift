import ArgumentParser
import CPlumb
import Foundation
import PlumbLab
import PlumbSockets
import PlumbWorkers

/// The command `plumb`.
@main
struct Plumb: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plumb",
        abstract: "Sockets of a Linux server: N workers behind one address, and what goes with it.",
        discussion: """
            Addresses: 127.0.0.1:8080, :8080 (every interface), [::1]:8080, localhost:8080, unix:/path, unix:@name.
            Durations: 250ms, 30s, 5m. Exit status: 0 done, 1 failed, 64 wrong usage.
            """,
        version: "0.1.0",
        subcommands: [Serve.self, Ctl.self, Exec.self, DemonstrationWorker.self, LabProcess.self]
    )

    /// The one exit point: wrong usage is 64, every other failure one sentence and 1.
    static func main() {
        // A closed pipe is an error that a write returns, not the end of the process.
        plumb_signal_ignore(SIGPIPE)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let error as SocketsError {
            fail(error.description, status: statuses[error.code] ?? 1)
        } catch let error as LabError {
            fail(error.description, status: error.code == .invalid ? ExitCode.validationFailure.rawValue : 1)
        } catch let error as WorkersError {
            fail(error.description)
        } catch {
            exit(withError: error)
        }
    }

    /// What is not 1. Wrong usage; and of a command that could not be run, what env(1), nohup(1) and shells return.
    private static let statuses: [SocketsError.Code: Int32] = [
        .invalidAddress: ExitCode.validationFailure.rawValue, .commandNotExecutable: 126, .commandNotFound: 127,
    ]

    private static func fail(_ sentence: String, status: Int32 = 1) -> Never {
        printError("plumb: \(sentence)")
        Foundation.exit(status)
    }
}

/// Writes a line to standard error.
func printError(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
}

/// Writes a line to standard output at once, whatever it is connected to.
func printLine(_ line: String) {
    print(line)
    fflush(nil)
}
