import CPlumb
import DequeModule
import NIOCore
import PlumbSockets
import SystemPackage

/// What a channel has been given to write, oldest first.
struct PendingWrites {
    private struct Entry {
        var data: IOData
        var promise: EventLoopPromise<Void>?
    }

    private var entries = Deque<Entry>()
    /// How many of the entries may be written.
    private var flushed = 0
    /// Promises of entries that are written.
    private var written = Deque<EventLoopPromise<Void>>()
    /// Bytes that wait, flushed or not.
    private(set) var bytes = 0

    /// Buffers of one `sendmsg(2)`.
    private static var vectorLimit: Int { 64 }
    /// `MAX_RW_COUNT` of the kernel is a little under 2 GiB; a turn of the loop wants less.
    private static var fileLimit: Int { 1 << 20 }

    var hasFlushed: Bool { flushed > 0 }

    mutating func append(_ data: IOData, _ promise: EventLoopPromise<Void>?) {
        entries.append(Entry(data: data, promise: promise))
        bytes += data.readableBytes
    }

    mutating func flush() { flushed = entries.count }

    /// Writes as much as one system call takes.
    mutating func writeSome(to socket: borrowing BorrowedDescriptor) throws(Errno) {
        guard let first = entries.first else { return }
        switch first.data {
        case .fileRegion(let region): try sendFile(region, to: socket)
        case .byteBuffer(let buffer):
            if flushed == 1 || !isBuffer(1) {
                drop(try socket.send(buffer.readableBytesSpan))
            } else {
                drop(try sendVector(to: socket))
            }
        }
    }

    private func isBuffer(_ index: Int) -> Bool {
        if case .byteBuffer = entries[index].data { true } else { false }
    }

    private func sendVector(to socket: borrowing BorrowedDescriptor) throws(Errno) -> Int {
        let number = socket.rawValue
        let count = min(flushed, Self.vectorLimit)
        let (result, error) = unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: count) {
            vector -> (Int, Errno) in
            var used = 0
            while used < count, case .byteBuffer(let buffer) = entries[used].data {
                // The entries own the bytes, and are not changed until the call is over.
                unsafe buffer.withUnsafeReadableBytes { bytes in
                    unsafe vector[used] = iovec(
                        iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                }
                used += 1
            }
            var message = unsafe msghdr()
            unsafe message.msg_iov = vector.baseAddress
            unsafe message.msg_iovlen = .init(used)
            do throws(Errno) {
                return (try systemCall { unsafe sendmsg(number, &message, PLUMB_MSG_NOSIGNAL) }, Errno(rawValue: 0))
            } catch {
                return (-1, error)
            }
        }
        if result < 0 { throw error }
        return result
    }

    /// `sendfile(2)`. A file that has become shorter meanwhile ends the connection: what was promised cannot be sent.
    private mutating func sendFile(_ region: FileRegion, to socket: borrowing BorrowedDescriptor) throws(Errno) {
        if region.readableBytes == 0 { return drop(0) }
        let number = socket.rawValue
        let wanted = min(region.readableBytes, Self.fileLimit)
        var offset = off_t(region.readerIndex)
        let count: Int
        do {
            count = try region.fileHandle.withUnsafeFileDescriptor { file -> Int in
                try systemCall { unsafe plumb_sendfile(number, file, &offset, wanted) }
            }
        } catch {
            throw (error as? Errno) ?? .badFileDescriptor
        }
        if count == 0 { throw .ioError }
        drop(count)
    }

    /// Takes written bytes, and the entries that are written whole, off the front.
    private mutating func drop(_ count: Int) {
        bytes -= count
        var left = count
        while flushed > 0 {
            let size = entries[0].data.readableBytes
            if size > left {
                return entries[0].data.moveReaderIndex(forwardBy: left)
            }
            left -= size
            flushed -= 1
            if let promise = entries.removeFirst().promise { written.append(promise) }
            if left == 0 && (flushed == 0 || entries[0].data.readableBytes > 0) { return }
        }
    }

    /// The next promise whose bytes are written.
    mutating func takeWritten() -> EventLoopPromise<Void>? { written.popFirst() }

    /// Forgets everything, and returns whom to tell.
    mutating func takeAll() -> [EventLoopPromise<Void>] {
        let promises = Array(written) + entries.compactMap(\.promise)
        self = PendingWrites()
        return promises
    }

    mutating func failUnflushed(_ error: any Error) {
        while entries.count > flushed {
            let entry = entries.removeLast()
            bytes -= entry.data.readableBytes
            entry.promise?.fail(error)
        }
    }
}
