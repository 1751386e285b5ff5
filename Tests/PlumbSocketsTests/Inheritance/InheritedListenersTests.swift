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

/// Taking, in processes of their own, because it changes the environment. The numbers are high ones: at 3 a test's
/// process has its own. That it is 3 for a program shows ExecTests, through `plumb exec`.
@Suite("Taking inherited listeners") struct InheritedListenersTests {
    static let first: CInt = 200

    @Test("each is owned, close-on-exec, in order, with its name; the variables are gone")
    func taken() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let sockets = try makeSockets(3)
            try handDown(sockets, names: "http:admin:http")
            let open = try openDescriptors()
            do {
                let taken = try InheritedListeners.take(from: InheritedListenersTests.first)
                try #require(taken.count == 3)
                for index in 0..<3 {
                    #expect(taken[index].descriptor.rawValue == InheritedListenersTests.first + CInt(index))
                    #expect(try inode(taken[index].descriptor) == inode(sockets[index]))
                    #expect(try isCloseOnExec(taken[index].descriptor))
                    #expect(taken[index].name.description == ["http", "admin", "http"][index])
                }
                #expect(SystemdVariable.all.allSatisfy { unsafe getenv($0) == nil }, "children see nothing")
                #expect(try openDescriptors() == open)
            }
            #expect(try openDescriptors() == open.filter { $0 < InheritedListenersTests.first }, "all were owned")
            #expect(try InheritedListeners.take(from: InheritedListenersTests.first).isEmpty, "the second time")
        }
    }

    @Test("for another process: nothing is touched but the variables")
    func notForThisProcess() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let sockets = try makeSockets(1)
            try handDown(sockets, process: getppid())
            #expect(try InheritedListeners.take(from: InheritedListenersTests.first).isEmpty)
            #expect(isOpen(InheritedListenersTests.first))
            #expect(SystemdVariable.all.allSatisfy { unsafe getenv($0) == nil })
        }
    }

    @Test("meant for this process by its pidfd's inode, or for an earlier one of its number")
    func identity() async throws {
        try #require(InheritedListeners.ownIdentity() != nil || !Machine.hasPidFileSystem)
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            let sockets = try makeSockets(1)
            let own = InheritedListeners.ownIdentity() ?? 7
            try handDown(sockets, identity: "\(own)")
            #expect(try InheritedListeners.take(from: InheritedListenersTests.first).count == 1)
            try handDown(sockets, identity: "\(own + 1)")
            let count = try InheritedListeners.take(from: InheritedListenersTests.first).count
            #expect(count == (Machine.hasPidFileSystem ? 0 : 1))
        }
    }

    enum Wrong: String, CaseIterable, Codable {
        case closed, allClosed, file, pipe, count, names
    }

    @Test(
        "what does not hold is an error; nothing is closed or changed, and the variables are gone",
        arguments: Wrong.allCases)
    func refused(_ wrong: Wrong) async {
        await #expect(processExitsWith: .success) { [wrong] in
            try isolateDescriptors()
            let sockets = try makeSockets(2)
            try handDown(sockets, count: wrong == .count ? "-1" : "3", names: wrong == .names ? "one" : nil)
            let third = InheritedListenersTests.first + 2
            switch wrong {
            case .closed: break
            case .allClosed: for number in third - 2..<third { _ = plumb_close(number) }
            case .file, .count, .names: try put(unsafe plumb_open("/dev/null", O_RDONLY | O_CLOEXEC, 0), at: third)
            case .pipe:
                var ends: [CInt] = [-1, -1]
                try #require(unsafe pipe(&ends) == 0)
                try put(ends[0], at: third)
            }
            let before = try openDescriptors()
            let error = try #require(throws: SocketsError.self) {
                _ = try InheritedListeners.take(from: InheritedListenersTests.first)
            }
            let says: [Wrong: String] = [
                .closed: "descriptor \(third) is not open, and LISTEN_FDS says 3",
                .allClosed: "descriptor \(third - 2) is not",
                .file: "descriptor \(third) is not a socket", .pipe: "is not a socket", .count: "LISTEN_FDS is '-1'",
                .names: "1 names",
            ]
            #expect(error.code == .invalidInheritance)
            #expect(error.description.contains(says[wrong] ?? "?"), "\(error)")
            #expect(try openDescriptors() == before)
            #expect(SystemdVariable.all.allSatisfy { unsafe getenv($0) == nil })
        }
    }

    @Test("a number of descriptors that nobody has is an error at the first that is closed")
    func hugeCount() async {
        await #expect(processExitsWith: .success) {
            try isolateDescriptors()
            try handDown(makeSockets(1), count: "2147483000")
            let error = try #require(throws: SocketsError.self) {
                _ = try InheritedListeners.take(from: InheritedListenersTests.first)
            }
            #expect(error.description.contains("descriptor 201 is not open"), "\(error)")
        }
    }

    // MARK: What is made of one

    @Test("a listener of what listens: it accepts, without waiting, and keeps its hands off the file")
    func listener() throws {
        let directory = try TemporaryDirectory()
        let address = SocketAddressTests.path(directory.file("socket"))
        do {
            let listener = try Listener(owning: listeningSocket(at: address))
            #expect(listener.address == address)
            let none = try listener.accept() == nil
            #expect(none)
            let client = try Descriptor.connecting(to: address)
            let accepted = try require(listener.accept())
            try send("x", over: client)
            #expect(try read(accepted) == "x")
        }
        #expect(try directory.contents() == ["socket"])
    }

    @Test("what does not listen is no listener, and is closed")
    func notAListener() async {
        await #expect(processExitsWith: .success) {
            try expectNoLeak {
                for type in [SocketType.stream, .datagram] {
                    let socket = try Descriptor.socket(family: AF_INET, type: type)
                    let error = adoptionError(socket)
                    #expect(error?.reason == "it is a socket that does not listen")
                }
                let file = Descriptor(owning: unsafe plumb_open("/dev/null", O_RDONLY | O_CLOEXEC, 0))
                let error = adoptionError(file)
                #expect(error?.errno == .notSocket)
            }
        }
    }
}

/// A listener as other programs make it.
private func listeningSocket(at address: SocketAddress) throws -> Descriptor {
    let socket = try Descriptor.socket(family: AF_UNIX, type: .stream)
    try bind(socket, to: address)
    try listen(socket)
    return socket
}

private func listen(_ socket: borrowing Descriptor) throws { try socket.borrowed.listen(backlog: 8) }

private func adoptionError(_ socket: consuming Descriptor) -> SocketsError? {
    do throws(SocketsError) {
        _ = try Listener(owning: socket)
        return nil
    } catch {
        return error
    }
}

/// Puts copies of sockets where a program inherits them, and sets the variables.
private func handDown(
    _ sockets: borrowing UniqueArray<Descriptor>, process: pid_t = getpid(), identity: String? = nil,
    count: String? = nil, names: String? = nil
) throws {
    for index in 0..<sockets.count {
        try #require(dup2(sockets[index].rawValue, InheritedListenersTests.first + CInt(index)) != -1)
    }
    let variables: [(String, String?)] = [
        ("LISTEN_PID", "\(process)"), ("LISTEN_PIDFDID", identity), ("LISTEN_FDS", count ?? "\(sockets.count)"),
        ("LISTEN_FDNAMES", names),
    ]
    for case (let name, let value?) in variables { unsafe setenv(name, value, 1) }
}

private func put(_ source: CInt, at number: CInt) throws {
    try #require(dup2(source, number) == number)
    _ = plumb_close(source)
}
