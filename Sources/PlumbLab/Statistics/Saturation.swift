/// Whether the load generator, and not what it measures, set the figure.
public enum Saturation: String, Sendable, Codable, CaseIterable {
    /// The client had time to spare, or both sides were equally busy.
    case none
    /// The client used its processor all the time while the server waited: the server could do more.
    case clientBound = "client bound"
    /// An open-loop client could not send when it should have: the latencies hold the client's own delay.
    case behindSchedule = "behind schedule"

    /// A processor that is busy for more than this share is taken for fully busy.
    static let busyLimit = 0.95

    /// Judges a closed loop by each side's processor time as a share of the round's time.
    init(clientBusy: Double, serverBusy: Double) {
        self = clientBusy > Saturation.busyLimit && serverBusy < 0.9 * clientBusy ? .clientBound : .none
    }

    /// Judges an open loop by how late it sent.
    ///
    /// - Parameters:
    ///   - lateness: the 99th percentile of actual minus intended send time, in nanoseconds.
    ///   - tolerated: the lateness that does not show in the figures, in nanoseconds.
    init(lateness: UInt64, tolerated: UInt64) {
        self = lateness > tolerated ? .behindSchedule : .none
    }
}
