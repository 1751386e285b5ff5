extension OptionDescription {
    /// What internet sockets have (`ip(7)`), IPv6 sockets too.
    static let ipLevel: [OptionDescription] = [
        OptionDescription(
            SocketOption<NamedCodec<TrafficClass>>.typeOfService, "IP_TOS", "typeOfService", .internet, range: 0...255,
            adjustment: .masked,
            purpose: "What routers are told about the packets: a class of traffic.",
            cost:
                "Most of the internet clears or ignores it; it rewrites SO_PRIORITY, also on an IPv6 socket; TCP "
                + "drops the two bits of ECN."),
        OptionDescription(
            SocketOption<IntegerCodec>.timeToLive, "IP_TTL", "timeToLive", .internet, unit: .hops, range: 1...255,
            sysctl: "net.ipv4.ip_default_ttl",
            purpose: "How many routers a packet may pass; -1 asks for what the system has.",
            cost: "Too few and the peer is out of reach."),
        OptionDescription(
            SocketOption<IntegerCodec>.minimumTimeToLive, "IP_MINTTL", "minimumTimeToLive", .internet, unit: .hops,
            range: 0...255,
            purpose: "Drops packets that passed more routers than 255 less this.",
            cost: "Peers that start lower than 255 are cut off."),
        OptionDescription(
            SocketOption<IntegerCodec>.pathMTU, "IP_MTU", "pathMTU", .internet, inherited: [], access: .readOnly,
            unit: .bytes,
            purpose: "The largest packet of the path, on a connected socket.",
            cost: "None."),
        OptionDescription(
            SocketOption<NamedCodec<PathMTUDiscovery>>.pathMTUDiscovery, "IP_MTU_DISCOVER", "pathMTUDiscovery",
            .internet, range: 0...5, sysctl: "net.ipv4.ip_no_pmtu_disc",
            purpose: "Whether packets may be fragmented.",
            cost: "Never: what is too large is refused, and a path that swallows the news hangs."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveTypeOfService, "IP_RECVTOS", "receiveTypeOfService", .internet,
            purpose: "Delivers the class of traffic of each packet with it.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveTimeToLive, "IP_RECVTTL", "receiveTimeToLive", .internet,
            purpose: "Delivers how many routers each packet may still pass.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receivePacketInformation, "IP_PKTINFO", "receivePacketInformation", .internet,
            purpose: "Delivers the address and interface that each packet was sent to.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveOriginalDestination, "IP_RECVORIGDSTADDR", "receiveOriginalDestination",
            .internet,
            purpose: "Delivers the address and port that each packet was sent to before it was redirected.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveOptions, "IP_RECVOPTS", "receiveOptions", .internet,
            purpose: "Delivers the options of each packet with it.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveReturnOptions, "IP_RETOPTS", "receiveReturnOptions", .internet,
            purpose: "Delivers the options of each packet, turned round for an answer.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveErrors, "IP_RECVERR", "receiveErrors", .internet,
            purpose: "Puts what routers and hosts report into the error queue, and reports it at once.",
            cost: "TCP gives up at the first report of an unreachable host."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveErrorExtensions, "IP_RECVERR_RFC4884", "receiveErrorExtensions", .internet,
            since: KernelVersion(5, 9),
            purpose: "Reports what a router appended to an error (RFC 4884).",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveFragmentSize, "IP_RECVFRAGSIZE", "receiveFragmentSize", .udp,
            since: KernelVersion(4, 10),
            purpose: "Delivers the size of the largest fragment of each packet.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveChecksum, "IP_CHECKSUM", "receiveChecksum", .internet, inert: .tcp,
            purpose: "Delivers the checksum over each packet.",
            cost: "Ancillary data with each read, and the sum is made by the processor."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveSecurity, "IP_PASSSEC", "receiveSecurity", .internet,
            purpose: "Delivers the security context of each packet.",
            cost: "Ancillary data with each read; nothing without a security module."),
        OptionDescription(
            SocketOption<BytesCodec>.options, "IP_OPTIONS", "options", .internet, .beforeConnect, inherited: [],
            purpose: "Options in every packet, at most 40 bytes.",
            cost: "Routers drop or delay such packets."),
        OptionDescription(
            SocketOption<BytesCodec>.packetOptions, "IP_PKTOPTIONS", "packetOptions", .tcp, inherited: [],
            access: .readOnly,
            purpose: "The ancillary data that a TCP socket asked for, of its last packet.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.freeBind, "IP_FREEBIND", "freeBind", .internet, .beforeBind,
            sysctl: "net.ipv4.ip_nonlocal_bind",
            purpose: "Binds to an address that no interface has (yet).",
            cost: "Packets go out from an address to which no answer may come."),
        OptionDescription(
            SocketOption<FlagCodec>.transparent, "IP_TRANSPARENT", "transparent", .internet, .beforeBind,
            privilege: Privilege(["CAP_NET_RAW", "CAP_NET_ADMIN"], free: 0...0),
            purpose: "Binds to addresses of others and takes their connections, for transparent proxies.",
            cost: "Without routes and rules for it, nothing arrives."),
        OptionDescription(
            SocketOption<FlagCodec>.bindWithoutPort, "IP_BIND_ADDRESS_NO_PORT", "bindWithoutPort", .internet,
            .beforeBind, since: KernelVersion(4, 2),
            purpose: "Lets bind(2) to port 0 leave the choice of the port to connect(2), which can share ports.",
            cost: "None; the port is not known before connect(2)."),
        OptionDescription(
            SocketOption<LocalPortRangeCodec>.localPortRange, "IP_LOCAL_PORT_RANGE", "localPortRange", .internet,
            .beforeBind, since: KernelVersion(6, 3), sysctl: "net.ipv4.ip_local_port_range",
            purpose: "The ports from which the kernel chooses one for this socket.",
            cost: "A narrow range runs out."),
        OptionDescription(
            SocketOption<IntegerCodec>.ipProtocol, "IP_PROTOCOL", "ipProtocol", .internet, access: .readOnly,
            names: OptionName.protocols, since: KernelVersion(6, 4),
            purpose: "The protocol number in the packets.",
            cost: "None."),
        OptionDescription(
            SocketOption<SocketAddressCodec>.originalDestination, "SO_ORIGINAL_DST", "originalDestination", .tcp4,
            inherited: [], access: .readOnly,
            purpose: "Where a connection was going before the firewall redirected it, for transparent proxies.",
            cost: "None; ENOENT where it was not redirected."),
        OptionDescription(
            SocketOption<NetworkOrderIndexCodec>.unicastInterface, "IP_UNICAST_IF", "unicastInterface", .internet,
            since: KernelVersion(3, 4),
            purpose: "The interface for packets to one host, by its index, where the routes leave a choice.",
            cost: "Peers behind other interfaces are unreachable."),
        OptionDescription(
            SocketOption<BytesCodec>.ipsecPolicy, "IP_IPSEC_POLICY", "ipsecPolicy", .internet, inherited: [],
            access: .setOnly, privilege: Privilege(["CAP_NET_ADMIN"]),
            purpose: "A policy of IPsec for this socket, in the old form, which the kernel refuses today.",
            cost: "None, and no use."),
        OptionDescription(
            SocketOption<BytesCodec>.xfrmPolicy, "IP_XFRM_POLICY", "xfrmPolicy", .internet, inherited: [],
            access: .setOnly, privilege: Privilege(["CAP_NET_ADMIN"]),
            purpose: "A policy of IPsec for this socket (struct xfrm_userpolicy_info).",
            cost: "Packets that fit no security association are dropped."),
        OptionDescription(
            SocketOption<IPv4AddressCodec>.multicastInterface, "IP_MULTICAST_IF", "multicastInterface", .udp,
            purpose: "The interface for packets to a group, by an address that it has.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IntegerCodec>.multicastTimeToLive, "IP_MULTICAST_TTL", "multicastTimeToLive", .udp,
            unit: .hops, range: 0...255,
            purpose: "How many routers a packet to a group may pass.",
            cost: "Far groups reach strangers."),
        OptionDescription(
            SocketOption<FlagCodec>.multicastLoop, "IP_MULTICAST_LOOP", "multicastLoop", .internet, inert: .tcp,
            purpose: "Whether members on this host get what it sends to a group.",
            cost: "On, a sender that is a member reads itself."),
        OptionDescription(
            SocketOption<FlagCodec>.multicastAll, "IP_MULTICAST_ALL", "multicastAll", .internet, inert: .tcp,
            purpose: "Whether packets to groups that other sockets of the host joined are taken too.",
            cost: "On, strangers can be read on the same port."),
        OptionDescription(
            SocketOption<IPv4MembershipCodec>.joinGroup, "IP_ADD_MEMBERSHIP", "joinGroup", .udp, inherited: [],
            access: .setOnly, sysctl: "net.ipv4.igmp_max_memberships",
            purpose: "Joins a group.",
            cost: "At most net.ipv4.igmp_max_memberships for a socket."),
        OptionDescription(
            SocketOption<IPv4MembershipCodec>.leaveGroup, "IP_DROP_MEMBERSHIP", "leaveGroup", .udp, inherited: [],
            access: .setOnly,
            purpose: "Leaves a group.",
            cost: "None."),
        OptionDescription(
            SocketOption<IPv4SourceMembershipCodec>.joinGroupSource, "IP_ADD_SOURCE_MEMBERSHIP", "joinGroupSource",
            .internet, inherited: [], inert: .tcp, access: .setOnly, sysctl: "net.ipv4.igmp_max_msf",
            purpose: "Joins a group for what one host sends.",
            cost: "At most net.ipv4.igmp_max_msf for a group."),
        OptionDescription(
            SocketOption<IPv4SourceMembershipCodec>.leaveGroupSource, "IP_DROP_SOURCE_MEMBERSHIP", "leaveGroupSource",
            .internet, inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Leaves a group for what one host sends.",
            cost: "None."),
        OptionDescription(
            SocketOption<IPv4SourceMembershipCodec>.blockSource, "IP_BLOCK_SOURCE", "blockSource", .internet,
            inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Stops taking what one host sends to a group.",
            cost: "None."),
        OptionDescription(
            SocketOption<IPv4SourceMembershipCodec>.unblockSource, "IP_UNBLOCK_SOURCE", "unblockSource", .internet,
            inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Takes what a blocked host sends to a group again.",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.groupFilter, "IP_MSFILTER", "groupFilter", .internet, inherited: [], inert: .tcp,
            access: .setOnly,
            purpose: "All senders of a group that are taken or not, at once (struct ip_msfilter).",
            cost: "The structure goes both ways, so reading needs a call of its own."),
        OptionDescription(
            SocketOption<GroupMembershipCodec>.joinGroupOnInterface, "MCAST_JOIN_GROUP", "joinGroupOnInterface",
            .internet, inherited: [], inert: .tcp, access: .setOnly, sysctl: "net.ipv4.igmp_max_memberships",
            purpose: "Joins a group on an interface by its index.",
            cost: "As IP_ADD_MEMBERSHIP."),
        OptionDescription(
            SocketOption<GroupMembershipCodec>.leaveGroupOnInterface, "MCAST_LEAVE_GROUP", "leaveGroupOnInterface",
            .internet, inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Leaves a group on an interface.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.joinGroupSourceOnInterface, "MCAST_JOIN_SOURCE_GROUP",
            "joinGroupSourceOnInterface", .internet, inherited: [], inert: .tcp, access: .setOnly,
            sysctl: "net.ipv4.igmp_max_msf",
            purpose: "Joins a group on an interface for what one host sends.",
            cost: "As IP_ADD_SOURCE_MEMBERSHIP."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.leaveGroupSourceOnInterface, "MCAST_LEAVE_SOURCE_GROUP",
            "leaveGroupSourceOnInterface", .internet, inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Leaves a group on an interface for what one host sends.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.blockSourceOnInterface, "MCAST_BLOCK_SOURCE",
            "blockSourceOnInterface", .internet, inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Stops taking what one host sends to a group on an interface.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.unblockSourceOnInterface, "MCAST_UNBLOCK_SOURCE",
            "unblockSourceOnInterface", .internet, inherited: [], inert: .tcp, access: .setOnly,
            purpose: "Takes what a blocked host sends to a group on an interface again.",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.groupFilterOnInterface, "MCAST_MSFILTER", "groupFilterOnInterface", .internet,
            inherited: [], inert: .tcp, access: .setOnly,
            purpose: "All senders of a group on an interface that are taken or not, at once (struct group_filter).",
            cost: "The structure goes both ways, so reading needs a call of its own."),
        OptionDescription(
            SocketOption<FlagCodec>.headerIncluded, "IP_HDRINCL", "headerIncluded", .raw,
            purpose: "What is sent begins with a header of its own.",
            cost: "A wrong header is sent as it is."),
        OptionDescription(
            SocketOption<FlagCodec>.noReassembly, "IP_NODEFRAG", "noReassembly", .raw,
            purpose: "Delivers fragments as they come when the firewall tracks connections.",
            cost: "The program must put them together."),
        OptionDescription(
            SocketOption<FlagCodec>.routerAlert, "IP_ROUTER_ALERT", "routerAlert", .raw, inherited: [],
            purpose: "Takes packets that ask every router to look.",
            cost: "They are not forwarded."),
    ]
}
