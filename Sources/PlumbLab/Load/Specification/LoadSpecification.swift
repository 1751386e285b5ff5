import PlumbSockets

/// One thing to measure: everything that two processes need to know to do it.
public struct LoadSpecification: Hashable, Sendable, Codable {
    /// What carries the bytes.
    public var transport: Transport
    /// What is done.
    public var mode: LoadMode
    /// Bytes of a message, which is also how much is read at a time.
    public var messageSize: Int
    /// Messages on the way at a time (``LoadMode/pipelined``).
    public var depth: Int
    /// Descriptors in a message (``LoadMode/descriptors``).
    public var batch: Int
    /// Messages a second (``LoadMode/rate``).
    public var rate: Double
    /// Where the two run and how they wait.
    public var placement: Placement
    /// Whose loops.
    public var implementation: LoadImplementation
    /// What is set on the sockets.
    public var options: [OptionSetting]
    /// Milliseconds before the clock starts.
    public var warmUpMilliseconds: Int
    /// Milliseconds on the clock.
    public var durationMilliseconds: Int
    /// A fault put in on purpose, to see that it is found.
    public var fault: Fault?

    /// Faults that the self-test puts in.
    public enum Fault: String, Sendable, Codable, CaseIterable {
        /// One byte of a message is another one.
        case wrongByte = "wrong-byte"
        /// The server stands still for 50 ms once.
        case stall
        /// The server sleeps between reads.
        case slowReceiver = "slow-receiver"
        /// The client computes between sends, so that it cannot keep its rate.
        case busyClient = "busy-client"
    }

    /// States a measurement.
    public init(
        _ transport: Transport, _ mode: LoadMode, messageSize: Int, depth: Int = 1, batch: Int = 1, rate: Double = 0,
        placement: Placement = Placement(.other), implementation: LoadImplementation = .plumb,
        options: [OptionSetting] = [], warmUpMilliseconds: Int = 30, durationMilliseconds: Int = 100,
        fault: Fault? = nil
    ) {
        self.transport = transport
        self.mode = mode
        self.messageSize = messageSize
        self.depth = depth
        self.batch = batch
        self.rate = rate
        self.placement = placement
        self.implementation = implementation
        self.options = options
        self.warmUpMilliseconds = warmUpMilliseconds
        self.durationMilliseconds = durationMilliseconds
        self.fault = fault
    }

    /// The most bytes that may wait in both directions of a connection without both sides waiting for each other.
    static let safeInFlight = 64 << 10

    /// Throws where the parts contradict each other or this machine cannot do it.
    ///
    /// - Throws: ``LabError`` with the code `.invalid` or `.unavailable`.
    public func validate() throws(LabError) {
        func refuse(_ reason: String, _ code: LabError.Code = .invalid) -> LabError {
            LabError(code, "measure", title, reason: reason)
        }
        guard mode.isPossible(on: transport) else {
            let possible = Transport.all.filter { mode.isPossible(on: $0) }.map(\.description)
            throw refuse("\(mode.rawValue) is possible on \(possible.joined(separator: ", "))")
        }
        let least = transport.kind == .unixDatagram ? 2 : 1
        guard (least...(64 << 20)).contains(messageSize) else {
            throw refuse("a message has \(least) byte\(least == 1 ? "" : "s") to 64MiB")
        }
        guard (1...60_000).contains(durationMilliseconds), (0...60_000).contains(warmUpMilliseconds) else {
            throw refuse("a round takes 1 ms to 60 s")
        }
        if mode == .pipelined {
            guard (1...4096).contains(depth), depth * messageSize <= LoadSpecification.safeInFlight else {
                throw refuse("1 to 4096 messages of 64KiB in all may be on the way")
            }
        }
        if mode == .rate {
            guard rate >= 1, rate <= 1e7 else { throw refuse("a rate is 1 to 10000000 messages a second") }
            guard messageSize <= LoadSpecification.safeInFlight / 4 else { throw refuse("a message has up to 16KiB") }
        }
        if mode == .descriptors, !(1...DescriptorPassing.limit).contains(batch) {
            throw refuse("a message carries 1 to \(DescriptorPassing.limit) descriptors")
        }
        if placement.waiting == .spinning {
            guard placement.processors != .same else {
                throw refuse("two processes that spin on one processor only wait for their time slices")
            }
            guard !mode.connects, mode != .descriptors, transport.kind != .memfd else {
                throw refuse("\(mode.rawValue) over \(transport) has no spinning loop")
            }
        }
        if implementation == .c {
            guard mode != .rate, fault == nil else {
                throw refuse("there is no loop in C for \(mode.rawValue)\(fault == nil ? "" : " with a fault")")
            }
        }
        for setting in options {
            do throws(SocketsError) {
                _ = try OptionDescription.named(setting.name).value(setting.value)
            } catch {
                throw LabError(.invalid, error.operation, error.subject, reason: error.reason)
            }
        }
    }

    /// What is measured, in a few words: `tcp ping-pong 64B, other processor`.
    public var title: String {
        var parts = ["\(transport) \(mode.rawValue)"]
        if mode != .connect, mode != .descriptors { parts.append(sizeText(messageSize)) }
        if mode == .pipelined { parts.append("depth \(depth)") }
        if mode == .descriptors { parts.append("batch \(batch)") }
        if mode == .rate { parts.append("\(Int(rate.rounded()))/s") }
        parts += options.map(\.text)
        parts.append(placement.title)
        if implementation == .c { parts.append("plain C") }
        return parts.joined(separator: ", ")
    }
}

extension Placement {
    /// The placement in words.
    public var title: String {
        let place =
            switch processors {
            case .same: "same CPU"
            case .other: "other CPU"
            case .any: "any CPU"
            }
        return waiting == .spinning ? "\(place) spinning" : place
    }
}

/// Bytes in the largest binary unit in which they are whole: `64B`, `128KiB`.
func sizeText(_ bytes: Int) -> String {
    for (unit, name) in [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")] where bytes >= unit && bytes % unit == 0
    {
        return "\(bytes / unit)\(name)"
    }
    return "\(bytes)B"
}
