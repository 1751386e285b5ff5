import BasicContainers
import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// How bytes are given to a descriptor and taken from it. The loops are generic over it, so that a call is direct.
protocol Carrier {
    /// Whether one receive returns one message.
    static var keepsBoundaries: Bool { get }
    /// Offers bytes; returns how many were taken.
    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int
    /// Takes what is there; 0 is the end.
    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int
}

extension Carrier {
    /// Sends all of a message.
    @inline(__always)
    static func sendAll(_ message: RawSpan, over output: BorrowedDescriptor) throws(Errno) {
        let count = try send(message, over: output)
        if count != message.byteCount { try sendRest(message.extracting(droppingFirst: count), over: output) }
    }

    private static func sendRest(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) {
        var sent = 0
        while sent < bytes.byteCount { sent += try send(bytes.extracting(droppingFirst: sent), over: output) }
    }

    /// Receives a whole message.
    ///
    /// - Returns: `false` at the end.
    @inline(__always)
    static func receiveAll(
        into room: inout MutableRawSpan, from input: BorrowedDescriptor
    ) throws(Errno) -> Bool {
        let count = try receive(into: &room, from: input)
        if count == room.byteCount || (keepsBoundaries && count > 0) { return true }
        return count == 0 ? false : try receiveRest(into: &room, from: input, after: count)
    }

    private static func receiveRest(
        into room: inout MutableRawSpan, from input: BorrowedDescriptor, after received: Int
    ) throws(Errno) -> Bool {
        var received = received
        while received < room.byteCount {
            var rest = room._mutatingExtracting(droppingFirst: received)
            let count = try receive(into: &rest, from: input)
            if count == 0 { return false }
            received += count
        }
        return true
    }
}

/// A connected socket that is a stream.
enum StreamCarrier: Carrier {
    static var keepsBoundaries: Bool { false }

    @inline(__always)
    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        try output.send(bytes)
    }

    @inline(__always)
    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        try input.read(into: &room)
    }
}

/// A connected socket of packets, whose end is seen like a stream's.
enum PacketCarrier: Carrier {
    static var keepsBoundaries: Bool { true }

    @inline(__always)
    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        try output.send(bytes)
    }

    @inline(__always)
    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        try input.read(into: &room)
    }
}

/// A datagram socket, which sees no end: a datagram of one byte stands for it.
enum DatagramCarrier: Carrier {
    static var keepsBoundaries: Bool { true }

    @inline(__always)
    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        try output.send(bytes)
    }

    @inline(__always)
    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        let count = try input.read(into: &room)
        return count == 1 ? 0 : count
    }
}

/// A pipe.
enum PipeCarrier: Carrier {
    static var keepsBoundaries: Bool { false }

    @inline(__always)
    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        try output.write(bytes)
    }

    @inline(__always)
    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        try input.read(into: &room)
    }
}

/// Descriptors that do not wait: asks again and again instead.
enum SpinningCarrier<Base: Carrier>: Carrier {
    static var keepsBoundaries: Bool { Base.keepsBoundaries }

    @inline(__always)
    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        while true {
            do throws(Errno) {
                return try Base.send(bytes, over: output)
            } catch {
                if error != .wouldBlock { throw error }
            }
        }
    }

    @inline(__always)
    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        while true {
            do throws(Errno) {
                return try Base.receive(into: &room, from: input)
            } catch {
                if error != .wouldBlock { throw error }
            }
        }
    }
}

/// A memory file for each message, whose descriptor goes over a socket of packets.
///
/// The sender copies the message into the file and the receiver out of it, which is what a socket does; so the
/// difference is what the hand-over costs and saves.
enum MemoryFileCarrier: Carrier {
    static var keepsBoundaries: Bool { true }

    static func send(_ bytes: RawSpan, over output: BorrowedDescriptor) throws(Errno) -> Int {
        let number = try systemCall { unsafe plumb_memory_file("plumb-lab") }
        let file = Descriptor(owning: number)
        var written = 0
        while written < bytes.byteCount {
            written += try file.borrowed.write(bytes.extracting(droppingFirst: written))
        }
        let numbers = [number]
        _ = try output.send(bytes.extracting(first: 1), numbers: numbers.span)
        return written
    }

    static func receive(into room: inout MutableRawSpan, from input: BorrowedDescriptor) throws(Errno) -> Int {
        var files = UniqueArray<Descriptor>()
        let message = try input.receive(into: &room, descriptors: &files, limit: 1)
        guard message.count > 0 else { return 0 }
        guard files.count == 1 else { throw .badFileDescriptor }
        return try files[0].borrowed.readWhole(into: &room)
    }
}

extension BorrowedDescriptor {
    /// Writes what fits (`write(2)`).
    @inline(__always)
    func write(_ bytes: RawSpan) throws(Errno) -> Int {
        let (count, error) = unsafe bytes.withUnsafeBytes { bytes -> (Int, Errno) in
            while true {
                let count = unsafe plumb_write(rawValue, bytes.baseAddress, bytes.count)
                if count >= 0 { return (count, Errno(rawValue: 0)) }
                let error = Errno.current
                if error != .interrupted { return (-1, error) }
            }
        }
        if count < 0 { throw error }
        return count
    }

    /// Reads a file from its beginning until it ends or the room is full (`pread(2)`).
    fileprivate func readWhole(into room: inout MutableRawSpan) throws(Errno) -> Int {
        var total = 0
        while total < room.byteCount {
            let offset = total
            let (count, error) = unsafe room.withUnsafeMutableBytes { bytes -> (Int, Errno) in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[offset...])
                let count = unsafe plumb_pread(rawValue, rest.baseAddress, rest.count, off_t(offset))
                return (count, count < 0 ? Errno.current : Errno(rawValue: 0))
            }
            if count < 0 { throw error }
            if count == 0 { break }
            total += count
        }
        return total
    }
}
