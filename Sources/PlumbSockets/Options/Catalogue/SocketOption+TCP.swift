public import CPlumb

// The typed options of IPPROTO_TCP. What is known about each is in `OptionDescription.tcpLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `TCP_NODELAY`: sends small segments at once instead of waiting for acknowledgements (Nagle's algorithm off).
    @inlinable
    public static var noDelay: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_NODELAY) }
    /// `TCP_QUICKACK`: acknowledges at once, for now.
    @inlinable
    public static var quickAcknowledge: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_QUICKACK) }
}

extension SocketOption where Codec == SecondsCodec {
    /// `TCP_KEEPIDLE`: silence before the first keep-alive probe.
    @inlinable
    public static var keepAliveIdle: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPIDLE) }
    /// `TCP_KEEPINTVL`: time between keep-alive probes.
    @inlinable
    public static var keepAliveInterval: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPINTVL) }
}

extension SocketOption where Codec == IntegerCodec {
    /// `TCP_KEEPCNT`: unanswered probes until the connection is given up.
    @inlinable
    public static var keepAliveCount: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_KEEPCNT) }
    /// `TCP_MAXSEG`: the largest segment.
    @inlinable
    public static var maximumSegment: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_MAXSEG) }
}

extension SocketOption where Codec == MillisecondsCodec {
    /// `TCP_USER_TIMEOUT`: how long sent data may stay unacknowledged.
    @inlinable
    public static var userTimeout: Self { Self(level: PLUMB_IPPROTO_TCP, number: TCP_USER_TIMEOUT) }
}
