// What the laboratory alone needs of the kernel, and the yardstick: its loops in plain C. Prefixed names; the calls are
// one call or one macro each, the loops are in the .c files.

#ifndef CPLUMBLAB_H
#define CPLUMBLAB_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "CPlumbYardstick.h"

// MARK: System calls without a wrapper in every C library

/// sched_getaffinity(2) of the calling thread: how many bytes of the mask the kernel has, or -1.
int plumb_get_affinity(uint64_t *_Nonnull mask, size_t length);
/// sched_setaffinity(2) of the calling thread.
int plumb_set_affinity(const uint64_t *_Nonnull mask, size_t length);
/// memfd_create(2), close-on-exec.
int plumb_memory_file(const char *_Nonnull name);
/// ppoll(2) without a signal mask.
int plumb_ppoll(void *_Nullable entries, unsigned long count, const struct timespec *_Nonnull timeout);
/// prctl(2) PR_SET_TIMERSLACK, in nanoseconds: how much later than asked a sleep may end.
int plumb_set_timer_slack(unsigned long nanoseconds);
/// setns(2), whatever the namespace's kind is.
int plumb_enter_namespace(int fd);
/// pipe2(2), close-on-exec.
int plumb_pipe(int *_Nullable ends);
/// shutdown(2) with SHUT_WR.
int plumb_shutdown_write(int fd);

// Under names that Swift methods of the same name do not hide.
ssize_t plumb_pread(int fd, void *_Nullable bytes, size_t count, off_t offset);

#endif
