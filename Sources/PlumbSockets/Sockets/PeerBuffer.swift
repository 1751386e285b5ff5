import CPlumb

/// Room for a peer's address that is reused from one `accept` to the next.
@safe
package struct PeerBuffer {
    var storage = sockaddr_storage()
    var length = socklen_t(0)

    package init() {}

    /// The address that the last `accept` filled in.
    package var address: SocketAddress? { SocketAddress(storage, length: Int(length)) }

    /// A number that is the same for every connection from one host, whatever its port; 0 for Unix peers.
    package var hostHash: UInt64 {
        switch CInt(storage.ss_family) {
        case AF_INET:
            unsafe withUnsafeBytes(of: storage) { splitMix(unsafe UInt64($0.load(fromByteOffset: 4, as: UInt32.self))) }
        case AF_INET6:
            unsafe withUnsafeBytes(of: storage) {
                splitMix(
                    unsafe $0.load(fromByteOffset: 8, as: UInt64.self)
                        ^ splitMix($0.load(fromByteOffset: 16, as: UInt64.self)))
            }
        default: 0
        }
    }
}

/// The finaliser of SplitMix64: a hash under which neighbouring numbers land far apart.
package func splitMix(_ value: UInt64) -> UInt64 {
    var hash = value &+ 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
}
