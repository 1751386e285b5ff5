import CPlumb
import SystemPackage
import Testing

@testable import PlumbSockets

@Suite("The catalogue of options") struct OptionCatalogueTests {
    /// The options that Linux has for TCP, UDP and Unix sockets, by level, without the level's prefix.
    static let kernelOptions: [(level: OptionLevel, prefix: String, names: String)] = [
        (
            .socket, "SO_",
            """
            SNDBUF RCVBUF SNDBUFFORCE RCVBUFFORCE RCVLOWAT SNDLOWAT MEMINFO BUF_LOCK RESERVE_MEM REUSEADDR REUSEPORT
            KEEPALIVE LINGER RCVTIMEO SNDTIMEO ERROR TYPE DOMAIN PROTOCOL ACCEPTCONN BROADCAST OOBINLINE DONTROUTE
            PRIORITY MARK RCVMARK RCVPRIORITY BINDTODEVICE BINDTOIFINDEX MAX_PACING_RATE TXTIME TXREHASH INCOMING_CPU
            INCOMING_NAPI_ID BUSY_POLL PREFER_BUSY_POLL BUSY_POLL_BUDGET COOKIE NETNS_COOKIE ZEROCOPY CNX_ADVICE
            TIMESTAMP TIMESTAMPNS TIMESTAMPING SELECT_ERR_QUEUE RXQ_OVFL NOFCS NO_CHECK ATTACH_FILTER DETACH_FILTER
            LOCK_FILTER ATTACH_BPF ATTACH_REUSEPORT_CBPF ATTACH_REUSEPORT_EBPF DETACH_REUSEPORT_BPF BPF_EXTENSIONS
            PASSCRED PASSSEC PASSPIDFD PASSRIGHTS PEERCRED PEERSEC PEERGROUPS PEERPIDFD PEEK_OFF DEBUG
            """
        ),
        (
            .tcp, "TCP_",
            """
            NODELAY CORK QUICKACK THIN_LINEAR_TIMEOUTS THIN_DUPACK NOTSENT_LOWAT DELACK_MAX_US RTO_MIN_US RTO_MAX_MS
            KEEPIDLE KEEPINTVL KEEPCNT SYNCNT USER_TIMEOUT LINGER2 DEFER_ACCEPT MAXSEG WINDOW_CLAMP CONGESTION TX_DELAY
            FASTOPEN FASTOPEN_CONNECT FASTOPEN_KEY FASTOPEN_NO_COOKIE INFO CC_INFO SAVE_SYN SAVED_SYN INQ TIMESTAMP
            IS_MPTCP MD5SIG MD5SIG_EXT AO_ADD_KEY AO_DEL_KEY AO_INFO AO_GET_KEYS AO_REPAIR ULP REPAIR REPAIR_QUEUE
            REPAIR_OPTIONS REPAIR_WINDOW QUEUE_SEQ ZEROCOPY_RECEIVE
            """
        ),
        (
            .ip, "IP_",
            """
            TOS TTL MTU MTU_DISCOVER RECVTOS RECVTTL PKTINFO RECVERR FREEBIND TRANSPARENT BIND_ADDRESS_NO_PORT
            LOCAL_PORT_RANGE PROTOCOL MINTTL RECVORIGDSTADDR UNICAST_IF MULTICAST_IF MULTICAST_TTL MULTICAST_LOOP
            MULTICAST_ALL ADD_MEMBERSHIP DROP_MEMBERSHIP ADD_SOURCE_MEMBERSHIP DROP_SOURCE_MEMBERSHIP BLOCK_SOURCE
            UNBLOCK_SOURCE MSFILTER
            """
        ),
        (
            .ip, "MCAST_",
            "JOIN_GROUP LEAVE_GROUP JOIN_SOURCE_GROUP LEAVE_SOURCE_GROUP BLOCK_SOURCE UNBLOCK_SOURCE MSFILTER"
        ),
        (
            .ipv6, "IPV6_",
            """
            V6ONLY TCLASS UNICAST_HOPS MTU MTU_DISCOVER DONTFRAG RECVPKTINFO RECVTCLASS RECVHOPLIMIT RECVERR FREEBIND
            TRANSPARENT AUTOFLOWLABEL FLOWINFO_SEND ADDR_PREFERENCES MINHOPCOUNT UNICAST_IF MULTICAST_IF MULTICAST_HOPS
            MULTICAST_LOOP MULTICAST_ALL ADD_MEMBERSHIP DROP_MEMBERSHIP JOIN_ANYCAST LEAVE_ANYCAST
            """
        ),
        (
            .ipv6, "MCAST_",
            "JOIN_GROUP LEAVE_GROUP JOIN_SOURCE_GROUP LEAVE_SOURCE_GROUP BLOCK_SOURCE UNBLOCK_SOURCE MSFILTER"
        ),
        (.udp, "UDP_", "CORK ENCAP SEGMENT GRO NO_CHECK6_TX NO_CHECK6_RX"),
    ]

    static let kernelNames = kernelOptions.flatMap { level, prefix, names in
        names.split(whereSeparator: \.isWhitespace).map { (level.description, prefix + $0) }
    }

