import CPlumb
public import PlumbSockets

/// One socket of a dump, in the receive buffer: it is read where it stands and is gone with the next.
///
/// Nothing is allocated for a record; what a record does not have is `nil`. ``SocketSnapshot`` keeps a copy.
@safe
public struct SocketRecord: ~Escapable {
    /// The kernel's message without its netlink header.
    let bytes: RawSpan
    /// What carries the socket's bytes.
    public let transport: SocketTransport
    /// Where each attribute's value is: its offset in the upper half, its length in the lower; 0 for none.
    private var attributes: InlineArray<24, UInt32>

    /// How long the fixed part of a message is (`struct inet_diag_msg`, `struct unix_diag_msg`).
    static func headerSize(_ transport: SocketTransport) -> Int { transport == .unix ? 16 : 72 }

    /// Reads a message; `nil` when it is shorter than its fixed part.
    @_lifetime(copy bytes)
    init?(_ bytes: RawSpan, transport: SocketTransport) {
        guard bytes.byteCount >= SocketRecord.headerSize(transport) else { return nil }
        self.init(complete: bytes, transport: transport)
    }

    /// Reads a message that is long enough.
    @_lifetime(copy bytes)
    init(complete bytes: RawSpan, transport: SocketTransport) {
        self.bytes = bytes
        self.transport = transport
        attributes = InlineArray(repeating: 0)
        var offset = SocketRecord.headerSize(transport)
        // Places are kept in 16 bits each; no message of the kernel is near that.
        while offset <= Int(UInt16.max) - 4, let length = bytes.number(at: offset, as: UInt16.self),
            let type = bytes.number(at: offset + 2, as: UInt16.self)
        {
            guard length >= 4, offset + Int(length) <= bytes.byteCount else { return }
            // The two highest bits are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER).
            let number = Int(type & 0x3fff)
            if number < attributes.count { attributes[number] = UInt32(offset + 4) << 16 | UInt32(length - 4) }
            offset += (Int(length) + 3) & ~3
        }
    }

    /// The bytes of an attribute; none when there is no such attribute.
    @_lifetime(copy self)
    func attribute(_ number: Int32) -> RawSpan {
        let place = attributes[Int(number)]
        let offset = Int(place >> 16)
        return bytes.extracting(offset..<offset + Int(place & 0xffff))
    }

    /// The number that is an attribute; `nil` when there is none.
    func number<Number: FixedWidthInteger & BitwiseCopyable>(
        ofAttribute number: Int32, at offset: Int = 0, as type: Number.Type = Number.self
    ) -> Number? {
        let place = attributes[Int(number)]
        guard place != 0, Int(place & 0xffff) >= offset + MemoryLayout<Number>.size else { return nil }
        return bytes.number(at: Int(place >> 16) + offset)
    }

    /// A number of the fixed part, whose length was checked.
    func header<Number: FixedWidthInteger & BitwiseCopyable>(
        _ offset: Int, as type: Number.Type = Number.self
    ) -> Number {
        bytes.number(at: offset) ?? 0
    }
}

// What all sockets have.
extension SocketRecord {
    private var isUnix: Bool { transport == .unix }

    /// Where the socket is in its life.
    public var state: SocketState { SocketState(rawValue: header(isUnix ? 2 : 1)) }

    /// What tells the socket from every other until the machine restarts (`SO_COOKIE`).
    public var cookie: UInt64 { header(isUnix ? 8 : 44) }

    /// The inode of the socket's file, by which processes are found; 0 when no process has it open.
    public var inode: UInt32 { header(isUnix ? 4 : 68) }

    /// The user who made the socket.
    public var userID: UInt32? {
        isUnix ? number(ofAttribute: PLUMB_UNIX_DIAG_UID) : header(64)
    }

    /// Bytes that wait to be read; on a listener, connections that wait to be accepted.
    public var receiveQueue: Int? {
        isUnix
            ? number(ofAttribute: PLUMB_UNIX_DIAG_RQLEN, as: UInt32.self).map { Int($0) }
            : Int(header(56, as: UInt32.self))
    }

    /// Bytes that wait to be sent and acknowledged; on a listener, how many connections may wait.
    ///
    /// Of a Unix socket, the memory of what the peer has not read.
    public var sendQueue: Int? {
        isUnix
            ? number(ofAttribute: PLUMB_UNIX_DIAG_RQLEN, at: 4, as: UInt32.self).map { Int($0) }
            : Int(header(60, as: UInt32.self))
    }

    /// On a listener, the connections that wait to be accepted, and how many may.
    public var acceptQueue: (waiting: Int, limit: Int)? {
        guard state == .listening, let waiting = receiveQueue, let limit = sendQueue else { return nil }
        return (waiting, limit)
    }

    /// The memory of the buffers (`SK_MEMINFO`).
    public var memory: SocketMemory? {
        SocketMemory(attribute(isUnix ? PLUMB_UNIX_DIAG_MEMINFO : PLUMB_INET_DIAG_SKMEMINFO))
    }

    /// Which directions are shut down.
    public var shutdown: ShutdownDirections? {
        number(ofAttribute: isUnix ? PLUMB_UNIX_DIAG_SHUTDOWN : PLUMB_INET_DIAG_SHUTDOWN)
            .map { ShutdownDirections(rawValue: $0) }
    }

    /// The local address; `nil` for one that cannot be read.
    public var local: SocketAddress? { isUnix ? unixName : internetAddress(local: true) }

    /// The peer's address; `nil` for a Unix socket, whose peer is ``unixPeer``.
    public var peer: SocketAddress? { isUnix ? nil : internetAddress(local: false) }
}
