import BasicContainers
import CPlumb
import PlumbSockets
import SystemPackage
import Testing

@testable import PlumbWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a worker process starts with, and how its end is told. The worker is a shell that speaks over its channel.
struct WorkerProcessTests {
    /// Lists its own descriptors, without those that listing opens for a moment.
    private static let listDescriptors = """
        for f in /proc/$$/fd/*; do if [ -e "$f" ]; then echo "${f##*/}" >&3; fi; done
        """

    @Test("It has standard input, output and error and the channel, and nothing else")
    func descriptors() throws {
        // Open here, with and without close-on-exec, at low and high numbers.
        let other = try Descriptor.socketPair(type: .stream)
        let numbers = other.split { ($0.release(), $1.release()) }
        defer { [numbers.0, numbers.1].forEach { _ = plumb_close($0) } }
        _ = plumb_fcntl(numbers.0, F_SETFD, 0)
        let high = plumb_fcntl(numbers.0, F_DUPFD, 500)
        try #require(high >= 500)
        defer { _ = plumb_close(high) }
        #expect(try shell(Self.listDescriptors).lines == ["0", "1", "2", "3"])
    }

    @Test("Descriptors 0 to 2 are this process's, and 3 is its end of the channel, which waits")
    func channel() throws {
        let run = try shell("readlink /proc/$$/fd/3 >&3; grep ^flags: /proc/$$/fdinfo/3 >&3")
        #expect(run.lines.first?.hasPrefix("socket:[") == true)
        let flags = try #require(run.lines.last?.split(separator: "\t").last.flatMap { CInt($0, radix: 8) })
        #expect(flags & O_NONBLOCK == 0, "a shell cannot handle EAGAIN")
    }

