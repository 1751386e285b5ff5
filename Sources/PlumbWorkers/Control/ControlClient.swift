import CPlumb
public import PlumbSockets
import SystemPackage

/// Speaks to a running master over its control socket.
public enum ControlClient {
    /// The path used when none is given: `/run/plumb.sock` for root, `$XDG_RUNTIME_DIR/plumb.sock` for a user who has
    /// such a directory, `/tmp/plumb-UID.sock` for others.
    public static var defaultPath: String {
        if geteuid() == 0 { return "/run/plumb.sock" }
        if let directory = unsafe getenv("XDG_RUNTIME_DIR"), unsafe directory.pointee != 0 {
            return unsafe String(cString: directory) + "/plumb.sock"
        }
        return "/tmp/plumb-\(geteuid()).sock"
    }

    /// Sends one request and waits for the whole answer.
    ///
    /// - Throws: `SocketsError` when nobody listens, when the listener is another user's, or when it does not answer
    ///   within ten seconds.
    public static func request(_ request: String, path: String) throws(SocketsError) -> [UInt8] {
        guard let address = SocketAddress.unix(pathname: path) else {
            throw SocketsError(
                .limit, "reach", "the control socket '\(path)'",
                reason: "a Unix socket's path has 1 to \(SocketAddress.unixPathnameLimit) bytes")
        }
        do throws(Errno) {
            return try exchange(request, with: address)
        } catch {
            let reason: String? =
                switch error {
                case .noSuchFileOrDirectory: "there is no such socket; is `plumb serve` running, with this --control?"
                case .connectionRefused: "no server listens there any more; start `plumb serve`, or name its --control"
                case .permissionDenied, .notPermitted: "it belongs to another user; ask as that user or as root"
                case .timedOut: "the server did not answer within 10 s"
                default: nil
                }
            throw SocketsError(.system, "reach", "the control socket '\(path)'", errno: error, reason: reason)
        }
    }

    private static func isTrusted(_ server: borrowing PeerIdentity) -> Bool {
        if case .allowed = AccessPolicy.sameUserOrRoot.decide(on: server) { true } else { false }
    }

    private static func exchange(_ request: String, with address: SocketAddress) throws(Errno) -> [UInt8] {
        let socket = try Descriptor.connecting(to: address)
        // Whoever made the file first could pose as the server; the kernel says who listened.
        let server = try socket.borrowed.peerIdentity()
        guard geteuid() == 0 || isTrusted(server) else { throw .notPermitted }
        let line = Array((request + "\n").utf8)
        do throws(Errno) {
            var sent = 0
            while sent < line.count {
                sent += try unsafe socket.borrowed.send(line.span.bytes.extracting(sent..<line.count))
            }
        } catch {
            // A server that refuses does not wait for the request: what it says is there to be read.
            guard error == .brokenPipe || error == .connectionReset else { throw error }
        }
        var answer: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65536)
        while true {
            guard try socket.borrowed.waitUntil(writable: false, timeoutMilliseconds: 10_000) else { throw .timedOut }
            var span = room.mutableSpan
            var bytes = unsafe span.mutableBytes
            let count: Int
            do throws(Errno) {
                count = try socket.borrowed.read(into: &bytes)
            } catch {
                // It hung up with the request unread.
                guard error == .connectionReset, !answer.isEmpty else { throw error }
                return answer
            }
            if count == 0 { return answer }
            answer.append(contentsOf: room[..<count])
        }
    }
}
