#define _GNU_SOURCE
#include "CPlumbLab.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

int plumb_get_affinity(uint64_t *mask, size_t length) { return (int)syscall(SYS_sched_getaffinity, 0, length, mask); }

int plumb_set_affinity(const uint64_t *mask, size_t length) {
    return (int)syscall(SYS_sched_setaffinity, 0, length, mask);
}

int plumb_memory_file(const char *name) { return (int)syscall(SYS_memfd_create, name, 1 /* MFD_CLOEXEC */); }

int plumb_ppoll(void *entries, unsigned long count, const struct timespec *timeout) {
    return ppoll((struct pollfd *)entries, count, timeout, NULL);
}

int plumb_set_timer_slack(unsigned long nanoseconds) { return prctl(PR_SET_TIMERSLACK, nanoseconds); }

int plumb_enter_namespace(int fd) { return (int)syscall(SYS_setns, fd, 0); }

int plumb_pipe(int *ends) { return pipe2(ends, O_CLOEXEC); }

int plumb_shutdown_write(int fd) { return shutdown(fd, SHUT_WR); }

ssize_t plumb_pread(int fd, void *bytes, size_t count, off_t offset) { return pread(fd, bytes, count, offset); }
