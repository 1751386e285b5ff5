import BasicContainers
import CPlumb
import SystemPackage

/// Descriptors under the numbers at which a program expects them.
///
/// What stood there is copied away first, so that nothing is lost when the program cannot be started after all.
struct DescriptorPlacement: ~Copyable {
    private let first: CInt
    /// What stood at each number; `nil` where nothing did.
    private var previous: [Previous?] = []
    private var copies = UniqueArray<Descriptor>()

    /// A copy of what stood at a number.
    private struct Previous {
        let copy: CInt
        let isCloseOnExec: Bool
    }

    private init(first: CInt) { self.first = first }

    /// Puts copies of open descriptors, in order, at the numbers from `first` up, not close-on-exec.
    ///
    /// - Throws: `.tooManyOpenFiles` or `.invalidArgument` when the limit of open descriptors leaves no room for the
    ///   copies; nothing has changed then.
    static func place(_ numbers: [CInt], from first: CInt) throws(Errno) -> DescriptorPlacement {
        let end = first + CInt(numbers.count)
        // From above the range, so that no copy overwrites another one's source.
        var sources = UniqueArray<Descriptor>(minimumCapacity: numbers.count)
        for number in numbers {
            sources.append(try unsafe BorrowedDescriptor(unsafeRawValue: number).duplicate(atLeast: end))
        }
        var placement = DescriptorPlacement(first: first)
        for number in first..<end { try placement.remember(number, atLeast: end) }
        do throws(Errno) {
            for index in 0..<sources.count { try put(sources[index].rawValue, at: first + CInt(index)) }
        } catch {
            placement.undo()
            throw error
        }
        return placement
    }

    /// Makes the numbers what they were.
    consuming func undo() {
        for (index, previous) in previous.enumerated() {
            let number = first + CInt(index)
            // None of these can fail: the numbers are open, and so are the copies.
            if let previous {
                try? DescriptorPlacement.put(previous.copy, at: number)
                try? unsafe BorrowedDescriptor(unsafeRawValue: number).setCloseOnExec(previous.isCloseOnExec)
            } else {
                _ = plumb_close(number)
            }
        }
    }

    private mutating func remember(_ number: CInt, atLeast lowest: CInt) throws(Errno) {
        let descriptor = unsafe BorrowedDescriptor(unsafeRawValue: number)
        let isCloseOnExec: Bool
        do throws(Errno) {
            isCloseOnExec = try descriptor.isCloseOnExec()
        } catch {
            previous.append(nil)
            return
        }
        let copy = try descriptor.duplicate(atLeast: lowest)
        previous.append(Previous(copy: copy.rawValue, isCloseOnExec: isCloseOnExec))
        copies.append(copy)
    }

    private static func put(_ source: CInt, at number: CInt) throws(Errno) {
        _ = try systemCall { dup2(source, number) }
    }
}
