import CPlumb
import PlumbSockets
import SystemPackage

/// Files of /proc and /sys, which say that they are empty and are read to their end all the same.
enum SystemFile {
    /// A file's text; `nil` where there is none or it may not be read.
    static func text(_ path: String) -> String? {
        guard let number = try? systemCall({ unsafe plumb_open(path, O_RDONLY | O_CLOEXEC, 0) }) else { return nil }
        let file = Descriptor(owning: number)
        return contents(file.borrowed).map { String(decoding: $0, as: UTF8.self) }
    }

    /// A file's text without the white space around it; `nil` also where it is empty.
    static func line(_ path: String) -> String? {
        guard let text = text(path) else { return nil }
        let trimmed = text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    private static func contents(_ file: BorrowedDescriptor) -> [UInt8]? {
        var all: [UInt8] = []
        var room = [UInt8](repeating: 0, count: 16384)
        while true {
            guard let count = try? read(file, &room) else { return nil }
            if count == 0 { return all }
            all += room[..<count]
        }
    }

    private static func read(_ file: BorrowedDescriptor, _ room: inout [UInt8]) throws(Errno) -> Int {
        var span = room.mutableSpan
        var bytes = unsafe span.mutableBytes
        return try file.read(into: &bytes)
    }
}

extension ProcessorTimes {
    /// What the processors have done since boot; `nil` where /proc is not there.
    static func now() -> ProcessorTimes? { SystemFile.text("/proc/stat").flatMap { ProcessorTimes(text: $0) } }
}
