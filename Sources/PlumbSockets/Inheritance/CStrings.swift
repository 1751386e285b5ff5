import CPlumb

/// The null-terminated array of C strings that `execve(2)` takes.
@safe
struct CStrings: ~Copyable {
    private var pointers: [UnsafeMutablePointer<CChar>?] = unsafe []
    /// How many of the first are somebody else's.
    private var borrowed = 0

    /// Copies words, which have no NUL.
    init(_ words: [[UInt8]]) {
        for word in words { append(word) }
        unsafe pointers.append(nil)
    }

    private init(borrowing pointers: [UnsafeMutablePointer<CChar>?]) {
        unsafe self.pointers = unsafe pointers
        borrowed = unsafe pointers.count
    }

    deinit {
        unsafe pointers[borrowed...].forEach { unsafe free($0) }
    }

    /// This process's environment with these variables, and without what else says who inherits listeners.
    ///
    /// The entries are the environment's own, byte for byte: nobody may change it while this is in use.
    static func environment(with variables: [ListenerConvention.Variable]) -> CStrings {
        let replaced = (SystemdVariable.all + variables.map(\.name)).map { Array("\($0)=".utf8) }
        var kept: [UnsafeMutablePointer<CChar>?] = unsafe []
        var next = unsafe plumb_environ()
        while let entry = unsafe next.pointee {
            unsafe next += 1
            let isReplaced = replaced.contains { prefix in
                unsafe strncmp(entry, prefix.map { CChar(bitPattern: $0) }, prefix.count) == 0
            }
            if !isReplaced { unsafe kept.append(entry) }
        }
        var strings = unsafe CStrings(borrowing: kept)
        for variable in variables { strings.append(Array("\(variable.name)=\(variable.value)".utf8)) }
        unsafe strings.pointers.append(nil)
        return strings
    }

    private mutating func append(_ bytes: [UInt8]) {
        unsafe pointers.append(strdup(bytes.map { CChar(bitPattern: $0) } + [0]))
    }

    /// The array, for the duration of the call.
    borrowing func withPointers<Result>(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("the array has its nil at least") }
            return unsafe body(start)
        }
    }
}
