import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// One end of a transport: what to receive from and what to send to.
struct Connection: ~Copyable {
    /// What to receive from, which is also what to send to unless there is an output.
    let input: Descriptor
    /// A pipe's other descriptor.
    private var output: Descriptor?
    private let kind: Transport.Kind

    private init(_ kind: Transport.Kind, _ input: consuming Descriptor, _ output: consuming Descriptor?) {
        self.kind = kind
        self.input = input
        self.output = output
    }

    /// An end of a pipe in each direction.
    static func pipes(input: consuming Descriptor, output: consuming Descriptor) -> Connection {
        Connection(.pipe, input, output)
    }

    /// A socket.
    static func socket(_ kind: Transport.Kind, _ socket: consuming Descriptor) -> Connection {
        Connection(kind, socket, nil)
    }

    /// Calls `body` with what to receive from and what to send to.
    borrowing func withEnds<Result>(
        _ body: (BorrowedDescriptor, BorrowedDescriptor) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        switch output {
        case .some(let output): try body(input.borrowed, output.borrowed)
        case .none: try body(input.borrowed, input.borrowed)
        }
    }

    /// Makes both descriptors wait, or not.
    borrowing func setNonBlocking(_ nonBlocking: Bool) throws(Errno) {
        try withEnds { input, output throws(Errno) in
            try input.setNonBlocking(nonBlocking)
            try output.setNonBlocking(nonBlocking)
        }
    }

    /// Says that no more comes: the other side sees the end.
    mutating func endOutput() throws(Errno) {
        switch kind {
        case .pipe: output = nil
        case .unixDatagram: try sendEndMark()
        case .tcp, .tcp6, .unixStream, .unixSequencedPacket, .memfd:
            let number = input.rawValue
            do throws(Errno) {
                _ = try systemCall { plumb_shutdown_write(number) }
            } catch {
                // The other side is gone already.
                if error != .socketNotConnected { throw error }
            }
        }
    }

    private borrowing func sendEndMark() throws(Errno) {
        let mark: [UInt8] = [0]
        while true {
            do throws(Errno) {
                _ = try unsafe input.borrowed.send(mark.span.bytes)
                return
            } catch {
                if error != .wouldBlock { throw error }
                try input.borrowed.waitUntil(writable: true)
            }
        }
    }
}
