extension OptionDescription {
    /// What IPv6 sockets have (`ipv6(7)`).
    static let ipv6Level: [OptionDescription] = [
        OptionDescription(
            SocketOption<FlagCodec>.ipv6Only, "IPV6_V6ONLY", "ipv6Only", .ipv6, .beforeBind,
            sysctl: "net.ipv6.bindv6only",
            purpose: "Keeps IPv4 connections away from an IPv6 socket.",
            cost: "Two listeners instead of one."),
        OptionDescription(
            SocketOption<NamedCodec<TrafficClass>>.trafficClass, "IPV6_TCLASS", "trafficClass", .ipv6, range: -1...255,
            adjustment: .masked,
            purpose: "What routers are told about the packets: a class of traffic.",
            cost:
                "Most of the internet clears or ignores it; it does not touch SO_PRIORITY; TCP drops the two bits "
                + "of ECN."),
        OptionDescription(
            SocketOption<IntegerCodec>.hopLimit, "IPV6_UNICAST_HOPS", "hopLimit", .ipv6, unit: .hops, range: -1...255,
            adjustment: .derived, sysctl: "net.ipv6.conf.default.hop_limit",
            purpose: "How many routers a packet may pass; -1 asks for what the system has.",
            cost: "Too few and the peer is out of reach."),
        OptionDescription(
            SocketOption<IntegerCodec>.minimumHopLimit, "IPV6_MINHOPCOUNT", "minimumHopLimit", .ipv6, unit: .hops,
            range: 0...255,
            purpose: "Drops packets that passed more routers than 255 less this.",
            cost: "Peers that start lower than 255 are cut off."),
        OptionDescription(
            SocketOption<IntegerCodec>.ipv6PathMTU, "IPV6_MTU", "ipv6PathMTU", .ipv6, inherited: [], unit: .bytes,
            range: 1280...65535, adjustment: .derived,
            purpose:
                "Read: the largest packet of the path, on a connected socket; set: the largest fragment that is "
                + "sent.",
            cost: "Small fragments cost packets."),
        OptionDescription(
            SocketOption<PathMTUCodec>.ipv6KnownPathMTU, "IPV6_PATHMTU", "ipv6KnownPathMTU", .ipv6, inherited: [],
            access: .readOnly, unit: .bytes,
            purpose: "The largest packet of the path, on a connected socket (struct ip6_mtuinfo).",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6ReceivePathMTU, "IPV6_RECVPATHMTU", "ipv6ReceivePathMTU", .ipv6,
            purpose: "Delivers news of a smaller path MTU.",
            cost: "Ancillary data with a read."),
        OptionDescription(
            SocketOption<NamedCodec<PathMTUDiscovery>>.ipv6PathMTUDiscovery, "IPV6_MTU_DISCOVER",
            "ipv6PathMTUDiscovery", .ipv6, range: 0...5,
            purpose: "Whether packets may be fragmented by this host.",
            cost: "Never: what is too large is refused, and a path that swallows the news hangs."),
        OptionDescription(
            SocketOption<FlagCodec>.dontFragment, "IPV6_DONTFRAG", "dontFragment", .ipv6,
            purpose: "Refuses what is too large instead of fragmenting it.",
            cost: "Large datagrams fail with EMSGSIZE."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6ReceivePacketInformation, "IPV6_RECVPKTINFO", "ipv6ReceivePacketInformation",
            .ipv6,
            purpose: "Delivers the address and interface that each packet was sent to.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveTrafficClass, "IPV6_RECVTCLASS", "receiveTrafficClass", .ipv6,
            purpose: "Delivers the class of traffic of each packet with it.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveHopLimit, "IPV6_RECVHOPLIMIT", "receiveHopLimit", .ipv6,
            purpose: "Delivers how many routers each packet may still pass.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6ReceiveOriginalDestination, "IPV6_RECVORIGDSTADDR",
            "ipv6ReceiveOriginalDestination", .ipv6,
            purpose: "Delivers the address and port that each packet was sent to before it was redirected.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6ReceiveErrors, "IPV6_RECVERR", "ipv6ReceiveErrors", .ipv6,
            purpose: "Puts what routers and hosts report into the error queue, and reports it at once.",
            cost: "TCP gives up at the first report of an unreachable host."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6ReceiveErrorExtensions, "IPV6_RECVERR_RFC4884", "ipv6ReceiveErrorExtensions",
            .ipv6, since: KernelVersion(5, 9),
            purpose: "Reports what a router appended to an error (RFC 4884).",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6ReceiveFragmentSize, "IPV6_RECVFRAGSIZE", "ipv6ReceiveFragmentSize", .ipv6,
            since: KernelVersion(4, 10),
            purpose: "Delivers the size of the largest fragment of each packet.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveHopOptions, "IPV6_RECVHOPOPTS", "receiveHopOptions", .ipv6,
            purpose: "Delivers the hop-by-hop options of each packet.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveDestinationOptions, "IPV6_RECVDSTOPTS", "receiveDestinationOptions", .ipv6,
            purpose: "Delivers the destination options of each packet.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveRoutingHeader, "IPV6_RECVRTHDR", "receiveRoutingHeader", .ipv6,
            purpose: "Delivers the routing header of each packet.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.receiveFlowInformation, "IPV6_FLOWINFO", "receiveFlowInformation", .ipv6,
            purpose: "Delivers the class of traffic and flow label of each packet.",
            cost: "Ancillary data with each read."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6FreeBind, "IPV6_FREEBIND", "ipv6FreeBind", .ipv6, .beforeBind,
            since: KernelVersion(4, 15), sysctl: "net.ipv6.ip_nonlocal_bind",
            purpose: "Binds to an address that no interface has (yet).",
            cost: "Packets go out from an address to which no answer may come."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6Transparent, "IPV6_TRANSPARENT", "ipv6Transparent", .ipv6, .beforeBind,
            privilege: Privilege(["CAP_NET_RAW", "CAP_NET_ADMIN"], free: 0...0),
            purpose: "Binds to addresses of others and takes their connections, for transparent proxies.",
            cost: "Without routes and rules for it, nothing arrives."),
        OptionDescription(
            SocketOption<FlagCodec>.automaticFlowLabel, "IPV6_AUTOFLOWLABEL", "automaticFlowLabel", .ipv6,
            sysctl: "net.ipv6.auto_flowlabels",
            purpose: "Gives each connection a flow label, by which routers spread load.",
            cost: "None."),
        OptionDescription(
            SocketOption<FlagCodec>.sendFlowInformation, "IPV6_FLOWINFO_SEND", "sendFlowInformation", .ipv6,
            .beforeConnect,
            purpose: "Sends the flow label of the address that was given to connect(2) or sendto(2).",
            cost: "A label that was not taken out with IPV6_FLOWLABEL_MGR is refused."),
        OptionDescription(
            SocketOption<BytesCodec>.flowLabel, "IPV6_FLOWLABEL_MGR", "flowLabel", .ipv6, inherited: [],
            access: .setOnly,
            purpose: "Takes a flow label out, or gives it back (struct in6_flowlabel_req).",
            cost: "Reading needs the label: the structure goes both ways."),
        OptionDescription(
            SocketOption<NamedCodec<AddressPreferences>>.addressPreferences, "IPV6_ADDR_PREFERENCES",
            "addressPreferences", .ipv6, .beforeConnect,
            purpose: "Which of the host's own addresses are preferred: public or temporary, home or care-of.",
            cost: "None; contradictions are refused."),
        OptionDescription(
            SocketOption<NetworkOrderIndexCodec>.ipv6UnicastInterface, "IPV6_UNICAST_IF", "ipv6UnicastInterface",
            .ipv6, since: KernelVersion(3, 4),
            purpose: "The interface for packets to one host, by its index, where the routes leave a choice.",
            cost: "Peers behind other interfaces are unreachable."),
        OptionDescription(
            SocketOption<IPv6InterfaceAddressCodec>.sourceAddress, "IPV6_PKTINFO", "sourceAddress", .ipv6,
            inherited: [], access: .setOnly,
            purpose: "The own address and interface from which packets are sent.",
            cost: "EINVAL for an interface that is not there, or another than the one that the socket is bound to."),
        OptionDescription(
            SocketOption<BytesCodec>.hopOptions, "IPV6_HOPOPTS", "hopOptions", .ipv6,
            privilege: Privilege(["CAP_NET_RAW"]),
            purpose: "Hop-by-hop options in every packet.",
            cost: "Routers drop or delay such packets."),
        OptionDescription(
            SocketOption<BytesCodec>.destinationOptions, "IPV6_DSTOPTS", "destinationOptions", .ipv6,
            privilege: Privilege(["CAP_NET_RAW"]),
            purpose: "Destination options in every packet.",
            cost: "Firewalls drop such packets."),
        OptionDescription(
            SocketOption<BytesCodec>.routingDestinationOptions, "IPV6_RTHDRDSTOPTS", "routingDestinationOptions",
            .ipv6, privilege: Privilege(["CAP_NET_RAW"]),
            purpose: "Destination options before the routing header in every packet.",
            cost: "Firewalls drop such packets."),
        OptionDescription(
            SocketOption<BytesCodec>.routingHeader, "IPV6_RTHDR", "routingHeader", .ipv6,
            purpose: "A routing header in every packet.",
            cost: "Firewalls drop such packets."),
        OptionDescription(
            SocketOption<IntegerCodec>.addressForm, "IPV6_ADDRFORM", "addressForm", .ipv6, .perConnection,
            inherited: [], names: OptionName.families,
            purpose: "Turns a connected socket whose peer is an IPv4 host into an IPv4 socket; read, the family.",
            cost: "It cannot be undone."),
        OptionDescription(
            SocketOption<FlagCodec>.oldReceivePacketInformation, "IPV6_2292PKTINFO", "oldReceivePacketInformation",
            .ipv6,
            purpose: "As IPV6_RECVPKTINFO, in the form of RFC 2292.",
            cost: "As IPV6_RECVPKTINFO."),
        OptionDescription(
            SocketOption<FlagCodec>.oldReceiveHopOptions, "IPV6_2292HOPOPTS", "oldReceiveHopOptions", .ipv6,
            purpose: "As IPV6_RECVHOPOPTS, in the form of RFC 2292.",
            cost: "As IPV6_RECVHOPOPTS."),
        OptionDescription(
            SocketOption<FlagCodec>.oldReceiveDestinationOptions, "IPV6_2292DSTOPTS", "oldReceiveDestinationOptions",
            .ipv6,
            purpose: "As IPV6_RECVDSTOPTS, in the form of RFC 2292.",
            cost: "As IPV6_RECVDSTOPTS."),
        OptionDescription(
            SocketOption<FlagCodec>.oldReceiveRoutingHeader, "IPV6_2292RTHDR", "oldReceiveRoutingHeader", .ipv6,
            purpose: "As IPV6_RECVRTHDR, in the form of RFC 2292.",
            cost: "As IPV6_RECVRTHDR."),
        OptionDescription(
            SocketOption<FlagCodec>.oldReceiveHopLimit, "IPV6_2292HOPLIMIT", "oldReceiveHopLimit", .ipv6,
            purpose: "As IPV6_RECVHOPLIMIT, in the form of RFC 2292.",
            cost: "As IPV6_RECVHOPLIMIT."),
        OptionDescription(
            SocketOption<BytesCodec>.ipv6PacketOptions, "IPV6_2292PKTOPTIONS", "ipv6PacketOptions", .tcp6,
            inherited: [], access: .readOnly,
            purpose: "The ancillary data that a TCP socket asked for, of its last packet.",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.ipv6IPsecPolicy, "IPV6_IPSEC_POLICY", "ipv6IPsecPolicy", .ipv6, inherited: [],
            access: .setOnly, privilege: Privilege(["CAP_NET_ADMIN"]),
            purpose: "A policy of IPsec for this socket, in the old form, which the kernel refuses today.",
            cost: "None, and no use."),
        OptionDescription(
            SocketOption<BytesCodec>.ipv6XfrmPolicy, "IPV6_XFRM_POLICY", "ipv6XfrmPolicy", .ipv6, inherited: [],
            access: .setOnly, privilege: Privilege(["CAP_NET_ADMIN"]),
            purpose: "A policy of IPsec for this socket (struct xfrm_userpolicy_info).",
            cost: "Packets that fit no security association are dropped."),
        OptionDescription(
            SocketOption<SocketAddressCodec>.ipv6OriginalDestination, "IP6T_SO_ORIGINAL_DST",
            "ipv6OriginalDestination", .tcp6, inherited: [], access: .readOnly,
            purpose: "Where a connection was going before the firewall redirected it, for transparent proxies.",
            cost: "None; ENOENT where it was not redirected."),
        OptionDescription(
            SocketOption<IntegerCodec>.ipv6MulticastInterface, "IPV6_MULTICAST_IF", "ipv6MulticastInterface", .udp6,
            purpose: "The interface for packets to a group, by its index.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IntegerCodec>.multicastHops, "IPV6_MULTICAST_HOPS", "multicastHops", .udp6, unit: .hops,
            range: -1...255, adjustment: .derived,
            purpose: "How many routers a packet to a group may pass; -1 asks for what the system has.",
            cost: "Far groups reach strangers."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6MulticastLoop, "IPV6_MULTICAST_LOOP", "ipv6MulticastLoop", .ipv6, inert: .tcp6,
            purpose: "Whether members on this host get what it sends to a group.",
            cost: "On, a sender that is a member reads itself."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6MulticastAll, "IPV6_MULTICAST_ALL", "ipv6MulticastAll", .ipv6, inert: .tcp6,
            since: KernelVersion(4, 20),
            purpose: "Whether packets to groups that other sockets of the host joined are taken too.",
            cost: "On, strangers can be read on the same port."),
        OptionDescription(
            SocketOption<IPv6InterfaceAddressCodec>.ipv6JoinGroup, "IPV6_ADD_MEMBERSHIP", "ipv6JoinGroup", .udp6,
            inherited: [], access: .setOnly,
            purpose: "Joins a group.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IPv6InterfaceAddressCodec>.ipv6LeaveGroup, "IPV6_DROP_MEMBERSHIP", "ipv6LeaveGroup", .udp6,
            inherited: [], access: .setOnly,
            purpose: "Leaves a group.",
            cost: "None."),
        OptionDescription(
            SocketOption<IPv6InterfaceAddressCodec>.joinAnycast, "IPV6_JOIN_ANYCAST", "joinAnycast", .ipv6,
            inherited: [], access: .setOnly,
            privilege: Privilege(["CAP_NET_ADMIN"], condition: "on a host that does not forward"),
            purpose: "Takes packets to an address that several hosts have.",
            cost: "Hosts that have the address answer for each other."),
        OptionDescription(
            SocketOption<IPv6InterfaceAddressCodec>.leaveAnycast, "IPV6_LEAVE_ANYCAST", "leaveAnycast", .ipv6,
            inherited: [], access: .setOnly,
            purpose: "Stops taking packets to such an address.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupMembershipCodec>.ipv6JoinGroupOnInterface, "MCAST_JOIN_GROUP",
            "ipv6JoinGroupOnInterface", .ipv6, inherited: [], inert: .tcp6, access: .setOnly,
            purpose: "Joins a group on an interface by its index.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<GroupMembershipCodec>.ipv6LeaveGroupOnInterface, "MCAST_LEAVE_GROUP",
            "ipv6LeaveGroupOnInterface", .ipv6, inherited: [], inert: .tcp6, access: .setOnly,
            purpose: "Leaves a group on an interface.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.ipv6JoinGroupSourceOnInterface, "MCAST_JOIN_SOURCE_GROUP",
            "ipv6JoinGroupSourceOnInterface", .ipv6, inherited: [], inert: .tcp6, access: .setOnly,
            sysctl: "net.ipv6.mld_max_msf",
            purpose: "Joins a group on an interface for what one host sends.",
            cost: "At most net.ipv6.mld_max_msf for a group."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.ipv6LeaveGroupSourceOnInterface, "MCAST_LEAVE_SOURCE_GROUP",
            "ipv6LeaveGroupSourceOnInterface", .ipv6, inherited: [], inert: .tcp6, access: .setOnly,
            purpose: "Leaves a group on an interface for what one host sends.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.ipv6BlockSourceOnInterface, "MCAST_BLOCK_SOURCE",
            "ipv6BlockSourceOnInterface", .ipv6, inherited: [], inert: .tcp6, access: .setOnly,
            purpose: "Stops taking what one host sends to a group on an interface.",
            cost: "None."),
        OptionDescription(
            SocketOption<GroupSourceMembershipCodec>.ipv6UnblockSourceOnInterface, "MCAST_UNBLOCK_SOURCE",
            "ipv6UnblockSourceOnInterface", .ipv6, inherited: [], inert: .tcp6, access: .setOnly,
            purpose: "Takes what a blocked host sends to a group on an interface again.",
            cost: "None."),
        OptionDescription(
            SocketOption<BytesCodec>.ipv6GroupFilterOnInterface, "MCAST_MSFILTER", "ipv6GroupFilterOnInterface", .ipv6,
            inherited: [], inert: .tcp6, access: .setOnly,
            purpose: "All senders of a group on an interface that are taken or not, at once (struct group_filter).",
            cost: "The structure goes both ways, so reading needs a call of its own."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6HeaderIncluded, "IPV6_HDRINCL", "ipv6HeaderIncluded", .raw,
            purpose: "What is sent begins with a header of its own.",
            cost: "A wrong header is sent as it is."),
        OptionDescription(
            SocketOption<IntegerCodec>.ipv6ChecksumOffset, "IPV6_CHECKSUM", "ipv6ChecksumOffset", .raw, unit: .bytes,
            purpose: "Where in what is sent the kernel puts a checksum; -1 for nowhere.",
            cost: "None by itself."),
        OptionDescription(
            SocketOption<IntegerCodec>.ipv6RouterAlert, "IPV6_ROUTER_ALERT", "ipv6RouterAlert", .raw, inherited: [],
            purpose: "Takes packets that ask every router to look, with this number; -1 for none.",
            cost: "They are not forwarded."),
        OptionDescription(
            SocketOption<FlagCodec>.ipv6RouterAlertIsolate, "IPV6_ROUTER_ALERT_ISOLATE", "ipv6RouterAlertIsolate",
            .ipv6, inert: .ipv6, since: KernelVersion(5, 1),
            purpose: "Takes such packets of its own network namespace only.",
            cost: "None."),
    ]
}
