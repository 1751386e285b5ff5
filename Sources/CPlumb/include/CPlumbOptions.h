// Socket options that the C library or the installed kernel headers may lack, as Linux 6.18 has them. The numbers are
// the kernel's for x86-64 and arm64; where a header has one, both must agree. Included by CPlumb.h.

#ifndef CPLUMB_OPTIONS_H
#define CPLUMB_OPTIONS_H

#include <stdint.h>

// MARK: Numbers

// SOL_SOCKET (include/uapi/asm-generic/socket.h).
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
#define PLUMB_TCP_AO_ADD_KEY 38
#define PLUMB_TCP_AO_DEL_KEY 39
#define PLUMB_TCP_AO_INFO 40
#define PLUMB_TCP_AO_GET_KEYS 41
#define PLUMB_TCP_AO_REPAIR 42
#define PLUMB_TCP_IS_MPTCP 43
#define PLUMB_TCP_RTO_MAX_MS 44
#define PLUMB_TCP_RTO_MIN_US 45
#define PLUMB_TCP_DELACK_MAX_US 46

// IPPROTO_IP (include/uapi/linux/in.h).
#define PLUMB_IP_RECVERR_RFC4884 26
#define PLUMB_IP_LOCAL_PORT_RANGE 51
#define PLUMB_IP_PROTOCOL 52

// IPPROTO_IPV6 (include/uapi/linux/in6.h and netfilter headers).
#define PLUMB_IPV6_FLOWINFO 11
#define PLUMB_IPV6_MULTICAST_ALL 29
#define PLUMB_IPV6_ROUTER_ALERT_ISOLATE 30
#define PLUMB_IPV6_RECVERR_RFC4884 31
#define PLUMB_IPV6_FLOWLABEL_MGR 32
#define PLUMB_IPV6_FLOWINFO_SEND 33

// IPPROTO_UDP (include/uapi/linux/udp.h).
#define PLUMB_UDP_CORK 1
#define PLUMB_UDP_ENCAP 100
#define PLUMB_UDP_NO_CHECK6_TX 101
#define PLUMB_UDP_NO_CHECK6_RX 102
#define PLUMB_UDP_SEGMENT 103
#define PLUMB_UDP_GRO 104

#ifdef SO_PREFER_BUSY_POLL
_Static_assert(PLUMB_SO_PREFER_BUSY_POLL == SO_PREFER_BUSY_POLL, "SO_PREFER_BUSY_POLL");
#endif
#ifdef SO_BUSY_POLL_BUDGET
_Static_assert(PLUMB_SO_BUSY_POLL_BUDGET == SO_BUSY_POLL_BUDGET, "SO_BUSY_POLL_BUDGET");
#endif
#ifdef SO_NETNS_COOKIE
_Static_assert(PLUMB_SO_NETNS_COOKIE == SO_NETNS_COOKIE, "SO_NETNS_COOKIE");
#endif
#ifdef SO_BUF_LOCK
_Static_assert(PLUMB_SO_BUF_LOCK == SO_BUF_LOCK, "SO_BUF_LOCK");
#endif
#ifdef SO_RESERVE_MEM
_Static_assert(PLUMB_SO_RESERVE_MEM == SO_RESERVE_MEM, "SO_RESERVE_MEM");
#endif
#ifdef SO_TXREHASH
_Static_assert(PLUMB_SO_TXREHASH == SO_TXREHASH, "SO_TXREHASH");
#endif
#ifdef SO_RCVMARK
_Static_assert(PLUMB_SO_RCVMARK == SO_RCVMARK, "SO_RCVMARK");
#endif
#ifdef SO_PASSPIDFD
_Static_assert(PLUMB_SO_PASSPIDFD == SO_PASSPIDFD, "SO_PASSPIDFD");
#endif
#ifdef SO_PEERPIDFD
_Static_assert(PLUMB_SO_PEERPIDFD == SO_PEERPIDFD, "SO_PEERPIDFD");
#endif
#ifdef SO_DEVMEM_DONTNEED
_Static_assert(PLUMB_SO_DEVMEM_DONTNEED == SO_DEVMEM_DONTNEED, "SO_DEVMEM_DONTNEED");
#endif
#ifdef SO_RCVPRIORITY
_Static_assert(PLUMB_SO_RCVPRIORITY == SO_RCVPRIORITY, "SO_RCVPRIORITY");
#endif
#ifdef SO_PASSRIGHTS
_Static_assert(PLUMB_SO_PASSRIGHTS == SO_PASSRIGHTS, "SO_PASSRIGHTS");
#endif
#ifdef SO_INQ
_Static_assert(PLUMB_SO_INQ == SO_INQ, "SO_INQ");
#endif
#ifdef TCP_AO_ADD_KEY
_Static_assert(PLUMB_TCP_AO_ADD_KEY == TCP_AO_ADD_KEY, "TCP_AO_ADD_KEY");
_Static_assert(PLUMB_TCP_AO_DEL_KEY == TCP_AO_DEL_KEY, "TCP_AO_DEL_KEY");
_Static_assert(PLUMB_TCP_AO_INFO == TCP_AO_INFO, "TCP_AO_INFO");
_Static_assert(PLUMB_TCP_AO_GET_KEYS == TCP_AO_GET_KEYS, "TCP_AO_GET_KEYS");
_Static_assert(PLUMB_TCP_AO_REPAIR == TCP_AO_REPAIR, "TCP_AO_REPAIR");
#endif
#ifdef TCP_IS_MPTCP
_Static_assert(PLUMB_TCP_IS_MPTCP == TCP_IS_MPTCP, "TCP_IS_MPTCP");
#endif
#ifdef TCP_RTO_MAX_MS
_Static_assert(PLUMB_TCP_RTO_MAX_MS == TCP_RTO_MAX_MS, "TCP_RTO_MAX_MS");
#endif
#ifdef TCP_RTO_MIN_US
_Static_assert(PLUMB_TCP_RTO_MIN_US == TCP_RTO_MIN_US, "TCP_RTO_MIN_US");
#endif
#ifdef TCP_DELACK_MAX_US
_Static_assert(PLUMB_TCP_DELACK_MAX_US == TCP_DELACK_MAX_US, "TCP_DELACK_MAX_US");
#endif
#ifdef IP_RECVERR_RFC4884
_Static_assert(PLUMB_IP_RECVERR_RFC4884 == IP_RECVERR_RFC4884, "IP_RECVERR_RFC4884");
#endif
#ifdef IP_LOCAL_PORT_RANGE
_Static_assert(PLUMB_IP_LOCAL_PORT_RANGE == IP_LOCAL_PORT_RANGE, "IP_LOCAL_PORT_RANGE");
#endif
#ifdef IP_PROTOCOL
_Static_assert(PLUMB_IP_PROTOCOL == IP_PROTOCOL, "IP_PROTOCOL");
#endif
#ifdef IPV6_MULTICAST_ALL
_Static_assert(PLUMB_IPV6_MULTICAST_ALL == IPV6_MULTICAST_ALL, "IPV6_MULTICAST_ALL");
#endif
#ifdef IPV6_ROUTER_ALERT_ISOLATE
_Static_assert(PLUMB_IPV6_ROUTER_ALERT_ISOLATE == IPV6_ROUTER_ALERT_ISOLATE, "IPV6_ROUTER_ALERT_ISOLATE");
#endif
#ifdef IPV6_RECVERR_RFC4884
_Static_assert(PLUMB_IPV6_RECVERR_RFC4884 == IPV6_RECVERR_RFC4884, "IPV6_RECVERR_RFC4884");
#endif

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

#endif
