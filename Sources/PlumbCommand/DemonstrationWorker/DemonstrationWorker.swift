import ArgumentParser
import CPlumb
import Foundation
import NIOCore
import PlumbNIO
import PlumbSockets
import PlumbWorkers

/// The worker that `plumb serve` runs when it is given no command.
struct DemonstrationWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demonstration-worker",
        abstract: "Answer HTTP and show which worker and which socket served you.",
        discussion: """
            Started by `plumb serve`. With --listen it serves by itself, to compare the two.

            GET /            the worker, its counts and this connection's socket options, as JSON
            GET /health      ok
            GET /slow?ms=N   answers after N milliseconds
            POST /crash      traps, for real
            """,
        shouldDisplay: false)

    @Option(name: .long, help: "Listen here instead of being handed connections.")
    var listen: String?

    func run() throws {
        _ = unsafe plumb_prctl_name("plumb-worker")
        raiseDescriptorLimit()
        if let listen {
            try serveAlone(try PlumbSockets.SocketAddress.resolve(listen))
        } else {
            let channel = try WorkerChannel.inherited()
            let counts = RequestCounts()
            let worker = NIOWorker(channel: channel) { connection in
                DemonstrationHandler.configure(
                    connection, worker: channel.number, generation: channel.generation, counts: counts)
            }
            try worker.run()
        }
    }

    private func serveAlone(_ addresses: [PlumbSockets.SocketAddress]) throws {
        let counts = RequestCounts()
        let server = try StandaloneServer { connection in
            DemonstrationHandler.configure(connection, worker: 0, generation: 0, counts: counts)
        }
        for address in addresses {
            let listener = try Listener(on: address)
            try server.listen(listener.descriptor.duplicate())
            printLine("plumb: listening on \(listener.address) by itself")
        }
        try server.run()
    }

    /// A worker holds the connections of many clients: as many as it may.
    private func raiseDescriptorLimit() {
        var limit = rlimit()
        guard unsafe plumb_getrlimit_nofile(&limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        _ = unsafe plumb_setrlimit_nofile(&limit)
    }
}
