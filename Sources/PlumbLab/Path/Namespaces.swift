import BasicContainers
import CPlumb
import CPlumbLab
import PlumbSockets
import SystemPackage

/// Namespaces of the kernel, which a process enters by descriptors.
enum Namespaces {
    /// Enters each namespace, in order, for good (`setns(2)`). The process must have one thread.
    static func enter(_ namespaces: borrowing UniqueArray<Descriptor>) throws(LabError) {
        for index in namespaces.indices {
            let number = namespaces[index].rawValue
            do throws(Errno) {
                _ = try systemCall { plumb_enter_namespace(number) }
            } catch {
                throw LabError(.unavailable, "enter", "the namespace of the emulated path", errno: error)
            }
        }
    }
}
