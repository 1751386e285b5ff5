// What the C library declares under _GNU_SOURCE only: see the note in CPlumb.h.

#define _GNU_SOURCE
#include "CPlumb.h"

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
