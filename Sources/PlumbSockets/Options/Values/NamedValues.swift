import CPlumb

// Numbers and bits that have names. Their sources are the kernel's headers: sock.h, in.h, in6.h, net_tstamp.h, tcp.h, udp.h.

extension SocketType: NamedOptionValue {
    /// `stream`, `datagram`, `sequenced-packet`.
    public static var valueNames: [OptionName] {
        [
            OptionName("stream", Int(PLUMB_SOCK_STREAM)), OptionName("datagram", Int(PLUMB_SOCK_DGRAM)),
            OptionName("raw", Int(PLUMB_SOCK_RAW)), OptionName("sequenced-packet", Int(PLUMB_SOCK_SEQPACKET)),
        ]
    }
}

/// Buffers whose size was set by hand and that the kernel does not tune (`SO_BUF_LOCK`).
public struct BufferLock: OptionSet, NamedOptionValue {
    /// The kernel's bits.
    public let rawValue: CInt
    /// Creates a set from the kernel's bits.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// The send buffer (`SOCK_SNDBUF_LOCK`).
    public static var send: BufferLock { BufferLock(rawValue: 1) }
    /// The receive buffer (`SOCK_RCVBUF_LOCK`).
    public static var receive: BufferLock { BufferLock(rawValue: 2) }

    /// `send`, `receive`.
    public static var valueNames: [OptionName] { [OptionName("send", 1), OptionName("receive", 2)] }
}

/// Which time stamps are taken and how they are reported (`SO_TIMESTAMPING`, `SOF_TIMESTAMPING_*`).
public struct TimestampingFlags: OptionSet, NamedOptionValue {
    /// The kernel's bits.
    public let rawValue: CInt
    /// Creates a set from the kernel's bits.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Takes a stamp in the network card when it sends.
    public static var sendHardware: TimestampingFlags { TimestampingFlags(rawValue: 1 << 0) }
    /// Takes a stamp in the kernel when a packet goes to the driver.
    public static var sendSoftware: TimestampingFlags { TimestampingFlags(rawValue: 1 << 1) }
    /// Takes a stamp in the network card when it receives.
    public static var receiveHardware: TimestampingFlags { TimestampingFlags(rawValue: 1 << 2) }
    /// Takes a stamp in the kernel when a packet arrives.
    public static var receiveSoftware: TimestampingFlags { TimestampingFlags(rawValue: 1 << 3) }
    /// Reports the kernel's stamps.
    public static var software: TimestampingFlags { TimestampingFlags(rawValue: 1 << 4) }
    /// Reports the card's stamps.
    public static var rawHardware: TimestampingFlags { TimestampingFlags(rawValue: 1 << 6) }
    /// Numbers what is sent, so that a report names it.
    public static var identifier: TimestampingFlags { TimestampingFlags(rawValue: 1 << 7) }
    /// Takes a stamp before the queueing discipline.
    public static var sendSchedule: TimestampingFlags { TimestampingFlags(rawValue: 1 << 8) }
    /// Takes a stamp when all of it was acknowledged (TCP).
    public static var sendAcknowledged: TimestampingFlags { TimestampingFlags(rawValue: 1 << 9) }
    /// Reports with each packet where it came in.
    public static var controlMessage: TimestampingFlags { TimestampingFlags(rawValue: 1 << 10) }
    /// Reports without a copy of the packet.
    public static var stampOnly: TimestampingFlags { TimestampingFlags(rawValue: 1 << 11) }

    /// The names, from the first bit on.
    public static let valueNames: [OptionName] = [
        "tx-hardware", "tx-software", "rx-hardware", "rx-software", "software", "sys-hardware", "raw-hardware",
        "opt-id", "tx-sched", "tx-ack", "opt-cmsg", "opt-tsonly", "opt-stats", "opt-pktinfo", "opt-tx-swhw",
        "bind-phc", "opt-id-tcp", "opt-rx-filter", "tx-completion",
    ].enumerated().map { OptionName($1, 1 << $0) }
}

/// Whether packets may be fragmented (`IP_MTU_DISCOVER`, `IPV6_MTU_DISCOVER`, `IP_PMTUDISC_*`).
public struct PathMTUDiscovery: NamedOptionValue {
    /// The kernel's number.
    public let rawValue: CInt
    /// Creates a value from the kernel's number.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Packets may be fragmented on the way.
    public static var never: PathMTUDiscovery { PathMTUDiscovery(rawValue: 0) }
    /// As the route says.
    public static var want: PathMTUDiscovery { PathMTUDiscovery(rawValue: 1) }
    /// Never fragmented: what is too large is refused with `EMSGSIZE`.
    public static var always: PathMTUDiscovery { PathMTUDiscovery(rawValue: 2) }
    /// Never fragmented, and the path's known MTU is ignored: for programs that find it themselves.
    public static var probe: PathMTUDiscovery { PathMTUDiscovery(rawValue: 3) }
    /// The interface's MTU, never fragmented; news of a smaller one are not believed.
    public static var interface: PathMTUDiscovery { PathMTUDiscovery(rawValue: 4) }
    /// As ``interface``, but what is too large is fragmented.
    public static var omit: PathMTUDiscovery { PathMTUDiscovery(rawValue: 5) }

