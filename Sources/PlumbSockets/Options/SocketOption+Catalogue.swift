import CPlumb

// The numbers of a level are the kernel's (include/uapi/asm-generic/socket.h, include/uapi/linux/tcp.h), which are the
// same on x86-64 and arm64. What each option is for is in `OptionDescription.catalogue`.

extension SocketOption where Value == Bool {
    /// `SO_REUSEADDR`: bind although old connections of the address are in TIME_WAIT.
    public static var reuseAddress: Self { Self(level: SOL_SOCKET, number: SO_REUSEADDR, codec: .flag) }
    /// `SO_REUSEPORT`: several sockets, one address; the kernel spreads new connections over them.
    public static var reusePort: Self { Self(level: SOL_SOCKET, number: SO_REUSEPORT, codec: .flag) }
    /// `SO_KEEPALIVE`: probe a silent peer.
    public static var keepAlive: Self { Self(level: SOL_SOCKET, number: SO_KEEPALIVE, codec: .flag) }
    /// `SO_ACCEPTCONN`: whether the socket is a listener. Read only.
    public static var isListening: Self { Self(level: SOL_SOCKET, number: SO_ACCEPTCONN, codec: .flag) }
    /// `TCP_NODELAY`: send small segments at once instead of waiting for acknowledgements (Nagle's algorithm off).
    public static var noDelay: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_NODELAY, codec: .flag) }
    /// `TCP_QUICKACK`: acknowledge at once, for now; the kernel falls back by itself.
    public static var quickAcknowledge: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_QUICKACK, codec: .flag) }
    /// `IPV6_V6ONLY`: an IPv6 socket takes no IPv4 connections. Before bind only.
    public static var ipv6Only: Self { Self(level: PLUMB_IPPROTO_IPV6, number: IPV6_V6ONLY, codec: .flag) }
}

extension SocketOption where Value == Int {
    /// `SO_RCVBUF`, bytes: reads back doubled; setting it freezes receive auto-tuning.
    public static var receiveBuffer: Self { Self(level: SOL_SOCKET, number: SO_RCVBUF, codec: .integer) }
    /// `SO_SNDBUF`, bytes: reads back doubled; setting it freezes send auto-tuning.
    public static var sendBuffer: Self { Self(level: SOL_SOCKET, number: SO_SNDBUF, codec: .integer) }
    /// `SO_PRIORITY`: queueing priority on the way out; 0 to 6 need no privilege.
    public static var priority: Self { Self(level: SOL_SOCKET, number: SO_PRIORITY, codec: .integer) }
    /// `SO_TYPE`: `SOCK_STREAM`, `SOCK_DGRAM`, `SOCK_SEQPACKET`. Read only.
    public static var type: Self { Self(level: SOL_SOCKET, number: SO_TYPE, codec: .integer) }
    /// `SO_DOMAIN`: the address family. Read only.
    public static var domain: Self { Self(level: SOL_SOCKET, number: SO_DOMAIN, codec: .integer) }
    /// `SO_ERROR`: the pending error, which reading clears.
    public static var pendingError: Self { Self(level: SOL_SOCKET, number: SO_ERROR, codec: .integer) }
    /// `TCP_KEEPCNT`: unanswered probes until the connection is given up.
    public static var keepAliveCount: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPCNT, codec: .integer) }
    /// `TCP_MAXSEG`, bytes: the largest segment.
    public static var maximumSegment: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_MAXSEG, codec: .integer) }
}

extension SocketOption where Value == Duration {
    /// `TCP_KEEPIDLE`, whole seconds: silence before the first probe.
    public static var keepAliveIdle: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPIDLE, codec: .seconds) }
    /// `TCP_KEEPINTVL`, whole seconds: between probes.
    public static var keepAliveInterval: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPINTVL, codec: .seconds) }
    /// `TCP_USER_TIMEOUT`, milliseconds: how long sent data may stay unacknowledged.
    public static var userTimeout: Self {
        Self(level: PLUMB_IPPROTO_TCP, number: TCP_USER_TIMEOUT, codec: .milliseconds)
    }
}
