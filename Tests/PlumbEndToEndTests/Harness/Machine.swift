import CPlumb
import Foundation
import PlumbSockets
import PlumbWorkers
import Testing

/// What this machine has, for the tests that need it, and how long they may take.
enum Machine {
    /// `PLUMB_SOAK=1`: the full length that the issue asks for.
    static let isSoak = ProcessInfo.processInfo.environment["PLUMB_SOAK"] != nil

    static let isRoot = geteuid() == 0
    static let rootReason: Comment = "becoming another user needs root"

    static let hasIPv6 = (try? Listener(on: .ipv6(.loopback, port: 0))) != nil
    static let ipv6Reason: Comment = "this machine has no IPv6 loopback"

    static let python = find("python3")
    static let pythonReason: Comment = "there is no python3 in PATH"

    static let prlimit = find("prlimit")
    static let prlimitReason: Comment = "there is no prlimit in PATH (util-linux)"

    static let curl = find("curl")
    static let curlReason: Comment = "there is no curl in PATH"

    /// libsystemd's own reader of inherited listeners, as Python calls it.
    static let hasSystemdLibrary: Bool = {
        guard let python, let directory = try? TemporaryDirectory() else { return false }
        let run = try? ChildProcess.run(
            python, ["-c", "import ctypes; ctypes.CDLL('libsystemd.so.0')"], in: directory)
        return run?.status == .exited(0)
    }()
    static let systemdReason: Comment = "there is no libsystemd.so.0 that python3 finds"

    /// Debian's name of php-fpm has the version in it.
    static let phpFastCGI = ["", "8.4", "8.3", "8.2", "8.1", "7.4"].lazy.compactMap { find("php-fpm\($0)") }.first
    static let phpFastCGIReason: Comment = "there is no php-fpm in PATH or /usr/sbin"

    /// The first port that needs no privilege (`net.ipv4.ip_unprivileged_port_start`).
    static let firstUnprivilegedPort =
        Int(text("/proc/sys/net/ipv4/ip_unprivileged_port_start").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
    static let portReason: Comment = "every port may be had without a privilege here, or becoming nobody needs root"

    /// Finds a program in PATH, or where servers are that an ordinary user's PATH does not name.
    static func find(_ program: String) -> String? {
        ((ProcessInfo.processInfo.environment["PATH"] ?? "") + ":/usr/local/sbin:/usr/sbin").split(separator: ":")
            .map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// An address that nothing else uses, for a server that must be told where it listens: any of 127.0.0.0/8, and a
    /// port below those that the kernel gives out.
    static func quietAddress() -> SocketAddress {
        func byte() -> UInt32 { .random(in: 1...254) }
        let host = IPv4Address(rawValue: 127 << 24 | byte() << 16 | byte() << 8 | byte())
        return .ipv4(host, port: .random(in: 10_000...30_000))
    }

    static func text(_ path: String) -> String { String(decoding: contents(path), as: UTF8.self) }

    /// A file's bytes, also of /proc, whose files say that they are empty; none where it cannot be read.
    static func contents(_ path: String) -> [UInt8] {
        let number = unsafe plumb_open(path, O_RDONLY | O_CLOEXEC, 0)
        guard number >= 0 else { return [] }
        let file = Descriptor(owning: number)
        var bytes: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = unsafe plumb_read(file.rawValue, &room, room.count)
            if count <= 0 { return bytes }
            bytes += room[..<count]
        }
    }
}

/// What was built beside the tests.
enum Built {
    /// The command `plumb`.
    static func plumb() throws -> String { try path("plumb") }
    /// The worker for tests.
    static func testWorker() throws -> String { try path("PlumbTestWorker") }

    private static func path(_ name: String) throws -> String {
        // `swift test` builds every executable into the directory of the test bundle that it runs.
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().path()
        let directories = [
            URL(filePath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/")
                .deletingLastPathComponent().path(),
            URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path(),
            package + "/.build/debug", package + "/.build/release",
        ]
        let candidates = directories.map { URL(filePath: $0).appending(path: name).path() }
        return try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
            "\(name) is not built: looked for \(candidates.joined(separator: ", "))")
    }
}

/// A directory that is removed with all that is in it.
final class TemporaryDirectory: Sendable {
    let path: String

    /// - Parameter mode: whether other users may look into it.
    init(mode: Int = 0o700) throws {
        var template = Array("/tmp/plumb-e2e-XXXXXX".utf8CString)
        unsafe try #require(mkdtemp(&template) != nil)
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func contents() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

// MARK: Waiting

/// Long enough for a machine that does ten other things.
let generous: Duration = .seconds(30)

/// What was waited for did not come.
struct DeadlinePassed: Error, CustomStringConvertible {
    let description: String
}

/// Looks again and again, every few milliseconds, until `condition` holds.
func waitUntil(
    _ what: @autoclosure () -> String, within deadline: Duration = generous, _ condition: () throws -> Bool
) throws {
    let end = ContinuousClock.now + deadline
    while try !condition() {
        guard ContinuousClock.now < end else { throw DeadlinePassed(description: "\(what()): not within \(deadline)") }
        usleep(3000)
    }
}

/// Nanoseconds of the clock by which workers date their ledgers.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

// MARK: Threads

/// Threads of the system's, because what they do waits.
final class Threads: Sendable {
    private let threads: [pthread_t]

    /// Starts `count` threads.
    init(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        final class Start: Sendable {
            let index: Int
            let body: @Sendable (Int) -> Void
            init(_ index: Int, _ body: @escaping @Sendable (Int) -> Void) { (self.index, self.body) = (index, body) }
        }
        threads = (0..<count).map { index in
            var thread = pthread_t()
            let start = unsafe Unmanaged.passRetained(Start(index, body)).toOpaque()
            let error = unsafe pthread_create(
                &thread, nil,
                { start in
                    guard let start = unsafe start else { return nil }
                    let box = unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue()
                    box.body(box.index)
                    return nil
                }, start)
            precondition(error == 0, "pthread_create: \(error)")
            return thread
        }
    }

    /// Waits until all have returned; once.
    func join() {
        for thread in threads { pthread_join(thread, nil) }
    }
}