    @Test("The environment says which channel, worker and generation, once each")
    func environment() async {
        await #expect(processExitsWith: .success) {
            // A master that is somebody's worker itself.
            for name in ["PLUMB_CHANNEL", "PLUMB_WORKER", "PLUMB_GENERATION"] { unsafe setenv(name, "77", 1) }
            unsafe setenv("PLUMB_TEST_OTHER", "kept", 1)
            // As the kernel has it: a shell would hide that a name is there twice.
            let names = "^PLUMB_(CHANNEL|WORKER|GENERATION|TEST)"
            let script = "tr '\\0' '\\n' < /proc/$$/environ | grep -E '\(names)' | sort >&3"
            let run = try shell(script, number: 5, generation: 2)
            #expect(
                run.lines == ["PLUMB_CHANNEL=3", "PLUMB_GENERATION=2", "PLUMB_TEST_OTHER=kept", "PLUMB_WORKER=5"])
        }
    }

    @Test("It is in a process group of its own")
    func processGroup() throws {
        let run = try shell("read pid name state parent group rest < /proc/$$/stat; echo $pid $parent $group >&3")
        #expect(run.lines == ["\(run.pid) \(getpid()) \(run.pid)"])
    }

    @Test("No signal is blocked or ignored, though this process blocks and ignores some")
    func signals() async {
        await #expect(processExitsWith: .success) {
            for number in [SIGPIPE, SIGUSR1, SIGHUP, SIGINT] { _ = signal(number, SIG_IGN) }
            var set = sigset_t()
            unsafe sigfillset(&set)
            unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
            // Not grep, which catches SIGSEGV.
            let run = try shell("exec cat /proc/self/status >&3")
            func mask(_ name: String) throws -> UInt64 {
                let line = try #require(run.lines.first { $0.hasPrefix(name) })
                return try #require(line.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) })
            }
            #expect(try mask("SigBlk:") == 0)
            #expect(try mask("SigCgt:") == 0)
            // glibc ignores its own two, 32 and 33, in what it spawns; a program that needs them handles them.
            #expect(try mask("SigIgn:") & ~(0b11 << 31) == 0)
        }
    }

    @Test("A program that is not there is ENOENT, one that may not be executed EACCES")
    func notExecutable() throws {
        for (program, error) in [
            ("/no/such/program", Errno.noSuchFileOrDirectory), ("plumb-no-such-program", .noSuchFileOrDirectory),
            ("/etc/passwd", .permissionDenied), ("/etc", .permissionDenied),
        ] {
            #expect(throws: error, "\(program)") {
                try WorkerProcess.spawn(WorkerCommand(program), number: 1, generation: 1).split { _, _ in }
            }
        }
    }

    @Test("A failed start leaves no descriptor open")
    func noLeak() async {
        await #expect(processExitsWith: .success) {
            try #require(plumb_close_range(.max, .max, UInt32(CLOSE_RANGE_UNSHARE)) == 0)
            let before = try openDescriptors()
            for _ in 0..<3 {
                try? WorkerProcess.spawn(WorkerCommand("/no/such/program"), number: 1, generation: 1).split { _, _ in }
            }
            #expect(try openDescriptors() == before)
        }
    }

    @Test("The program is looked up in PATH, and its name and arguments are what they were")
    func arguments() throws {
        let script = #"for a in "$0" "$@"; do echo "<$a>" >&3; done"#
        let run = try spawn(WorkerCommand("sh", ["-c", script, "a b", "", "ü"], name: "my name"))
        #expect(run.lines == ["<a b>", "<>", "<ü>"])
        let named = try spawn(
            WorkerCommand("sh", ["-c", "tr '\\0' '\\n' < /proc/$$/cmdline | head -1 >&3"], name: "my name"))
        #expect(named.lines == ["my name"])
    }

    @Test("Its exit status is told", arguments: [0, 1, 78, 255] as [Int32])
    func exitStatus(status: Int32) throws {
        #expect(try shell("exit \(status)").end == .exited(status))
    }

    @Test("The signal that killed it is told", arguments: [SIGKILL, SIGTERM, SIGINT, SIGHUP, SIGABRT])
    func signalled(signal: Int32) throws {
        #expect(try shell("kill -\(signal) $$").end == .signalled(signal))
    }

    @Test("While it lives there is no exit status, and a signal reaches it through its process descriptor")
    func lives() throws {
        let worker = try WorkerProcess.spawn(
            WorkerCommand("/bin/sh", ["-c", "echo here >&3; read line <&3"]), number: 1, generation: 1)
        #expect(try lines(of: worker.channel, atMost: 1) == ["here"])
        #expect(try exitStatusNow(worker.process) == nil)
        kill(worker.process, SIGTERM)
        #expect(try end(of: worker.process) == .signalled(SIGTERM))
    }

    @Test("A kill reaches the process group that the worker leads, and nobody in a session of its own")
    func killsTheGroup() throws {
        // A wrapper whose child is the server, and a child that is to outlive both.
        let script = "sleep 60 & echo in $! >&3; setsid -f sh -c 'echo out $$ >&3; exec sleep 60'; wait"
        let worker = try WorkerProcess.spawn(WorkerCommand("/bin/sh", ["-c", script]), number: 1, generation: 1)
        let lines = try lines(of: worker.channel, atMost: 2)
        func child(_ name: String) throws -> Descriptor {
            let line = try #require(lines.first { $0.hasPrefix(name + " ") })
            return Descriptor(owning: plumb_pidfd_open(try #require(Int32(line.dropFirst(name.count + 1)))))
        }
        let (inside, outside) = (try child("in").release(), try child("out").release())
        defer { [inside, outside].forEach { _ = plumb_close($0) } }
        kill(worker.process, group: worker.pid)
        #expect(try end(of: worker.process) == .signalled(SIGKILL))
        func hasEnded(_ number: CInt, within milliseconds: CInt) throws -> Bool {
            let process = unsafe BorrowedDescriptor(unsafeRawValue: number)
            return try process.waitUntil(writable: false, timeoutMilliseconds: milliseconds)
        }
        #expect(try hasEnded(inside, within: generous))
        #expect(try !hasEnded(outside, within: 0))
        _ = plumb_pidfd_send_signal(outside, SIGKILL)
    }

    @Test("The end of a process that another part of this one asked about first is not waited for")
    func reapedElsewhere() async {
        await #expect(processExitsWith: .success) {
            let worker = try WorkerProcess.spawn(WorkerCommand("/bin/sh", ["-c", "exit 3"]), number: 1, generation: 1)
            // Until it has ended, and for any child.
            #expect(try systemCall { unsafe waitpid(-1, nil, 0) } == worker.pid)
            #expect(try end(of: worker.process) == .unknown)
            kill(worker.process, group: worker.pid)
        }
    }

    @Test("The end of the master is the end of file in the worker")
    func endOfFile() throws {
        let worker = try WorkerProcess.spawn(
            WorkerCommand("/bin/sh", ["-c", "read line <&3; exit 9"]), number: 1, generation: 1)
        let process = try worker.process.duplicate()
        worker.split { _, _ in }
        #expect(try end(of: process) == .exited(9))
    }

    @Test("Signals have their names")
    func names() {
        #expect("\(PlumbWorkers.ExitStatus.exited(3))" == "exited with status 3")
        #expect("\(PlumbWorkers.ExitStatus.signalled(SIGSEGV))" == "was killed by SIGSEGV")
        #expect("\(PlumbWorkers.ExitStatus.signalled(64))" == "was killed by signal 64")
        #expect("\(PlumbWorkers.ExitStatus.unknown)".hasPrefix("ended, and another part of this program"))
    }
}

