public import CPlumb

// The typed options of IPPROTO_IPV6. What is known about each is in `OptionDescription.ipv6Level`.

extension SocketOption where Codec == FlagCodec {
    /// `IPV6_V6ONLY`: keeps IPv4 connections away from an IPv6 socket.
    @inlinable
    public static var ipv6Only: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_V6ONLY) }
    /// `IPV6_RECVPATHMTU`: delivers news of a smaller path MTU.
    @inlinable
    public static var ipv6ReceivePathMTU: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVPATHMTU) }
    /// `IPV6_DONTFRAG`: refuses what is too large instead of fragmenting it.
    @inlinable
    public static var dontFragment: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_DONTFRAG) }
    /// `IPV6_RECVPKTINFO`: delivers the address and interface that each packet was sent to.
    @inlinable
    public static var ipv6ReceivePacketInformation: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVPKTINFO) }
    /// `IPV6_RECVTCLASS`: delivers the class of traffic of each packet with it.
    @inlinable
    public static var receiveTrafficClass: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVTCLASS) }
    /// `IPV6_RECVHOPLIMIT`: delivers how many routers each packet may still pass.
    @inlinable
    public static var receiveHopLimit: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVHOPLIMIT) }
    /// `IPV6_RECVORIGDSTADDR`: delivers the address and port that each packet was sent to before it was redirected.
    @inlinable
    public static var ipv6ReceiveOriginalDestination: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVORIGDSTADDR)
    }
    /// `IPV6_RECVERR`: puts what routers and hosts report into the error queue, and reports it at once.
    @inlinable
    public static var ipv6ReceiveErrors: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVERR) }
    /// `IPV6_RECVERR_RFC4884`: reports what a router appended to an error (RFC 4884).
    @inlinable
    public static var ipv6ReceiveErrorExtensions: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_RECVERR_RFC4884)
    }
    /// `IPV6_RECVFRAGSIZE`: delivers the size of the largest fragment of each packet.
    @inlinable
    public static var ipv6ReceiveFragmentSize: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_RECVFRAGSIZE) }
    /// `IPV6_RECVHOPOPTS`: delivers the hop-by-hop options of each packet.
    @inlinable
    public static var receiveHopOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVHOPOPTS) }
    /// `IPV6_RECVDSTOPTS`: delivers the destination options of each packet.
    @inlinable
    public static var receiveDestinationOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVDSTOPTS) }
    /// `IPV6_RECVRTHDR`: delivers the routing header of each packet.
    @inlinable
    public static var receiveRoutingHeader: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RECVRTHDR) }
    /// `IPV6_FLOWINFO`: delivers the class of traffic and flow label of each packet.
    @inlinable
    public static var receiveFlowInformation: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_FLOWINFO) }
    /// `IPV6_FREEBIND`: binds to an address that no interface has (yet).
    @inlinable
    public static var ipv6FreeBind: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_FREEBIND) }
    /// `IPV6_TRANSPARENT`: binds to addresses of others and takes their connections, for transparent proxies.
    @inlinable
    public static var ipv6Transparent: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_TRANSPARENT) }
    /// `IPV6_AUTOFLOWLABEL`: gives each connection a flow label, by which routers spread load.
    @inlinable
    public static var automaticFlowLabel: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_AUTOFLOWLABEL) }
    /// `IPV6_FLOWINFO_SEND`: sends the flow label of the address that was given to connect(2) or sendto(2).
    @inlinable
    public static var sendFlowInformation: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_FLOWINFO_SEND) }
    /// `IPV6_2292PKTINFO`: as IPV6_RECVPKTINFO, in the form of RFC 2292.
    @inlinable
    public static var oldReceivePacketInformation: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_2292PKTINFO) }
    /// `IPV6_2292HOPOPTS`: as IPV6_RECVHOPOPTS, in the form of RFC 2292.
    @inlinable
    public static var oldReceiveHopOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_2292HOPOPTS) }
    /// `IPV6_2292DSTOPTS`: as IPV6_RECVDSTOPTS, in the form of RFC 2292.
    @inlinable
    public static var oldReceiveDestinationOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_2292DSTOPTS) }
    /// `IPV6_2292RTHDR`: as IPV6_RECVRTHDR, in the form of RFC 2292.
    @inlinable
    public static var oldReceiveRoutingHeader: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_2292RTHDR) }
    /// `IPV6_2292HOPLIMIT`: as IPV6_RECVHOPLIMIT, in the form of RFC 2292.
    @inlinable
    public static var oldReceiveHopLimit: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_2292HOPLIMIT) }
    /// `IPV6_MULTICAST_LOOP`: whether members on this host get what it sends to a group.
    @inlinable
    public static var ipv6MulticastLoop: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_MULTICAST_LOOP) }
    /// `IPV6_MULTICAST_ALL`: whether packets to groups that other sockets of the host joined are taken too.
    @inlinable
    public static var ipv6MulticastAll: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_MULTICAST_ALL) }
    /// `IPV6_HDRINCL`: what is sent begins with a header of its own.
    @inlinable
    public static var ipv6HeaderIncluded: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_HDRINCL) }
    /// `IPV6_ROUTER_ALERT_ISOLATE`: takes such packets of its own network namespace only.
    @inlinable
    public static var ipv6RouterAlertIsolate: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_ROUTER_ALERT_ISOLATE)
    }
}

