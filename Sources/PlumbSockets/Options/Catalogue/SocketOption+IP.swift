public import CPlumb

// The typed options of IPPROTO_IP. What is known about each is in `OptionDescription.ipLevel`.

extension SocketOption where Codec == NamedCodec<TrafficClass> {
    /// `IP_TOS`: what routers are told about the packets: a class of traffic.
    @inlinable
    public static var typeOfService: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_TOS) }
}

extension SocketOption where Codec == IntegerCodec {
    /// `IP_TTL`: how many routers a packet may pass; -1 asks for what the system has.
    @inlinable
    public static var timeToLive: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_TTL) }
    /// `IP_MINTTL`: drops packets that passed more routers than 255 less this.
    @inlinable
    public static var minimumTimeToLive: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MINTTL) }
    /// `IP_MTU`: the largest packet of the path, on a connected socket. Read only.
    @inlinable
    public static var pathMTU: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MTU) }
    /// `IP_PROTOCOL`: the protocol number in the packets. Read only.
    @inlinable
    public static var ipProtocol: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_IP_PROTOCOL) }
    /// `IP_MULTICAST_TTL`: how many routers a packet to a group may pass.
    @inlinable
    public static var multicastTimeToLive: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MULTICAST_TTL) }
}

extension SocketOption where Codec == NamedCodec<PathMTUDiscovery> {
    /// `IP_MTU_DISCOVER`: whether packets may be fragmented.
    @inlinable
    public static var pathMTUDiscovery: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MTU_DISCOVER) }
}

extension SocketOption where Codec == FlagCodec {
    /// `IP_RECVTOS`: delivers the class of traffic of each packet with it.
    @inlinable
    public static var receiveTypeOfService: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_RECVTOS) }
    /// `IP_RECVTTL`: delivers how many routers each packet may still pass.
    @inlinable
    public static var receiveTimeToLive: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_RECVTTL) }
    /// `IP_PKTINFO`: delivers the address and interface that each packet was sent to.
    @inlinable
    public static var receivePacketInformation: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_PKTINFO) }
    /// `IP_RECVORIGDSTADDR`: delivers the address and port that each packet was sent to before it was redirected.
    @inlinable
    public static var receiveOriginalDestination: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_RECVORIGDSTADDR) }
    /// `IP_RECVOPTS`: delivers the options of each packet with it.
    @inlinable
    public static var receiveOptions: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_RECVOPTS) }
    /// `IP_RETOPTS`: delivers the options of each packet, turned round for an answer.
    @inlinable
    public static var receiveReturnOptions: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_RETOPTS) }
    /// `IP_RECVERR`: puts what routers and hosts report into the error queue, and reports it at once.
    @inlinable
    public static var receiveErrors: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_RECVERR) }
    /// `IP_RECVERR_RFC4884`: reports what a router appended to an error (RFC 4884).
    @inlinable
    public static var receiveErrorExtensions: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_IP_RECVERR_RFC4884) }
    /// `IP_RECVFRAGSIZE`: delivers the size of the largest fragment of each packet.
    @inlinable
    public static var receiveFragmentSize: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_IP_RECVFRAGSIZE) }
    /// `IP_CHECKSUM`: delivers the checksum over each packet.
    @inlinable
    public static var receiveChecksum: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_IP_CHECKSUM) }
    /// `IP_PASSSEC`: delivers the security context of each packet.
    @inlinable
    public static var receiveSecurity: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_PASSSEC) }
    /// `IP_FREEBIND`: binds to an address that no interface has (yet).
    @inlinable
    public static var freeBind: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_FREEBIND) }
    /// `IP_TRANSPARENT`: binds to addresses of others and takes their connections, for transparent proxies.
    @inlinable
    public static var transparent: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_TRANSPARENT) }
    /// `IP_BIND_ADDRESS_NO_PORT`: lets bind(2) to port 0 leave the choice of the port to connect(2), which can share
    /// ports.
    @inlinable
    public static var bindWithoutPort: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_BIND_ADDRESS_NO_PORT) }
    /// `IP_MULTICAST_LOOP`: whether members on this host get what it sends to a group.
    @inlinable
    public static var multicastLoop: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MULTICAST_LOOP) }
    /// `IP_MULTICAST_ALL`: whether packets to groups that other sockets of the host joined are taken too.
    @inlinable
    public static var multicastAll: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MULTICAST_ALL) }
    /// `IP_HDRINCL`: what is sent begins with a header of its own.
    @inlinable
    public static var headerIncluded: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_HDRINCL) }
    /// `IP_NODEFRAG`: delivers fragments as they come when the firewall tracks connections.
    @inlinable
    public static var noReassembly: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_NODEFRAG) }
    /// `IP_ROUTER_ALERT`: takes packets that ask every router to look.
    @inlinable
    public static var routerAlert: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_ROUTER_ALERT) }
}