/// What became of a worker.
struct Run {
    let pid: Int32
    /// What it wrote to its channel, in lines.
    let lines: [String]
    let end: PlumbWorkers.ExitStatus
}

private func shell(_ script: String, number: Int = 1, generation: Int = 1) throws -> Run {
    try spawn(WorkerCommand("/bin/sh", ["-c", script]), number: number, generation: generation)
}

private func spawn(_ command: WorkerCommand, number: Int = 1, generation: Int = 1) throws -> Run {
    let worker = try WorkerProcess.spawn(command, number: number, generation: generation)
    let lines = try lines(of: worker.channel)
    return Run(pid: worker.pid, lines: lines, end: try end(of: worker.process))
}

/// Reads from the channel until its end, or so many lines.
private func lines(of channel: borrowing Descriptor, atMost limit: Int = .max) throws -> [String] {
    var text = ""
    var room = [UInt8](repeating: 0, count: 4096)
    while text.split(separator: "\n").count < limit {
        let isReadable = try channel.borrowed.waitUntil(writable: false, timeoutMilliseconds: generous)
        try #require(isReadable, "the worker said nothing in \(generous) ms")
        let count = try read(channel, &room)
        if count == 0 { break }
        text += String(decoding: room[..<count], as: UTF8.self)
    }
    return text.split(separator: "\n").map { String($0) }
}

private func read(_ channel: borrowing Descriptor, _ room: inout [UInt8]) throws -> Int {
    var span = room.mutableSpan
    var bytes = unsafe span.mutableBytes
    return try channel.borrowed.read(into: &bytes)
}

/// Waits for the end of the process, which its descriptor shows by becoming readable.
private func end(of process: borrowing Descriptor) throws -> PlumbWorkers.ExitStatus {
    let hasEnded = try process.borrowed.waitUntil(writable: false, timeoutMilliseconds: generous)
    try #require(hasEnded, "the worker did not end in \(generous) ms")
    return try #require(try exitStatusNow(process))
}

private func exitStatusNow(_ process: borrowing Descriptor) throws -> PlumbWorkers.ExitStatus? {
    process.borrowed.exitStatus()
}

private func kill(_ process: borrowing Descriptor, _ signal: CInt) { process.borrowed.kill(signal) }
private func kill(_ process: borrowing Descriptor, group: Int32) { process.borrowed.killGroup(group) }
