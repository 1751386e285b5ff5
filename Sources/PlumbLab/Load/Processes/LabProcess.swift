import CPlumb
import PlumbSockets
import SystemPackage

/// The program that is started for the two sides of a measurement, and the arguments by which it knows.
public struct LabProgram: Sendable, Hashable {
    /// A path.
    public let path: String
    /// The arguments that make it call ``LoadProcess/run()``.
    public let arguments: [String]

    /// Names a program that calls ``LoadProcess/run()`` when it is started with these arguments.
    public init(_ path: String, _ arguments: [String]) {
        self.path = path
        self.arguments = arguments
    }

    /// This very program again.
    public static func thisProgram(_ arguments: [String]) -> LabProgram { LabProgram("/proc/self/exe", arguments) }
}

/// A process of a measurement, and this side's end of the channel to it. It is killed and reaped when the value ends.
struct LabProcess: ~Copyable {
    /// The channel's number in the process.
    static let channelNumber: CInt = 3

    private let process: Descriptor
    let channel: Descriptor

    private init(process: consuming Descriptor, channel: consuming Descriptor) {
        self.process = process
        self.channel = channel
    }

    deinit {
        _ = plumb_pidfd_send_signal(process.rawValue, SIGKILL)
        var (code, status, pid): (CInt, CInt, pid_t) = (0, 0, 0)
        _ = try? systemCall { unsafe plumb_waitid_pidfd(process.rawValue, WEXITED, &code, &status, &pid) }
    }

    /// Starts a process that has descriptor 3, its end of the channel, and the three standard ones.
    static func start(_ program: LabProgram) throws(LabError) -> LabProcess {
        do throws(Errno) {
            return try Descriptor.socketPair(type: .sequencedPacket).split { (ours, theirs) throws(Errno) in
                let pid = try spawn(program, channel: theirs)
                return LabProcess(process: Descriptor(owning: try systemCall { plumb_pidfd_open(pid) }), channel: ours)
            }
        } catch {
            throw LabError(.process, "start", program.path, errno: error)
        }
    }

    private static func spawn(_ program: LabProgram, channel: borrowing Descriptor) throws(Errno) -> pid_t {
        // From above the child's number, so that dup2 does not find its source in its place.
        let source = try channel.duplicate(atLeast: channelNumber + 1)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, source.rawValue, channelNumber)

        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var arguments = unsafe ([program.path] + program.arguments).map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let result = unsafe posix_spawn(&pid, program.path, &actions, &attributes, &arguments, plumb_environ())
        if result != 0 { throw Errno(rawValue: result) }
        return pid
    }
}
