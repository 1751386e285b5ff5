// The loops of Sources/PlumbLab/Load/Loops in plain C. What a loop there does, its twin here does with the same calls.

#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "CPlumbLab.h"

static uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static uint64_t nanoseconds(struct timeval time) {
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_usec * 1000u;
}

void plumb_get_usage(struct plumb_usage *usage) {
    struct rusage all;
    memset(&all, 0, sizeof all);
    getrusage(RUSAGE_SELF, &all);
    usage->user = nanoseconds(all.ru_utime);
    usage->system = nanoseconds(all.ru_stime);
    usage->voluntary_switches = (uint64_t)all.ru_nvcsw;
    usage->involuntary_switches = (uint64_t)all.ru_nivcsw;
}

// MARK: One side's clock

struct meter {
    uint64_t warm_up_end;
    uint64_t start;
    struct plumb_usage at_start;
    int running;
};

/// Whether the clock starts now. The first look of all begins the warm-up.
static int look(struct meter *meter, const struct plumb_flow *flow, uint64_t time) {
    if (meter->running) return 0;
    if (meter->warm_up_end == 0) {
        meter->warm_up_end = time + flow->warm_up;
        return 0;
    }
    if (time < meter->warm_up_end) return 0;
    plumb_get_usage(&meter->at_start);
    meter->start = time;
    meter->running = 1;
    return 1;
}

static void stop(const struct meter *meter, uint64_t time, struct plumb_flow_result *result) {
    if (!meter->running) return;
    result->nanoseconds = time - meter->start;
    plumb_get_usage(&result->usage);
    result->usage.user -= meter->at_start.user;
    result->usage.system -= meter->at_start.system;
    result->usage.voluntary_switches -= meter->at_start.voluntary_switches;
    result->usage.involuntary_switches -= meter->at_start.involuntary_switches;
}

static void sample(const struct plumb_flow *flow, struct plumb_flow_result *result, uint64_t time) {
    flow->samples[result->sample_count++ % flow->capacity] = time > UINT32_MAX ? UINT32_MAX : (uint32_t)time;
}

// MARK: Links

static ssize_t send_memory_file(int fd, const uint8_t *bytes, size_t size) {
    int file = plumb_memory_file("plumb-lab");
    if (file == -1) return -1;
    size_t written = 0;
    while (written < size) {
        ssize_t count = write(file, bytes + written, size - written);
        if (count < 0) {
            close(file);
            return -1;
        }
        written += (size_t)count;
    }
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control;
    struct iovec vector = {(void *)bytes, 1};
    struct msghdr message = {0};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &file, sizeof(int));
    ssize_t count = sendmsg(fd, &message, MSG_NOSIGNAL);
    close(file);
    return count < 0 ? -1 : (ssize_t)written;
}

static ssize_t receive_memory_file(int fd, uint8_t *bytes, size_t size) {
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr alignment;
    } control;
    struct iovec vector = {bytes, size};
    struct msghdr message = {0};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = CMSG_LEN(sizeof(int));
    ssize_t count = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    if (count <= 0) return count;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS) {
        errno = EBADF;
        return -1;
    }
    int file;
    memcpy(&file, CMSG_DATA(header), sizeof(int));
    size_t total = 0;
    while (total < size) {
        count = pread(file, bytes + total, size - total, (off_t)total);
        if (count <= 0) break;
        total += (size_t)count;
    }
    close(file);
    return count < 0 ? -1 : (ssize_t)total;
}

static inline ssize_t give(const struct plumb_flow *flow, int fd, const uint8_t *bytes, size_t size) {
    for (;;) {
        ssize_t count;
        switch (flow->link) {
        case PLUMB_LINK_PIPE: count = write(fd, bytes, size); break;
        case PLUMB_LINK_MEMORY_FILE: count = send_memory_file(fd, bytes, size); break;
        default: count = send(fd, bytes, size, MSG_NOSIGNAL);
        }
        if (count >= 0) return count;
        if (errno != EINTR && !(flow->spins && errno == EAGAIN)) return -1;
    }
}