extension SocketOption where Codec == NamedCodec<TrafficClass> {
    /// `IPV6_TCLASS`: what routers are told about the packets: a class of traffic.
    @inlinable
    public static var trafficClass: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_TCLASS) }
}

extension SocketOption where Codec == IntegerCodec {
    /// `IPV6_UNICAST_HOPS`: how many routers a packet may pass; -1 asks for what the system has.
    @inlinable
    public static var hopLimit: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_UNICAST_HOPS) }
    /// `IPV6_MINHOPCOUNT`: drops packets that passed more routers than 255 less this.
    @inlinable
    public static var minimumHopLimit: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_MINHOPCOUNT) }
    /// `IPV6_MTU`: read: the largest packet of the path, on a connected socket; set: the largest fragment that is sent.
    @inlinable
    public static var ipv6PathMTU: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_MTU) }
    /// `IPV6_ADDRFORM`: turns a connected socket whose peer is an IPv4 host into an IPv4 socket; read, the family.
    @inlinable
    public static var addressForm: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_ADDRFORM) }
    /// `IPV6_MULTICAST_IF`: the interface for packets to a group, by its index.
    @inlinable
    public static var ipv6MulticastInterface: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_MULTICAST_IF) }
    /// `IPV6_MULTICAST_HOPS`: how many routers a packet to a group may pass; -1 asks for what the system has.
    @inlinable
    public static var multicastHops: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_MULTICAST_HOPS) }
    /// `IPV6_CHECKSUM`: where in what is sent the kernel puts a checksum; -1 for nowhere.
    @inlinable
    public static var ipv6ChecksumOffset: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_CHECKSUM) }
    /// `IPV6_ROUTER_ALERT`: takes packets that ask every router to look, with this number; -1 for none.
    @inlinable
    public static var ipv6RouterAlert: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_ROUTER_ALERT) }
}

extension SocketOption where Codec == PathMTUCodec {
    /// `IPV6_PATHMTU`: the largest packet of the path, on a connected socket (struct ip6_mtuinfo). Read only.
    @inlinable
    public static var ipv6KnownPathMTU: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_PATHMTU) }
}

extension SocketOption where Codec == NamedCodec<PathMTUDiscovery> {
    /// `IPV6_MTU_DISCOVER`: whether packets may be fragmented by this host.
    @inlinable
    public static var ipv6PathMTUDiscovery: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_MTU_DISCOVER) }
}

