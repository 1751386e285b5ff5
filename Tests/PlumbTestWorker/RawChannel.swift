import CPlumb

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The hand-off channel in raw bytes, from Documentation/handoff-protocol.md alone.
struct RawChannel {
    /// The types of message.
    enum Kind {
        static let welcome: UInt8 = 1
        static let connections: UInt8 = 2
        static let drain: UInt8 = 4
        static let ready: UInt8 = 65
        static let progress: UInt8 = 66
        static let refused: UInt8 = 67
    }

    struct Message {
        var type: UInt8
        var count: Int
        var first: UInt64
        var descriptors: [CInt]
    }

    let number: CInt

    init() {
        guard let number = integer("PLUMB_CHANNEL") else { give("PLUMB_CHANNEL is not set") }
        self.number = CInt(number)
    }

    /// Sends the 24 bytes `<BBHIQQ`.
    func send(_ type: UInt8, version: UInt8 = 1, argument: UInt32 = 0, first: UInt64 = 0, second: UInt64 = 0) {
        send(bytes: RawChannel.bytes(type, version: version, argument: argument, first: first, second: second))
    }

    static func bytes(
        _ type: UInt8, version: UInt8 = 1, argument: UInt32 = 0, first: UInt64 = 0, second: UInt64 = 0
    ) -> [UInt8] {
        func littleEndian(_ value: UInt64, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        return [type, version, 0, 0] + littleEndian(UInt64(argument), 4) + littleEndian(first, 8)
            + littleEndian(second, 8)
    }

    func send(bytes: [UInt8]) {
        _ = unsafe bytes.withUnsafeBytes { unsafe plumb_send(number, $0.baseAddress, $0.count, PLUMB_MSG_NOSIGNAL) }
    }

    /// Sends a message with a descriptor attached, which no worker may.
    func send(_ bytes: [UInt8], attaching descriptor: CInt) {
        var bytes = bytes
        var control = [UInt64](repeating: 0, count: 4)
        let count = bytes.count
        unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe control.withUnsafeMutableBytes { control in
                var vector = unsafe iovec(iov_base: bytes.baseAddress, iov_len: count)
                unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = control.baseAddress
                    unsafe message.msg_controllen = numericCast(plumb_cmsg_space(4))
                    guard let header = unsafe plumb_cmsg_firsthdr(&message) else { return }
                    unsafe header.pointee.cmsg_level = SOL_SOCKET
                    unsafe header.pointee.cmsg_type = PLUMB_SCM_RIGHTS
                    unsafe header.pointee.cmsg_len = numericCast(plumb_cmsg_len(4))
                    unsafe UnsafeMutableRawPointer(plumb_cmsg_data(header)).storeBytes(of: descriptor, as: CInt.self)
                    _ = unsafe sendmsg(number, &message, PLUMB_MSG_NOSIGNAL)
                }
            }
        }
    }

    /// Waits until there is something to receive.
    func waitUntilReadable() {
        var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&entry, 1, -1) < 1 {}
    }

    /// Waits for the next message; `nil` at the end of file.
    func receive() -> Message? {
        var bytes = [UInt8](repeating: 0, count: 24)
        var control = [UInt64](repeating: 0, count: 64)
        var descriptors: [CInt] = []
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe control.withUnsafeMutableBytes { control in
                var vector = unsafe iovec(iov_base: bytes.baseAddress, iov_len: 24)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = control.baseAddress
                    unsafe message.msg_controllen = numericCast(control.count)
                    let count = unsafe recvmsg(number, &message, PLUMB_MSG_CMSG_CLOEXEC)
                    if count > 0, let header = unsafe plumb_cmsg_firsthdr(&message) {
                        let length = unsafe (Int(header.pointee.cmsg_len) - Int(plumb_cmsg_len(0))) / 4
                        let data = unsafe UnsafeRawPointer(plumb_cmsg_data(header))
                        descriptors = (0..<length).map {
                            unsafe data.loadUnaligned(fromByteOffset: $0 * 4, as: CInt.self)
                        }
                    }
                    return count
                }
            }
        }
        guard count == 24 else { return nil }
        let first = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[8 + $1]) << (8 * UInt64($1)) }
        return Message(
            type: bytes[0], count: Int(bytes[2]) | Int(bytes[3]) << 8, first: first, descriptors: descriptors)
    }
}
