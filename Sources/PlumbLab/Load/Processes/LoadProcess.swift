import BasicContainers
import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// What a process does that was started for one side of measurements.
public enum LoadProcess {
    /// Does what the process that measures says over descriptor 3, until that is closed.
    ///
    /// - Throws: ``LabError`` when there is no such descriptor: the program was started by hand.
    public static func run() throws(LabError) {
        _ = plumb_set_timer_slack(1)
        plumb_signal_ignore(SIGPIPE)
        guard plumb_fcntl(LabProcess.channelNumber, F_GETFD, 0) != -1 else {
            throw LabError(
                .invalid, "run", "one side of a measurement",
                reason: "only `plumb bench` and `plumb lab` start this, with a channel as descriptor 3")
        }
        let channel = Descriptor(owning: LabProcess.channelNumber)
        var state = State()
        while try state.step(LabChannel(channel.borrowed)) {}
    }

    private struct State: ~Copyable {
        private var endpoint: Endpoint?

        init() { endpoint = nil }

        /// Carries out one command.
        ///
        /// - Returns: `false` when there are no more.
        mutating func step(_ channel: LabChannel) throws(LabError) -> Bool {
            var given = UniqueArray<Descriptor>()
            guard let command = try channel.receive(LoadCommand.self, descriptors: &given) else { return false }
            do throws(LabError) {
                if let reply = try answer(command, given, channel) { try channel.send(reply) }
            } catch {
                endpoint = nil
                try channel.send(LoadReply.failed(error.description))
            }
            return true
        }

        private mutating func answer(
            _ command: LoadCommand, _ given: consuming UniqueArray<Descriptor>, _ channel: LabChannel
        ) throws(LabError) -> LoadReply? {
            switch command {
            case .prepare(let role, let specification, let processors, let address):
                endpoint = nil
                try place(on: processors)
                let prepared = try Endpoint.prepare(
                    role, specification, address: address.flatMap { SocketAddress($0) }, given: given)
                let announced = prepared.announcedAddress?.description
                endpoint = consume prepared
                return .ready(address: announced)
            case .start(let peer):
                let result = try run(peer: peer.flatMap { SocketAddress($0) }, channel)
                endpoint = nil
                return .done(result)
            case .stop:
                // Too late: the loop has ended by itself.
                return nil
            case .enter:
                try Namespaces.enter(given)
                return .ready(address: nil)
            }
        }

        private func place(on processors: [Int]) throws(LabError) {
            do throws(Errno) {
                try Processors.restrict(to: processors)
            } catch {
                throw LabError(.unavailable, "run on", "processors \(processors)", errno: error)
            }
        }

        private mutating func run(peer: SocketAddress?, _ channel: LabChannel) throws(LabError) -> SideResult {
            guard var endpoint = endpoint.take() else {
                throw LabError(.process, "start", "a measurement", reason: "none was prepared")
            }
            let title = endpoint.specification.title
            let number = LabProcess.channelNumber
            do throws(Errno) {
                return try LoadSide.run(&endpoint, peer: peer) {
                    // A command is there, which is to stop, or the process that measures is gone.
                    let channel = unsafe BorrowedDescriptor(unsafeRawValue: number)
                    return (try? channel.waitUntil(writable: false, timeoutMilliseconds: 0)) ?? true
                }
            } catch {
                throw LabError(.system, "measure", title, errno: error)
            }
        }
    }
}
