import CPlumb
import PlumbSockets
import SystemPackage

/// What a master waits with, and the two sources of events that are neither sockets nor processes.
struct EventSources: ~Copyable {
    let epoll: Epoll
    var timer: TimerDescriptor
    /// Absent when the embedding program handles its signals itself.
    private let signals: Descriptor?
    let stopHandle: MasterStopHandle

    init(stopsOnSignals: Bool) throws(WorkersError) {
        self = try EventSources.make(stopsOnSignals: stopsOnSignals)
    }

    private init(
        _ epoll: consuming Epoll, _ timer: consuming TimerDescriptor, _ signals: consuming Descriptor?,
        _ stopHandle: MasterStopHandle
    ) {
        self.epoll = epoll
        self.timer = timer
        self.signals = signals
        self.stopHandle = stopHandle
    }

    private static func make(stopsOnSignals: Bool) throws(WorkersError) -> EventSources {
        do throws(Errno) {
            return EventSources(
                try Epoll(), try TimerDescriptor(), stopsOnSignals ? try TerminationSignals.descriptor() : nil,
                MasterStopHandle(try WakeUpDescriptor()))
        } catch {
            throw WorkersError("start", "the event loop", errno: error)
        }
    }

    /// Waits for the timer and the signals.
    func register() throws(Errno) {
        try epoll.add(stopHandle.view, .read, Epoll.Token(.stop))
        try epoll.add(timer.descriptor.borrowed, .read, Epoll.Token(.timer))
        switch signals {
        case .some(let signals): try epoll.add(signals.borrowed, .read, Epoll.Token(.signals))
        case .none: break
        }
    }

    /// How many signals came since the last call.
    func drainSignals() -> Int {
        switch signals {
        case .some(let signals): TerminationSignals.drain(signals.borrowed)
        case .none: 0
        }
    }
}
