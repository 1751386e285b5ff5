// Plain C for comparison with `plumb serve`; see ../README.md.
//
//   accept-and-pass master PORT WORKERS   the yardstick: accepts on 127.0.0.1 and passes each connection round robin to
//                                         a forked child, nothing acknowledged, nothing supervised
//   accept-and-pass worker                the same child under `plumb serve -- accept-and-pass worker`
//
// Both run the same loop over the same request handling, so that a comparison of the two measures the masters.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// MARK: The hand-off protocol, version 1: Documentation/handoff-protocol.md

enum { CONNECTIONS = 2, LISTENERS = 3, DRAIN = 4, READY = 65, PROGRESS = 66, REFUSED = 67 };
enum { PROTOCOL_VERSION = 1, MOST_DESCRIPTORS = 64 };

struct message {
    uint8_t type, version;
    uint16_t count;
    uint32_t argument;
    uint64_t first, second;
};
_Static_assert(sizeof(struct message) == 24, "a message is 24 bytes");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a message is little-endian");

struct worker {
    int epoll, channel;
    bool acknowledges;              // Under Plumb; the yardstick's master wants to hear nothing.
    bool draining;                  // Nothing more comes: finish what is held.
    uint64_t held;                  // Connections open here.
    uint64_t taken, finished;       // What the next PROGRESS says …
    uint64_t reported;              // … and how many finished the last one said.
    int64_t report_due;             // When to say it without a hand-over to do it along with; 0: nothing to say.
};

enum { REPORT_AFTER_MILLISECONDS = 2 };

