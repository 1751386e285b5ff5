import CPlumb
public import PlumbSockets

// What TCP and UDP sockets have (`struct inet_diag_msg` and its attributes).
extension SocketRecord {
    /// Whether it is an IPv6 socket; one that is also has the peers that come over IPv4.
    public var isIPv6: Bool { transport != .unix && header(0, as: UInt8.self) == UInt8(AF_INET6) }

    /// The port of this side; 0 when it is not bound, and of a Unix socket.
    public var localPort: UInt16 { transport == .unix ? 0 : UInt16(bigEndian: header(4)) }
    /// The port of the peer; 0 when there is none.
    public var peerPort: UInt16 { transport == .unix ? 0 : UInt16(bigEndian: header(6)) }

    /// The local IP address as 128 bits in host byte order; IPv4 in the upper 32 of the first.
    var localBits: (UInt64, UInt64) { addressBits(8) }
    /// The peer's IP address likewise.
    var peerBits: (UInt64, UInt64) { addressBits(24) }

    private func addressBits(_ offset: Int) -> (UInt64, UInt64) {
        if transport == .unix { return (0, 0) }
        if !isIPv6 { return (UInt64(UInt32(bigEndian: header(offset))) << 32, 0) }
        return (UInt64(bigEndian: header(offset)), UInt64(bigEndian: header(offset + 8)))
    }

    /// The local address of an IPv4 socket.
    public var localIPv4: IPv4Address? { ipv4(8) }
    /// The peer's address of an IPv4 socket.
    public var peerIPv4: IPv4Address? { ipv4(24) }
    /// The local address of an IPv6 socket.
    public var localIPv6: IPv6Address? { ipv6(8) }
    /// The peer's address of an IPv6 socket.
    public var peerIPv6: IPv6Address? { ipv6(24) }

    private func ipv4(_ offset: Int) -> IPv4Address? {
        transport == .unix || isIPv6 ? nil : IPv4Address(rawValue: UInt32(bigEndian: header(offset)))
    }

    private func ipv6(_ offset: Int) -> IPv6Address? {
        guard isIPv6 else { return nil }
        let (high, low) = addressBits(offset)
        return IPv6Address(high: high, low: low)
    }

    func internetAddress(local: Bool) -> SocketAddress? {
        let port = local ? localPort : peerPort
        if let address = local ? localIPv4 : peerIPv4 { return .ipv4(address, port: port) }
        guard let address = local ? localIPv6 : peerIPv6 else { return nil }
        // A link-local address means nothing without its interface.
        return .ipv6(address, port: port, scope: address.high >> 54 == 0xfe80 >> 6 ? interface : 0)
    }

    /// The interface's index that the socket is bound to; 0 for none (`SO_BINDTODEVICE`).
    public var interface: UInt32 { transport == .unix ? 0 : header(40) }

    /// The timer that runs.
    public var timer: SocketTimer? {
        guard transport != .unix else { return nil }
        let kind: UInt8 = header(2)
        guard kind != 0 else { return nil }
        return SocketTimer(
            kind: SocketTimer.Kind(rawValue: kind), expires: .milliseconds(header(52, as: UInt32.self)),
            retransmissions: Int(header(3, as: UInt8.self)))
    }

    /// `TCP_INFO`, if it was asked for and the kernel still keeps it: not of `TIME-WAIT` and `SYN-RECV`.
    public var info: TCPInfo? {
        transport == .unix ? nil : TCPInfo(attribute(PLUMB_INET_DIAG_INFO))
    }

    /// The congestion control's name (`TCP_CONGESTION`), at most 15 bytes.
    public var congestionControl: String? {
        guard transport != .unix else { return nil }
        let name = attribute(PLUMB_INET_DIAG_CONG)
        return name.isEmpty ? nil : name.text()
    }

    /// What BBR says of itself.
    public var bbr: BBRInfo? {
        transport == .unix ? nil : BBRInfo(attribute(PLUMB_INET_DIAG_BBRINFO))
    }

    /// What TCP Vegas and its like say of themselves.
    public var vegas: VegasInfo? {
        transport == .unix ? nil : VegasInfo(attribute(PLUMB_INET_DIAG_VEGASINFO))
    }

    /// What DCTCP says of itself.
    public var dctcp: DCTCPInfo? {
        transport == .unix ? nil : DCTCPInfo(attribute(PLUMB_INET_DIAG_DCTCPINFO))
    }

    /// The type of service of outgoing packets (`IP_TOS`).
    public var typeOfService: UInt8? { internet(PLUMB_INET_DIAG_TOS) }
    /// The traffic class of outgoing packets (`IPV6_TCLASS`).
    public var trafficClass: UInt8? { internet(PLUMB_INET_DIAG_TCLASS) }
    /// Whether an IPv6 socket takes IPv6 only (`IPV6_V6ONLY`); of listeners and unconnected sockets.
    public var isIPv6Only: Bool? { internet(PLUMB_INET_DIAG_SKV6ONLY, as: UInt8.self).map { $0 != 0 } }
    /// The mark of outgoing packets (`SO_MARK`); shown with CAP_NET_ADMIN only.
    public var mark: UInt32? { internet(PLUMB_INET_DIAG_MARK) }
    /// The traffic control class of outgoing packets (`net_cls`, `SO_PRIORITY`).
    public var classID: UInt32? { internet(PLUMB_INET_DIAG_CLASS_ID) }
    /// The inode of the control group's directory (cgroup 2).
    public var cgroupID: UInt64? { internet(PLUMB_INET_DIAG_CGROUP_ID) }
    /// Flags of the socket.
    public var flags: SocketFlags? { internet(PLUMB_INET_DIAG_SOCKOPT).map { SocketFlags(rawValue: $0) } }

    /// The upper layer protocol over TCP (`TCP_ULP`): `tls`, `mptcp`.
    public var upperLayer: String? {
        // Nested: a name stands in an attribute of its own.
        guard transport != .unix else { return nil }
        let nested = attribute(PLUMB_INET_DIAG_ULP_INFO)
        guard let length = nested.number(at: 0, as: UInt16.self), let type = nested.number(at: 2, as: UInt16.self),
            Int32(type) == PLUMB_INET_ULP_INFO_NAME, length >= 4, Int(length) <= nested.byteCount
        else { return nil }
        return nested.extracting(4..<Int(length)).text()
    }

    private func internet<Number: FixedWidthInteger & BitwiseCopyable>(
        _ attribute: Int32, as type: Number.Type = Number.self
    ) -> Number? {
        transport == .unix ? nil : number(ofAttribute: attribute)
    }
}
