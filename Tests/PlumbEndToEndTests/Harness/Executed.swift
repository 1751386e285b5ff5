import CPlumb
import Foundation
import PlumbSockets
import Testing

/// A program that was started by `plumb exec`, in a directory of its own.
final class Executed {
    let directory: TemporaryDirectory
    let process: ChildProcess

    /// - Parameter circumstances: a command and its first arguments that run what follows them.
    init(
        _ flags: [String], _ command: [String], environment: [String: String] = [:], circumstances: [String] = [],
        in directory: TemporaryDirectory, name: String = "executed"
    ) throws {
        self.directory = directory
        let words = circumstances + [try Built.plumb(), "exec"] + flags + ["--"] + command
        process = try ChildProcess(
            words[0], Array(words.dropFirst()), environment: environment, in: directory, name: name)
    }

    /// Where it says that it listens, in the order of the descriptors.
    private var announced: [SocketAddress] {
        process.errors.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard line.hasPrefix("plumb: listening on "), words.count > 3 else { return nil }
            return SocketAddress(String(words[3]))
        }
    }

    /// The addresses of so many listeners.
    func addresses(_ count: Int = 1) throws -> [SocketAddress] {
        try waitUntil("\(count) listeners; it has said:\n\(process.errors)") {
            if let status = process.exitStatus { throw Ended(status: status, errors: process.errors) }
            return announced.count >= count
        }
        return announced
    }

    /// Waits until plumb has become the program.
    func waitForProgram(_ name: String) throws {
        try waitUntil("the program \(name); it has said:\n\(process.errors)") {
            if let status = process.exitStatus { throw Ended(status: status, errors: process.errors) }
            // The name is there a moment before the environment.
            return Machine.text("/proc/\(process.pid)/comm") == "\(name)\n"
                && !Machine.contents("/proc/\(process.pid)/environ").isEmpty
        }
    }

    struct Ended: Error {
        let status: EndOfProcess
        let errors: String
    }

    /// A variable of the program's environment, as it was started.
    func variable(_ name: String) -> String? {
        Machine.contents("/proc/\(process.pid)/environ").split(separator: 0)
            .map { String(decoding: $0, as: UTF8.self) }.first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.count + 1)) }
    }

    /// The `O_NONBLOCK` flag of a descriptor of the program's.
    func isNonBlocking(_ descriptor: Int) throws -> Bool {
        let line = Machine.text("/proc/\(process.pid)/fdinfo/\(descriptor)").split(separator: "\n")
            .first { $0.hasPrefix("flags:") }
        let flags = try #require((line?.split(whereSeparator: \.isWhitespace).last).flatMap { CInt($0, radix: 8) })
        return flags & O_NONBLOCK != 0
    }

    /// Ends the program and what it has started, and waits for that.
    func stop(_ signal: CInt = SIGTERM) throws {
        // Some write over the environment by which they could be known.
        let children = ProcessTable.children(of: process.pid)
        process.signal(signal)
        try process.waitForExit()
        try waitUntil("the end of its children") { !children.contains { ProcessTable.isRunning($0) } }
    }

    /// Ends everything, whatever it does.
    func killAll() {
        process.signal(SIGSTOP)
        for child in ProcessTable.children(of: process.pid) {
            ProcessTable.signal(child, SIGKILL) { ProcessTable.parent(of: child) == process.pid }
        }
        process.kill()
    }
}

/// Runs a program by `plumb exec`, and leaves nothing of it behind, whatever happens.
func withExecuted(
    _ flags: [String], _ command: [String], environment: [String: String] = [:], circumstances: [String] = [],
    in directory: TemporaryDirectory? = nil, name: String = "executed", _ body: (Executed) throws -> Void
) throws {
    let executed = try Executed(
        flags, command, environment: environment, circumstances: circumstances,
        in: try directory ?? TemporaryDirectory(), name: name)
    defer { executed.killAll() }
    try body(executed)
}

/// A server in Python that knows nothing but the standard library and sd_listen_fds(3).
enum PythonServer {
    /// What it answers to `GET /` on each of its listeners: how it was started, and which listener was asked.
    struct Report: Decodable {
        struct Entry: Decodable {
            let number: Int
            let isCloseOnExec: Bool
            let isNonBlocking: Bool
        }
        let pid: pid_t
        let parent: pid_t
        /// Every descriptor that it found open.
        let descriptors: [Entry]
        /// What libsystemd's reader says, if there is one.
        let count: Int?
        let names: [String]?
        let openFiles: [Int]
        /// The listener that was asked, from 0, and its backlog, where the kernel says it.
        let listener: Int
        let backlog: Int?
    }

    private static let text = """
        import ctypes, fcntl, http.server, json, os, resource, socket, socketserver, struct, sys, threading

        def descriptor(number):
            return {"number": number, "isCloseOnExec": bool(fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC),
                    "isNonBlocking": bool(fcntl.fcntl(number, fcntl.F_GETFL) & os.O_NONBLOCK)}

        def is_open(number):
            try:
                return fcntl.fcntl(number, fcntl.F_GETFD) >= 0
            except OSError:
                return False

        # The directory's own descriptor is closed again.
        numbers = sorted(number for number in map(int, os.listdir("/proc/self/fd")) if is_open(number))
        report = {"pid": os.getpid(), "parent": os.getppid(), "descriptors": [descriptor(n) for n in numbers],
                  "openFiles": list(resource.getrlimit(resource.RLIMIT_NOFILE))}
        try:
            systemd = ctypes.CDLL("libsystemd.so.0")
            names = ctypes.POINTER(ctypes.c_char_p)()
            report["count"] = systemd.sd_listen_fds_with_names(0, ctypes.byref(names))
            report["names"] = [names[index].decode() for index in range(max(report["count"], 0))]
        except OSError:
            pass

        assert int(os.environ["LISTEN_PID"]) == os.getpid()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                answer = dict(report, listener=self.server.index)
                if self.server.socket.family != socket.AF_UNIX:
                    # tcpi_sacked of a listener.
                    info = self.server.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
                    answer["backlog"] = struct.unpack_from("I", info, 28)[0]
                body = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *arguments):
                pass

        class Server(socketserver.TCPServer):
            def __init__(self, index, inherited):
                super().__init__(None, Handler, bind_and_activate=False)
                self.socket.close()
                self.socket, self.index = inherited, index

        def serve(index):
            inherited = socket.socket(fileno=3 + index)
            if inherited.type == socket.SOCK_DGRAM:
                while True:
                    data, peer = inherited.recvfrom(4096)
                    inherited.sendto(data, peer)
            Server(index, inherited).serve_forever()

        threads = [threading.Thread(target=serve, args=(index,)) for index in range(int(os.environ["LISTEN_FDS"]))]
        for thread in threads: thread.start()
        """

    /// The command that runs it.
    static func command(in directory: TemporaryDirectory) throws -> [String] {
        let path = directory.file("server.py")
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        return ["python3", path]
    }

    /// Asks for a report.
    static func report(from address: SocketAddress) throws -> Report {
        let response = try get("/", from: address)
        #expect(response.status == 200)
        return try JSONDecoder().decode(Report.self, from: Data(response.body.utf8))
    }
}
