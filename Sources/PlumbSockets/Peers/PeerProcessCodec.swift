import CPlumb
public import SystemPackage

/// The number of the process at the other end, by way of its descriptor, which is closed again. Only read.
///
/// The number is what the process has while it is asked; `nil` when it has ended and was reaped, or is in another
/// namespace. ``BorrowedDescriptor/peerProcess()`` gives the descriptor.
public enum PeerProcessCodec: OptionCodec {
    /// A whole number.
    public static var kind: OptionKind { .integer }

    /// Asks for the descriptor, and the kernel for the number of its process.
    public static func read(from socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) -> Int? {
        let process = Descriptor(
            owning: try socket.get(SocketOption<DescriptorCodec>(level: level, number: number)))
        return try processID(of: process)
    }

    /// Hands the number to the kernel, which refuses it.
    public static func write(_ value: Int?, to socket: BorrowedDescriptor, level: CInt, number: CInt) throws(Errno) {
        try socket.set(SocketOption<IntegerCodec>(level: level, number: number), to: value ?? 0)
    }

    /// An integer, or none.
    public static func optionValue(_ value: Int?) -> OptionValue { value.map { .integer($0) } ?? .absent }
    /// None: it is only read.
    public static func value(_ optionValue: OptionValue) -> Int?? { nil }

    private static func processID(of process: borrowing Descriptor) throws(Errno) -> Int? {
        do throws(Errno) {
            return Int(try process.borrowed.processID())
        } catch {
            if error == .noSuchProcess { return nil }
            throw error
        }
    }
}
