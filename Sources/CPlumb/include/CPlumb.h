// What Swift cannot import, and what is newer than the installed kernel headers. Prefixed names, pinned layouts, no
// logic: each function is one call or one macro.

#ifndef CPLUMB_H
#define CPLUMB_H

#ifndef __linux__
#error "Plumb is for Linux: it uses epoll, signalfd, pidfd, sock_diag and SCM_RIGHTS as Linux has them."
#endif

// Without _GNU_SOURCE: the Swift toolchain's module of the C library is built without it, and a second definition of the
// same structures would not be accepted. What needs it is declared here and defined in CPlumb.c.

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CPlumbDiagnostics.h"
#include "CPlumbOptions.h"
#include "CPlumbUnix.h"

// MARK: Limits and numbers

/// SCM_MAX_FD of the kernel (include/net/scm.h): descriptors in one message.
#define PLUMB_SCM_MAX_FD 253

// The C library's enumerations, which Swift imports with a type that depends on the library.
static const int PLUMB_SOCK_STREAM = SOCK_STREAM;
static const int PLUMB_SOCK_DGRAM = SOCK_DGRAM;
static const int PLUMB_SOCK_RAW = SOCK_RAW;
static const int PLUMB_SOCK_SEQPACKET = SOCK_SEQPACKET;
static const int PLUMB_SOCK_CLOEXEC = SOCK_CLOEXEC;
static const int PLUMB_SOCK_NONBLOCK = SOCK_NONBLOCK;
static const int PLUMB_MSG_NOSIGNAL = MSG_NOSIGNAL;
static const int PLUMB_MSG_DONTWAIT = MSG_DONTWAIT;
static const int PLUMB_MSG_CTRUNC = MSG_CTRUNC;
static const int PLUMB_MSG_TRUNC = MSG_TRUNC;
static const int PLUMB_MSG_CMSG_CLOEXEC = MSG_CMSG_CLOEXEC;
static const int PLUMB_EPOLL_CLOEXEC = EPOLL_CLOEXEC;
static const int PLUMB_SFD_FLAGS = SFD_NONBLOCK | SFD_CLOEXEC;
static const int PLUMB_TFD_FLAGS = TFD_NONBLOCK | TFD_CLOEXEC;
static const int PLUMB_TFD_ABSTIME = TFD_TIMER_ABSTIME;
static const int PLUMB_EFD_FLAGS = EFD_NONBLOCK | EFD_CLOEXEC;
static const int PLUMB_CLD_EXITED = CLD_EXITED;
static const int PLUMB_SCM_RIGHTS = SCM_RIGHTS;
static const int PLUMB_IPPROTO_TCP = IPPROTO_TCP;
static const int PLUMB_IPPROTO_IP = IPPROTO_IP;
static const int PLUMB_IPPROTO_IPV6 = IPPROTO_IPV6;
static const int PLUMB_IPPROTO_UDP = IPPROTO_UDP;

/// The type of the file system of pidfds since Linux 6.9 (PID_FS_MAGIC).
#define PLUMB_PID_FS_MAGIC 0x50494446u

_Static_assert(sizeof(((struct sockaddr_un *)0)->sun_path) == 108, "sun_path");
_Static_assert(offsetof(struct sockaddr_un, sun_path) == 2, "sun_path");
_Static_assert(sizeof(struct cmsghdr) == 16 || sizeof(void *) == 4, "cmsghdr");

// MARK: Macros of <sys/socket.h> and <sys/wait.h>

static inline struct cmsghdr *_Nullable plumb_cmsg_firsthdr(const struct msghdr *_Nonnull message) {
    return CMSG_FIRSTHDR(message);
}

static inline struct cmsghdr *_Nullable plumb_cmsg_nxthdr(struct msghdr *_Nonnull message,
                                                          struct cmsghdr *_Nonnull header) {
    return CMSG_NXTHDR(message, header);
}

static inline unsigned char *_Nonnull plumb_cmsg_data(struct cmsghdr *_Nonnull header) { return CMSG_DATA(header); }
static inline size_t plumb_cmsg_len(size_t length) { return CMSG_LEN(length); }
static inline size_t plumb_cmsg_space(size_t length) { return CMSG_SPACE(length); }

// MARK: System calls without a wrapper in every C library

static inline int plumb_pidfd_open(pid_t pid) {
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    return (int)syscall(434, pid, 0);
#endif
}

