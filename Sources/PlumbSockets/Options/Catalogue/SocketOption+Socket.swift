public import CPlumb

// The typed options of SOL_SOCKET. What is known about each is in `OptionDescription.socketLevel`.

extension SocketOption where Codec == FlagCodec {
    /// `SO_REUSEADDR`: binds at once although connections of the last run are in TIME_WAIT.
    @inlinable
    public static var reuseAddress: Self { Self(level: SOL_SOCKET, number: SO_REUSEADDR) }
    /// `SO_REUSEPORT`: several listeners on one address, over which the kernel spreads new connections.
    @inlinable
    public static var reusePort: Self { Self(level: SOL_SOCKET, number: SO_REUSEPORT) }
    /// `SO_KEEPALIVE`: finds peers that vanished, by probes on a silent connection.
    @inlinable
    public static var keepAlive: Self { Self(level: SOL_SOCKET, number: SO_KEEPALIVE) }
    /// `SO_ACCEPTCONN`: whether the socket listens. Read only.
    @inlinable
    public static var isListening: Self { Self(level: SOL_SOCKET, number: SO_ACCEPTCONN) }
}

extension SocketOption where Codec == IntegerCodec {
    /// `SO_SNDBUF`: how much may wait to be sent and acknowledged; read back it is doubled.
    @inlinable
    public static var sendBuffer: Self { Self(level: SOL_SOCKET, number: SO_SNDBUF) }
    /// `SO_RCVBUF`: how much may wait to be read, which bounds the window; read back it is doubled.
    @inlinable
    public static var receiveBuffer: Self { Self(level: SOL_SOCKET, number: SO_RCVBUF) }
    /// `SO_PRIORITY`: the queueing priority of outgoing packets.
    @inlinable
    public static var priority: Self { Self(level: SOL_SOCKET, number: SO_PRIORITY) }
    /// `SO_TYPE`: stream, datagram or sequenced packets. Read only.
    @inlinable
    public static var type: Self { Self(level: SOL_SOCKET, number: SO_TYPE) }
    /// `SO_DOMAIN`: the address family. Read only.
    @inlinable
    public static var domain: Self { Self(level: SOL_SOCKET, number: SO_DOMAIN) }
    /// `SO_ERROR`: the error that the next call would report. Read only.
    @inlinable
    public static var pendingError: Self { Self(level: SOL_SOCKET, number: SO_ERROR) }
}

extension SocketOption where Codec == LingerCodec {
    /// `SO_LINGER`: what close does about data that is not sent yet.
    @inlinable
    public static var linger: Self { Self(level: SOL_SOCKET, number: SO_LINGER) }
}

extension SocketOption where Codec == TimeoutCodec {
    /// `SO_RCVTIMEO`: how long a blocking read or accept waits before it fails with EAGAIN.
    @inlinable
    public static var receiveTimeout: Self { Self(level: SOL_SOCKET, number: SO_RCVTIMEO) }
}

extension SocketOption where Codec == RateCodec {
    /// `SO_MAX_PACING_RATE`: the fastest rate at which the kernel sends.
    @inlinable
    public static var maximumPacingRate: Self { Self(level: SOL_SOCKET, number: SO_MAX_PACING_RATE) }
}
