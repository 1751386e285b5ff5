import BasicContainers
import CPlumb
import PlumbSockets
import SystemPackage

/// The Unix socket by which a running master is steered.
///
/// A client sends one line, gets one answer and the end of file. The socket's file has mode 0600 from its first moment,
/// and a client that is neither this user nor root is refused by its peer credentials whatever the file's mode has
/// become. A client that is slow, silent or too long is dropped; none can hold the master up.
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

    let listener: Listener
    private var descriptors = DescriptorTable(capacity: clientLimit)
    private var clients: [Client?] = Array(repeating: nil, count: clientLimit)
    private var acceptPausedUntil: MonotonicTime?

    /// Listens on the path; a live server's is not taken.
    init(path: String) throws(SocketsError) {
        guard let address = SocketAddress.unix(pathname: path) else {
            throw SocketsError(
                .limit, "listen on", "the control socket '\(path)'",
                reason: "the path has \(path.utf8.count) bytes, and a Unix socket's has 1 to "
                    + "\(SocketAddress.unixPathnameLimit); choose a shorter one with --control")
        }
        listener = try Listener(on: address, mode: 0o600)
    }

    /// The earliest deadline of a client, or the end of a pause.
    mutating func nextDeadline() -> MonotonicTime? {
        let deadline = descriptors.count == 0 ? nil : clients.compactMap { $0?.deadline }.min()
        guard let acceptPausedUntil else { return deadline }
        return min(acceptPausedUntil, deadline ?? acceptPausedUntil)
    }

    /// Waits for clients.
    mutating func register(_ epoll: borrowing Epoll) throws(Errno) {
        try epoll.add(listener.descriptor.borrowed, .read, Epoll.Token(.control))
    }

    /// Accepts clients; those that may not speak get a sentence and are closed.
    mutating func acceptClients(_ epoll: borrowing Epoll, at now: MonotonicTime) {
        while let client = acceptClient(epoll, at: now) {
            if let refusal = ControlServer.refusal(client, isFull: descriptors.count == ControlServer.clientLimit) {
                ControlServer.sayGoodbye(client, refusal)
                continue
            }
            let index = descriptors.insert(client)
            clients[index] = Client(deadline: now + ControlServer.patience)
            do throws(Errno) {
                try epoll.add(descriptors.borrow(index), .read, Epoll.Token(.controlClient, index))
            } catch {
                drop(index, epoll)
            }
        }
    }

    /// The next client, if one waits. Without descriptors it goes on waiting, and the listener is not watched for a
    /// while: level-triggered, it would keep the loop awake.
    private mutating func acceptClient(_ epoll: borrowing Epoll, at now: MonotonicTime) -> Descriptor? {
        do throws(Errno) {
            return try listener.accept()
        } catch {
            acceptPausedUntil = now + ControlServer.acceptPause
            try? epoll.modify(listener.descriptor.borrowed, .none, Epoll.Token(.control))
            return nil
        }
    }

    private static func refusal(_ client: borrowing Descriptor, isFull: Bool) -> String? {
        if isFull { return "too many clients" }
        guard let peer = try? client.borrowed.peerCredentials() else { return "unknown user" }
        return peer.userID == geteuid() || peer.userID == 0 ? nil : "user \(peer.userID) may not steer this server"
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
            try? epoll.modify(listener.descriptor.borrowed, .read, Epoll.Token(.control))
        }
        for index in clients.indices {
            if let client = clients[index], now >= client.deadline { drop(index, epoll) }
        }
    }
}
