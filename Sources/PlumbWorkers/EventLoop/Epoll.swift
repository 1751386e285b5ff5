import CPlumb
package import PlumbSockets
package import SystemPackage

/// An epoll(7) instance, level-triggered unless asked otherwise, with room for the events of one wait.
@safe
package struct Epoll: ~Copyable {
    private let descriptor: Descriptor
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// What a descriptor waits for; hang-up and error are always reported.
    package struct Interest: OptionSet {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static var none: Interest { [] }
        package static var read: Interest { Interest(rawValue: EPOLLIN.rawValue) }
        package static var write: Interest { Interest(rawValue: EPOLLOUT.rawValue) }
        package static var peerHangUp: Interest { Interest(rawValue: EPOLLRDHUP.rawValue) }
        /// News once per change, not for as long as the state lasts.
        package static var edgeTriggered: Interest { Interest(rawValue: EPOLLET.rawValue) }
    }

    /// What a descriptor is ready for.
    package struct Readiness: OptionSet {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static var read: Readiness { Readiness(rawValue: EPOLLIN.rawValue) }
        package static var write: Readiness { Readiness(rawValue: EPOLLOUT.rawValue) }
        package static var error: Readiness { Readiness(rawValue: EPOLLERR.rawValue) }
        /// Nothing can be sent or received any more.
        package static var hangUp: Readiness { Readiness(rawValue: EPOLLHUP.rawValue) }
    }

    /// One descriptor's news.
    package struct Event {
        package let token: Token
        package let readiness: Readiness

        /// Whether a write would not have to wait, be it for failing.
        var isWritable: Bool { !readiness.isDisjoint(with: [.write, .error, .hangUp]) }
    }

    /// What the kernel keeps with a descriptor and gives back: what it is, where, and a serial number by which news of
    /// a descriptor that is closed already can be told from news of its successor.
    package struct Token: Equatable {
        package let rawValue: UInt64

        init(_ source: Source, _ index: Int = 0, serial: UInt32 = 0) {
            rawValue =
                UInt64(source.rawValue) << 56 | UInt64(serial & 0xff_ffff) << 32
                | UInt64(UInt32(truncatingIfNeeded: index))
        }

        package init(rawValue: UInt64) { self.rawValue = rawValue }

        /// A token of a loop whose descriptors are all of one kind.
        package init(index: Int, serial: UInt32) {
            rawValue = UInt64(serial & 0xff_ffff) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
        }

        var source: Source? { Source(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) }
        package var index: Int { Int(UInt32(truncatingIfNeeded: rawValue)) }
        /// The low 24 bits of the serial number.
        package var serial: UInt32 { UInt32(truncatingIfNeeded: rawValue >> 32) & 0xff_ffff }
    }

    /// What a descriptor of the master is.
    enum Source: UInt8 {
        case listener = 1
        case channel, process, signals, timer, stop, control, controlClient
    }

    package init(eventsPerWait: Int = 256) throws(Errno) {
        descriptor = Descriptor(owning: try systemCall { epoll_create1(PLUMB_EPOLL_CLOEXEC) })
        unsafe events = .allocate(capacity: eventsPerWait)
        unsafe events.initialize(repeating: epoll_event())
    }

    deinit {
        unsafe events.deallocate()
    }

    package func add(_ other: BorrowedDescriptor, _ interest: Interest, _ token: Token) throws(Errno) {
        try control(EPOLL_CTL_ADD, other, interest, token)
    }

    package func modify(_ other: BorrowedDescriptor, _ interest: Interest, _ token: Token) throws(Errno) {
        try control(EPOLL_CTL_MOD, other, interest, token)
    }

    /// Not left to close(2): a duplicate in another process would keep the registration alive.
    package func remove(_ other: BorrowedDescriptor) {
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
    /// - Parameter milliseconds: at most so long; -1 is for ever.
    /// - Returns: how many there are; ``subscript(_:)`` has them until the next wait.
    package func wait(milliseconds: CInt = -1) throws(Errno) -> Int {
        let number = descriptor.rawValue
        let (base, count) = unsafe (events.baseAddress, CInt(events.count))
        return Int(try systemCall { unsafe epoll_wait(number, base, count, milliseconds) })
    }

    package subscript(index: Int) -> Event {
        let event = unsafe events[index]
        return unsafe Event(
            token: Token(rawValue: event.data.u64), readiness: Readiness(rawValue: event.events))
    }
}