    @Test("every option that the kernel has is there", arguments: kernelNames)
    func isComplete(_ level: String, _ name: String) {
        #expect(OptionDescription.catalogue.contains { $0.name == name && $0.level.description == level })
    }

    @Test("no two have a number of a level, a name of a level, or a Swift name in common")
    func isUnambiguous() {
        let catalogue = OptionDescription.catalogue
        #expect(Set(catalogue.map { [$0.level.rawValue, $0.number] }).count == catalogue.count)
        #expect(Set(catalogue.map { "\($0.level) \($0.name)" }).count == catalogue.count)
        #expect(Set(catalogue.map { $0.swiftName.lowercased() }).count == catalogue.count)
    }

    @Test("each says all that there is to say", arguments: OptionDescription.catalogue)
    func isWhole(_ option: OptionDescription) {
        for sentence in [option.purpose, option.cost] {
            #expect(
                sentence.hasSuffix(".") && sentence.count > 4 && sentence.first?.isLowercase == false, "\(sentence)")
            #expect(!sentence.contains("  ") && !sentence.dropLast().contains(". "), "one sentence: \(sentence)")
        }
        #expect(!option.sockets.isEmpty)
        #expect(option.sockets.isSuperset(of: option.inheritance))
        #expect(option.sockets.isSuperset(of: option.inert))
        #expect(option.swiftName.first?.isLowercase == true)
        let isTime = option.kind == .duration || option.kind == .timeout || option.kind == .linger
        #expect(isTime == [.seconds, .milliseconds, .microseconds].contains(option.unit), "a time has a unit")
        #expect((option.kind != .choice && option.kind != .set) || !option.names.isEmpty, "a choice has names")
        #expect(Set(option.names.map { $0.name.lowercased() }).count == option.names.count)
        if option.access == .readOnly { #expect(option.privilege == nil) }
        if let sysctl = option.sysctl { #expect(sysctl.hasPrefix("net."), "\(sysctl)") }
        if let privilege = option.privilege {
            #expect(!privilege.capabilities.isEmpty && privilege.capabilities.allSatisfy { $0.hasPrefix("CAP_") })
        }
    }

    @Test(
        "the sysctls that it names are this kernel's",
        arguments: OptionDescription.catalogue.filter { $0.sysctl != nil })
    func sysctls(_ option: OptionDescription) throws {
        let path = "/proc/sys/" + (option.sysctl ?? "").split(separator: ".").joined(separator: "/")
        // Of a newer kernel, or of IPv6, which may be switched off.
        let mayBeAbsent = (option.firstKernel.map { $0 > KernelVersion(5, 10) } ?? false) || option.level == .ipv6
        #expect(status(path) != nil || mayBeAbsent, "\(path)")
    }

    // MARK: Looking up

    @Test(
        "an option is found by its names",
        arguments: [
            ("TCP_NODELAY", "TCP_NODELAY"), ("tcp_nodelay", "TCP_NODELAY"), ("NODELAY", "TCP_NODELAY"),
            ("nodelay", "TCP_NODELAY"), ("noDelay", "TCP_NODELAY"), ("keepAliveIdle", "TCP_KEEPIDLE"),
            ("so_rcvbuf", "SO_RCVBUF"), ("rcvbuf", "SO_RCVBUF"), ("cork", "TCP_CORK"), ("UDP_CORK", "UDP_CORK"),
            ("V6ONLY", "IPV6_V6ONLY"), ("ipv6only", "IPV6_V6ONLY"), ("timestamp", "SO_TIMESTAMP"),
        ])
    func lookUp(_ name: String, _ found: String) throws {
        #expect(try OptionDescription.named(name).name == found)
    }

    @Test(
        "every option is found by its C name with its level, and by its Swift name",
        arguments: OptionDescription.catalogue)
    func lookUpEach(_ option: OptionDescription) throws {
        #expect(try OptionDescription.named(option.name, level: option.level).swiftName == option.swiftName)
        #expect(try OptionDescription.named(option.swiftName).number == option.number)
    }

    @Test(
        "an unknown name proposes near ones",
        arguments: [
            ("TCP_NODELAI", "TCP_NODELAY"), ("keepAliveIdel", "keepAliveIdle"), ("rcvbuff", "SO_RCVBUF"),
            ("so_reuse_port", "SO_REUSEPORT"), ("KEEPALIVE_IDLE", "keepAliveIdle"),
            ("congestion_control", "congestionControl"),
        ])
    func lookUpNear(_ name: String, _ near: String) throws {
        let error = try #require(throws: SocketsError.self) { try OptionDescription.named(name) }
        #expect(error.code == .unknownOption)
        #expect(error.description.hasPrefix("cannot find the option '\(name)': "))
        #expect(error.reason.contains("did you mean") && error.reason.contains(near), "\(error)")
    }

    @Test("a name that is like no other says where all are listed", arguments: ["", "x", "quantumEntanglement", "🦆🦆🦆"])
    func lookUpNothing(_ name: String) throws {
        let error = try #require(throws: SocketsError.self) { try OptionDescription.named(name) }
        #expect(error.reason.contains("plumb options"), "\(error)")
    }
}
