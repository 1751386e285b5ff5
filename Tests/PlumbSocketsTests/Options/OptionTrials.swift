import SystemPackage

@testable import PlumbSockets

/// A value to set, and what the kernel then says.
struct OptionTrial: Sendable {
    /// What comes of setting it.
    enum Outcome: Sendable {
        /// The value is read back.
        case same
        /// Another value is read back, as text.
        case reads(String)
        /// The time is read back, rounded up by less than the longest jiffy, 10 ms.
        case rounded
        /// It is taken, and nothing is read.
        case taken
        /// It is taken, and another option reads it, as text.
        case shows(String, String)
        /// It is refused with one of these.
        case refused([Errno])
        /// It is read back, or this machine refuses it with one of these.
        case sameOrRefused([Errno])
    }

    let option: String
    let text: String
    let outcome: Outcome
    let kinds: SocketKinds

    init(_ option: String, _ text: String, _ outcome: Outcome = .same, on kinds: SocketKinds = .all) {
        self.option = option
        self.text = text
        self.outcome = outcome
        self.kinds = kinds
    }

    /// The trials of an option on a kind of socket: those of the table, or both values of a flag.
    static func trials(of option: OptionDescription, on kind: SocketKinds) -> [OptionTrial] {
        let listed = table.filter { $0.option == option.swiftName }
        if listed.isEmpty, option.kind == .flag {
            let outcome = option.access == .setOnly ? Outcome.taken : .same
            return ["on", "off"].map { OptionTrial(option.swiftName, $0, outcome) }
        }
        return listed.filter { $0.kinds.contains(kind) }
    }

    /// Every option that is set and is no flag, and the flags that are not simply taken.
    static let table: [OptionTrial] = socket + tcp + ip + ipv6 + udp

    private static let socket: [OptionTrial] = [
        // The kernel doubles the request, for its own overhead.
        OptionTrial("sendBuffer", "50000", .reads("100000B")), OptionTrial("sendBuffer", "1", .reads("4608B")),
        OptionTrial("receiveBuffer", "50000", .reads("100000B")), OptionTrial("receiveBuffer", "1", .reads("2304B")),
        OptionTrial("forcedSendBuffer", "64MiB", .shows("sendBuffer", "128MiB")),
        OptionTrial("forcedReceiveBuffer", "64MiB", .shows("receiveBuffer", "128MiB")),
        OptionTrial("receiveLowWater", "1000"), OptionTrial("receiveLowWater", "0", .reads("1B")),
        OptionTrial("bufferLock", "send"), OptionTrial("bufferLock", "send,receive"),
        OptionTrial("bufferLock", "none"), OptionTrial("bufferLock", "4", .refused([.invalidArgument])),
        OptionTrial("reservedMemory", "64KiB", .sameOrRefused([.notSupportedOnSocket, .noMemory])),
        OptionTrial("linger", "2s"), OptionTrial("linger", "1500ms", .reads("2s")), OptionTrial("linger", "reset"),
        OptionTrial("linger", "off"), OptionTrial("linger", "-1s", .refused([.invalidArgument])),
        OptionTrial("receiveTimeout", "1s"), OptionTrial("receiveTimeout", "100us", .rounded),
        OptionTrial("receiveTimeout", "1ns", .rounded), OptionTrial("receiveTimeout", "1999999999ns", .reads("2s")),
        OptionTrial("receiveTimeout", "forever"), OptionTrial("receiveTimeout", "0", .reads("forever")),
        // The kernel would take it for zero, which is for ever.
        OptionTrial("receiveTimeout", "-1s", .refused([.invalidArgument])),
        OptionTrial("sendTimeout", "1s"), OptionTrial("sendTimeout", "100us", .rounded),
        OptionTrial("receiveTimeout64", "1s"), OptionTrial("sendTimeout64", "1s"),
        OptionTrial("bsdCompatibility", "on", .reads("off")),
        OptionTrial("priority", "6"), OptionTrial("priority", "7"),
        OptionTrial("mark", "5"), OptionTrial("device", "lo"), OptionTrial("interfaceIndex", "1"),
        OptionTrial("maximumPacingRate", "1MiB/s"),
        OptionTrial("maximumPacingRate", "100Mbit/s", .reads("12500000B/s")),
        // More than 32 bits hold.
        OptionTrial("maximumPacingRate", "16GiB/s"), OptionTrial("maximumPacingRate", "unlimited"),
        OptionTrial("transmitTime", "clock=1", .reads("clock=1 isDeadline=0 reportsErrors=0")),
        OptionTrial("transmitTime", "clock=1 isDeadline=1 reportsErrors=1"),
        OptionTrial("transmitRehash", "0"), OptionTrial("transmitRehash", "1"),
        OptionTrial("incomingProcessor", "0"), OptionTrial("busyPoll", "50us"),
        OptionTrial("busyPollBudget", "8", .taken), OptionTrial("reportBadRoute", "", .taken),
        OptionTrial("timestamping", "tx-software,rx-software,software"), OptionTrial("timestamping", "none"),
        OptionTrial("timestamping64", "rx-software,software"),
        // It cannot be undone.
        OptionTrial("lockFilter", "on"),
        // On TCP, kernels patched since June 2026 ask for CAP_NET_ADMIN.
        OptionTrial("filter", "0x06000000ffffffff", on: [.udp, .unix]),
        OptionTrial("filter", "0x06000000ffffffff", .sameOrRefused([.notPermitted]), on: .tcp),
        OptionTrial("detachFilter", "", .refused([.noSuchFileOrDirectory])),
        OptionTrial("filterProgram", "1000000000", .refused([.badFileDescriptor])),
        // Without SO_REUSEPORT.
        OptionTrial("reusePortFilter", "0x0600000000000000", .refused([.invalidArgument])),
        OptionTrial("reusePortProgram", "1000000000", .refused([.badFileDescriptor])),
        OptionTrial("detachReusePortFilter", "", .refused([.invalidArgument])),
        OptionTrial("peekOffset", "0", .reads("0B")), OptionTrial("peekOffset", "5", .reads("5B")),
        OptionTrial("peekOffset", "-1", .reads("-1B")),
        OptionTrial("releaseDeviceMemory", "0x00", .refused([.invalidArgument, .badFileDescriptor])),
    ]

