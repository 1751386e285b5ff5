// What the C library declares under _GNU_SOURCE only: see the note in CPlumb.h.

#define _GNU_SOURCE
#include "CPlumb.h"

#include <sys/stat.h>

_Static_assert(sizeof(struct plumb_ucred) == sizeof(struct ucred), "struct ucred");
_Static_assert(sizeof(struct plumb_ip_mreqn) == sizeof(struct ip_mreqn), "struct ip_mreqn");
_Static_assert(sizeof(struct plumb_ip_mreq_source) == sizeof(struct ip_mreq_source), "struct ip_mreq_source");
_Static_assert(offsetof(struct plumb_ip_mreq_source, source) == offsetof(struct ip_mreq_source, imr_sourceaddr), "source");
_Static_assert(sizeof(struct plumb_ipv6_mreq) == sizeof(struct ipv6_mreq), "struct ipv6_mreq");
_Static_assert(sizeof(struct plumb_ipv6_mreq) == sizeof(struct in6_pktinfo), "struct in6_pktinfo");
_Static_assert(sizeof(struct plumb_group_req) == sizeof(struct group_req), "struct group_req");
_Static_assert(sizeof(struct plumb_group_source_req) == sizeof(struct group_source_req), "struct group_source_req");
_Static_assert(sizeof(struct plumb_ip6_mtuinfo) == sizeof(struct ip6_mtuinfo), "struct ip6_mtuinfo");
_Static_assert(sizeof(struct plumb_tcp_md5sig) == sizeof(struct tcp_md5sig), "struct tcp_md5sig");
_Static_assert(offsetof(struct plumb_tcp_md5sig, key) == offsetof(struct tcp_md5sig, tcpm_key), "tcpm_key");
_Static_assert(sizeof(struct plumb_tcp_repair_window) == sizeof(struct tcp_repair_window), "struct tcp_repair_window");

int plumb_accept4(int fd, struct sockaddr_storage *address, socklen_t *length, int flags) {
    return accept4(fd, (struct sockaddr *)address, length, flags);
}

int plumb_spawn_close_from(posix_spawn_file_actions_t *actions, int lowest) {
#ifdef __GLIBC__
    return posix_spawn_file_actions_addclosefrom_np(actions, lowest);
#else
    (void)actions;
    (void)lowest;
    return ENOSYS;
#endif
}

int plumb_statx(int fd, const char *name, struct plumb_file_status *status) {
    struct statx found;
    int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC;
    if (statx(fd, name, flags, STATX_BASIC_STATS, &found) != 0) return -1;
    *status = (struct plumb_file_status){
        .mode = found.stx_mode,
        .owner = found.stx_uid,
        .group = found.stx_gid,
        .device_major = found.stx_dev_major,
        .device_minor = found.stx_dev_minor,
        .inode = found.stx_ino,
        .size = found.stx_size,
    };
    return 0;
}