extension SocketOption where Codec == BytesCodec {
    /// `IP_OPTIONS`: options in every packet, at most 40 bytes.
    @inlinable
    public static var options: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_OPTIONS) }
    /// `IP_PKTOPTIONS`: the ancillary data that a TCP socket asked for, of its last packet. Read only.
    @inlinable
    public static var packetOptions: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_PKTOPTIONS) }
    /// `IP_IPSEC_POLICY`: a policy of IPsec for this socket, in the old form, which the kernel refuses today. Set only.
    @inlinable
    public static var ipsecPolicy: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_IPSEC_POLICY) }
    /// `IP_XFRM_POLICY`: a policy of IPsec for this socket (struct xfrm_userpolicy_info). Set only.
    @inlinable
    public static var xfrmPolicy: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_XFRM_POLICY) }
    /// `IP_MSFILTER`: all senders of a group that are taken or not, at once (struct ip_msfilter). Set only.
    @inlinable
    public static var groupFilter: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MSFILTER) }
    /// `MCAST_MSFILTER`: all senders of a group on an interface that are taken or not, at once (struct group_filter).
    /// Set only.
    @inlinable
    public static var groupFilterOnInterface: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_MSFILTER) }
}

extension SocketOption where Codec == LocalPortRangeCodec {
    /// `IP_LOCAL_PORT_RANGE`: the ports from which the kernel chooses one for this socket.
    @inlinable
    public static var localPortRange: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_IP_LOCAL_PORT_RANGE) }
}

extension SocketOption where Codec == SocketAddressCodec {
    /// `SO_ORIGINAL_DST`: where a connection was going before the firewall redirected it, for transparent proxies. Read
    /// only.
    @inlinable
    public static var originalDestination: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_SO_ORIGINAL_DST) }
}

extension SocketOption where Codec == NetworkOrderIndexCodec {
    /// `IP_UNICAST_IF`: the interface for packets to one host, by its index, where the routes leave a choice.
    @inlinable
    public static var unicastInterface: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_UNICAST_IF) }
}

extension SocketOption where Codec == IPv4AddressCodec {
    /// `IP_MULTICAST_IF`: the interface for packets to a group, by an address that it has.
    @inlinable
    public static var multicastInterface: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_MULTICAST_IF) }
}

extension SocketOption where Codec == IPv4MembershipCodec {
    /// `IP_ADD_MEMBERSHIP`: joins a group. Set only.
    @inlinable
    public static var joinGroup: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_ADD_MEMBERSHIP) }
    /// `IP_DROP_MEMBERSHIP`: leaves a group. Set only.
    @inlinable
    public static var leaveGroup: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_DROP_MEMBERSHIP) }
}

extension SocketOption where Codec == IPv4SourceMembershipCodec {
    /// `IP_ADD_SOURCE_MEMBERSHIP`: joins a group for what one host sends. Set only.
    @inlinable
    public static var joinGroupSource: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_ADD_SOURCE_MEMBERSHIP) }
    /// `IP_DROP_SOURCE_MEMBERSHIP`: leaves a group for what one host sends. Set only.
    @inlinable
    public static var leaveGroupSource: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_DROP_SOURCE_MEMBERSHIP) }
    /// `IP_BLOCK_SOURCE`: stops taking what one host sends to a group. Set only.
    @inlinable
    public static var blockSource: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_BLOCK_SOURCE) }
    /// `IP_UNBLOCK_SOURCE`: takes what a blocked host sends to a group again. Set only.
    @inlinable
    public static var unblockSource: Self { Self(level: PLUMB_IPPROTO_IP, number: IP_UNBLOCK_SOURCE) }
}

extension SocketOption where Codec == GroupMembershipCodec {
    /// `MCAST_JOIN_GROUP`: joins a group on an interface by its index. Set only.
    @inlinable
    public static var joinGroupOnInterface: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_JOIN_GROUP) }
    /// `MCAST_LEAVE_GROUP`: leaves a group on an interface. Set only.
    @inlinable
    public static var leaveGroupOnInterface: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_LEAVE_GROUP) }
}

extension SocketOption where Codec == GroupSourceMembershipCodec {
    /// `MCAST_JOIN_SOURCE_GROUP`: joins a group on an interface for what one host sends. Set only.
    @inlinable
    public static var joinGroupSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_JOIN_SOURCE_GROUP)
    }
    /// `MCAST_LEAVE_SOURCE_GROUP`: leaves a group on an interface for what one host sends. Set only.
    @inlinable
    public static var leaveGroupSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_LEAVE_SOURCE_GROUP)
    }
    /// `MCAST_BLOCK_SOURCE`: stops taking what one host sends to a group on an interface. Set only.
    @inlinable
    public static var blockSourceOnInterface: Self { Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_BLOCK_SOURCE) }
    /// `MCAST_UNBLOCK_SOURCE`: takes what a blocked host sends to a group on an interface again. Set only.
    @inlinable
    public static var unblockSourceOnInterface: Self {
        Self(level: PLUMB_IPPROTO_IP, number: PLUMB_MCAST_UNBLOCK_SOURCE)
    }
}
