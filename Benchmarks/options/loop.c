// Sets or gets an option COUNT times, as a C program does: see run.py.
//
//   loop set-integer|get-integer|set-flag|get-flag COUNT
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void fail(const char *what) {
    perror(what);
    exit(1);
}

__attribute__((noinline)) static long set_integer(int fd, long count) {
    for (long index = 0; index < count; index++) {
        int value = 1 + (int)(index & 63);
        if (setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &value, sizeof value) == -1) fail("setsockopt");
    }
    return 0;
}

__attribute__((noinline)) static long get_integer(int fd, long count) {
    long sum = 0;
    for (long index = 0; index < count; index++) {
        int value = 0;
        socklen_t length = sizeof value;
        if (getsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &value, &length) == -1) fail("getsockopt");
        sum += value;
    }
    return sum;
}

__attribute__((noinline)) static long set_flag(int fd, long count) {
    for (long index = 0; index < count; index++) {
        int value = (index & 1) == 0;
        if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, sizeof value) == -1) fail("setsockopt");
    }
    return 0;
}

__attribute__((noinline)) static long get_flag(int fd, long count) {
    long sum = 0;
    for (long index = 0; index < count; index++) {
        int value = 0;
        socklen_t length = sizeof value;
        if (getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == -1) fail("getsockopt");
        if (value != 0) sum++;
    }
    return sum;
}

int main(int argc, char **argv) {
    static const struct {
        const char *name;
        long (*run)(int, long);
    } loops[] = {{"set-integer", set_integer}, {"get-integer", get_integer}, {"set-flag", set_flag}, {"get-flag", get_flag}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd == -1) fail("socket");
    for (size_t index = 0; argc == 3 && index < sizeof loops / sizeof *loops; index++) {
        if (strcmp(argv[1], loops[index].name) == 0) {
            printf("%ld\n", loops[index].run(fd, atol(argv[2])));
            return 0;
        }
    }
    fputs("usage: loop set-integer|get-integer|set-flag|get-flag COUNT\n", stderr);
    return 64;
}
