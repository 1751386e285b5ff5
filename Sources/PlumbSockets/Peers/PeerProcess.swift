import CPlumb
package import SystemPackage

// What /proc says of a process that is known by its descriptor, which makes the answer that very process's.

/// A program file, as a process runs it.
public struct Executable: Hashable, Sendable {
    /// Where it was when the process started it, as this process's mounts name it; " (deleted)" follows when it is gone.
    public let path: String
    let file: FileStatus.Identity
}

extension BorrowedDescriptor {
    /// The number of the process behind this process descriptor, in the process namespace of /proc.
    ///
    /// - Throws: `.noSuchProcess` when it has been reaped, or /proc does not show it.
    package func processID() throws(Errno) -> Int32 {
        let lines = try contents(ofFile: "/proc/thread-self/fdinfo/\(rawValue)")
        guard let number = value(of: "Pid", in: lines).flatMap({ Int32($0) }), number > 0 else { throw .noSuchProcess }
        return number
    }

    /// Whether the process behind this process descriptor has not ended.
    package func processIsAlive() throws(Errno) -> Bool {
        try !waitUntil(writable: false, timeoutMilliseconds: 0)
    }

    /// The program that the process behind this process descriptor runs.
    ///
    /// - Throws: `.noSuchProcess` when it has ended; `.permissionDenied` when it is another user's and this process may not
    ///   look into it.
    package func processExecutable() throws(Errno) -> Executable {
        let link = Array("/proc/\(try processID())/exe".utf8)
        let program = try Descriptor.naming(link)
        // Alive now, so the number was this process's while the link was followed.
        guard try processIsAlive() else { throw .noSuchProcess }
        return try Executable(of: program)
    }
}

extension Executable {
    fileprivate init(of program: borrowing Descriptor) throws(Errno) {
        file = try FileStatus(of: program.borrowed).identity
        path = try program.borrowed.linkInProc()
    }
}

extension BorrowedDescriptor {
    /// What /proc calls the open file: its path, or such as `anon_inode:[eventfd]`.
    func linkInProc() throws(Errno) -> String {
        let path = pathInProc
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = try systemCall {
            unsafe plumb_readlink(path, &bytes, bytes.count)
        }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
