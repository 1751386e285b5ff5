import CPlumb

/// What a buffer of netlink messages came to.
enum NetlinkProgress: Equatable {
    /// More is to come.
    case more
    /// The dump is complete; the number is the kernel's error, or 0.
    case done(errno: CInt)
    /// The kernel refused the request.
    case refused(errno: CInt)
    /// The bytes are not messages.
    case malformed
}

/// Walks over the messages in a buffer, without trust in any length.
///
/// - Parameters:
///   - sequence: the request's number: answers to other requests are skipped.
///   - isInterrupted: set when a message says that the sockets changed during the dump (`NLM_F_DUMP_INTR`).
///   - body: gets the payload of each socket's message.
func walkNetlinkMessages(
    _ bytes: RawSpan, sequence: UInt32, isInterrupted: inout Bool, _ body: (RawSpan) -> Void
) -> NetlinkProgress {
    var offset = 0
    while offset < bytes.byteCount {
        guard let length = bytes.number(at: offset, as: UInt32.self).map({ Int($0) }),
            let type = bytes.number(at: offset + 4, as: UInt16.self),
            let flags = bytes.number(at: offset + 6, as: UInt16.self),
            let number = bytes.number(at: offset + 8, as: UInt32.self),
            length >= 16, length <= bytes.byteCount - offset
        else { return .malformed }
        let payload = bytes.extracting(offset + 16..<offset + length)
        offset += (length + 3) & ~3
        guard number == sequence else { continue }
        if flags & UInt16(PLUMB_NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
        switch Int32(type) {
        case PLUMB_SOCK_DIAG_BY_FAMILY:
            body(payload)
        case PLUMB_NLMSG_DONE:
            return .done(errno: errorNumber(payload))
        case PLUMB_NLMSG_ERROR:
            return .refused(errno: errorNumber(payload))
        case PLUMB_NLMSG_OVERRUN:
            return .malformed
        default:
            break
        }
    }
    return .more
}

/// The kernel's negative error number; 0 where there is none.
private func errorNumber(_ payload: RawSpan) -> CInt {
    guard let number = payload.number(at: 0, as: CInt.self), number < 0, number > -4096 else { return 0 }
    return -number
}
