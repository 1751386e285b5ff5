import CPlumb
import Foundation
import PlumbSockets
import SystemPackage

/// What happened to a client instead of what it wanted.
struct ClientFailure: Error, Equatable, CustomStringConvertible {
    enum Cause: Equatable {
        case refused
        case reset
        case endOfFile
        case deadline
        case other(CInt)

        init(errno number: CInt) {
            self =
                switch number {
                case ECONNREFUSED: .refused
                case ECONNRESET, EPIPE: .reset
                default: .other(number)
                }
        }
    }

    let operation: String
    let cause: Cause

    var description: String { "\(operation): \(cause)" }
}

/// One connection of a client that waits, with a deadline, in its reads.
final class Client {
    private let socket: Descriptor
    private var received: [UInt8] = []
    private let deadline: Duration

    /// Connects.
    ///
    /// - Parameter deadline: how long a read may wait.
    init(_ address: PlumbSockets.SocketAddress, deadline: Duration = generous) throws(ClientFailure) {
        do throws(Errno) {
            socket = try Descriptor.connecting(to: address)
        } catch {
            throw ClientFailure(operation: "connect", cause: .init(errno: error.rawValue))
        }
        self.deadline = deadline
    }

    /// Connects over IPv4 from an address of one's own choice, 127.0.0.`host`.
    init(port: UInt16, fromHost host: UInt8) throws(ClientFailure) {
        let number = plumb_socket(AF_INET, PLUMB_SOCK_STREAM | PLUMB_SOCK_CLOEXEC, 0)
        guard number >= 0 else { throw ClientFailure(operation: "socket", cause: .init(errno: errno)) }
        socket = Descriptor(owning: number)
        deadline = generous
        func call(
            _ operation: String, host: UInt8, port: UInt16,
            _ function: (CInt, UnsafePointer<sockaddr>, socklen_t) -> CInt
        ) throws(ClientFailure) {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = (UInt32(127) << 24 | UInt32(host)).bigEndian
            address.sin_port = port.bigEndian
            let result = unsafe withUnsafePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe function(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if result != 0 { throw ClientFailure(operation: operation, cause: .init(errno: errno)) }
        }
        try unsafe call("bind", host: host, port: 0, plumb_bind)
        try unsafe call("connect", host: 1, port: port, plumb_connect)
    }

    /// A view by number: the borrow checker does not let a view of a class's field leave its access.
    private var view: BorrowedDescriptor {
        @_lifetime(immortal)
        get { unsafe BorrowedDescriptor(unsafeRawValue: socket.rawValue) }
    }

    /// The port by which the server knows this client; 0 on a Unix socket.
    var port: UInt16 { (try? view.localAddress())?.port ?? 0 }

    func send(_ text: String) throws(ClientFailure) { try send(bytes: Array(text.utf8)) }

    func send(bytes: [UInt8]) throws(ClientFailure) {
        var sent = 0
        while sent < bytes.count {
            do throws(Errno) {
                sent += try unsafe view.send(bytes.span.bytes.extracting(sent..<bytes.count))
            } catch {
                throw ClientFailure(operation: "send", cause: .init(errno: error.rawValue))
            }
        }
    }

    /// Waits for more bytes.
    ///
    /// - Returns: whether there are more; `false` at the end of file.
    private func receiveMore() throws(ClientFailure) -> Bool {
        var room = [UInt8](repeating: 0, count: 16384)
        let count: Int
        do throws(Errno) {
            let milliseconds = CInt(deadline / .milliseconds(1))
            guard try view.waitUntil(writable: false, timeoutMilliseconds: milliseconds) else {
                throw Errno.timedOut
            }
            var span = room.mutableSpan
            var bytes = unsafe span.mutableBytes
            count = try view.read(into: &bytes)
        } catch {
            throw ClientFailure(
                operation: "read", cause: error == .timedOut ? .deadline : .init(errno: error.rawValue))
        }
        received += room[..<count]
        return count > 0
    }

    /// The next line, without its end.
    func readLine() throws(ClientFailure) -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeSubrange(...end)
                return line.hasSuffix("\r") ? String(line.dropLast()) : line
            }
            guard try receiveMore() else { throw ClientFailure(operation: "read", cause: .endOfFile) }
        }
    }

    func read(count: Int) throws(ClientFailure) -> String {
        while received.count < count {
            guard try receiveMore() else { throw ClientFailure(operation: "read", cause: .endOfFile) }
        }
        defer { received.removeFirst(count) }
        return String(decoding: received[..<count], as: UTF8.self)
    }

    /// All there is until the end of file.
    func readToEnd() throws(ClientFailure) -> String {
        while try receiveMore() {}
        defer { received = [] }
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether something has arrived, or the end has, that was not read.
    var hasNews: Bool {
        if !received.isEmpty { return true }
        return (try? view.waitUntil(writable: false, timeoutMilliseconds: 0)) ?? true
    }
}

// MARK: The test worker's lines

/// What the test worker answers.
struct Answer: Equatable {
    let number: Int
    let pid: pid_t
    let worker: Int

    init?(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count == 3, let number = Int(words[0]), let pid = pid_t(words[1]), let worker = Int(words[2]) else {
            return nil
        }
        (self.number, self.pid, self.worker) = (number, pid, worker)
    }
}

extension Client {
    /// Waits for the answer to a numbered request, and for the end of the connection.
    func readAnswer() throws(ClientFailure) -> Answer {
        let line = try readLine()
        guard let answer = Answer(line), try readToEnd().isEmpty else {
            throw ClientFailure(operation: "understand '\(line)'", cause: .other(0))
        }
        return answer
    }
}

/// Connects `count` clients and sends each one's number, from 0.
func connectNumbered(_ count: Int, to address: PlumbSockets.SocketAddress) throws -> [Client] {
    try (0..<count).map { number in
        let client = try Client(address)
        try client.send("\(number)\n")
        return client
    }
}

// MARK: HTTP

/// An answer of the demonstration worker.
struct HTTPResponse {
    var version = ""
    var status = 0
    var headers: [String: String] = [:]
    var body = ""

    /// The body as a JSON object.
    func object() throws -> [String: Any] {
        try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any] ?? [:]
    }

    /// `worker` or `pid` and the like of `GET /`.
    func integer(_ key: String) throws -> Int? { try object()[key] as? Int }
}

extension Client {
    func request(_ method: String, _ target: String, version: String = "1.1", _ headers: String...)
        throws(ClientFailure)
    {
        let lines = ["\(method) \(target) HTTP/\(version)", "Host: test"] + headers
        try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    }

    func readResponse(hasBody: Bool = true) throws(ClientFailure) -> HTTPResponse {
        var response = HTTPResponse()
        let words = try readLine().split(separator: " ")
        response.version = String(words.first ?? "")
        response.status = words.count > 1 ? Int(words[1]) ?? 0 : 0
        while true {
            let line = try readLine()
            if line.isEmpty { break }
            let parts = line.split(separator: ":", maxSplits: 1)
            response.headers[parts[0].lowercased()] =
                parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        if hasBody, let length = response.headers["content-length"].flatMap({ Int($0) }) {
            response.body = try read(count: length)
        }
        return response
    }

    /// Sends a request and waits for its answer.
    func get(_ target: String) throws(ClientFailure) -> HTTPResponse {
        try request("GET", target)
        return try readResponse()
    }
}

/// One request on a connection of its own.
func get(_ target: String, from address: PlumbSockets.SocketAddress) throws(ClientFailure) -> HTTPResponse {
    let client = try Client(address)
    try client.request("GET", target, "Connection: close")
    return try client.readResponse()
}
