#include "CPlumbLab.h"

#include <sys/syscall.h>
#include <unistd.h>

int plumb_get_affinity(uint64_t *mask, size_t length) { return (int)syscall(SYS_sched_getaffinity, 0, length, mask); }

int plumb_set_affinity(const uint64_t *mask, size_t length) {
    return (int)syscall(SYS_sched_setaffinity, 0, length, mask);
}
