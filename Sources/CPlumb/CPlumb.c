// What the C library declares under _GNU_SOURCE only: see the note in CPlumb.h.

#define _GNU_SOURCE
#include "CPlumb.h"

#include <sys/stat.h>

_Static_assert(sizeof(struct plumb_ucred) == sizeof(struct ucred), "struct ucred");

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
