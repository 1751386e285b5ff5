// What the kernel's socket diagnostics send over netlink, as Linux 6.18 has it, and the calls that look into other
// processes. Swift reads messages by offset, so that a truncated one is a short one; the offsets are pinned here.
// Included by CPlumb.h.

#ifndef CPLUMB_DIAGNOSTICS_H
#define CPLUMB_DIAGNOSTICS_H

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PLUMB_SO_COOKIE 57

// MARK: Netlink (include/uapi/linux/netlink.h)

#define PLUMB_AF_NETLINK 16
#define PLUMB_NETLINK_SOCK_DIAG 4
#define PLUMB_SOCK_DIAG_BY_FAMILY 20
#define PLUMB_NLM_F_REQUEST 0x01
#define PLUMB_NLM_F_DUMP_INTR 0x10
#define PLUMB_NLM_F_DUMP 0x300
#define PLUMB_NLMSG_ERROR 2
#define PLUMB_NLMSG_DONE 3
#define PLUMB_NLMSG_OVERRUN 4

_Static_assert(PLUMB_AF_NETLINK == AF_NETLINK && PLUMB_NETLINK_SOCK_DIAG == NETLINK_SOCK_DIAG, "netlink");
_Static_assert(PLUMB_SOCK_DIAG_BY_FAMILY == SOCK_DIAG_BY_FAMILY, "sock_diag");
_Static_assert(PLUMB_NLM_F_REQUEST == NLM_F_REQUEST && PLUMB_NLM_F_DUMP == NLM_F_DUMP, "netlink flags");
_Static_assert(PLUMB_NLM_F_DUMP_INTR == NLM_F_DUMP_INTR, "netlink flags");
_Static_assert(PLUMB_NLMSG_ERROR == NLMSG_ERROR && PLUMB_NLMSG_DONE == NLMSG_DONE, "netlink types");
_Static_assert(PLUMB_NLMSG_OVERRUN == NLMSG_OVERRUN, "netlink types");
_Static_assert(sizeof(struct nlmsghdr) == 16 && offsetof(struct nlmsghdr, nlmsg_type) == 4, "nlmsghdr");
_Static_assert(offsetof(struct nlmsghdr, nlmsg_flags) == 6 && offsetof(struct nlmsghdr, nlmsg_seq) == 8, "nlmsghdr");

// MARK: Internet sockets (include/uapi/linux/inet_diag.h)

#define PLUMB_INET_DIAG_MEMINFO 1
#define PLUMB_INET_DIAG_INFO 2
#define PLUMB_INET_DIAG_VEGASINFO 3
#define PLUMB_INET_DIAG_CONG 4
#define PLUMB_INET_DIAG_TOS 5
#define PLUMB_INET_DIAG_TCLASS 6
#define PLUMB_INET_DIAG_SKMEMINFO 7
#define PLUMB_INET_DIAG_SHUTDOWN 8
#define PLUMB_INET_DIAG_DCTCPINFO 9
#define PLUMB_INET_DIAG_SKV6ONLY 11
#define PLUMB_INET_DIAG_MARK 15
#define PLUMB_INET_DIAG_BBRINFO 16
#define PLUMB_INET_DIAG_CLASS_ID 17
#define PLUMB_INET_DIAG_MD5SIG 18
#define PLUMB_INET_DIAG_ULP_INFO 19
#define PLUMB_INET_DIAG_CGROUP_ID 21
#define PLUMB_INET_DIAG_SOCKOPT 22
#define PLUMB_INET_DIAG_REQ_BYTECODE 1
#define PLUMB_INET_ULP_INFO_NAME 1

_Static_assert(PLUMB_INET_DIAG_MEMINFO == INET_DIAG_MEMINFO && PLUMB_INET_DIAG_INFO == INET_DIAG_INFO, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_VEGASINFO == INET_DIAG_VEGASINFO && PLUMB_INET_DIAG_CONG == INET_DIAG_CONG, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_TOS == INET_DIAG_TOS && PLUMB_INET_DIAG_TCLASS == INET_DIAG_TCLASS, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_SKMEMINFO == INET_DIAG_SKMEMINFO, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_SHUTDOWN == INET_DIAG_SHUTDOWN && PLUMB_INET_DIAG_SKV6ONLY == INET_DIAG_SKV6ONLY, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_DCTCPINFO == INET_DIAG_DCTCPINFO && PLUMB_INET_DIAG_MARK == INET_DIAG_MARK, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_BBRINFO == INET_DIAG_BBRINFO && PLUMB_INET_DIAG_CLASS_ID == INET_DIAG_CLASS_ID, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_MD5SIG == INET_DIAG_MD5SIG && PLUMB_INET_DIAG_ULP_INFO == INET_DIAG_ULP_INFO, "inet_diag");
_Static_assert(PLUMB_INET_DIAG_REQ_BYTECODE == INET_DIAG_REQ_BYTECODE, "inet_diag");

