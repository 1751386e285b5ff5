import CPlumb
public import PlumbSockets
public import SystemPackage

extension BorrowedDescriptor {
    /// What tells this socket from every other until the machine restarts (`SO_COOKIE`); dumps have the same number.
    public func cookie() throws(Errno) -> UInt64 {
        try get(SocketOption<Unsigned64Codec>(level: SOL_SOCKET, number: PLUMB_SO_COOKIE))
    }
}
