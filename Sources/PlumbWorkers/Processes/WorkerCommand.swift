/// The program that a master runs as its workers.
public struct WorkerCommand: Sendable, Hashable {
    /// The program: a path, or a name that is looked up in `PATH`.
    public var program: String
    /// The arguments, without the program's own name.
    public var arguments: [String]
    /// The program's own name (`argv[0]`); `program` when `nil`.
    public var name: String?

    /// Creates a command.
    public init(_ program: String, _ arguments: [String] = [], name: String? = nil) {
        self.program = program
        self.arguments = arguments
        self.name = name
    }

    /// This very program again, also when its file was replaced meanwhile.
    public static func thisProgram(_ arguments: [String]) -> WorkerCommand {
        WorkerCommand("/proc/self/exe", arguments, name: CommandLine.arguments.first)
    }
}
