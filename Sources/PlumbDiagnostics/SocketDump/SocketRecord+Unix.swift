import CPlumb
public import PlumbSockets

// What Unix sockets have (`struct unix_diag_msg` and its attributes).
extension SocketRecord {
    /// Stream, datagram or sequenced packets; `nil` for an internet socket.
    public var unixType: SocketType? {
        transport == .unix ? SocketType(rawValue: CInt(header(1, as: UInt8.self))) : nil
    }

    /// The name's bytes as the kernel keeps them: an abstract name's first is NUL. Empty without a name.
    @_lifetime(copy self)
    public func unixNameBytes() -> RawSpan {
        transport == .unix ? attribute(PLUMB_UNIX_DIAG_NAME) : bytes.extracting(0..<0)
    }

    /// The name that the socket is bound to; ``PlumbSockets/SocketAddress/unnamed`` without one.
    var unixName: SocketAddress? {
        let name = unixNameBytes().array()
        if name.isEmpty { return .unnamed }
        if name[0] == 0 { return .unix(abstract: name.dropFirst()) }
        return .unix(pathnameBytes: Array(name.prefix { $0 != 0 }))
    }

    /// The inode of the socket at the other end; `nil` when it is not connected.
    public var unixPeer: UInt32? { unix(PLUMB_UNIX_DIAG_PEER) }

    /// How many connections wait on a listener whose peers' inodes are ``pendingPeer(_:)``.
    public var pendingCount: Int {
        transport == .unix ? attribute(PLUMB_UNIX_DIAG_ICONS).byteCount / 4 : 0
    }

    /// The inode of the peer of a connection that waits on a listener; 0 when it has none any more.
    ///
    /// - Parameter index: 0 to ``pendingCount`` - 1.
    public func pendingPeer(_ index: Int) -> UInt32? { index < 0 ? nil : unix(PLUMB_UNIX_DIAG_ICONS, at: index * 4) }

    /// The inode and device of the file that the socket is bound to.
    public var unixFile: (inode: UInt32, device: UInt32)? {
        guard let inode = unix(PLUMB_UNIX_DIAG_VFS), let device = unix(PLUMB_UNIX_DIAG_VFS, at: 4) else { return nil }
        return (inode, device)
    }

    private func unix(_ attribute: Int32, at offset: Int = 0) -> UInt32? {
        transport == .unix ? number(ofAttribute: attribute, at: offset) : nil
    }
}
