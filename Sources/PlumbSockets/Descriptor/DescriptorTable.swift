import CPlumb

/// Owned descriptors by index: what a `Descriptor` is for one, for many, without an allocation per descriptor.
///
/// An event loop names a descriptor by the index it got at ``insert(_:)``; the table closes what is left in it when it
/// ends. `insert`, `remove` and `borrow` take constant time; the table grows as needed and never shrinks.
package struct DescriptorTable: ~Copyable {
    /// Descriptor numbers; an empty place holds -1.
    private var numbers: [CInt] = []
    private var free: [Int32] = []

    /// How many descriptors the table owns.
    package private(set) var count = 0

    /// Creates a table with places for `capacity` descriptors before it has to grow.
    package init(capacity: Int) {
        numbers.reserveCapacity(capacity)
        free.reserveCapacity(capacity)
    }

    deinit {
        for number in numbers where number >= 0 { _ = plumb_close(number) }
    }

    /// Takes a descriptor over and says under which index.
    package mutating func insert(_ descriptor: consuming Descriptor) -> Int {
        count += 1
        let number = descriptor.release()
        if let index = free.popLast() {
            precondition(numbers[Int(index)] < 0, "a table's indices are its own choice or its caller's, not both")
            numbers[Int(index)] = number
            return Int(index)
        }
        numbers.append(number)
        return numbers.count - 1
    }

    /// Takes a descriptor over under an index of the caller's choice, which must be empty.
    package mutating func insert(_ descriptor: consuming Descriptor, at index: Int) {
        while numbers.count <= index { numbers.append(-1) }
        precondition(numbers[index] < 0, "the place is taken")
        count += 1
        numbers[index] = descriptor.release()
    }

    /// Gives the descriptor at `index` to the caller; the index is free for another one.
    package mutating func remove(at index: Int) -> Descriptor {
        let descriptor = take(at: index)
        free.append(Int32(truncatingIfNeeded: index))
        return descriptor
    }

    /// Gives the descriptor at an index of the caller's choice to the caller.
    package mutating func take(at index: Int) -> Descriptor {
        precondition(contains(index), "no descriptor at this index")
        count -= 1
        let descriptor = Descriptor(owning: numbers[index])
        numbers[index] = -1
        return descriptor
    }

    /// Whether there is a descriptor at `index`.
    package func contains(_ index: Int) -> Bool { numbers.indices.contains(index) && numbers[index] >= 0 }

    /// The descriptor at `index`, for use while the table is not changed.
    @_lifetime(borrow self)
    package func borrow(_ index: Int) -> BorrowedDescriptor {
        unsafe _overrideLifetime(BorrowedDescriptor(unsafeRawValue: numbers[index]), borrowing: self)
    }
}
