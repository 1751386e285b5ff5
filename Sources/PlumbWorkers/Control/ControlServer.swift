import BasicContainers
import CPlumb
import PlumbSockets
import SystemPackage

/// The Unix socket by which a running master is steered.
///
/// A client sends one line, gets one answer and the end of file. The socket's file has mode 0600 from its first moment,
/// and a client that is neither this user nor root is refused by the policy whatever the file's mode has become. A client
/// that is slow, silent or too long is dropped; none can hold the master up.
struct ControlServer: ~Copyable {
    private struct Client {
        var request: [UInt8] = []
        var answer: [UInt8]?
        var sent = 0
        let deadline: MonotonicTime
    }

    private static var clientLimit: Int { 16 }
    private static var requestLimit: Int { 4096 }
    private static var patience: Duration { .seconds(5) }
    /// How long clients wait in the backlog when none can be accepted for want of descriptors.
    private static var acceptPause: Duration { .milliseconds(100) }
    /// A refusal is logged unless one was so short a time ago; the log then says how many there were.
    private static var refusalPause: Duration { .seconds(1) }

    private var listener: UnixListener
    private var descriptors = DescriptorTable(capacity: clientLimit)
    private var clients: [Client?] = Array(repeating: nil, count: clientLimit)
    private var acceptPausedUntil: MonotonicTime?
    private var refusalsLoggedUntil: MonotonicTime?

    /// Listens on the path; a live server's is not taken.
    init(path: String) throws(SocketsError) {
        guard let address = SocketAddress.unix(pathname: path) else {
            throw SocketsError(
                .limit, "listen on", "the control socket '\(path)'",
                reason: "the path has \(path.utf8.count) bytes, and a Unix socket's has 1 to "
                    + "\(SocketAddress.unixPathnameLimit); choose a shorter one with --control")
        }
        listener = try UnixListener(on: address, policy: .sameUserOrRoot)
    }

    /// The earliest deadline of a client, or the end of a pause.
    mutating func nextDeadline() -> MonotonicTime? {
        let deadline = descriptors.count == 0 ? nil : clients.compactMap { $0?.deadline }.min()
        guard let acceptPausedUntil else { return deadline }
        return min(acceptPausedUntil, deadline ?? acceptPausedUntil)
    }

    /// Waits for clients.
    mutating func register(_ epoll: borrowing Epoll) throws(Errno) {
        try epoll.add(listener.descriptor, .read, Epoll.Token(.control))
    }

    /// Accepts clients; those that may not speak get a sentence and are closed.
    ///
    /// - Parameter log: takes a refusal, and how many there have been.
    mutating func acceptClients(
        _ epoll: borrowing Epoll, at now: MonotonicTime, log: (Refusal, _ refused: Int) -> Void
    ) {
        while let arrival = acceptClient(epoll, at: now) {
            switch consume arrival {
            case .admitted(let client, _):
                take(client, epoll, at: now)
            case .refused(let client, let refusal):
                let user = refusal.credentials.map { "user \($0.userID)" } ?? "unknown user"
                ControlServer.sayGoodbye(client, "\(user) may not steer this server")
                if now >= refusalsLoggedUntil ?? now {
                    refusalsLoggedUntil = now + ControlServer.refusalPause
                    log(refusal, listener.counts.refused)
                }
            }
        }
    }

    private mutating func take(_ client: consuming Descriptor, _ epoll: borrowing Epoll, at now: MonotonicTime) {
        if descriptors.count == ControlServer.clientLimit {
            return ControlServer.sayGoodbye(client, "too many clients")
        }
        let index = descriptors.insert(client)
        clients[index] = Client(deadline: now + ControlServer.patience)
        do throws(Errno) {
            try epoll.add(descriptors.borrow(index), .read, Epoll.Token(.controlClient, index))
        } catch {
            drop(index, epoll)
        }
    }

    /// The next client, if one waits. Without descriptors it goes on waiting, and the listener is not watched for a
    /// while: level-triggered, it would keep the loop awake.
    private mutating func acceptClient(_ epoll: borrowing Epoll, at now: MonotonicTime) -> UnixListener.Arrival? {
        do throws(Errno) {
            return try listener.accept()
        } catch {
            acceptPausedUntil = now + ControlServer.acceptPause
            try? epoll.modify(listener.descriptor, .none, Epoll.Token(.control))
            return nil
        }
    }

    private static func sayGoodbye(_ client: borrowing Descriptor, _ refusal: String) {
        let line = Array("error: \(refusal)\n".utf8)
        _ = try? unsafe client.borrowed.send(line.span.bytes)
    }

    /// Handles news of a client.
    ///
    /// - Parameter answer: the answer to a request, with its newline.
    mutating func handle(_ index: Int, _ epoll: borrowing Epoll, answer: (String) -> [UInt8]) {
        guard clients.indices.contains(index), descriptors.contains(index) else { return }
        if clients[index]?.answer == nil { readRequest(index, epoll, answer) }
        if clients[index]?.answer != nil { writeAnswer(index, epoll) }
    }

    private mutating func readRequest(_ index: Int, _ epoll: borrowing Epoll, _ answer: (String) -> [UInt8]) {
        var room = [UInt8](repeating: 0, count: 512)
        while true {
            let count: Int
            do throws(Errno) {
                var span = room.mutableSpan
                var bytes = unsafe span.mutableBytes
                count = try descriptors.borrow(index).read(into: &bytes)
            } catch {
                if error != .wouldBlock { drop(index, epoll) }
                return
            }
            let received = room[..<count]
            clients[index]?.request.append(contentsOf: received.prefix { $0 != UInt8(ascii: "\n") })
            let request = clients[index]?.request ?? []
            if received.contains(UInt8(ascii: "\n")) {
                clients[index]?.answer = answer(String(decoding: request, as: UTF8.self))
                return
            }
            if count == 0 || request.count > ControlServer.requestLimit { return drop(index, epoll) }
        }
    }

    private mutating func writeAnswer(_ index: Int, _ epoll: borrowing Epoll) {
        while let client = clients[index], let answer = client.answer, client.sent < answer.count {
            do throws(Errno) {
                let count = try unsafe descriptors.borrow(index).send(
                    answer.span.bytes.extracting(client.sent..<answer.count))
                clients[index]?.sent += count
            } catch {
                if error == .wouldBlock {
                    try? epoll.modify(descriptors.borrow(index), .write, Epoll.Token(.controlClient, index))
                    return
                }
                break
            }
        }
        drop(index, epoll)
    }

    private mutating func drop(_ index: Int, _ epoll: borrowing Epoll) {
        epoll.remove(descriptors.borrow(index))
        clients[index] = nil
        _ = descriptors.remove(at: index)
    }

    /// Drops clients whose time is over, and ends a pause.
    mutating func tick(_ epoll: borrowing Epoll, at now: MonotonicTime) {
        if let until = acceptPausedUntil, now >= until {
            acceptPausedUntil = nil
            try? epoll.modify(listener.descriptor, .read, Epoll.Token(.control))
        }
        for index in clients.indices {
            if let client = clients[index], now >= client.deadline { drop(index, epoll) }
        }
    }
}
