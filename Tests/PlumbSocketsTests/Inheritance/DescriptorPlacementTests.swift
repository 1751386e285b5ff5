import BasicContainers
import CPlumb
import FoundationEssentials
import SystemPackage
import Testing

@testable import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

@Suite("Descriptors at given numbers") struct DescriptorPlacementTests {
    static let first: CInt = 200

    @Test("in order, for the next program, whatever stood there and wherever they stood before")
    func placed() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let first = DescriptorPlacementTests.first
            let sockets = try makeSockets(4)
            let inodes = try (0..<4).map { try inode(sockets[$0]) }
            // Two of them stand in the range already, in each other's places; a third number there is somebody else's.
            try put(sockets[0], at: first + 1)
            try put(sockets[1], at: first)
            let other = try Descriptor.socket(family: AF_UNIX, type: .stream)
            let otherInode = try inode(other)
            try put(other, at: first + 2)
            let before = try openDescriptors()
            let placement = try DescriptorPlacement.place(
                [first + 1, first, sockets[2].rawValue, sockets[3].rawValue], from: first)
            #expect(try (0..<4).map { try inode(at: first + $0) } == inodes)
            #expect((0..<4).allSatisfy { plumb_fcntl(first + $0, F_GETFD, 0) == 0 }, "not close-on-exec")
            placement.undo()
            #expect(try [first + 1, first, first + 2].map { try inode(at: $0) } == [inodes[0], inodes[1], otherInode])
            #expect(try openDescriptors() == before, "nothing more, nothing less")
        }
    }

    @Test("undone, each has its close-on-exec flag again", arguments: [false, true])
    func flags(_ isCloseOnExec: Bool) async {
        await #expect(processExitsWith: .success) { [isCloseOnExec] in
            try isolateDescriptors()
            let first = DescriptorPlacementTests.first
            let sockets = try makeSockets(2)
            try put(sockets[0], at: first)
            try unsafe BorrowedDescriptor(unsafeRawValue: first).setCloseOnExec(isCloseOnExec)
            let placement = try DescriptorPlacement.place([sockets[1].rawValue], from: first)
            placement.undo()
            #expect(try inode(at: first) == inode(sockets[0]))
            #expect((plumb_fcntl(first, F_GETFD, 0) == FD_CLOEXEC) == isCloseOnExec)
        }
    }

    @Test("without room for the copies nothing changes", arguments: [0, 1, 2, 3, 4])
    func noRoom(_ free: Int) async {
        await #expect(processExitsWith: .success) { [free] in
            let sockets = try makeSockets(2)
            try withDescriptorsExhausted(free: free) {
                let inodes = try (0..<2).map { try inode(sockets[$0]) }
                // Both are in the range, so each needs a copy for the program and one to remember it by.
                let first = min(sockets[0].rawValue, sockets[1].rawValue)
                let numbers = [sockets[0].rawValue, sockets[1].rawValue]
                let before = openNumbers()
                do throws(Errno) {
                    try DescriptorPlacement.place(numbers, from: first).undo()
                    #expect(free == 4)
                } catch {
                    #expect(free < 4 && error == .tooManyOpenFiles, "\(error)")
                }
                #expect(openNumbers() == before)
                #expect(try (0..<2).map { try inode(sockets[$0]) } == inodes)
            }
        }
    }

    @Test("everything else is closed by the next program: by one call, and one by one", arguments: [false, true])
    func closeOnExec(_ oneByOne: Bool) async {
        await #expect(processExitsWith: .success) { [oneByOne] in
            try isolateDescriptors()
            for number in [100, 150, 199, 200, 201, 900] as [CInt] { try #require(dup2(1, number) != -1) }
            if oneByOne { try markCloseOnExecOneByOne(from: 150) } else { try markCloseOnExec(from: 150) }
            for number in try openDescriptors() where number >= 150 {
                #expect(plumb_fcntl(number, F_GETFD, 0) == FD_CLOEXEC, "\(number)")
            }
            #expect(plumb_fcntl(100, F_GETFD, 0) == 0)
            #expect(isOpen(900))
        }
    }
}

private func put(_ source: borrowing Descriptor, at number: CInt) throws {
    try #require(dup2(source.rawValue, number) == number)
}

/// The numbers of this thread's open descriptors, found without opening one.
private func openNumbers() -> [CInt] { (0..<4096).filter { isOpen($0) } }

private func inode(at number: CInt) throws -> UInt64 {
    var status = stat()
    unsafe try #require(fstat(number, &status) == 0, "\(number) is closed")
    return UInt64(status.st_ino)
}
