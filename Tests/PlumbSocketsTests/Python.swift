import CPlumb
import FoundationEssentials
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension Machine {
    static let python = python3()
    static let pythonReason: Comment = "there is no python3 in PATH"

    private static func python3() -> String? {
        let path = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
        return path.split(separator: ":").map { "\($0)/python3" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}

/// Code that we did not write at the other end: a Python program, spoken to by lines over its standard input and output.
struct Python: ~Copyable {
    let pid: pid_t
    private let process: Descriptor
    private let channel: Descriptor
    private var received: [UInt8] = []

    /// Starts a program; `sys.argv[1:]` are the arguments, and descriptors 3 and up what is lent.
    init(_ program: String, _ arguments: [String] = [], lending lent: [CInt] = []) throws {
        let pair = try Descriptor.socketPair(type: .stream)
        pid = try Python.spawn(program, arguments, pair.second.rawValue, lent)
        process = Descriptor(owning: plumb_pidfd_open(pid))
        channel = pair.split { mine, _ in mine }
    }

    private static func spawn(_ program: String, _ arguments: [String], _ channel: CInt, _ lent: [CInt]) throws -> pid_t
    {
        let path = try #require(Machine.python)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, channel, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, channel, 1)
        // By way of numbers that none of the targets has.
        for (index, number) in lent.enumerated() {
            unsafe posix_spawn_file_actions_adddup2(&actions, number, CInt(500 + index))
        }
        for index in lent.indices {
            unsafe posix_spawn_file_actions_adddup2(&actions, CInt(500 + index), CInt(3 + index))
        }
        _ = unsafe plumb_spawn_close_from(&actions, CInt(3 + lent.count))
        let words = [path, "-c", "import array,os,socket,struct,sys\n" + program] + arguments
        var pointers = unsafe words.map { unsafe strdup($0) } + [nil]
        defer { unsafe pointers.forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let error = unsafe posix_spawn(&pid, path, &actions, nil, &pointers, plumb_environ())
        try #require(error == 0, "cannot start \(path): errno \(error)")
        return pid
    }

    deinit {
        guard waitid(pid, WNOHANG) == nil else { return }
        _ = plumb_pidfd_send_signal(process.rawValue, SIGKILL)
        _ = waitid(pid, 0)
    }

    private borrowing func waitid(_ child: pid_t, _ options: CInt) -> CInt? {
        var (code, status, reaped): (CInt, CInt, pid_t) = (0, 0, 0)
        let result = unsafe plumb_waitid_pidfd(process.rawValue, WEXITED | options, &code, &status, &reaped)
        // Reaped already.
        if result == -1 { return 0 }
        return reaped == 0 ? nil : status
    }

    /// Waits until it has ended, and reaps it.
    ///
    /// - Returns: its status, or the signal that ended it.
    @discardableResult
    borrowing func wait() throws -> CInt {
        let hasEnded = try process.borrowed.waitUntil(writable: false, timeoutMilliseconds: generous)
        try #require(hasEnded, "python3 did not end in \(generous) ms")
        return waitid(pid, 0) ?? 0
    }

    /// Writes a line to its standard input.
    borrowing func write(_ line: String) throws { try send(line + "\n", over: channel) }

    /// Waits for a line from its standard output.
    mutating func readLine() throws -> String {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...end) }
                return String(decoding: received[..<end], as: UTF8.self)
            }
            let more = try read(channel)
            try #require(!more.isEmpty, "python3 ended without the line")
            received += more.utf8
        }
    }
}
