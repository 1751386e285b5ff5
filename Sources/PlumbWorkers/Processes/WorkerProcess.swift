import CPlumb
import PlumbSockets
import SystemPackage

/// A worker process that was just started: its number, its process descriptor and the master's end of its channel.
struct WorkerProcess: ~Copyable {
    let pid: Int32
    let process: Descriptor
    let channel: Descriptor

    /// Takes the two descriptors apart.
    consuming func split(_ body: (consuming Descriptor, consuming Descriptor) -> Void) { body(process, channel) }

    /// Starts a worker by `posix_spawnp(3)`.
    ///
    /// The child gets descriptor 3, its end of the channel, and standard input, output and error; an empty signal mask,
    /// default dispositions, and a process group of its own, so that Ctrl-C in a terminal reaches the master alone.
    static func spawn(_ command: WorkerCommand, number: Int, generation: Int) throws(Errno) -> WorkerProcess {
        let pair = try Descriptor.socketPair(type: .sequencedPacket, nonBlocking: true)
        return try pair.split { (master, worker) throws(Errno) in
            try spawn(command, number: number, generation: generation, master: master, worker: worker)
        }
    }

    private static func spawn(
        _ command: WorkerCommand, number: Int, generation: Int, master: consuming Descriptor,
        worker: consuming Descriptor
    ) throws(Errno) -> WorkerProcess {
        // The worker waits in its reads; O_NONBLOCK is each end's own.
        try makeBlocking(worker)
        let pid = try spawn(command, number: number, generation: generation, channel: worker)
        // Nobody else reaps our children, so the number is still this child's, alive or dead.
        let process = Descriptor(owning: try systemCall { plumb_pidfd_open(pid) })
        return WorkerProcess(pid: pid, process: process, channel: master)
    }

    private static func makeBlocking(_ channel: borrowing Descriptor) throws(Errno) {
        try channel.borrowed.setNonBlocking(false)
    }

    private static func spawn(
        _ command: WorkerCommand, number: Int, generation: Int, channel: borrowing Descriptor
    ) throws(Errno) -> Int32 {
        let childChannel: CInt = 3
        // From above the child's numbers, so that no dup2 overwrites its own source.
        let source = try channel.duplicate(atLeast: childChannel + 1)

        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, source.rawValue, childChannel)
        if unsafe plumb_spawn_close_from(&actions, childChannel + 1) != 0 {
            // A C library without that action: mark everything of this process close-on-exec instead.
            _ = plumb_close_range(UInt32(childChannel), .max, UInt32(CLOSE_RANGE_CLOEXEC))
        }

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var environment = inheritedEnvironment.filter { entry in !ownVariables.contains { entry.hasPrefix($0 + "=") } }
        environment.append("\(HandoffProtocol.channelVariable)=\(childChannel)")
        environment.append("\(HandoffProtocol.workerVariable)=\(number)")
        environment.append("\(HandoffProtocol.generationVariable)=\(generation)")

        var pid: pid_t = 0
        let result = unsafe withCStrings([command.name ?? command.program] + command.arguments) { arguments in
            unsafe withCStrings(environment) { environment in
                unsafe posix_spawnp(&pid, command.program, &actions, &attributes, arguments, environment)
            }
        }
        if result != 0 { throw Errno(rawValue: result) }
        return pid
    }

    private static var ownVariables: [String] {
        [HandoffProtocol.channelVariable, HandoffProtocol.workerVariable, HandoffProtocol.generationVariable]
    }

    private static var inheritedEnvironment: [String] {
        var entries: [String] = []
        var next = unsafe plumb_environ()
        while let entry = unsafe next.pointee {
            unsafe entries.append(String(cString: entry))
            unsafe next += 1
        }
        return entries
    }
}

/// The null-terminated array of C strings that `exec` takes, for the duration of the call.
private func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = unsafe strings.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("the array has its nil at least") }
        return unsafe body(UnsafePointer(start))
    }
}

extension BorrowedDescriptor {
    /// Sends a signal to the process behind this process descriptor (`pidfd_send_signal(2)`).
    func kill(_ signal: CInt) {
        _ = plumb_pidfd_send_signal(rawValue, signal)
    }

    /// Kills the process behind this process descriptor, and what else is in the process group that it leads: a worker
    /// may be a shell, or another wrapper, whose child is the server. Whoever made a group or a session of its own is
    /// left alone.
    func killGroup(_ group: Int32) {
        // The number is nobody else's until the process is reaped; 0 and -1 would mean others altogether.
        if group > 1, isOurs { _ = plumb_kill(-group, SIGKILL) }
        kill(SIGKILL)
    }

    /// Whether nobody has asked yet how the process ended, if it has.
    private var isOurs: Bool { (try? status(WEXITED | WNOHANG | WNOWAIT)) != nil }

    /// Whether the process has ended, without reaping it.
    var hasEnded: Bool {
        guard let status = try? status(WEXITED | WNOHANG | WNOWAIT) else { return true }
        return status.pid != 0
    }

    private func status(_ options: CInt) throws(Errno) -> (code: CInt, status: CInt, pid: pid_t) {
        var (code, status, pid): (CInt, CInt, pid_t) = (0, 0, 0)
        _ = try systemCall { unsafe plumb_waitid_pidfd(rawValue, options, &code, &status, &pid) }
        return (code, status, pid)
    }

    /// Waits for the end of the process, which was killed.
    func waitForEnd() { _ = try? status(WEXITED) }

    /// How the process behind this process descriptor ended, which also reaps it; `nil` while it lives.
    func exitStatus() -> ExitStatus? {
        // ECHILD: another part of this program waits for any child, or ignores SIGCHLD.
        guard let status = try? status(WEXITED | WNOHANG) else { return .unknown }
        if status.pid == 0 { return nil }
        return status.code == PLUMB_CLD_EXITED ? .exited(status.status) : .signalled(status.status)
    }
}
