public import BasicContainers
import CPlumb
public import SystemPackage

/// What a receive returned beside the bytes and the descriptors.
public struct ReceivedMessage: Hashable, Sendable {
    /// How many bytes were written. 0 is the end of file.
    public let count: Int
    /// Whether the message was longer than the buffer and its end is lost (`MSG_TRUNC`; not on streams).
    public let isTruncated: Bool
    /// Why descriptors that were sent did not arrive, if some did not (`MSG_CTRUNC`).
    public let lostDescriptors: DescriptorLoss?

    /// The end of file.
    package static var endOfFile: ReceivedMessage {
        ReceivedMessage(count: 0, isTruncated: false, lostDescriptors: nil)
    }
}

/// Why descriptors that were sent did not arrive.
public enum DescriptorLoss: String, Hashable, Sendable {
    /// More were attached than the caller's limit; the kernel closed the rest.
    case moreThanLimit
    /// This process can open no more descriptors (`EMFILE`, RLIMIT_NOFILE).
    case tooManyOpenFiles
    /// The kernel did not say why: a security module, or memory.
    case refusedByKernel
}

extension BorrowedDescriptor {
    /// Receives bytes and the descriptors that came with them (`recvmsg(2)` with `MSG_CMSG_CLOEXEC`).
    ///
    /// Every descriptor that the kernel installed is owned by `descriptors` when this returns, whether or not some were
    /// lost on the way. On a stream the descriptors belong to some byte of what was read, not to its first.
    ///
    /// - Parameters:
    ///   - buffer: room for the bytes.
    ///   - descriptors: what arrives is appended, close-on-exec.
    ///   - limit: the most descriptors to take, 0 to 253. What a message has beyond is closed by the kernel.
    /// - Throws: `.wouldBlock` on a non-blocking socket with nothing to receive.
    public func receive(
        into buffer: inout MutableRawSpan, descriptors: inout UniqueArray<Descriptor>,
        limit: Int = DescriptorPassing.limit
    ) throws(Errno) -> ReceivedMessage {
        var nobody = MessageSender()
        // CMSG_LEN, not CMSG_SPACE: the padding of the latter has room for one more descriptor.
        let controlLength = limit == 0 ? 0 : plumb_cmsg_len(limit * MemoryLayout<CInt>.size)
        return try unsafe receive(into: &buffer, &descriptors, limit, controlLength: controlLength, &nobody, nil)
    }

    /// Receives bytes, descriptors and who sent them, on a socket that was told to say so by ``identifySenders()``.
    ///
    /// - Parameters:
    ///   - buffer: room for the bytes.
    ///   - descriptors: what arrives is appended, close-on-exec.
    ///   - limit: the most descriptors to take, 0 to 253. What a message has beyond is closed.
    ///   - sender: set to who sent the message.
    /// - Throws: `.wouldBlock` on a non-blocking socket with nothing to receive.
    public func receive(
        into buffer: inout MutableRawSpan, descriptors: inout UniqueArray<Descriptor>,
        limit: Int = DescriptorPassing.limit, sender: inout MessageSender
    ) throws(Errno) -> ReceivedMessage {
        sender = MessageSender()
        let controlLength =
            plumb_cmsg_space(limit * MemoryLayout<CInt>.size) + plumb_cmsg_space(MemoryLayout<plumb_ucred>.size)
            + plumb_cmsg_space(MemoryLayout<CInt>.size)
        var peer = PeerBuffer()
        return try unsafe receive(into: &buffer, &descriptors, limit, controlLength: controlLength, &sender, &peer)
    }

