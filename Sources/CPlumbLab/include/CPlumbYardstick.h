// The yardstick: what the laboratory's loops do, in plain C, with the same calls in the same order; and what the
// machine can do at best.

#ifndef CPLUMBYARDSTICK_H
#define CPLUMBYARDSTICK_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

// MARK: Loops

/// How bytes are given to a descriptor and taken from it.
enum plumb_link {
    PLUMB_LINK_STREAM,
    PLUMB_LINK_PACKET,
    PLUMB_LINK_DATAGRAM,
    PLUMB_LINK_PIPE,
    PLUMB_LINK_MEMORY_FILE,
};

/// What one side is to do.
struct plumb_flow {
    /// An enum plumb_link.
    int link;
    /// Whether the descriptors do not wait, and the loop asks again and again.
    int spins;
    int input;
    int output;
    /// A message to send, or room for one.
    uint8_t *_Nullable message;
    /// Room for an answer, where that is not `message`.
    uint8_t *_Nullable answer;
    size_t size;
    unsigned depth;
    unsigned batch;
    /// Sends between two looks at the clock.
    unsigned sends_per_look;
    uint64_t warm_up;
    uint64_t duration;
    /// Room for times of operations in nanoseconds; the last ones are kept.
    uint32_t *_Nullable samples;
    size_t capacity;
    /// A listening socket with a receive timeout, for a connection an operation.
    int listener;
    /// Where to connect, for a connection an operation.
    struct sockaddr_storage peer;
    socklen_t peer_length;
    int socket_type;
    /// Whether a message goes there and back on each connection.
    int asks;
    /// Asked whenever no connection came for a while: whether no more come.
    int (*_Nullable is_over)(void *_Nullable);
    void *_Nullable context;
};

/// Processor time of this process so far, in nanoseconds, and how often it stopped running.
struct plumb_usage {
    uint64_t user;
    uint64_t system;
    uint64_t voluntary_switches;
    uint64_t involuntary_switches;
};

/// What one side did.
struct plumb_flow_result {
    uint64_t operations;
    uint64_t bytes;
    uint64_t nanoseconds;
    uint64_t total_operations;
    uint64_t total_bytes;
    /// How many times of operations there were; the last `capacity` are in `samples`.
    uint64_t sample_count;
    struct plumb_usage usage;
};

/// getrusage(2) of this process.
void plumb_get_usage(struct plumb_usage *_Nonnull usage);

// Each returns 0, or -1 with errno.
int plumb_c_stream_send(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_stream_receive(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_echo(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_ping_pong(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_pipelined(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_accept(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_connect(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_descriptors_send(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);
int plumb_c_descriptors_receive(const struct plumb_flow *_Nonnull flow, struct plumb_flow_result *_Nonnull result);

// MARK: The machine's limits

/// Nanoseconds of a system call that does next to nothing (getppid), over `count` of them.
double plumb_limit_system_call(unsigned count);
/// Bytes a second copied from one place to another of `size` bytes each, `total` bytes in all; 0 without memory.
double plumb_limit_copy(size_t size, size_t total);
/// Nanoseconds from waking a sleeping thread to its running, the mean over `count` wake-ups there and back, with both
/// threads pinned; negative with errno.
double plumb_limit_wake_up(int first_processor, int second_processor, unsigned count);

#endif
