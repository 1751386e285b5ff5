import BasicContainers
import CPlumb
import PlumbSockets

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Takes the inherited listeners and writes a line for each: its name, number, kind, close-on-exec flag and address.
func reportInherited() {
    do {
        let listeners = try InheritedListeners.take()
        for index in 0..<listeners.count {
            print(try describe(listeners[index].descriptor, listeners[index].name))
        }
        if unsafe getenv("LISTEN_FDS") != nil { print("the environment still has them") }
    } catch {
        give("\(error)", status: 1)
    }
}

private func describe(_ socket: borrowing Descriptor, _ name: ListenerName) throws -> String {
    let kinds: [SocketType: String] = [.stream: "stream", .datagram: "datagram", .sequencedPacket: "packets"]
    let kind = try (kinds[socket.get(.type)] ?? "?") + (socket.get(.isListening) ? " listening" : "")
    let flag = try socket.borrowed.isCloseOnExec() ? "close-on-exec" : "inheritable"
    return try "\(name)|\(socket.rawValue)|\(kind)|\(flag)|\(socket.borrowed.localAddress())"
}
