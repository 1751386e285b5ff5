// Unix sockets, passed descriptors and memory files: numbers that need _GNU_SOURCE or are newer than the installed kernel
// headers, and calls that Swift cannot import. Included by CPlumb.h.

#ifndef CPLUMB_UNIX_H
#define CPLUMB_UNIX_H

#include <fcntl.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// MARK: Numbers

static const int PLUMB_MSG_PEEK = MSG_PEEK;

/// include/linux/socket.h.
#define PLUMB_SCM_CREDENTIALS 2
#define PLUMB_SCM_PIDFD 4

/// include/uapi/asm-generic/fcntl.h and include/uapi/linux/fcntl.h.
#define PLUMB_O_PATH 010000000
#define PLUMB_AT_EMPTY_PATH 0x1000
#define PLUMB_F_ADD_SEALS 1033
#define PLUMB_F_GET_SEALS 1034
#define PLUMB_F_SEAL_SEAL 0x1
#define PLUMB_F_SEAL_SHRINK 0x2
#define PLUMB_F_SEAL_GROW 0x4
#define PLUMB_F_SEAL_WRITE 0x8
#define PLUMB_F_SEAL_FUTURE_WRITE 0x10

/// include/uapi/linux/memfd.h.
#define PLUMB_MFD_CLOEXEC 0x1
#define PLUMB_MFD_ALLOW_SEALING 0x2
#define PLUMB_MFD_NOEXEC_SEAL 0x8

/// include/uapi/linux/sockios.h: SIOCOUTQ is TIOCOUTQ.
#define PLUMB_SIOCOUTQ 0x5411

// MARK: Calls

/// What statx(2) says of an open file, without asking a file system's server (AT_STATX_DONT_SYNC).
struct plumb_file_status {
    uint32_t mode;
    uint32_t owner;
    uint32_t group;
    uint32_t device_major;
    uint32_t device_minor;
    uint64_t inode;
    uint64_t size;
};

/// statx(2), for a descriptor, or for a name in a directory when `name` is not empty; a symbolic link is not followed.
int plumb_statx(int fd, const char *_Nonnull name, struct plumb_file_status *_Nonnull status);

static inline int plumb_openat(int directory, const char *_Nonnull name, int flags, mode_t mode) {
    return openat(directory, name, flags, mode);
}

/// fchownat(2) of the very file that a descriptor names, also of an O_PATH one; -1 leaves an identity as it is.
static inline int plumb_fchown_path(int fd, uid_t owner, gid_t group) {
    return fchownat(fd, "", owner, group, PLUMB_AT_EMPTY_PATH);
}

static inline ssize_t plumb_readlink(const char *_Nonnull path, void *_Nonnull target, size_t length) {
    return readlink(path, target, length);
}

static inline int plumb_memfd_create(const char *_Nonnull name, unsigned int flags) {
    return (int)syscall(SYS_memfd_create, name, flags);
}

static inline int plumb_ioctl_int(int fd, unsigned long request, int *_Nonnull value) {
    return ioctl(fd, request, value);
}

/// mmap(2) of a whole file for reading; a null pointer instead of MAP_FAILED, which is a cast.
static inline const void *_Nullable plumb_map_for_reading(int fd, size_t length) {
    void *memory = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static inline int plumb_unmap(const void *_Nonnull memory, size_t length) { return munmap((void *)memory, length); }

#endif
