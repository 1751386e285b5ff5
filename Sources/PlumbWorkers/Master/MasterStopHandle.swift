import PlumbSockets

/// Stops a running master from any thread, as SIGTERM does.
public final class MasterStopHandle: Sendable {
    private let wakeUp: WakeUpDescriptor

    init(_ wakeUp: consuming WakeUpDescriptor) { self.wakeUp = wakeUp }

    /// Accepts no more connections and lets the workers finish; a second call ends at once.
    public func stop() { wakeUp.signal() }

    /// How many times ``stop()`` was called since the last call of this.
    func drain() -> UInt64 { wakeUp.drain() }

    var view: BorrowedDescriptor {
        @_lifetime(immortal)
        get { unsafe BorrowedDescriptor(unsafeRawValue: wakeUp.descriptor.rawValue) }
    }
}