static inline int plumb_close_range(unsigned int first, unsigned int last, unsigned int flags) {
#ifdef SYS_close_range
    return (int)syscall(SYS_close_range, first, last, flags);
#else
    return (int)syscall(436, first, last, flags);
#endif
}

/// accept4(2).
int plumb_accept4(int fd, struct sockaddr_storage *_Nullable address, socklen_t *_Nullable length, int flags);

// Under names that Swift methods of the same name do not hide.
static inline int plumb_close(int fd) { return close(fd); }
static inline ssize_t plumb_read(int fd, void *_Nullable bytes, size_t count) { return read(fd, bytes, count); }
static inline ssize_t plumb_write(int fd, const void *_Nullable bytes, size_t count) { return write(fd, bytes, count); }
static inline ssize_t plumb_send(int fd, const void *_Nullable bytes, size_t count, int flags) {
    return send(fd, bytes, count, flags);
}
static inline ssize_t plumb_sendfile(int to, int from, off_t *_Nullable offset, size_t count) {
    return sendfile(to, from, offset, count);
}
static inline int plumb_socket(int family, int type, int protocol) { return socket(family, type, protocol); }
static inline int plumb_listen(int fd, int backlog) { return listen(fd, backlog); }
static inline int plumb_socketpair(int family, int type, int protocol, int *_Nullable ends) {
    return socketpair(family, type, protocol, ends);
}

/// bind(2) and connect(2), whose sockaddr parameter is a transparent union in glibc under _GNU_SOURCE.
static inline int plumb_bind(int fd, const struct sockaddr *_Nonnull address, socklen_t length) {
    return bind(fd, address, length);
}

static inline int plumb_connect(int fd, const struct sockaddr *_Nonnull address, socklen_t length) {
    return connect(fd, address, length);
}

static inline int plumb_getsockname(int fd, struct sockaddr *_Nonnull address, socklen_t *_Nonnull length) {
    return getsockname(fd, address, length);
}

static inline int plumb_getpeername(int fd, struct sockaddr *_Nonnull address, socklen_t *_Nonnull length) {
    return getpeername(fd, address, length);
}

/// posix_spawn_file_actions_addclosefrom_np(3), which glibc has and Musl does not: ENOSYS there.
int plumb_spawn_close_from(posix_spawn_file_actions_t *_Nonnull actions, int lowest);

/// waitid(2) on a pidfd, without its siginfo_t, whose fields are macros.
static inline int plumb_waitid_pidfd(int pidfd, int options, int *_Nonnull code, int *_Nonnull status,
                                     pid_t *_Nonnull pid) {
    siginfo_t info;
    info.si_pid = 0;
    int result = waitid((idtype_t)3 /* P_PIDFD */, (id_t)pidfd, &info, options);
    if (result == 0) {
        *code = info.si_code;
        *status = info.si_status;
        *pid = info.si_pid;
    }
    return result;
}

/// pidfd_send_signal(2).
static inline int plumb_pidfd_send_signal(int pidfd, int signal) {
#ifdef SYS_pidfd_send_signal
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0);
#else
    return (int)syscall(424, pidfd, signal, 0, 0);
#endif
}

/// kill(2), under a name that Swift methods of the same name do not hide.
static inline int plumb_kill(pid_t pid, int signal) { return kill(pid, signal); }

/// signal(2), whose SIG_DFL and SIG_IGN are casts that Swift does not import.
static inline void plumb_signal_default(int number) { signal(number, SIG_DFL); }
static inline void plumb_signal_ignore(int number) { signal(number, SIG_IGN); }
static inline int plumb_is_ignored(const struct sigaction *_Nonnull action) { return action->sa_handler == SIG_IGN; }

/// pthread_self(3) as a number, whatever type the C library has for it.
static inline unsigned long plumb_thread(void) { return (unsigned long)pthread_self(); }

/// environ(7).
extern char *_Nullable *_Nonnull environ;
static inline char *_Nullable *_Nonnull plumb_environ(void) { return environ; }

static inline int plumb_open(const char *_Nonnull path, int flags, mode_t mode) { return open(path, flags, mode); }
static inline int plumb_fcntl(int fd, int command, long argument) { return fcntl(fd, command, argument); }
static inline int plumb_prctl_name(const char *_Nonnull name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

static inline int plumb_getrlimit_nofile(struct rlimit *_Nonnull limit) { return getrlimit(RLIMIT_NOFILE, limit); }
static inline int plumb_setrlimit_nofile(const struct rlimit *_Nonnull limit) {
    return setrlimit(RLIMIT_NOFILE, limit);
}

#endif
