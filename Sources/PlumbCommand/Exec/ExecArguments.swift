public import ArgumentParser
import CPlumb
public import PlumbSockets

extension ListenerName: ExpressibleByArgument {}

extension ListenerConvention: ExpressibleByArgument {
    /// The convention of a name on the command line.
    public init?(argument: String) { self.init(named: argument) }

    /// Its name.
    public var defaultValueDescription: String { name }

    /// The names of all of them.
    public static var allValueStrings: [String] { all.map(\.name) }
}

/// Permissions on the command line, octal as for chmod(1).
struct FileMode: ExpressibleByArgument {
    let bits: UInt32

    init?(argument: String) {
        guard argument.first != "+", let bits = UInt32(argument, radix: 8), bits <= 0o777 else { return nil }
        self.bits = bits
    }
}

/// The command line as the bytes that it is.
enum RawArguments {
    /// The last words, which need not be UTF-8: as `String` they would be repaired into others.
    static func last(_ count: Int) -> [[UInt8]] {
        let all = unsafe UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        return unsafe all.suffix(count).map { word in
            guard let word = unsafe word else { return [] }
            return unsafe UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) }
        }
    }
}