    private func receive(
        into buffer: inout MutableRawSpan, _ descriptors: inout UniqueArray<Descriptor>, _ limit: Int,
        controlLength: Int, _ sender: inout MessageSender, _ peer: UnsafeMutablePointer<PeerBuffer>?
    ) throws(Errno) -> ReceivedMessage {
        precondition((0...DescriptorPassing.limit).contains(limit), "a message carries at most 253 descriptors")
        // Before the call, so that nothing can fail between the kernel's installing them and our owning them.
        descriptors.reserveCapacity(descriptors.count + max(limit, controlLength / MemoryLayout<CInt>.size))
        var flags: CInt = 0
        let before = descriptors.count
        let count = unsafe buffer.withUnsafeMutableBytes { bytes in
            unsafe withUnsafeTemporaryAllocation(
                byteCount: controlLength, alignment: MemoryLayout<cmsghdr>.alignment
            ) { control in
                var vector = unsafe iovec(iov_base: bytes.baseAddress, iov_len: bytes.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector -> Int in
                    var message = unsafe msghdr()
                    unsafe message.msg_iov = vector
                    unsafe message.msg_iovlen = 1
                    unsafe message.msg_control = controlLength == 0 ? nil : UnsafeMutableRawPointer(control.baseAddress)
                    unsafe message.msg_controllen = numericCast(controlLength)
                    if let peer = unsafe peer {
                        unsafe message.msg_name = UnsafeMutableRawPointer(peer)
                        unsafe message.msg_namelen = socklen_t(MemoryLayout<sockaddr_storage>.size)
                    }
                    var count: Int
                    repeat {
                        count = unsafe recvmsg(rawValue, &message, PLUMB_MSG_CMSG_CLOEXEC)
                    } while count == -1 && Errno.current == .interrupted
                    if count >= 0 {
                        flags = unsafe message.msg_flags
                        unsafe own(&message, into: &descriptors, &sender)
                        if let peer = unsafe peer {
                            unsafe peer.pointee.length = message.msg_namelen
                            sender.address = unsafe message.msg_namelen == 0 ? nil : peer.pointee.address
                        }
                    }
                    return count
                }
            }
        }
        if count < 0 { throw Errno.current }
        let isExact = unsafe peer == nil
        let loss = loss(flags, arrived: descriptors.count - before, limit, isExact: isExact)
        while descriptors.count > before + limit { _ = descriptors.removeLast() }
        return ReceivedMessage(count: count, isTruncated: flags & PLUMB_MSG_TRUNC != 0, lostDescriptors: loss)
    }

    /// - Parameter isExact: whether the kernel had room for `limit` descriptors and nothing else.
    private func loss(_ flags: CInt, arrived: Int, _ limit: Int, isExact: Bool) -> DescriptorLoss? {
        if arrived > limit { return .moreThanLimit }
        if flags & PLUMB_MSG_CTRUNC == 0 { return nil }
        return arrived == limit && isExact ? .moreThanLimit : reasonForLoss()
    }

    /// Whether this process is out of descriptors, which the kernel does not tell apart in `MSG_CTRUNC`.
    private func reasonForLoss() -> DescriptorLoss {
        do {
            try duplicate().close()
            return .refusedByKernel
        } catch {
            return error == .tooManyOpenFiles ? .tooManyOpenFiles : .refusedByKernel
        }
    }
}

/// Takes over all that the kernel installed, and notes what it says of the sender.
private func own(
    _ message: inout msghdr, into descriptors: inout UniqueArray<Descriptor>, _ sender: inout MessageSender
) {
    var credentials: PeerCredentials? = nil
    var process: Descriptor? = nil
    var next = unsafe plumb_cmsg_firsthdr(&message)
    while let header = unsafe next {
        let length = unsafe Int(header.pointee.cmsg_len) - Int(plumb_cmsg_len(0))
        let data = unsafe UnsafeRawPointer(plumb_cmsg_data(header))
        switch unsafe (header.pointee.cmsg_level, header.pointee.cmsg_type) {
        case (SOL_SOCKET, PLUMB_SCM_RIGHTS):
            for offset in stride(from: 0, to: length, by: MemoryLayout<CInt>.size) {
                descriptors.append(
                    Descriptor(owning: unsafe data.loadUnaligned(fromByteOffset: offset, as: CInt.self)))
            }
        case (SOL_SOCKET, PLUMB_SCM_CREDENTIALS) where length >= MemoryLayout<plumb_ucred>.size:
            let found = unsafe data.loadUnaligned(as: plumb_ucred.self)
            credentials = PeerCredentials(
                processID: Int32(bitPattern: found.pid), userID: found.uid, groupID: found.gid)
        case (SOL_SOCKET, PLUMB_SCM_PIDFD) where length >= MemoryLayout<CInt>.size:
            // Negative when there was no room for it. Owned also where nobody asked, so that it is closed.
            let number = unsafe data.loadUnaligned(as: CInt.self)
            if number >= 0 { process = Descriptor(owning: number) }
        default:
            break
        }
        unsafe next = plumb_cmsg_nxthdr(&message, header)
    }
    guard let credentials, !credentials.isNobody else { return }
    sender.identity = PeerIdentity(
        source: .message, credentials: credentials, process: process.take(), supplementaryGroups: nil,
        securityLabel: nil)
}
