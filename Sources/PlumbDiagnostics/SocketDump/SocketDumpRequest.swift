import CPlumb

/// Which sockets a dump shows, and what of them.
public struct SocketDumpRequest: Sendable, Hashable {
    /// What a dump shows of a socket beside what it always shows. Less is faster.
    public struct Details: OptionSet, Hashable, Sendable {
        /// One bit a detail.
        public let rawValue: UInt8
        /// Creates a set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// ``SocketRecord/info``.
        public static var info: Details { Details(rawValue: 1) }
        /// ``SocketRecord/memory``.
        public static var memory: Details { Details(rawValue: 2) }
        /// ``SocketRecord/congestionControl`` and what it says of itself.
        public static var congestion: Details { Details(rawValue: 4) }
        /// ``SocketRecord/typeOfService``, ``SocketRecord/trafficClass`` and ``SocketRecord/classID``.
        public static var service: Details { Details(rawValue: 8) }

        /// Everything.
        public static var all: Details { [.info, .memory, .congestion, .service] }
    }

    /// An internet address family.
    public struct Families: OptionSet, Hashable, Sendable {
        /// One bit a family.
        public let rawValue: UInt8
        /// Creates a set from its bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// IPv4.
        public static var ipv4: Families { Families(rawValue: 1) }
        /// IPv6.
        public static var ipv6: Families { Families(rawValue: 2) }
        /// Both.
        public static var all: Families { [.ipv4, .ipv6] }
    }

    /// Which transport.
    public var transport: SocketTransport
    /// Which states.
    public var states: SocketStates
    /// Which address families; without meaning for Unix sockets.
    public var families: Families
    /// What to show.
    public var details: Details
    /// A filter for the kernel to run (`INET_DIAG_REQ_BYTECODE`). Empty for none.
    public var bytecode: [UInt8] = []
    /// Of Unix sockets, the one with this inode; 0 for all.
    public var unixInode: UInt32 = 0

    /// Creates a request.
    public init(
        _ transport: SocketTransport, states: SocketStates = .all, families: Families = .all, details: Details = .all
    ) {
        self.transport = transport
        self.states = states
        self.families = families
        self.details = details
    }

    /// The netlink messages that ask for it, one a family.
    func messages(sequence: UInt32) -> [[UInt8]] {
        if transport == .unix { return [unixMessage(sequence: sequence)] }
        var messages: [[UInt8]] = []
        if families.contains(.ipv4) { messages.append(internetMessage(AF_INET, sequence: sequence)) }
        if families.contains(.ipv6) { messages.append(internetMessage(AF_INET6, sequence: sequence)) }
        return messages
    }

    /// `struct inet_diag_req_v2` and the bytecode.
    private func internetMessage(_ family: CInt, sequence: UInt32) -> [UInt8] {
        var body: [UInt8] = [UInt8(family), transport.rawValue, extensions, 0]
        append(states.rawValue, to: &body)
        // struct inet_diag_sockid: any.
        body += Array(repeating: 0, count: 48)
        if !bytecode.isEmpty {
            append(UInt16(4 + bytecode.count), to: &body)
            append(UInt16(PLUMB_INET_DIAG_REQ_BYTECODE), to: &body)
            body += bytecode
        }
        return message(body, sequence: sequence)
    }

    /// `struct unix_diag_req`.
    private func unixMessage(sequence: UInt32) -> [UInt8] {
        var body: [UInt8] = [UInt8(AF_UNIX), 0, 0, 0]
        append(states.rawValue, to: &body)
        append(unixInode, to: &body)
        append(UInt32(PLUMB_UDIAG_SHOW_ALL), to: &body)
        // A cookie of all ones is any.
        append(UInt64.max, to: &body)
        return message(body, sequence: sequence)
    }

    private func message(_ body: [UInt8], sequence: UInt32) -> [UInt8] {
        var message: [UInt8] = []
        append(UInt32(16 + body.count), to: &message)
        append(UInt16(PLUMB_SOCK_DIAG_BY_FAMILY), to: &message)
        // One Unix socket is asked for as such; it is no dump.
        let isDump = transport != .unix || unixInode == 0
        append(UInt16(PLUMB_NLM_F_REQUEST | (isDump ? PLUMB_NLM_F_DUMP : 0)), to: &message)
        append(sequence, to: &message)
        append(UInt32(0), to: &message)
        return message + body
    }

    /// The bits of `idiag_ext`.
    private var extensions: UInt8 {
        var bits: UInt8 = 0
        func want(_ attributes: Int32...) { for attribute in attributes { bits |= 1 << UInt8(attribute - 1) } }
        if details.contains(.info) { want(PLUMB_INET_DIAG_INFO) }
        if details.contains(.memory) { want(PLUMB_INET_DIAG_SKMEMINFO) }
        if details.contains(.congestion) { want(PLUMB_INET_DIAG_CONG, PLUMB_INET_DIAG_VEGASINFO) }
        if details.contains(.service) { want(PLUMB_INET_DIAG_TOS, PLUMB_INET_DIAG_TCLASS) }
        return bits
    }

    private func append<Number: FixedWidthInteger>(_ number: Number, to bytes: inout [UInt8]) {
        for index in 0..<Number.bitWidth / 8 { bytes.append(UInt8(truncatingIfNeeded: number >> (8 * Number(index)))) }
    }
}