static void fail(const char *what) {
    fprintf(stderr, "accept-and-pass: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int64_t now_in_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/// Sends a message to Plumb's master. A master that is gone shows as end-of-file, so a failure here is not one.
static void tell(struct worker *worker, struct message message) {
    message.version = PROTOCOL_VERSION;
    while (send(worker->channel, &message, sizeof message, MSG_NOSIGNAL) < 0 && (errno == EAGAIN || errno == EINTR))
        // What is not acknowledged must not be read: wait for room rather than go on.
        poll(&(struct pollfd){.fd = worker->channel, .events = POLLOUT}, 1, -1);
}

static void report_progress(struct worker *worker) {
    tell(worker, (struct message){.type = PROGRESS, .first = worker->taken, .second = worker->finished});
    worker->reported = worker->finished;
    worker->report_due = 0;
}

// MARK: Connections, the same for both masters

static const char RESPONSE[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

/// How many bytes of the empty line that ends a request's head, `\r\n\r\n`, have been seen after one more byte.
static unsigned after_byte(unsigned seen, char byte) {
    if (byte == '\r') return seen == 2 ? 3 : 1;
    if (byte == '\n') return seen == 1 ? 2 : seen == 3 ? 4 : 0;
    return 0;
}

/// Reads what has arrived; answers and closes when the request's head is complete. What is still to come is awaited in
/// epoll, whose data carry the descriptor and how much of the head's end was `seen`: no table of connections is needed.
static void serve(struct worker *worker, int connection, unsigned seen, bool watched) {
    char bytes[4096];
    unsigned seen_before = seen;
    for (;;) {
        ssize_t length = recv(connection, bytes, sizeof bytes, 0);
        if (length < 0 && errno == EAGAIN) {
            if (watched && seen == seen_before) return;
            struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)seen << 32 | (uint32_t)connection};
            int operation = watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
            if (epoll_ctl(worker->epoll, operation, connection, &event) < 0) fail("epoll_ctl");
            return;
        }
        if (length <= 0) break;
        for (ssize_t i = 0; i < length && seen < 4; i++) seen = after_byte(seen, bytes[i]);
        if (seen < 4) continue;
        // Fits into any fresh send buffer: what is not sent now belongs to a client that is gone.
        (void)!send(connection, RESPONSE, sizeof RESPONSE - 1, MSG_NOSIGNAL);
        break;
    }
    // close() does not end the watch while the master still holds its duplicate: the open file lives on.
    if (watched) epoll_ctl(worker->epoll, EPOLL_CTL_DEL, connection, NULL);
    close(connection);
    worker->held--;
    worker->finished++;
}

// MARK: The channel

static void stop_taking(struct worker *worker) {
    worker->draining = true;
    epoll_ctl(worker->epoll, EPOLL_CTL_DEL, worker->channel, NULL);
}

/// Receives one message and the descriptors attached to it. Returns recvmsg's value.
static ssize_t receive(int channel, struct message *message, int *descriptors, int *count) {
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec data = {.iov_base = message, .iov_len = sizeof *message};
    struct msghdr header = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    *count = 0;
    ssize_t length = recvmsg(channel, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (length < 0) return length;
    struct cmsghdr *item = CMSG_FIRSTHDR(&header);
    if (item && item->cmsg_level == SOL_SOCKET && item->cmsg_type == SCM_RIGHTS) {
        *count = (int)((item->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(descriptors, CMSG_DATA(item), (size_t)*count * sizeof(int));
    }
    return length;
}

/// What one of Plumb's messages with `count` received `descriptors` says; returns how many connections it brought.
static int understand(struct worker *worker, struct message message, int *descriptors, int count) {
    if (message.version != PROTOCOL_VERSION) {
        fprintf(stderr, "accept-and-pass: protocol version %u, not %u\n", message.version, PROTOCOL_VERSION);
        exit(1);
    }
    switch (message.type) {
    case CONNECTIONS:
        // The last ones are missing when this process has no descriptor free: the master still has them.
        for (uint64_t missing = (uint64_t)count; missing < message.count; missing++)
            tell(worker, (struct message){.type = REFUSED, .argument = EMFILE, .first = message.first + missing});
        worker->taken = message.first + message.count - 1;
        return count;
    case LISTENERS:
        fprintf(stderr, "accept-and-pass: takes connections only: use --dispatch handoff\n");
        exit(1);
    case DRAIN:
        stop_taking(worker);
        break;
    }
    for (int i = 0; i < count; i++) close(descriptors[i]);
    return 0;
}

/// Takes everything that waits in the channel, acknowledges it at once, then serves it.
static void take(struct worker *worker) {
    int connections[4 * MOST_DESCRIPTORS];
    int held = 0;
    uint64_t taken_before = worker->taken;
    while (!worker->draining && held <= 3 * MOST_DESCRIPTORS) {
        struct message message = {0};
        int count;
        ssize_t length = receive(worker->channel, &message, connections + held, &count);
        if (length < 0 && errno == EAGAIN) break;
        if (length <= 0) {
            stop_taking(worker);  // The master is gone.
        } else if (worker->acknowledges) {
            held += understand(worker, message, connections + held, count);
        } else {
            held += count;
        }
    }
    worker->held += (uint64_t)held;
    if (worker->taken != taken_before) report_progress(worker);  // Acknowledge before you read.
    for (int i = 0; i < held; i++) serve(worker, connections[i], 0, false);
}

/// How long epoll may wait, in milliseconds: for ever, unless the master is yet to be told what was finished. Most of
/// it is told along with the next hand-over; only a pause in the hand-overs makes it a message of its own.
static int patience(struct worker *worker) {
    if (!worker->acknowledges || worker->finished == worker->reported) return -1;
    int64_t now = now_in_milliseconds();
    if (worker->report_due == 0) worker->report_due = now + REPORT_AFTER_MILLISECONDS;
    if (worker->report_due > now) return (int)(worker->report_due - now);
    report_progress(worker);
    return -1;
}

static int work(int channel, bool acknowledges) {
    struct worker worker = {.epoll = epoll_create1(EPOLL_CLOEXEC), .channel = channel, .acknowledges = acknowledges};
    struct epoll_event channel_event = {.events = EPOLLIN, .data.u64 = (uint32_t)channel};
    if (worker.epoll < 0) fail("epoll_create1");
    if (epoll_ctl(worker.epoll, EPOLL_CTL_ADD, channel, &channel_event) < 0) fail("epoll_ctl");
    if (acknowledges) tell(&worker, (struct message){.type = READY});

    while (!worker.draining || worker.held > 0) {
        struct epoll_event events[64];
        int count = epoll_wait(worker.epoll, events, 64, patience(&worker));
        if (count < 0 && errno != EINTR) fail("epoll_wait");
        for (int i = 0; i < count; i++) {
            int descriptor = (int)(uint32_t)events[i].data.u64;
            if (descriptor == channel) take(&worker);
            else serve(&worker, descriptor, (unsigned)(events[i].data.u64 >> 32), true);
        }
    }
    if (acknowledges && worker.finished != worker.reported) report_progress(&worker);
    return 0;
}

// MARK: The yardstick's master

static int listen_on(int port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) fail("bind");
    if (listen(listener, SOMAXCONN) < 0) fail("listen");
    return listener;
}

static int accept_and_pass(int port, int workers) {
    int channels[workers];
    int listener = listen_on(port);
    for (int i = 0; i < workers; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) fail("socketpair");
        pid_t child = fork();
        if (child < 0) fail("fork");
        if (child == 0) {
            // Only the master may hold the masters' ends: its death must read as end-of-file in every child.
            for (int j = 0; j < i; j++) close(channels[j]);
            close(pair[0]);
            close(listener);
            exit(work(pair[1], false));
        }
        close(pair[1]);
        channels[i] = pair[0];
    }

    // Everything but the descriptor stays the same from message to message. The byte is there because an empty message
    // would read as end-of-file.
    char byte = 0;
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.align = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))}};
    struct iovec data = {.iov_base = &byte, .iov_len = 1};
    struct msghdr header = {
        .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    // Blocking: accept4 waits by itself, and a call for epoll on top would only cost.
    for (int next = 0;; next = next + 1 == workers ? 0 : next + 1) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (connection < 0) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            fail("accept4");
        }
        memcpy(CMSG_DATA(&control.align), &connection, sizeof connection);
        if (sendmsg(channels[next], &header, MSG_NOSIGNAL) < 0) fail("sendmsg");
        close(connection);
    }
}

static int usage(void) {
    fprintf(stderr, "usage: accept-and-pass master PORT WORKERS\n"
                    "       accept-and-pass worker          (started by plumb serve, which sets PLUMB_CHANNEL)\n");
    return 64;
}

/// The decimal number in `text` if it is within 0 … `most`, otherwise -1.
static int number(const char *text, long most) {
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    return end == text || *end || errno || value < 0 || value > most ? -1 : (int)value;
}

int main(int count, char **arguments) {
    if (count == 4 && strcmp(arguments[1], "master") == 0) {
        int port = number(arguments[2], 65535), workers = number(arguments[3], 1024);
        if (port > 0 && workers > 0) return accept_and_pass(port, workers);
    } else if (count == 2 && strcmp(arguments[1], "worker") == 0) {
        const char *text = getenv("PLUMB_CHANNEL");
        int channel = text ? number(text, INT32_MAX) : -1;
        if (channel >= 0 && fcntl(channel, F_GETFD) >= 0) return work(channel, true);
    }
    return usage();
}
