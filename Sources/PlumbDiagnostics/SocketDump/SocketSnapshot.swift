/// A copy of one socket of a dump, and when it was taken.
public struct SocketSnapshot: Sendable {
    /// What carries the socket's bytes.
    public let transport: SocketTransport
    /// When it was taken.
    public let time: ContinuousClock.Instant
    private let bytes: [UInt8]

    /// Copies a record.
    public init(_ record: SocketRecord, time: ContinuousClock.Instant = .now) {
        transport = record.transport
        self.time = time
        bytes = record.bytes.array()
    }

    /// The record, in this copy.
    public var record: SocketRecord {
        @_lifetime(borrow self)
        get {
            unsafe _overrideLifetime(
                SocketRecord(complete: bytes.span.bytes, transport: transport), borrowing: self)
        }
    }

    /// `TCP_INFO` at that moment, for rates.
    public var sample: TCPSample? {
        let record = record
        guard let info = record.info else { return nil }
        return TCPSample(cookie: record.cookie, time: time, info: info)
    }
}