static inline ssize_t take(const struct plumb_flow *flow, int fd, uint8_t *bytes, size_t size) {
    for (;;) {
        ssize_t count = flow->link == PLUMB_LINK_MEMORY_FILE ? receive_memory_file(fd, bytes, size)
                                                              : read(fd, bytes, size);
        if (count >= 0) return flow->link == PLUMB_LINK_DATAGRAM && count == 1 ? 0 : count;
        if (errno != EINTR && !(flow->spins && errno == EAGAIN)) return -1;
    }
}

static inline int give_all(const struct plumb_flow *flow, int fd) {
    size_t sent = 0;
    do {
        ssize_t count = give(flow, fd, flow->message + sent, flow->size - sent);
        if (count < 0) return -1;
        sent += (size_t)count;
    } while (sent < flow->size);
    return 0;
}

/// 1 for a message, 0 for the end, -1 with errno.
static inline int take_all(const struct plumb_flow *flow, int fd, uint8_t *bytes) {
    size_t received = 0;
    do {
        ssize_t count = take(flow, fd, bytes + received, flow->size - received);
        if (count <= 0) return (int)count;
        received += (size_t)count;
        if (flow->link != PLUMB_LINK_STREAM && flow->link != PLUMB_LINK_PIPE) return 1;
    } while (received < flow->size);
    return 1;
}

// MARK: Stream

int plumb_c_stream_send(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    uint64_t messages = 0, at_start = 0, end = UINT64_MAX, time = now();
    look(&meter, flow, time);
    do {
        for (unsigned count = 0; count < flow->sends_per_look; count++)
            if (give_all(flow, flow->output) < 0) return -1;
        messages += flow->sends_per_look;
        time = now();
        if (look(&meter, flow, time)) {
            end = time + flow->duration;
            at_start = messages;
        }
    } while (time < end);
    stop(&meter, time, result);
    result->operations = messages - at_start;
    result->bytes = result->operations * flow->size;
    result->total_operations = messages;
    result->total_bytes = messages * flow->size;
    return 0;
}

int plumb_c_stream_receive(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    ssize_t count = 1;
    while (!meter.running) {
        count = take(flow, flow->input, flow->message, flow->size);
        if (count < 0) return -1;
        if (count == 0) break;
        result->total_bytes += (uint64_t)count;
        look(&meter, flow, now());
    }
    while (count > 0) {
        count = take(flow, flow->input, flow->message, flow->size);
        if (count < 0) return -1;
        result->bytes += (uint64_t)count;
    }
    stop(&meter, now(), result);
    result->total_bytes += result->bytes;
    result->operations = result->bytes / flow->size;
    result->total_operations = result->total_bytes / flow->size;
    return 0;
}

// MARK: Echo

int plumb_c_echo(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    int more = 1;
    while (!meter.running && (more = take_all(flow, flow->input, flow->message)) > 0) {
        if (give_all(flow, flow->output) < 0) return -1;
        result->total_operations++;
        look(&meter, flow, now());
    }
    while (more > 0 && (more = take_all(flow, flow->input, flow->message)) > 0) {
        if (give_all(flow, flow->output) < 0) return -1;
        result->operations++;
    }
    if (more < 0) return -1;
    stop(&meter, now(), result);
    result->total_operations += result->operations;
    result->bytes = result->operations * flow->size;
    result->total_bytes = result->total_operations * flow->size;
    return 0;
}

static void finish(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    result->operations = result->sample_count;
    result->total_operations += result->sample_count;
    result->bytes = result->operations * flow->size;
    result->total_bytes = result->total_operations * flow->size;
}

