import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

@Suite("Tables of descriptors") struct DescriptorTableTests {
    @Test("what goes in comes out, and what is left is closed at the end")
    func ownership() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                var table = DescriptorTable(capacity: 2)
                var numbers: [CInt] = []
                for expected in 0..<5 {
                    let socket = try Descriptor.socket(family: AF_UNIX, type: .stream)
                    numbers.append(socket.rawValue)
                    #expect(table.insert(socket) == expected)
                }
                #expect(table.count == 5)
                let second = table.remove(at: 1)
                #expect(second.rawValue == numbers[1] && isOpen(numbers[1]))
                #expect(table.count == 4 && !table.contains(1) && table.contains(4) && !table.contains(5))
                let number = table.borrow(4).rawValue
                #expect(number == numbers[4])
                #expect(table.insert(try second.duplicate()) == 1, "the free place is used again")
                #expect(table.count == 5)
            }
        }
    }

    @Test("places of the caller's choice")
    func chosenPlaces() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                var table = DescriptorTable(capacity: 0)
                for index in [7, 2] { table.insert(try Descriptor.socket(family: AF_UNIX, type: .stream), at: index) }
                #expect(table.count == 2)
                let taken = table.take(at: 7)
                #expect(isOpen(taken.rawValue) && !table.contains(7) && table.contains(2))
                table.insert(try taken.duplicate(), at: 7)
                #expect(table.count == 2)
            }
        }
    }
}
