// Counts a process's heap allocations where another process can read them while it runs: see allocations.py.
//
//   LD_PRELOAD=allocations.so ALLOCATIONS_DIRECTORY=DIRECTORY program …
//
// Each process's count is a 64-bit number in the file DIRECTORY/<pid>, which is mapped shared. glibc only: the real
// allocator is called by glibc's own names, because looking it up with dlsym allocates.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

typedef _Atomic uint64_t counter;

static counter early;                // What is allocated before the file is mapped.
static counter *_Atomic current = &early;

static void count_one(void) {
    atomic_fetch_add_explicit(atomic_load_explicit(&current, memory_order_acquire), 1, memory_order_relaxed);
}

__attribute__((constructor)) static void map_counter(void) {
    const char *directory = getenv("ALLOCATIONS_DIRECTORY");
    char path[4096];
    if (!directory || snprintf(path, sizeof path, "%s/%ld", directory, (long)getpid()) >= (int)sizeof path) return;
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return;
    if (ftruncate(file, sizeof(counter)) == 0) {
        counter *mapped = mmap(NULL, sizeof(counter), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (mapped != MAP_FAILED) {
            atomic_store(mapped, atomic_load(&early));
            atomic_store(&current, mapped);
        }
    }
    close(file);
}

void *malloc(size_t size) {
    count_one();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_one();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    count_one();
    return __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(old, bytes);
}

void *memalign(size_t alignment, size_t size) {
    count_one();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) != 0 || (alignment & (alignment - 1)) != 0 || alignment == 0) return EINVAL;
    void *memory = memalign(alignment, size);
    if (!memory) return ENOMEM;
    *result = memory;
    return 0;
}