int plumb_c_ping_pong(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    uint64_t before = now(), end = UINT64_MAX;
    look(&meter, flow, before);
    do {
        if (give_all(flow, flow->output) < 0) return -1;
        int more = take_all(flow, flow->input, flow->answer);
        if (more < 0) return -1;
        if (more == 0) break;
        uint64_t time = now();
        if (meter.running) {
            sample(flow, result, time - before);
        } else {
            result->total_operations++;
            if (look(&meter, flow, time)) end = time + flow->duration;
        }
        before = time;
    } while (before < end);
    stop(&meter, before, result);
    finish(flow, result);
    return 0;
}

int plumb_c_pipelined(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    uint64_t sent[4096], time = now(), end = UINT64_MAX;
    look(&meter, flow, time);
    for (unsigned index = 0; index < flow->depth; index++) {
        sent[index] = time;
        if (give_all(flow, flow->output) < 0) return -1;
    }
    unsigned oldest = 0, on_the_way = flow->depth;
    int more = 1;
    while (on_the_way > 0 && (more = take_all(flow, flow->input, flow->answer)) > 0) {
        time = now();
        if (meter.running) {
            if (time < end) sample(flow, result, time - sent[oldest]);
        } else {
            result->total_operations++;
            if (look(&meter, flow, time)) end = time + flow->duration;
        }
        if (time < end) {
            sent[oldest] = time;
            if (give_all(flow, flow->output) < 0) return -1;
        } else {
            if (result->nanoseconds == 0) stop(&meter, time, result);
            on_the_way--;
            result->total_operations++;
        }
        oldest = oldest + 1 == flow->depth ? 0 : oldest + 1;
    }
    if (more < 0) return -1;
    finish(flow, result);
    return 0;
}

// MARK: A connection an operation

int plumb_c_accept(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    uint64_t last = now();
    for (;;) {
        int connection = accept4(flow->listener, NULL, NULL, SOCK_CLOEXEC);
        if (connection == -1) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) return -1;
            if (flow->is_over(flow->context)) break;
            continue;
        }
        if (flow->asks) {
            int more = take_all(flow, connection, flow->message);
            if (more > 0) more = give_all(flow, connection);
            if (more < 0) {
                close(connection);
                return -1;
            }
        }
        close(connection);
        last = now();
        if (meter.running) {
            result->operations++;
        } else {
            result->total_operations++;
            look(&meter, flow, last);
        }
    }
    stop(&meter, last, result);
    result->total_operations += result->operations;
    if (flow->asks) {
        result->bytes = result->operations * flow->size;
        result->total_bytes = result->total_operations * flow->size;
    }
    return 0;
}

static int converse(const struct plumb_flow *flow, int connection) {
    if (connect(connection, (const struct sockaddr *)&flow->peer, flow->peer_length) == -1) return -1;
    if (flow->asks) {
        if (give_all(flow, connection) < 0) return -1;
        int more = take_all(flow, connection, flow->answer);
        if (more <= 0) {
            if (more == 0) errno = ECONNRESET;
            return -1;
        }
    }
    ssize_t count;
    while ((count = take(flow, connection, flow->answer, flow->size)) > 0) {}
    return count < 0 ? -1 : 0;
}

int plumb_c_connect(const struct plumb_flow *flow, struct plumb_flow_result *result) {
    struct meter meter = {0};
    uint64_t time = now(), end = UINT64_MAX;
    look(&meter, flow, time);
    do {
        uint64_t before = time;
        int connection = socket(flow->peer.ss_family, flow->socket_type | SOCK_CLOEXEC, 0);
        if (connection == -1) return -1;
        if (converse(flow, connection) == -1) {
            int error = errno;
            close(connection);
            errno = error;
            return -1;
        }
        close(connection);
        time = now();
        if (meter.running) {
            sample(flow, result, time - before);
        } else {
            result->total_operations++;
            if (look(&meter, flow, time)) end = time + flow->duration;
        }
    } while (time < end);
    stop(&meter, time, result);
    result->operations = result->sample_count;
    result->total_operations += result->sample_count;
    if (flow->asks) {
        result->bytes = result->operations * flow->size;
        result->total_bytes = result->total_operations * flow->size;
    }
    return 0;
}
