import CPlumb
import PlumbSockets
import SystemPackage
import Testing

@testable import PlumbWorkers

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a worker finds in its environment.
struct InheritedChannelTests {
    @Test(
        "Without a channel, or with nonsense, it says how to start it",
        arguments: [nil, "", "3x", "-1", "2", "99999999999"])
    func nonsense(value: String?) async {
        await #expect(processExitsWith: .success) { [value] in
            if let value { unsafe setenv("PLUMB_CHANNEL", value, 1) } else { unsafe unsetenv("PLUMB_CHANNEL") }
            let error = #expect(throws: WorkersError.self) { _ = try WorkerChannel.inherited() }
            #expect(error?.description.contains("plumb serve -- COMMAND") == true)
        }
    }

    @Test("A descriptor that is not open is an error")
    func notOpen() async {
        await #expect(processExitsWith: .success) {
            unsafe setenv("PLUMB_CHANNEL", "987", 1)
            let error = #expect(throws: WorkersError.self) { _ = try WorkerChannel.inherited() }
            #expect(error?.errno == .badFileDescriptor)
        }
    }

    @Test("The channel is taken, close-on-exec, and gone from the environment")
    func taken() async {
        await #expect(processExitsWith: .success) {
            let pair = try Descriptor.socketPair(type: .sequencedPacket)
            let ends = pair.split { master, worker in (master.release(), worker.release()) }
            _ = plumb_fcntl(ends.1, F_SETFD, 0)
            unsafe setenv("PLUMB_CHANNEL", "\(ends.1)", 1)
            unsafe setenv("PLUMB_WORKER", "4", 1)
            unsafe setenv("PLUMB_GENERATION", "9", 1)
            let worker = try WorkerChannel.inherited()
            #expect(worker.number == 4)
            #expect(worker.generation == 9)
            let isGone = unsafe getenv("PLUMB_CHANNEL") == nil
            #expect(isGone)
            #expect(!isOpen(ends.1) || plumb_fcntl(ends.1, F_GETFD, 0) == FD_CLOEXEC)
            try worker.start()
            var room = [UInt8](repeating: 0, count: 64)
            let count = unsafe plumb_read(ends.0, &room, 64)
            #expect(count == 24 && room[0] == 65)
        }
    }
}
