import ArgumentParser
import Foundation
import PlumbSockets
import PlumbWorkers

/// `plumb ctl`: steers a running `serve`.
struct Ctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a running `plumb serve` what it does.",
        subcommands: [Status.self])

    // Here as well as in the subcommands, so that it may stand before their names and after.
    @OptionGroup var location: Location

    /// Where the control socket is.
    struct Location: ParsableArguments {
        @Option(name: .long, help: ArgumentHelp("Path of the control socket.", valueName: "path"))
        var control: String?

        func request(_ request: String) throws -> [UInt8] {
            let path = control ?? ControlClient.defaultPath
            let answer = try ControlClient.request(request, path: path)
            let text = String(decoding: answer, as: UTF8.self)
            if answer.isEmpty || text.hasPrefix("error: ") {
                let reason = text.dropFirst(7).trimmingCharacters(in: .whitespacesAndNewlines)
                throw WorkersError("ask", "the server at \(path)", reason: reason.isEmpty ? "it hung up" : reason)
            }
            return answer
        }
    }

    /// `plumb ctl status`.
    struct Status: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the workers, their connections and their restarts, and the totals.",
            discussion: """
                live: connections a worker holds. taken: connections its process has taken. unacked: sent to it and not \
                yet acknowledged, of so many credits. Totals: redispatched connections went to another worker than the \
                first; lost ones were closed without any worker having taken them; ended with worker counts those that \
                a worker had taken and had not finished when it ended.
                """)

        @OptionGroup var location: Location

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() throws {
            let answer = try location.request("status")
            if json {
                printLine(String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .newlines))
            } else {
                printLine(try StatusReport.table(answer))
            }
        }
    }
}
