import CPlumb
package import SystemPackage

/// Facts about passing descriptors in messages (`SCM_RIGHTS`, unix(7)).
public enum DescriptorPassing {
    /// The most descriptors in one message (`SCM_MAX_FD`).
    public static var limit: Int { Int(PLUMB_SCM_MAX_FD) }
}

extension BorrowedDescriptor {
    /// Sends bytes with descriptors attached, over a Unix socket (`sendmsg(2)` with `SCM_RIGHTS`).
    ///
    /// The receiver gets descriptors of its own for the same open files; the sender keeps its own. On a stream socket
    /// fewer bytes may be taken than offered: the descriptors have gone with the first of them, so send the rest
    /// without descriptors.
    ///
    /// - Parameters:
    ///   - bytes: at least one byte: a stream drops the descriptors of an empty message without an error, and the
    ///     receiver of an empty packet takes it for the end of file.
    ///   - descriptors: 1 to 253.
    /// - Returns: the number of bytes taken.
    public func send(_ bytes: RawSpan, descriptors: Span<Descriptor>) throws(SocketsError) -> Int {
        guard !bytes.isEmpty else {
            throw SocketsError(
                .limit, "send", "\(descriptors.count) descriptors",
                reason: "a message without bytes loses its descriptors on a stream; send at least one byte")
        }
        guard (1...DescriptorPassing.limit).contains(descriptors.count) else {
            throw SocketsError(
                .limit, "send", "\(descriptors.count) descriptors",
                reason: "one message carries 1 to \(DescriptorPassing.limit); split them over several messages")
        }
        let (count, error) = unsafe withUnsafeTemporaryAllocation(of: CInt.self, capacity: descriptors.count) {
            numbers -> (Int, Errno?) in
            for index in descriptors.indices { unsafe numbers[index] = descriptors[index].rawValue }
            do throws(Errno) {
                return (try unsafe send(bytes, numbers: UnsafeBufferPointer(numbers).span), nil)
            } catch {
                return (0, error)
            }
        }
        if let error {
            throw SocketsError(
                .system, "send", "\(descriptors.count) descriptors", errno: error, reason: sendReason(error))
        }
        return count
    }

    /// The system call of ``send(_:descriptors:)``, for a caller that keeps its descriptors in its own order.
    ///
    /// - Parameter numbers: open descriptors that stay open during the call.
    package func send(_ bytes: RawSpan, numbers: Span<CInt>) throws(Errno) -> Int {
        let length = numbers.count * MemoryLayout<CInt>.size
        let (count, error) = unsafe withUnsafeTemporaryAllocation(
            byteCount: plumb_cmsg_space(length), alignment: MemoryLayout<cmsghdr>.alignment
        ) { control -> (Int, Errno) in
            unsafe bytes.withUnsafeBytes { bytes -> (Int, Errno) in
                var vector = unsafe iovec(
                    iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector -> (Int, Errno) in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    if !numbers.isEmpty {
                        unsafe message.msg_control = control.baseAddress
                        unsafe message.msg_controllen = numericCast(control.count)
                        guard let header = unsafe plumb_cmsg_firsthdr(&message) else { return (-1, .invalidArgument) }
                        unsafe header.pointee.cmsg_level = SOL_SOCKET
                        unsafe header.pointee.cmsg_type = PLUMB_SCM_RIGHTS
                        unsafe header.pointee.cmsg_len = numericCast(plumb_cmsg_len(length))
                        let data = unsafe UnsafeMutableRawBufferPointer(start: plumb_cmsg_data(header), count: length)
                        unsafe numbers.withUnsafeBytes { unsafe data.copyMemory(from: $0) }
                    }
                    while true {
                        let count = unsafe sendmsg(rawValue, &message, PLUMB_MSG_NOSIGNAL)
                        if count >= 0 { return (count, Errno(rawValue: 0)) }
                        let error = Errno.current
                        if error != .interrupted { return (-1, error) }
                    }
                }
            }
        }
        if count < 0 { throw error }
        return count
    }
}

private func sendReason(_ error: Errno) -> String? {
    switch error.rawValue {
    case ETOOMANYREFS:
        "this user has more descriptors in flight than RLIMIT_NOFILE allows; "
            + "wait until the receivers have taken some, or raise the limit"
    case EAGAIN: "the receiver's queue is full; wait until the socket is writable"
    case EPIPE, ECONNRESET: "the receiver has closed the socket"
    case EPERM: "the receiver does not accept descriptors (SO_PASSRIGHTS is off)"
    case EBADF: "one of the descriptors is not open"
    case EMSGSIZE: "the message is larger than the socket's send buffer; raise SO_SNDBUF or send less"
    default: nil
    }
}
