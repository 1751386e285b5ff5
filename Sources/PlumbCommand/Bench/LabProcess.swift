import ArgumentParser
import CPlumb
import PlumbLab

/// One of the two processes of a measurement, which `plumb bench` and `plumb lab` start.
struct LabProcess: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab-process",
        abstract: "Be the server or the client of measurements, as the process that started this says.",
        shouldDisplay: false)

    func run() throws {
        _ = unsafe plumb_prctl_name("plumb-lab")
        try LoadProcess.run()
    }
}
