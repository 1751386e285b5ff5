import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// The processors that this process may run on.
enum Processors {
    /// Their numbers in ascending order (`sched_getaffinity(2)`); at least one.
    static func usable() -> [Int] {
        var mask = [UInt64](repeating: 0, count: 128)
        let length = mask.count * MemoryLayout<UInt64>.size
        guard unsafe plumb_get_affinity(&mask, length) > 0 else { return [0] }
        return mask.indices.flatMap { word in
            (0..<64).filter { mask[word] & 1 << UInt64($0) != 0 }.map { word * 64 + $0 }
        }
    }

    /// Restricts the calling thread to these processors (`sched_setaffinity(2)`).
    static func restrict(to processors: [Int]) throws(Errno) {
        var mask = [UInt64](repeating: 0, count: 128)
        for processor in processors where processor < mask.count * 64 {
            mask[processor / 64] |= 1 << UInt64(processor % 64)
        }
        let length = mask.count * MemoryLayout<UInt64>.size
        _ = try systemCall { unsafe plumb_set_affinity(&mask, length) }
    }
}
