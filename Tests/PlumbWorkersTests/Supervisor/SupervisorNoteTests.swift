import Logging
import Synchronization
import Testing

@testable import PlumbWorkers

/// What the log says.
struct SupervisorNoteTests {
    struct Case: CustomTestStringConvertible {
        let note: SupervisorNote
        let line: String

        init(_ note: SupervisorNote, _ line: String) { (self.note, self.line) = (note, line) }

        var testDescription: String { line }
    }

    @Test(
        "Each note is one line with its figures",
        arguments: [
            Case(
                .workerReady(number: 1, pid: 42, after: .milliseconds(125)),
                "info: worker ready after=125ms pid=42 worker=1"),
            Case(
                .workerEnded(number: 2, pid: 43, .ended(.signalled(11)), heldConnections: 7, redispatched: 3),
                "warning: worker was killed by SIGSEGV held=7 pid=43 redispatched=3 worker=2"),
            Case(
                .workerStuck(
                    number: 2, pid: 43, .hung, after: .seconds(5), heldConnections: 7, redispatched: 3),
                "error: worker left connections unacknowledged until the hang deadline, does not end although it was "
                    + "killed, and is left behind: it waits in the kernel, perhaps for a disk or a network file system "
                    + "(/proc/43/stack says where) after=5000ms held=7 pid=43 redispatched=3 worker=2"),
            Case(
                .workerRestarts(number: 3, after: .milliseconds(1500)),
                "info: replacing the worker after=1500ms worker=3"),
            Case(
                .breakerOpened(number: 1, failures: 5, .endedBeforeReady(.exited(78)), retryAfter: .seconds(30)),
                "error: worker failed 5 times in a row and is now tried only now and then: "
                    + "it exited with status 78 before it was ready after=30000ms worker=1"),
            Case(.breakerClosed(number: 1), "notice: worker serves again worker=1"),
            Case(
                .workerSuspect(number: 1, pid: 42, unacknowledged: 5),
                "warning: worker does not acknowledge: it gets no connections until it does "
                    + "pid=42 unacknowledged=5 worker=1"),
            Case(.workerRecovered(number: 1, pid: 42), "notice: worker acknowledges again pid=42 worker=1"),
            Case(.connectionGivenUp(attempts: 3), "error: connection closed: 3 workers ended before they took it"),
            Case(
                .connectionRefused(number: 1, reason: 24),
                "warning: worker refused a connection, which another gets: Too many open files worker=1"),
            Case(
                .acceptPaused(reason: 23),
                "error: cannot accept: Too many open files in system; connections wait in the kernel's backlog"),
            Case(
                .draining(connections: 9, deadline: .seconds(30)),
                "notice: stopping: no new connections connections=9 deadline=30000ms"),
            Case(.cutOff(connections: 4), "error: connections cut off connections=4"),
        ])
    func line(test: Case) {
        let lines = CapturedLines()
        test.note.write(to: Logger(label: "test") { _ in CapturingLogHandler(lines: lines) })
        #expect(lines.all == [test.line])
    }

    @Test(
        "A cause ends a sentence that begins with the worker",
        arguments: [
            (.notExecutable(2), "could not be started: No such file or directory"),
            (.endedBeforeReady(.exited(1)), "exited with status 1 before it was ready"),
            (.startDeadline, "was not ready by the start deadline"), (.ended(.exited(0)), "exited with status 0"),
            (.violation(.counts), "broke the hand-off protocol (counts)"),
            (.listenersRefused(24), "could not take its listeners: Too many open files"),
            (.closedChannel, "closed its channel"),
            (.hung, "left connections unacknowledged until the hang deadline"), (.drained, "was told to end"),
        ] as [(TerminationCause, String)])
    func cause(cause: TerminationCause, text: String) {
        #expect("\(cause)" == text)
    }
}

/// Lines of log as `level: message key=value`.
private final class CapturedLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func add(_ line: String) { lines.withLock { $0.append(line) } }
}

private struct CapturingLogHandler: LogHandler {
    let lines: CapturedLines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let figures = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }
        lines.add("\(event.level): \(event.message)" + figures.joined())
    }
}