    private static let tcp: [OptionTrial] = [
        OptionTrial("thinDuplicateAcknowledgements", "on", .reads("off")),
        OptionTrial("unsentLowWater", "16KiB"), OptionTrial("unsentLowWater", "0", .reads("0B")),
        OptionTrial("maximumAcknowledgementDelay", "100ms"),
        OptionTrial("maximumAcknowledgementDelay", "1ms", .refused([.invalidArgument])),
        OptionTrial("minimumRetransmissionTimeout", "100ms"),
        OptionTrial("minimumRetransmissionTimeout", "9ms", .rounded),
        OptionTrial("maximumRetransmissionTimeout", "2s"),
        OptionTrial("keepAliveIdle", "90s"), OptionTrial("keepAliveIdle", "1500ms", .reads("2s")),
        OptionTrial("keepAliveIdle", "1ns", .reads("1s")), OptionTrial("keepAliveInterval", "11s"),
        OptionTrial("keepAliveInterval", "2001ms", .reads("3s")), OptionTrial("keepAliveCount", "7"),
        OptionTrial("synCount", "3"), OptionTrial("userTimeout", "12345ms"),
        OptionTrial("userTimeout", "1500001us", .reads("1501ms")), OptionTrial("userTimeout", "1ns", .reads("1ms")),
        OptionTrial("userTimeout", "0", .reads("0s")),
        OptionTrial("finWaitTimeout", "30s"), OptionTrial("finWaitTimeout", "200s", .reads("2m")),
        OptionTrial("finWaitTimeout", "-1s"),
        // The moments at which the handshake's answer is repeated: 1, 3, 7, 15, … seconds.
        OptionTrial("deferAccept", "2s", .reads("3s")), OptionTrial("deferAccept", "5s", .reads("7s")),
        OptionTrial("deferAccept", "10s", .reads("15s")), OptionTrial("deferAccept", "60s", .reads("63s")),
        OptionTrial("deferAccept", "200s", .reads("247s")), OptionTrial("deferAccept", "0", .reads("0s")),
        OptionTrial("maximumSegment", "1200", .reads("1200B")),
        OptionTrial("windowClamp", "64KiB"), OptionTrial("windowClamp", "1", .reads("1152B")),
        OptionTrial("congestionControl", "reno"),
        OptionTrial("congestionControl", "no-such-thing", .refused([.noSuchFileOrDirectory, .notPermitted])),
        OptionTrial("transmitDelay", "1ms"), OptionTrial("fastOpen", "16"),
        OptionTrial("fastOpenConnect", "on", .sameOrRefused([.notSupportedOnSocket])),
        OptionTrial("fastOpenKey", "0x000102030405060708090a0b0c0d0e0f"),
        OptionTrial("fastOpenKey", "0x" + String(repeating: "0123456789abcdef", count: 4)),
        OptionTrial("saveSyn", "1"), OptionTrial("saveSyn", "2"), OptionTrial("saveSyn", "0"),
        // Without repair.
        OptionTrial("timestampClock", "1", .refused([.notPermitted])),
        OptionTrial("repairQueue", "send", .refused([.notPermitted])),
        OptionTrial("repairSequence", "1", .refused([.invalidArgument, .notPermitted])),
        OptionTrial("repairOptions", "0x0200000000000000", .refused([.invalidArgument, .notPermitted])),
        OptionTrial(
            "repairWindow", "sendUpdate=1 sendWindow=1 largestWindow=1 receiveWindow=1 receiveUpdate=1",
            .refused([.notPermitted])),
        // TLS wants a connection, where the kernel has it at all.
        OptionTrial("upperLayerProtocol", "tls", .refused([.noSuchFileOrDirectory, .socketNotConnected])),
        OptionTrial("md5Signature", "127.0.0.1:0 secret", .taken, on: .tcp4),
        OptionTrial("md5Signature", "[::1]:0 secret", .taken, on: .tcp6),
        OptionTrial("md5SignatureOfPrefix", "127.0.0.0:0/8 secret", .taken, on: .tcp4),
        OptionTrial("md5SignatureOfPrefix", "[fd00::]:0/8 secret", .taken, on: .tcp6),
        OptionTrial("authenticationAddKey", "0x00", .refused([.invalidArgument])),
        OptionTrial("authenticationDeleteKey", "0x00", .refused([.invalidArgument])),
        OptionTrial("authenticationInformation", "0x00", .refused([.invalidArgument])),
        OptionTrial("authenticationRepair", "0x00", .refused([.invalidArgument, .notPermitted])),
        OptionTrial("repair", "on"),
    ]