extension SocketOption where Codec == BytesCodec {
    /// `IPV6_FLOWLABEL_MGR`: takes a flow label out, or gives it back (struct in6_flowlabel_req). Set only.
    @inlinable
    public static var flowLabel: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_FLOWLABEL_MGR) }
    /// `IPV6_HOPOPTS`: hop-by-hop options in every packet.
    @inlinable
    public static var hopOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_HOPOPTS) }
    /// `IPV6_DSTOPTS`: destination options in every packet.
    @inlinable
    public static var destinationOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_DSTOPTS) }
    /// `IPV6_RTHDRDSTOPTS`: destination options before the routing header in every packet.
    @inlinable
    public static var routingDestinationOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RTHDRDSTOPTS) }
    /// `IPV6_RTHDR`: a routing header in every packet.
    @inlinable
    public static var routingHeader: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_RTHDR) }
    /// `IPV6_2292PKTOPTIONS`: the ancillary data that a TCP socket asked for, of its last packet. Read only.
    @inlinable
    public static var ipv6PacketOptions: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_2292PKTOPTIONS) }
    /// `IPV6_IPSEC_POLICY`: a policy of IPsec for this socket, in the old form, which the kernel refuses today. Set
    /// only.
    @inlinable
    public static var ipv6IPsecPolicy: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_IPSEC_POLICY) }
    /// `IPV6_XFRM_POLICY`: a policy of IPsec for this socket (struct xfrm_userpolicy_info). Set only.
    @inlinable
    public static var ipv6XfrmPolicy: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_XFRM_POLICY) }
    /// `MCAST_MSFILTER`: all senders of a group on an interface that are taken or not, at once (struct group_filter).
    /// Set only.
    @inlinable
    public static var ipv6GroupFilterOnInterface: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_MSFILTER) }
}

extension SocketOption where Codec == NamedCodec<AddressPreferences> {
    /// `IPV6_ADDR_PREFERENCES`: which of the host's own addresses are preferred: public or temporary, home or care-of.
    @inlinable
    public static var addressPreferences: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_ADDR_PREFERENCES) }
}

extension SocketOption where Codec == NetworkOrderIndexCodec {
    /// `IPV6_UNICAST_IF`: the interface for packets to one host, by its index, where the routes leave a choice.
    @inlinable
    public static var ipv6UnicastInterface: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_UNICAST_IF) }
}

extension SocketOption where Codec == IPv6InterfaceAddressCodec {
    /// `IPV6_PKTINFO`: the own address and interface from which packets are sent. Set only.
    @inlinable
    public static var sourceAddress: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_PKTINFO) }
    /// `IPV6_ADD_MEMBERSHIP`: joins a group. Set only.
    @inlinable
    public static var ipv6JoinGroup: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_ADD_MEMBERSHIP) }
    /// `IPV6_DROP_MEMBERSHIP`: leaves a group. Set only.
    @inlinable
    public static var ipv6LeaveGroup: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IPV6_DROP_MEMBERSHIP) }
    /// `IPV6_JOIN_ANYCAST`: takes packets to an address that several hosts have. Set only.
    @inlinable
    public static var joinAnycast: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_JOIN_ANYCAST) }
    /// `IPV6_LEAVE_ANYCAST`: stops taking packets to such an address. Set only.
    @inlinable
    public static var leaveAnycast: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_LEAVE_ANYCAST) }
}

extension SocketOption where Codec == SocketAddressCodec {
    /// `IP6T_SO_ORIGINAL_DST`: where a connection was going before the firewall redirected it, for transparent proxies.
    /// Read only.
    @inlinable
    public static var ipv6OriginalDestination: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_IP6T_SO_ORIGINAL_DST)
    }
}

extension SocketOption where Codec == GroupMembershipCodec {
    /// `MCAST_JOIN_GROUP`: joins a group on an interface by its index. Set only.
    @inlinable
    public static var ipv6JoinGroupOnInterface: Self { Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_JOIN_GROUP) }
    /// `MCAST_LEAVE_GROUP`: leaves a group on an interface. Set only.
    @inlinable
    public static var ipv6LeaveGroupOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_LEAVE_GROUP)
    }
}

extension SocketOption where Codec == GroupSourceMembershipCodec {
    /// `MCAST_JOIN_SOURCE_GROUP`: joins a group on an interface for what one host sends. Set only.
    @inlinable
    public static var ipv6JoinGroupSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_JOIN_SOURCE_GROUP)
    }
    /// `MCAST_LEAVE_SOURCE_GROUP`: leaves a group on an interface for what one host sends. Set only.
    @inlinable
    public static var ipv6LeaveGroupSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_LEAVE_SOURCE_GROUP)
    }
    /// `MCAST_BLOCK_SOURCE`: stops taking what one host sends to a group on an interface. Set only.
    @inlinable
    public static var ipv6BlockSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_BLOCK_SOURCE)
    }
    /// `MCAST_UNBLOCK_SOURCE`: takes what a blocked host sends to a group on an interface again. Set only.
    @inlinable
    public static var ipv6UnblockSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IPV6, number: PLUMB_MCAST_UNBLOCK_SOURCE)
    }
}
