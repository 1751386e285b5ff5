import CPlumb
public import SystemPackage

/// A program that this process can become.
public struct Program: Sendable {
    /// The program's file.
    public let file: FilePath
    /// Its own name and its arguments (`argv`), as bytes because they need not be UTF-8.
    public let words: [[UInt8]]

    /// Looks a program up: a path, or a name that is looked up in `PATH` as execvp(3) does.
    ///
    /// - Parameter words: the name and the arguments, without NUL; at least the name.
    /// - Throws: ``SocketsError/Code/commandNotFound`` or ``SocketsError/Code/commandNotExecutable``.
    public init(words: [[UInt8]]) throws(SocketsError) {
        precondition(!words.isEmpty, "a command has at least a name")
        file = try Program.find(words[0])
        self.words = words
    }

    /// Looks a program up, with arguments as text.
    public init(_ name: String, arguments: [String] = []) throws(SocketsError) {
        try self.init(words: ([name] + arguments).map { Array($0.utf8) })
    }

    private static func find(_ name: [UInt8]) throws(SocketsError) -> FilePath {
        let isPath = name.contains(UInt8(ascii: "/"))
        var found: Errno?
        for candidate in isPath ? [name] : candidates(name) {
            let path = unsafe FilePath(platformString: candidate.map { CChar(bitPattern: $0) } + [0])
            switch attempt(path) {
            case .canExecute: return path
            // As a shell says it: the first that is there and cannot be executed is worth a word, if none can.
            case .cannotExecute(let error): found = found ?? error
            // In PATH also a directory into which one may not look is none that has it.
            case .cannotSee(let error): if isPath && !absences.contains(error) { found = error }
            }
        }
        if let found { throw commandError(name, found) }
        throw SocketsError(
            .commandNotFound, "run", "'\(String(decoding: name, as: UTF8.self))'", errno: .noSuchFileOrDirectory,
            reason: isPath
                ? "there is no such file; check the path"
                : "there is no such program in PATH; check the name, or write its path")
    }

    private static let absences: [Errno] = [.noSuchFileOrDirectory, .notDirectory]

    private static func candidates(_ name: [UInt8]) -> [[UInt8]] {
        var list = Array("/bin:/usr/bin".utf8)
        if let path = unsafe getenv("PATH") {
            unsafe list = UnsafeBufferPointer(start: path, count: strlen(path)).map { UInt8(bitPattern: $0) }
        }
        guard !name.isEmpty else { return [] }
        // An empty entry is the working directory.
        return list.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { directory in
            directory.isEmpty ? name : directory + [UInt8(ascii: "/")] + name
        }
    }

    private enum Attempt {
        case canExecute
        case cannotExecute(Errno)
        case cannotSee(Errno)
    }

    /// Whether a file can be executed, as far as its type and permissions tell.
    private static func attempt(_ path: FilePath) -> Attempt {
        var status = stat()
        return unsafe path.withPlatformString { path in
            guard unsafe stat(path, &status) == 0 else { return .cannotSee(.current) }
            switch UInt32(status.st_mode) & UInt32(S_IFMT) {
            case UInt32(S_IFREG):
                let result = unsafe faccessat(AT_FDCWD, path, X_OK, AT_EACCESS)
                return result == 0 ? .canExecute : .cannotExecute(.current)
            case UInt32(S_IFDIR): return .cannotExecute(.isDirectory)
            default: return .cannotExecute(.permissionDenied)
            }
        }
    }

    /// The error of a program that is there and cannot be run.
    static func commandError(_ name: [UInt8], _ error: Errno) -> SocketsError {
        SocketsError(
            .commandNotExecutable, "run", "'\(String(decoding: name, as: UTF8.self))'", errno: error,
            reason: reasons.first { $0.error == error }?.reason)
    }

    private static let reasons: [(error: Errno, reason: String)] = [
        (.permissionDenied, "you may not execute it; `chmod +x` it, or name its interpreter before it"),
        (.isDirectory, "it is a directory; name a program"),
        (
            .execFormatError,
            "it is neither a program for this machine nor a script that begins with #!; name its interpreter before it"
        ),
        (
            .noSuchFileOrDirectory,
            "the interpreter that it needs (its #! line, or the dynamic loader) does not exist; install that"
        ),
        (Errno(rawValue: E2BIG), "its arguments and the environment are too long together; shorten them"),
        (Errno(rawValue: ETXTBSY), "somebody has its file open for writing; try again when that is over"),
    ]
}
