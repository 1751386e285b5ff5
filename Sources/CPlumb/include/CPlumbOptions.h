// Socket options that the C library or the installed kernel headers may lack, as Linux 6.18 has them. The numbers are
// the kernel's for x86-64 and arm64; where a header has one, both must agree. Included by CPlumb.h.

#ifndef CPLUMB_OPTIONS_H
#define CPLUMB_OPTIONS_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

// MARK: Numbers

// SOL_SOCKET (include/uapi/asm-generic/socket.h).
#define PLUMB_SO_DETACH_FILTER 27
#define PLUMB_SO_ATTACH_BPF 50
#define PLUMB_SO_ATTACH_REUSEPORT_CBPF 51
#define PLUMB_SO_ATTACH_REUSEPORT_EBPF 52
#define PLUMB_SO_CNX_ADVICE 53
#define PLUMB_SO_PEERGROUPS 59
#define PLUMB_SO_ZEROCOPY 60
#define PLUMB_SO_TXTIME 61
#define PLUMB_SO_BINDTOIFINDEX 62
#define PLUMB_SO_TIMESTAMP_NEW 63
#define PLUMB_SO_TIMESTAMPNS_NEW 64
#define PLUMB_SO_TIMESTAMPING_NEW 65
#define PLUMB_SO_RCVTIMEO_NEW 66
#define PLUMB_SO_SNDTIMEO_NEW 67
#define PLUMB_SO_DETACH_REUSEPORT_BPF 68
#define PLUMB_SO_PREFER_BUSY_POLL 69
#define PLUMB_SO_BUSY_POLL_BUDGET 70
#define PLUMB_SO_NETNS_COOKIE 71
#define PLUMB_SO_BUF_LOCK 72
#define PLUMB_SO_RESERVE_MEM 73
#define PLUMB_SO_TXREHASH 74
#define PLUMB_SO_RCVMARK 75
#define PLUMB_SO_PASSPIDFD 76
#define PLUMB_SO_PEERPIDFD 77
#define PLUMB_SO_DEVMEM_DONTNEED 80
#define PLUMB_SO_RCVPRIORITY 82
#define PLUMB_SO_PASSRIGHTS 83
#define PLUMB_SO_INQ 84

// IPPROTO_TCP (include/uapi/linux/tcp.h).
#define PLUMB_TCP_MD5SIG_EXT 32
#define PLUMB_TCP_FASTOPEN_KEY 33
#define PLUMB_TCP_FASTOPEN_NO_COOKIE 34
#define PLUMB_TCP_ZEROCOPY_RECEIVE 35
#define PLUMB_TCP_INQ 36
#define PLUMB_TCP_TX_DELAY 37
#define PLUMB_TCP_AO_ADD_KEY 38
#define PLUMB_TCP_AO_DEL_KEY 39
#define PLUMB_TCP_AO_INFO 40
#define PLUMB_TCP_AO_GET_KEYS 41
#define PLUMB_TCP_AO_REPAIR 42
#define PLUMB_TCP_IS_MPTCP 43
#define PLUMB_TCP_RTO_MAX_MS 44
#define PLUMB_TCP_RTO_MIN_US 45
#define PLUMB_TCP_DELACK_MAX_US 46

// IPPROTO_IP (include/uapi/linux/in.h and linux/netfilter_ipv4.h).
#define PLUMB_IP_CHECKSUM 23
#define PLUMB_IP_RECVFRAGSIZE 25
#define PLUMB_IP_RECVERR_RFC4884 26
#define PLUMB_MCAST_JOIN_GROUP 42
#define PLUMB_MCAST_BLOCK_SOURCE 43
#define PLUMB_MCAST_UNBLOCK_SOURCE 44
#define PLUMB_MCAST_LEAVE_GROUP 45
#define PLUMB_MCAST_JOIN_SOURCE_GROUP 46
#define PLUMB_MCAST_LEAVE_SOURCE_GROUP 47
#define PLUMB_MCAST_MSFILTER 48
#define PLUMB_IP_LOCAL_PORT_RANGE 51
#define PLUMB_IP_PROTOCOL 52
#define PLUMB_SO_ORIGINAL_DST 80

