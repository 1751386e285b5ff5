// The loops that pass descriptors, in plain C: see YardstickLoops.c.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "CPlumbLab.h"

enum { LIMIT = 253 };

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void usage_since(const struct plumb_usage *earlier, struct plumb_usage *usage) {
    plumb_get_usage(usage);
    usage->user -= earlier->user;
    usage->system -= earlier->system;
    usage->voluntary_switches -= earlier->voluntary_switches;
    usage->involuntary_switches -= earlier->involuntary_switches;
}

static int pass(int socket, int file, unsigned batch) {
    union {
        char bytes[CMSG_SPACE(LIMIT * sizeof(int))];
        struct cmsghdr alignment;
    } control;
    char byte = 1;
    struct iovec vector = {&byte, 1};
    struct msghdr message = {0};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_SPACE(batch * sizeof(int));
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(batch * sizeof(int));
    int *files = (int *)(void *)CMSG_DATA(header);
    for (unsigned index = 0; index < batch; index++) files[index] = file;
    ssize_t count;
    do count = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (count == -1 && errno == EINTR);
    return count < 0 ? -1 : 0;
}

/// How many descriptors came, 0 at the end, -1 with errno.
static int receive_and_close(int socket) {
    union {
        char bytes[CMSG_SPACE(LIMIT * sizeof(int))];
        struct cmsghdr alignment;
    } control;
    char byte;
    struct iovec vector = {&byte, 1};
    struct msghdr message = {0};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_LEN(LIMIT * sizeof(int));
    ssize_t count;
    do count = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count == -1 && errno == EINTR);
    if (count <= 0) return (int)count;
    int received = 0;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        int *files = (int *)(void *)CMSG_DATA(header);
        int files_count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (int index = 0; index < files_count; index++) close(files[index]);
        received += files_count;
    }
    return received;
}

int plumb_c_descriptors_send(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    int file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (file == -1) return -1;
    struct plumb_usage at_start = {0};
    uint64_t begin = now(), warm_up_end = begin + flow->warm_up, start = 0, end = UINT64_MAX;
    uint64_t messages = 0, messages_at_start = 0, time = begin;
    do {
        if (pass(flow->output, file, flow->batch) == -1) {
            int error = errno;
            close(file);
            errno = error;
            return -1;
        }
        messages++;
        time = now();
        if (start == 0 && time >= warm_up_end) {
            plumb_get_usage(&at_start);
            start = time;
            end = time + flow->duration;
            messages_at_start = messages;
        }
    } while (time < end);
    close(file);
    result->nanoseconds = time - start;
    usage_since(&at_start, &result->usage);
    result->operations = (messages - messages_at_start) * flow->batch;
    result->total_operations = messages * flow->batch;
    return 0;
}

int plumb_c_descriptors_receive(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct plumb_usage at_start = {0};
    uint64_t warm_up_end = 0, start = 0;
    int count;
    while ((count = receive_and_close(flow->input)) > 0) {
        if (start != 0) {
            result->operations += (uint64_t)count;
            continue;
        }
        result->total_operations += (uint64_t)count;
        uint64_t time = now();
        if (warm_up_end == 0) {
            warm_up_end = time + flow->warm_up;
        } else if (time >= warm_up_end) {
            plumb_get_usage(&at_start);
            start = time;
        }
    }
    if (count < 0) return -1;
    if (start != 0) {
        result->nanoseconds = now() - start;
        usage_since(&at_start, &result->usage);
    }
    result->total_operations += result->operations;
    return 0;
}
