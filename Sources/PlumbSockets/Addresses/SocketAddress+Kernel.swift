public import CPlumb
public import SystemPackage

extension SocketAddress {
    /// The address family's number (`AF_INET`, `AF_INET6`, `AF_UNIX`).
    public var family: CInt {
        switch storage {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .pathname, .abstract, .unnamed: AF_UNIX
        }
    }

    /// Reads what the kernel wrote.
    ///
    /// - Parameters:
    ///   - kernelForm: the buffer that a call such as `accept(2)` filled.
    ///   - length: the length that the call returned, which alone tells where a Unix name ends.
    /// - Returns: `nil` for a family that Plumb does not know.
    public init?(_ kernelForm: sockaddr_storage, length: Int) {
        let unnamedLength = 2
        switch CInt(kernelForm.ss_family) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size:
            let address = unsafe withUnsafeBytes(of: kernelForm) { unsafe $0.load(as: sockaddr_in.self) }
            self.init(
                .ipv4(
                    IPv4Address(rawValue: UInt32(bigEndian: address.sin_addr.s_addr)),
                    port: UInt16(bigEndian: address.sin_port)))
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size:
            let address = unsafe withUnsafeBytes(of: kernelForm) { unsafe $0.load(as: sockaddr_in6.self) }
            self.init(
                .ipv6(
                    IPv6Address(address.sin6_addr), port: UInt16(bigEndian: address.sin6_port),
                    scope: address.sin6_scope_id))
        case AF_UNIX where length <= unnamedLength:
            self.init(.unnamed)
        case AF_UNIX where length <= MemoryLayout<sockaddr_un>.size + 1:
            let name = unsafe withUnsafeBytes(of: kernelForm) { unsafe Array($0[unnamedLength..<length]) }
            if name.first == 0 {
                self.init(.abstract(Array(name.dropFirst())))
            } else {
                // The kernel counts the NUL that most callers pass.
                self.init(.pathname(Array(name.prefix { $0 != 0 })))
            }
        default:
            return nil
        }
    }

    /// Calls `body` with the form that the kernel takes and its length.
    ///
    /// The length covers exactly the name, because an abstract name is delimited by it alone.
    ///
    /// - Throws: `.fileNameTooLong` for a path that the kernel's form has no room for.
    package func withKernelForm<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Errno) -> Result
    ) throws(Errno) -> Result {
        if case .pathname(let name) = storage, name.count > SocketAddress.kernelPathnameLimit { throw .fileNameTooLong }
        var buffer = sockaddr_storage()
        let length = unsafe withUnsafeMutableBytes(of: &buffer) { bytes -> Int in
            switch storage {
            case .ipv4(let address, let port):
                var form = sockaddr_in()
                form.sin_family = sa_family_t(AF_INET)
                form.sin_port = port.bigEndian
                form.sin_addr.s_addr = address.rawValue.bigEndian
                unsafe bytes.storeBytes(of: form, as: sockaddr_in.self)
                return MemoryLayout<sockaddr_in>.size
            case .ipv6(let address, let port, let scope):
                var form = sockaddr_in6()
                form.sin6_family = sa_family_t(AF_INET6)
                form.sin6_port = port.bigEndian
                form.sin6_addr = address.kernelForm
                form.sin6_scope_id = scope
                unsafe bytes.storeBytes(of: form, as: sockaddr_in6.self)
                return MemoryLayout<sockaddr_in6>.size
            case .pathname(let name):
                unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                unsafe bytes[2...].copyBytes(from: name)
                // The NUL where there is room for it: sun_path needs none at its full 108 bytes.
                return 2 + min(name.count + 1, SocketAddress.kernelPathnameLimit)
            case .abstract(let name):
                unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                unsafe bytes[3...].copyBytes(from: name)
                return 3 + name.count
            case .unnamed:
                unsafe bytes.storeBytes(of: sa_family_t(AF_UNIX), as: sa_family_t.self)
                return 2
            }
        }
        do {
            return try unsafe withUnsafePointer(to: &buffer) { pointer throws(Errno) -> Result in
                try unsafe body(UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), socklen_t(length))
            }
        }
    }

    /// The form that the kernel takes inside structures.
    var kernelForm: sockaddr_storage {
        var form = sockaddr_storage()
        // Copying cannot fail.
        try? unsafe withKernelForm { pointer, length throws(Errno) in
            unsafe withUnsafeMutableBytes(of: &form) {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(length)))
            }
        }
        return form
    }

    /// Reads an address through a call that fills a buffer, such as `getsockname(2)`.
    static func read(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
    ) throws(Errno) -> SocketAddress {
        var buffer = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &buffer) { pointer in
            unsafe call(UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: sockaddr.self), &length)
        }
        if result == -1 { throw Errno.current }
        guard let address = SocketAddress(buffer, length: Int(length)) else { throw .addressFamilyNotSupported }
        return address
    }
}

extension BorrowedDescriptor {
    /// The address that the socket is bound to (`getsockname(2)`).
    public func localAddress() throws(Errno) -> SocketAddress {
        try unsafe SocketAddress.read { unsafe plumb_getsockname(rawValue, $0, $1) }
    }

    /// The address of the peer (`getpeername(2)`); `.socketNotConnected` when there is none.
    public func peerAddress() throws(Errno) -> SocketAddress {
        try unsafe SocketAddress.read { unsafe plumb_getpeername(rawValue, $0, $1) }
    }
}