// IPPROTO_IPV6 (include/uapi/linux/in6.h, ipv6.h and linux/netfilter_ipv6/ip6_tables.h).
#define PLUMB_IPV6_FLOWINFO 11
#define PLUMB_IPV6_ADD_MEMBERSHIP 20
#define PLUMB_IPV6_DROP_MEMBERSHIP 21
#define PLUMB_IPV6_MULTICAST_ALL 29
#define PLUMB_IPV6_ROUTER_ALERT_ISOLATE 30
#define PLUMB_IPV6_RECVERR_RFC4884 31
#define PLUMB_IPV6_FLOWLABEL_MGR 32
#define PLUMB_IPV6_FLOWINFO_SEND 33
#define PLUMB_IPV6_HDRINCL 36
#define PLUMB_IPV6_RECVFRAGSIZE 77
#define PLUMB_IPV6_FREEBIND 78
#define PLUMB_IP6T_SO_ORIGINAL_DST 80

// IPPROTO_UDP (include/uapi/linux/udp.h).
#define PLUMB_UDP_CORK 1
#define PLUMB_UDP_ENCAP 100
#define PLUMB_UDP_NO_CHECK6_TX 101
#define PLUMB_UDP_NO_CHECK6_RX 102
#define PLUMB_UDP_SEGMENT 103
#define PLUMB_UDP_GRO 104

// MARK: Structures

/// struct ucred, which needs _GNU_SOURCE to be seen.
struct plumb_ucred {
    uint32_t pid;
    uint32_t uid;
    uint32_t gid;
};

/// What SO_MEMINFO returns (SK_MEMINFO_* of include/uapi/linux/sock_diag.h).
struct plumb_meminfo {
    uint32_t receive_used;
    uint32_t receive_limit;
    uint32_t send_used;
    uint32_t send_limit;
    uint32_t forward_allocated;
    uint32_t send_queued;
    uint32_t option_memory;
    uint32_t backlog;
    uint32_t drops;
};

_Static_assert(sizeof(struct plumb_meminfo) == 36, "SO_MEMINFO");

/// struct sock_txtime (include/uapi/linux/net_tstamp.h).
struct plumb_sock_txtime {
    int32_t clock;
    uint32_t flags;
};

/// struct ip_mreqn; addresses in network order.
struct plumb_ip_mreqn {
    uint32_t group;
    uint32_t address;
    int32_t interface;
};

/// struct ip_mreq_source; addresses in network order.
struct plumb_ip_mreq_source {
    uint32_t group;
    uint32_t interface;
    uint32_t source;
};

/// struct ipv6_mreq, and struct in6_pktinfo, which is the same. Without in6_addr, whose union Swift does not take for
/// bytes that can be copied.
struct plumb_ipv6_mreq {
    uint32_t address[4];
    int32_t interface;
};

/// struct group_req.
struct plumb_group_req {
    uint32_t interface;
    struct sockaddr_storage group;
};

/// struct group_source_req.
struct plumb_group_source_req {
    uint32_t interface;
    struct sockaddr_storage group;
    struct sockaddr_storage source;
};

/// struct ip6_mtuinfo.
struct plumb_ip6_mtuinfo {
    uint32_t address[7];
    uint32_t mtu;
};

/// struct tcp_md5sig.
struct plumb_tcp_md5sig {
    struct sockaddr_storage address;
    uint8_t flags;
    uint8_t prefix_length;
    uint16_t key_length;
    uint32_t interface;
    uint8_t key[80];
};

/// struct tcp_repair_window.
struct plumb_tcp_repair_window {
    uint32_t send_update;
    uint32_t send_window;
    uint32_t largest_window;
    uint32_t receive_window;
    uint32_t receive_update;
};

/// struct sock_filter and struct sock_fprog (include/uapi/linux/filter.h).
struct plumb_sock_filter {
    uint16_t code;
    uint8_t jump_true;
    uint8_t jump_false;
    uint32_t operand;
};

struct plumb_sock_fprog {
    uint16_t count;
    struct plumb_sock_filter *_Nullable instructions;
};

_Static_assert(sizeof(struct plumb_ip_mreqn) == 12 && sizeof(struct plumb_ip_mreq_source) == 12, "struct ip_mreq*");
_Static_assert(sizeof(struct plumb_ipv6_mreq) == 20 && sizeof(struct plumb_ip6_mtuinfo) == 32, "struct ipv6_mreq");
_Static_assert(sizeof(struct plumb_group_req) == 128 + sizeof(void *), "struct group_req");
_Static_assert(sizeof(struct plumb_group_source_req) == 256 + sizeof(void *), "struct group_source_req");
_Static_assert(sizeof(struct plumb_tcp_md5sig) == 216, "struct tcp_md5sig");
_Static_assert(sizeof(struct plumb_tcp_repair_window) == 20, "struct tcp_repair_window");
_Static_assert(sizeof(struct plumb_sock_filter) == 8 && sizeof(struct plumb_sock_fprog) == 2 * sizeof(void *), "bpf");

#endif
