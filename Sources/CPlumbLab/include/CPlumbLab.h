// What the laboratory alone needs of the kernel, and the yardstick: its loops in plain C. Prefixed names; the calls are
// one call or one macro each, the loops are in the .c files.

#ifndef CPLUMBLAB_H
#define CPLUMBLAB_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// MARK: System calls without a wrapper in every C library

/// sched_getaffinity(2) of the calling thread: how many bytes of the mask the kernel has, or -1.
int plumb_get_affinity(uint64_t *_Nonnull mask, size_t length);
/// sched_setaffinity(2) of the calling thread.
int plumb_set_affinity(const uint64_t *_Nonnull mask, size_t length);

#endif
