import CPlumb

extension SocketAddress {
    /// The forms that addresses have, for messages.
    static var forms: String { "127.0.0.1:8080, :8080, [::1]:8080, localhost:8080, unix:/path or unix:@name" }

    /// Reads an address, and looks its host up where that is a name (`getaddrinfo(3)`, which may wait for the network).
    ///
    /// - Returns: one address, or every address that the name has, in the order in which the resolver prefers them.
    /// - Throws: ``SocketsError`` with ``SocketsError/Code/invalidAddress`` or ``SocketsError/Code/unknownHost``.
    public static func resolve(_ text: String) throws(SocketsError) -> [SocketAddress] {
        if let address = SocketAddress(text), address != .unnamed { return [address] }
        if let name = unixName(text) {
            let isAbstract = name.first == UInt8(ascii: "@")
            let (length, limit) =
                isAbstract ? (name.count - 1, unixAbstractNameLimit) : (name.count, unixPathnameLimit)
            let reason =
                length > limit
                ? "the name has \(length) bytes, and \(isAbstract ? "an abstract" : "a Unix") socket's has at most "
                    + "\(limit); choose a shorter one"
                : "a Unix address is unix:/path or unix:@name"
            throw SocketsError(.invalidAddress, "use the address", "'\(text)'", reason: reason)
        }
        if let name = unknownInterface(text) {
            throw SocketsError(
                .invalidAddress, "use the address", "'\(text)'",
                reason: "there is no interface '\(name)' on this host; choose one of `ip link`, by name or number")
        }
        guard let (host, port) = splitHostAndPort(text), !host.contains(":"), !host.contains("/") else {
            throw SocketsError(
                .invalidAddress, "use the address", "'\(text)'",
                reason: "it is not an address and a port from 0 to 65535; write \(forms)")
        }
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = PLUMB_SOCK_STREAM
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(String(host), nil, &hints, &list)
        guard status == 0 else {
            throw SocketsError(
                .unknownHost, "find the host", "'\(host)'",
                reason: "\(unsafe String(cString: gai_strerror(status))); write a name that resolves here, or a number")
        }
        defer { unsafe freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe next = entry.pointee.ai_next
            guard let kernelForm = unsafe entry.pointee.ai_addr else { continue }
            var buffer = sockaddr_storage()
            let length = unsafe min(Int(entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
            unsafe withUnsafeMutableBytes(of: &buffer) {
                unsafe $0.copyMemory(from: UnsafeRawBufferPointer(start: kernelForm, count: length))
            }
            guard let address = SocketAddress(buffer, length: length)?.with(port: port), !addresses.contains(address)
            else { continue }
            addresses.append(address)
        }
        return addresses
    }

    /// The same address with another port; a Unix address unchanged.
    func with(port: UInt16) -> SocketAddress {
        switch storage {
        case .ipv4(let address, _): .ipv4(address, port: port)
        case .ipv6(let address, _, let scope): .ipv6(address, port: port, scope: scope)
        case .pathname, .abstract, .unnamed: self
        }
    }
}