    private static let ip: [OptionTrial] = [
        OptionTrial("typeOfService", "EF"), OptionTrial("typeOfService", "low-delay"),
        // The two bits of congestion notification are TCP's own.
        OptionTrial("typeOfService", "0xbb", .reads("EF"), on: .tcp),
        OptionTrial("typeOfService", "0xbb", .reads("187"), on: .udp),
        OptionTrial("timeToLive", "32"), OptionTrial("minimumTimeToLive", "200"),
        OptionTrial("pathMTUDiscovery", "do"), OptionTrial("pathMTUDiscovery", "probe"),
        OptionTrial("pathMTUDiscovery", "dont"), OptionTrial("options", "0x01010100"),
        OptionTrial("localPortRange", "40000-40999"), OptionTrial("localPortRange", "none"),
        OptionTrial("unicastInterface", "1"),
        OptionTrial("ipsecPolicy", "0x00", .refused([.notSupportedOnSocket, .invalidArgument])),
        OptionTrial("xfrmPolicy", "0x00", .refused([.notSupportedOnSocket, .invalidArgument])),
        OptionTrial("multicastInterface", "127.0.0.1"), OptionTrial("multicastTimeToLive", "4"),
        OptionTrial("joinGroup", "239.1.2.3%lo", .taken),
        OptionTrial("leaveGroup", "239.1.2.3%lo", .refused([.addressNotAvailable])),
        OptionTrial("joinGroupSource", "127.0.0.1@232.1.2.3%127.0.0.1", .taken),
        OptionTrial("leaveGroupSource", "127.0.0.1@232.1.2.3%127.0.0.1", .refused([.invalidArgument])),
        OptionTrial("blockSource", "127.0.0.1@232.1.2.3%127.0.0.1", .refused([.invalidArgument])),
        OptionTrial("unblockSource", "127.0.0.1@232.1.2.3%127.0.0.1", .refused([.invalidArgument])),
        OptionTrial("groupFilter", "0x00", .refused([.invalidArgument])),
        OptionTrial("joinGroupOnInterface", "239.1.2.3%lo", .taken),
        OptionTrial("leaveGroupOnInterface", "239.1.2.3%lo", .refused([.addressNotAvailable])),
        OptionTrial("joinGroupSourceOnInterface", "127.0.0.1@232.1.2.3%lo", .taken),
        OptionTrial("leaveGroupSourceOnInterface", "127.0.0.1@232.1.2.3%lo", .refused([.invalidArgument])),
        OptionTrial("blockSourceOnInterface", "127.0.0.1@232.1.2.3%lo", .refused([.invalidArgument])),
        OptionTrial("unblockSourceOnInterface", "127.0.0.1@232.1.2.3%lo", .refused([.invalidArgument])),
        OptionTrial("groupFilterOnInterface", "0x00", .refused([.invalidArgument])),
    ]

