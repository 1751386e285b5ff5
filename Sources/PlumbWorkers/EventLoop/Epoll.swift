import CPlumb
import PlumbSockets
import SystemPackage

/// An epoll(7) instance, level-triggered, with room for the events of one wait.
@safe
struct Epoll: ~Copyable {
    private let descriptor: Descriptor
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// What a descriptor waits for; hang-up and error are always reported.
    struct Interest: OptionSet {
        let rawValue: UInt32
        static var none: Interest { [] }
        static var read: Interest { Interest(rawValue: EPOLLIN.rawValue) }
        static var write: Interest { Interest(rawValue: EPOLLOUT.rawValue) }
    }

    /// One descriptor's news.
    struct Event {
        let token: Token
        let isWritable: Bool
    }

    /// What the kernel keeps with a descriptor and gives back: what it is, where, and a serial number by which news of
    /// a descriptor that is closed already can be told from news of its successor.
    struct Token: Equatable {
        let rawValue: UInt64

        init(_ source: Source, _ index: Int = 0, serial: UInt32 = 0) {
            rawValue =
                UInt64(source.rawValue) << 56 | UInt64(serial & 0xff_ffff) << 32
                | UInt64(UInt32(truncatingIfNeeded: index))
        }

        init(rawValue: UInt64) { self.rawValue = rawValue }

        var source: Source? { Source(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) }
        var index: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }
        /// The low 24 bits of the serial number.
        var serial: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) & 0xff_ffff }
    }

    /// What a descriptor of the master is.
    enum Source: UInt8 {
        case listener = 1
        case channel, process, signals, timer, stop, control, controlClient
    }

    init(eventsPerWait: Int = 256) throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { epoll_create1(PLUMB_EPOLL_CLOEXEC) })
        unsafe events = .allocate(capacity: eventsPerWait)
        unsafe events.initialize(repeating: epoll_event())
    }

    deinit {
        unsafe events.deallocate()
    }

    func add(_ other: BorrowedDescriptor, _ interest: Interest, _ token: Token) throws(Errno) {
        try control(EPOLL_CTL_ADD, other, interest, token)
    }

    func modify(_ other: BorrowedDescriptor, _ interest: Interest, _ token: Token) throws(Errno) {
        try control(EPOLL_CTL_MOD, other, interest, token)
    }

    /// Not left to close(2): a duplicate in another process would keep the registration alive.
    func remove(_ other: BorrowedDescriptor) {
        _ = try? control(EPOLL_CTL_DEL, other, .none, Token(rawValue: 0))
    }

    private func control(
        _ operation: CInt, _ other: BorrowedDescriptor, _ interest: Interest, _ token: Token
    ) throws(Errno) {
        var event = unsafe epoll_event()
        unsafe event.events = interest.rawValue
        unsafe event.data.u64 = token.rawValue
        let (own, foreign) = (descriptor.rawValue, other.rawValue)
        _ = try systemCall { unsafe epoll_ctl(own, operation, foreign, &event) }
    }

    /// Waits for events; a signal only makes the wait longer.
    ///
    /// - Returns: how many there are; ``subscript(_:)`` has them until the next wait.
    func wait() throws(Errno) -> Int {
        let number = descriptor.rawValue
        let (base, count) = unsafe (events.baseAddress, CInt(events.count))
        return Int(try systemCall { unsafe epoll_wait(number, base, count, -1) })
    }

    subscript(index: Int) -> Event {
        let event = unsafe events[index]
        return unsafe Event(
            token: Token(rawValue: event.data.u64),
            isWritable: event.events & (EPOLLOUT.rawValue | EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0)
    }
}