    /// `dont`, `want`, `do`, `probe`, `interface`, `omit`, as in the C names.
    public static let valueNames: [OptionName] = ["dont", "want", "do", "probe", "interface", "omit"]
        .enumerated().map { OptionName($1, $0) }
}

/// Which of a host's own IPv6 addresses are preferred (`IPV6_ADDR_PREFERENCES`, RFC 5014).
public struct AddressPreferences: OptionSet, NamedOptionValue {
    /// The kernel's bits.
    public let rawValue: CInt
    /// Creates a set from the kernel's bits.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Temporary addresses, which change for privacy.
    public static var temporary: AddressPreferences { AddressPreferences(rawValue: 0x1) }
    /// Public addresses, which stay.
    public static var permanent: AddressPreferences { AddressPreferences(rawValue: 0x2) }
    /// As the system prefers between the two.
    public static var systemDefault: AddressPreferences { AddressPreferences(rawValue: 0x100) }
    /// Care-of addresses of a mobile host.
    public static var careOf: AddressPreferences { AddressPreferences(rawValue: 0x4) }
    /// Home addresses of a mobile host.
    public static var home: AddressPreferences { AddressPreferences(rawValue: 0x400) }
    /// Addresses generated cryptographically.
    public static var cryptographic: AddressPreferences { AddressPreferences(rawValue: 0x8) }
    /// Addresses not generated cryptographically.
    public static var nonCryptographic: AddressPreferences { AddressPreferences(rawValue: 0x800) }

    /// `tmp`, `public`, `pubtmp-default`, `coa`, `home`, `cga`, `noncga`, as in the C names.
    public static let valueNames: [OptionName] = [
        OptionName("tmp", 0x1), OptionName("public", 0x2), OptionName("pubtmp-default", 0x100), OptionName("coa", 0x4),
        OptionName("home", 0x400), OptionName("cga", 0x8), OptionName("noncga", 0x800),
    ]
}

/// What a UDP socket takes off what it receives before anybody sees it (`UDP_ENCAP`).
public struct UDPEncapsulation: NamedOptionValue {
    /// The kernel's number.
    public let rawValue: CInt
    /// Creates a value from the kernel's number.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Nothing.
    public static var none: UDPEncapsulation { UDPEncapsulation(rawValue: 0) }
    /// IPsec (RFC 3948).
    public static var ipsec: UDPEncapsulation { UDPEncapsulation(rawValue: 2) }
    /// L2TP (RFC 2661).
    public static var l2tp: UDPEncapsulation { UDPEncapsulation(rawValue: 3) }

    /// `none`, `espinudp`, `l2tpinudp`, `gtp0`, `gtp1u`, `rxrpc`.
    public static let valueNames: [OptionName] = [
        OptionName("none", 0), OptionName("espinudp", 2), OptionName("l2tpinudp", 3), OptionName("gtp0", 4),
        OptionName("gtp1u", 5), OptionName("rxrpc", 6),
    ]
}

/// Whether a TCP socket is under repair: taken apart or put together by checkpointing (`TCP_REPAIR`).
public struct TCPRepair: NamedOptionValue {
    /// The kernel's number.
    public let rawValue: CInt
    /// Creates a value from the kernel's number.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// A connection of its own.
    public static var off: TCPRepair { TCPRepair(rawValue: 0) }
    /// Under repair.
    public static var on: TCPRepair { TCPRepair(rawValue: 1) }
    /// A connection again, without the probe that announces its window.
    public static var offWithoutProbe: TCPRepair { TCPRepair(rawValue: -1) }

    /// `off`, `on`, `off-no-wp`.
    public static var valueNames: [OptionName] {
        [OptionName("off", 0), OptionName("on", 1), OptionName("off-no-wp", -1)]
    }
}

/// Which queue of a TCP socket under repair is read and written (`TCP_REPAIR_QUEUE`).
public struct TCPRepairQueue: NamedOptionValue {
    /// The kernel's number.
    public let rawValue: CInt
    /// Creates a value from the kernel's number.
    public init(rawValue: CInt) { self.rawValue = rawValue }

    /// Neither.
    public static var none: TCPRepairQueue { TCPRepairQueue(rawValue: 0) }
    /// What was received and not read.
    public static var receive: TCPRepairQueue { TCPRepairQueue(rawValue: 1) }
    /// What was sent and not acknowledged.
    public static var send: TCPRepairQueue { TCPRepairQueue(rawValue: 2) }

    /// `none`, `receive`, `send`.
    public static var valueNames: [OptionName] {
        [OptionName("none", 0), OptionName("receive", 1), OptionName("send", 2)]
    }
}