_Static_assert(sizeof(struct inet_diag_req_v2) == 56, "inet_diag_req_v2");
_Static_assert(offsetof(struct inet_diag_req_v2, idiag_states) == 4, "inet_diag_req_v2");
_Static_assert(sizeof(struct inet_diag_msg) == 72, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_state) == 1, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_timer) == 2, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_retrans) == 3, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, id.idiag_sport) == 4, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, id.idiag_dport) == 6, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, id.idiag_src) == 8, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, id.idiag_dst) == 24, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, id.idiag_if) == 40, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, id.idiag_cookie) == 44, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_expires) == 52, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_rqueue) == 56, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_wqueue) == 60, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_uid) == 64, "inet_diag_msg");
_Static_assert(offsetof(struct inet_diag_msg, idiag_inode) == 68, "inet_diag_msg");
_Static_assert(sizeof(struct inet_diag_bc_op) == 4 && sizeof(struct inet_diag_markcond) == 8, "inet_diag_bc_op");
_Static_assert(sizeof(struct inet_diag_hostcond) == 8, "inet_diag_hostcond");
_Static_assert(offsetof(struct inet_diag_hostcond, port) == 4, "inet_diag_hostcond");

// The bytecode of filters.
#define PLUMB_INET_DIAG_BC_NOP 0
#define PLUMB_INET_DIAG_BC_JMP 1
#define PLUMB_INET_DIAG_BC_S_GE 2
#define PLUMB_INET_DIAG_BC_S_LE 3
#define PLUMB_INET_DIAG_BC_D_GE 4
#define PLUMB_INET_DIAG_BC_D_LE 5
#define PLUMB_INET_DIAG_BC_AUTO 6
#define PLUMB_INET_DIAG_BC_S_COND 7
#define PLUMB_INET_DIAG_BC_D_COND 8
#define PLUMB_INET_DIAG_BC_DEV_COND 9
#define PLUMB_INET_DIAG_BC_MARK_COND 10

_Static_assert(PLUMB_INET_DIAG_BC_JMP == INET_DIAG_BC_JMP && PLUMB_INET_DIAG_BC_AUTO == INET_DIAG_BC_AUTO, "bytecode");
_Static_assert(PLUMB_INET_DIAG_BC_S_GE == INET_DIAG_BC_S_GE && PLUMB_INET_DIAG_BC_D_LE == INET_DIAG_BC_D_LE, "bytecode");
_Static_assert(PLUMB_INET_DIAG_BC_S_COND == INET_DIAG_BC_S_COND, "bytecode");
_Static_assert(PLUMB_INET_DIAG_BC_D_COND == INET_DIAG_BC_D_COND, "bytecode");
_Static_assert(PLUMB_INET_DIAG_BC_DEV_COND == INET_DIAG_BC_DEV_COND, "bytecode");
_Static_assert(PLUMB_INET_DIAG_BC_MARK_COND == INET_DIAG_BC_MARK_COND, "bytecode");

// MARK: Unix sockets (include/uapi/linux/unix_diag.h)

#define PLUMB_UDIAG_SHOW_ALL 0x7f
#define PLUMB_UNIX_DIAG_NAME 0
#define PLUMB_UNIX_DIAG_VFS 1
#define PLUMB_UNIX_DIAG_PEER 2
#define PLUMB_UNIX_DIAG_ICONS 3
#define PLUMB_UNIX_DIAG_RQLEN 4
#define PLUMB_UNIX_DIAG_MEMINFO 5
#define PLUMB_UNIX_DIAG_SHUTDOWN 6
#define PLUMB_UNIX_DIAG_UID 7

_Static_assert(PLUMB_UNIX_DIAG_NAME == UNIX_DIAG_NAME && PLUMB_UNIX_DIAG_VFS == UNIX_DIAG_VFS, "unix_diag");
_Static_assert(PLUMB_UNIX_DIAG_PEER == UNIX_DIAG_PEER && PLUMB_UNIX_DIAG_ICONS == UNIX_DIAG_ICONS, "unix_diag");
_Static_assert(PLUMB_UNIX_DIAG_RQLEN == UNIX_DIAG_RQLEN && PLUMB_UNIX_DIAG_MEMINFO == UNIX_DIAG_MEMINFO, "unix_diag");
_Static_assert(PLUMB_UNIX_DIAG_SHUTDOWN == UNIX_DIAG_SHUTDOWN, "unix_diag");
_Static_assert(sizeof(struct unix_diag_req) == 24 && offsetof(struct unix_diag_req, udiag_show) == 12, "unix_diag_req");
_Static_assert(sizeof(struct unix_diag_msg) == 16 && offsetof(struct unix_diag_msg, udiag_ino) == 4, "unix_diag_msg");
_Static_assert(sizeof(struct unix_diag_vfs) == 8 && sizeof(struct unix_diag_rqlen) == 8, "unix_diag");

/// A netlink socket that speaks to the kernel and to nobody else: connect(2) to port 0.
static inline int plumb_netlink_socket(int protocol) {
    return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
}

static inline int plumb_netlink_connect(int fd) {
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
    return connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel));
}

// MARK: Other processes

/// setns(2) to a network namespace (CLONE_NEWNET).
static inline int plumb_setns_network(int fd) { return (int)syscall(SYS_setns, fd, 0x40000000); }

/// pidfd_getfd(2): a duplicate of another process's descriptor, close-on-exec.
static inline int plumb_pidfd_getfd(int pidfd, int fd) {
#ifdef SYS_pidfd_getfd
    return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
#else
    return (int)syscall(438, pidfd, fd, 0);
#endif
}

static inline ssize_t plumb_recv(int fd, void *_Nullable bytes, size_t count, int flags) {
    return recv(fd, bytes, count, flags);
}

#endif
