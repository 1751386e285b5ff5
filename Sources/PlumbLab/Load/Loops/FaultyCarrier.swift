import CPlumb
import PlumbSockets
import Synchronization
import SystemPackage

// The faults of the self-test, as carriers, so that the loops are the very ones that are tested.

/// Sleeps for 50 ms once, at its hundredth receive.
enum StallingCarrier<Base: Carrier>: Carrier {
    static var keepsBoundaries: Bool { Base.keepsBoundaries }

    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        try Base.send(bytes, over: output)
    }

    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        if stallCountdown.subtract(1, ordering: .relaxed).newValue == 0 { pause(nanoseconds: 50_000_000) }
        return try Base.receive(into: &room, from: input)
    }
}

private let stallCountdown = Atomic<Int>(100)

/// Sleeps before each receive.
enum SlowCarrier<Base: Carrier>: Carrier {
    static var keepsBoundaries: Bool { Base.keepsBoundaries }

    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        try Base.send(bytes, over: output)
    }

    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        pause(nanoseconds: 1_000_000)
        return try Base.receive(into: &room, from: input)
    }
}

/// Computes for 200 µs before each send.
enum BusyCarrier<Base: Carrier>: Carrier {
    static var keepsBoundaries: Bool { Base.keepsBoundaries }

    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        let end = Clock.now() + 200_000
        while Clock.now() < end {}
        return try Base.send(bytes, over: output)
    }

    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        try Base.receive(into: &room, from: input)
    }
}

/// Sleeps (`clock_nanosleep(2)`).
func pause(nanoseconds: Int) {
    var time = timespec(tv_sec: nanoseconds / 1_000_000_000, tv_nsec: nanoseconds % 1_000_000_000)
    _ = unsafe clock_nanosleep(CLOCK_MONOTONIC, 0, &time, nil)
}