    private static let ipv6: [OptionTrial] = [
        OptionTrial("trafficClass", "EF"), OptionTrial("trafficClass", "CS1"),
        OptionTrial("trafficClass", "0xbb", .reads("EF"), on: .tcp),
        OptionTrial("hopLimit", "32"), OptionTrial("minimumHopLimit", "200"),
        // What is read is the path's, of a connected socket.
        OptionTrial("ipv6PathMTU", "1500", .taken), OptionTrial("ipv6PathMTUDiscovery", "do"),
        OptionTrial("flowLabel", "0x00", .refused([.invalidArgument])),
        OptionTrial("addressPreferences", "public,home"), OptionTrial("addressPreferences", "tmp,home"),
        OptionTrial("addressPreferences", "tmp,public", .refused([.invalidArgument])),
        OptionTrial("ipv6UnicastInterface", "1"), OptionTrial("sourceAddress", "::1%lo", .taken),
        // A header of padding, and no header.
        OptionTrial("hopOptions", "0x0000010400000000"), OptionTrial("destinationOptions", "0x0000010400000000"),
        OptionTrial("routingDestinationOptions", "0x0000010400000000"), OptionTrial("routingHeader", "0x"),
        OptionTrial("addressForm", "ipv4", .refused([.socketNotConnected])),
        OptionTrial("ipv6IPsecPolicy", "0x00", .refused([.notSupportedOnSocket, .invalidArgument])),
        OptionTrial("ipv6XfrmPolicy", "0x00", .refused([.notSupportedOnSocket, .invalidArgument])),
        OptionTrial("ipv6MulticastInterface", "1"), OptionTrial("multicastHops", "4"),
        OptionTrial("ipv6JoinGroup", "ff02::1:2%lo", .taken),
        OptionTrial("ipv6LeaveGroup", "ff02::1:2%lo", .refused([.addressNotAvailable])),
        // An address of the host's own is none to share.
        OptionTrial("joinAnycast", "::1%lo", .refused([.invalidArgument, .notPermitted])),
        OptionTrial("leaveAnycast", "2001:db8::1%lo", .refused([.noSuchFileOrDirectory])),
        OptionTrial("ipv6JoinGroupOnInterface", "ff02::1:2%lo", .taken),
        OptionTrial("ipv6LeaveGroupOnInterface", "ff02::1:2%lo", .refused([.addressNotAvailable])),
        OptionTrial("ipv6JoinGroupSourceOnInterface", "::1@ff32::1:2%lo", .taken),
        OptionTrial("ipv6LeaveGroupSourceOnInterface", "::1@ff32::1:2%lo", .refused([.invalidArgument])),
        OptionTrial("ipv6BlockSourceOnInterface", "::1@ff32::1:2%lo", .refused([.invalidArgument])),
        OptionTrial("ipv6UnblockSourceOnInterface", "::1@ff32::1:2%lo", .refused([.invalidArgument])),
        OptionTrial("ipv6GroupFilterOnInterface", "0x00", .refused([.invalidArgument])),
        OptionTrial("ipv6ChecksumOffset", "4", .reads("4B")), OptionTrial("ipv6ChecksumOffset", "-1", .reads("-1B")),
        OptionTrial("ipv6RouterAlert", "1"),
    ]

    private static let udp: [OptionTrial] = [
        OptionTrial("encapsulation", "l2tpinudp"), OptionTrial("segmentSize", "1200", .reads("1200B")),
    ]
}
