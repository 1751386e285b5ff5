import CPlumb
import PlumbSockets
import SystemPackage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A directory for sockets, removed with the value.
struct LabDirectory: ~Copyable {
    let path: String

    init() throws(LabError) {
        var template = Array("/tmp/plumb-lab-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw LabError(.system, "make", "a directory in /tmp", errno: Errno.current)
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { unsafe rmdir(path) }
}
