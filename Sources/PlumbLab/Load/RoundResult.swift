/// What one round of a measurement gave.
public struct RoundResult: Sendable, Codable {
    /// The receiving, answering or accepting side.
    let server: SideResult
    /// The sending or asking side.
    let client: SideResult
    /// What else the machine did.
    public let contamination: Contamination
    /// Whether the client was the limit.
    public let saturation: Saturation

    /// Checks that nothing was lost and nothing arrived changed.
    ///
    /// - Throws: ``LabError`` with the code `.integrity`.
    init(
        _ specification: LoadSpecification, server: SideResult, client: SideResult, contamination: Contamination
    ) throws(LabError) {
        self.server = server
        self.client = client
        self.contamination = contamination
        saturation = RoundResult.saturation(specification, server, client)
        guard server.wrongBytes == 0 else {
            throw LabError(
                .integrity, "trust", specification.title,
                reason: "\(server.wrongBytes) of \(server.checkedBytes) bytes arrived changed")
        }
        let (sent, received) =
            specification.mode == .stream
            ? (client.totalBytes, server.totalBytes) : (client.totalOperations, server.totalOperations)
        guard sent == received else {
            let what = specification.mode == .stream ? "bytes" : specification.mode.operationName + "s"
            throw LabError(
                .integrity, "trust", specification.title, reason: "\(sent) \(what) were sent and \(received) arrived")
        }
        guard primary(specification.mode).nanoseconds > 0, primary(specification.mode).operations > 0 else {
            throw LabError(
                .invalid, "measure", specification.title,
                reason: "nothing happened while the clock ran; make the round longer or the messages smaller")
        }
    }

    /// The side whose clock counts: the receiver's, or the one that waits for answers.
    func primary(_ mode: LoadMode) -> SideResult {
        switch mode {
        case .stream, .descriptors, .connect, .request: server
        case .pingPong, .pipelined, .rate: client
        }
    }

    private static func saturation(
        _ specification: LoadSpecification, _ server: SideResult, _ client: SideResult
    ) -> Saturation {
        if let lateness = client.lateness {
            // A fiftieth of a millisecond is what a timer and a send take; with long intervals half of one is no harm.
            return Saturation(
                lateness: lateness.value(atPercentile: 99), tolerated: max(UInt64(0.5e9 / specification.rate), 20_000))
        }
        return specification.placement.waiting == .spinning
            ? .none : Saturation(clientBusy: client.busyShare, serverBusy: server.busyShare)
    }
}

extension SideResult {
    /// The share of its clock's time for which it used a processor.
    var busyShare: Double { nanoseconds == 0 ? 0 : Double(usage.total) / Double(nanoseconds) }
}

extension LoadMode {
    /// What is counted.
    var operationName: String {
        switch self {
        case .stream, .pipelined, .rate: "message"
        case .pingPong: "round trip"
        case .connect, .request: "connection"
        case .descriptors: "descriptor"
        }
    }
}
