// What the machine can do at best, measured in the process that measures everything else.

#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "CPlumbLab.h"

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

double plumb_limit_system_call(unsigned count) {
    uint64_t start = now();
    for (unsigned index = 0; index < count; index++) syscall(SYS_getppid);
    return (double)(now() - start) / count;
}

double plumb_limit_copy(size_t size, size_t total) {
    uint8_t *memory = mmap(NULL, size * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return 0;
    memset(memory, 1, size * 2);
    size_t copied = 0;
    uint64_t start = now();
    do {
        memcpy(memory + size, memory, size);
        // The compiler may not leave out a copy that nobody looks at.
        __asm__ volatile("" : : "r"(memory) : "memory");
        copied += size;
    } while (copied < total);
    double seconds = (double)(now() - start) * 1e-9;
    munmap(memory, size * 2);
    return seconds > 0 ? (double)copied / seconds : 0;
}

// MARK: Wake-up

struct ping {
    _Atomic int turn;
    unsigned count;
    int processor;
};

static void pin(int processor) {
    uint64_t mask[128] = {0};
    mask[processor / 64 % 128] = (uint64_t)1 << (processor % 64);
    plumb_set_affinity(mask, sizeof mask);
}

static void wait_for(_Atomic int *turn, int mine) {
    int seen;
    while ((seen = atomic_load(turn)) != mine) syscall(SYS_futex, turn, FUTEX_WAIT_PRIVATE, seen, NULL, NULL, 0);
}

static void give(_Atomic int *turn, int other) {
    atomic_store(turn, other);
    syscall(SYS_futex, turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *answer(void *context) {
    struct ping *ping = context;
    pin(ping->processor);
    for (unsigned index = 0; index < ping->count; index++) {
        wait_for(&ping->turn, 1);
        give(&ping->turn, 0);
    }
    return NULL;
}

double plumb_limit_wake_up(int first_processor, int second_processor, unsigned count) {
    uint64_t before[128] = {0};
    if (plumb_get_affinity(before, sizeof before) < 0) return -1;
    struct ping ping = {0, count, second_processor};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, answer, &ping);
    if (error != 0) {
        errno = error;
        return -1;
    }
    pin(first_processor);
    uint64_t start = now();
    for (unsigned index = 0; index < count; index++) {
        give(&ping.turn, 1);
        wait_for(&ping.turn, 0);
    }
    uint64_t elapsed = now() - start;
    pthread_join(thread, NULL);
    plumb_set_affinity(before, sizeof before);
    return (double)elapsed / count / 2;
}
