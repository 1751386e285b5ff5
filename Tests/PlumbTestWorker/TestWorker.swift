import CPlumb

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A worker for the end-to-end tests: `PlumbTestWorker MODE DIRECTORY [OPTION…]`.
///
/// `ledger` serves through `WorkerChannel` and writes down what it takes; the other modes speak the protocol in raw
/// bytes, as Documentation/handoff-protocol.md has it, and do one thing wrong. Others run a command in circumstances
/// that a test cannot give its own process: `as-nobody COMMAND…`, `limit-files N COMMAND…` and `odd-signals COMMAND…`.
/// `inherited` takes the listeners that it was given by `plumb exec` and says which they are.
@main
enum TestWorker {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "as-nobody":
            becomeNobody()
            execute(Array(arguments.dropFirst()))
        case "limit-files":
            limitFiles(arguments.count > 1 ? Int(arguments[1]) : nil)
            execute(Array(arguments.dropFirst(2)))
        case "odd-signals":
            disturbSignals()
            execute(Array(arguments.dropFirst()))
        case "inherited":
            reportInherited()
        default:
            guard let options = Options(arguments) else {
                give("usage: PlumbTestWorker MODE DIRECTORY [--worker N] [--times N] [--gate FILE] [--status N]")
            }
            if options.mode == .ledger || !options.concerns(worker: workerNumber) {
                runLedger(options)
            } else {
                Misbehaviour(options).run()
            }
        }
    }
}

/// What the command line says.
struct Options {
    let mode: Mode
    let directory: String
    /// The one worker number that misbehaves; the others keep ledgers.
    var worker: Int?
    /// How many processes misbehave; those after them serve.
    var times: Int?
    /// While this file exists, a worker does not say READY.
    var gate: String?
    var status: CInt = 1

    init?(_ arguments: [String]) {
        guard arguments.count >= 2, let mode = Mode(rawValue: arguments[0]) else { return nil }
        self.mode = mode
        directory = arguments[1]
        var rest = arguments[2...]
        while let flag = rest.popFirst() {
            guard let value = rest.popFirst() else { return nil }
            switch flag {
            case "--worker": worker = Int(value)
            case "--times": times = Int(value)
            case "--gate": gate = value
            case "--status": status = CInt(value) ?? 1
            default: return nil
            }
        }
    }

    func concerns(worker number: Int) -> Bool { worker ?? number == number }

    /// Whether this process is among the first ``times``: each claims a file.
    func claimsTurn() -> Bool {
        guard let times else { return true }
        return (0..<times).contains { turn in
            let file = unsafe plumb_open("\(directory)/turn.\(turn)", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
            if file >= 0 { _ = plumb_close(file) }
            return file >= 0
        }
    }
}

/// This worker's number.
var workerNumber: Int { integer("PLUMB_WORKER") ?? 0 }

func integer(_ variable: String) -> Int? {
    guard let text = unsafe getenv(variable) else { return nil }
    return unsafe Int(String(cString: text))
}

/// Leaves with a sentence.
func give(_ sentence: String, status: CInt = 64) -> Never {
    let line = Array((sentence + "\n").utf8)
    _ = unsafe line.withUnsafeBytes { unsafe plumb_write(2, $0.baseAddress, $0.count) }
    exit(status)
}

/// Ends this process as a real crash does.
func killSelf() -> Never {
    kill(getpid(), SIGKILL)
    // The signal is on its way.
    while true { pause() }
}

/// A trap of the language, not a signal from outside.
func trap(_ index: Int) -> Never {
    let empty: [Int] = []
    exit(CInt(truncatingIfNeeded: empty[index]))
}

/// Appends a line to a file of this process in the ledger's directory, in one write.
struct Ledger {
    private let file: CInt

    init(_ name: String, in directory: String) {
        // Some tests want no ledger.
        let path = directory == "/dev/null" ? directory : "\(directory)/\(name).\(getpid())"
        file = unsafe plumb_open(path, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0o600)
        if file < 0 { give("cannot write \(path)") }
    }

    func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe plumb_write(file, $0.baseAddress, $0.count) }
    }
}
