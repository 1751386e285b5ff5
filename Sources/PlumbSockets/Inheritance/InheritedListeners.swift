public import BasicContainers
import CPlumb
import SystemPackage

/// A socket that whoever started this process has handed down, and its name.
public struct InheritedListener: ~Copyable, Sendable {
    /// The socket, close-on-exec. Its `O_NONBLOCK` flag is as it was.
    public let descriptor: Descriptor
    /// The name that it was given, or ``ListenerName/unknown``.
    public let name: ListenerName

    /// The socket alone.
    public consuming func takeDescriptor() -> Descriptor { descriptor }
}

/// The taking side of systemd's socket activation (sd_listen_fds(3)).
public enum InheritedListeners {
    /// Takes the sockets that were handed down to this process, in their order.
    ///
    /// Call it first of all, before there are other threads: it changes the environment. The variables are removed,
    /// whatever they say, so that children do not take them for theirs. The sockets need not be listeners: a datagram
    /// socket is bound, and a service with `Accept=yes` gets a connection. ``Listener/init(owning:)`` accepts from one
    /// that listens.
    ///
    /// - Returns: nothing when `LISTEN_FDS` or `LISTEN_PID` is missing or `LISTEN_PID` is another process.
    /// - Throws: ``SocketsError/Code/invalidInheritance`` when a variable is malformed, or a descriptor is not open or
    ///   not a socket. No descriptor has been touched then.
    public static func take() throws(SocketsError) -> UniqueArray<InheritedListener> {
        try take(from: ListenerConvention.firstDescriptor)
    }

    /// Takes them from another number up, because a test's process has descriptors of its own at 3.
    static func take(from first: CInt) throws(SocketsError) -> UniqueArray<InheritedListener> {
        let variables = InheritanceVariables(
            process: variable(SystemdVariable.process),
            processIdentity: variable(SystemdVariable.processIdentity),
            count: variable(SystemdVariable.count),
            names: variable(SystemdVariable.names))
        for name in SystemdVariable.all { unsafe unsetenv(name) }
        let inheritance = try variables.inheritance(
            process: getpid(), identity: variables.processIdentity == nil ? nil : ownIdentity(), first: first)
        // All are looked at before the first is owned: an owned one would be closed by the error.
        for index in 0..<inheritance.count { try expectSocket(first + CInt(index), of: inheritance.count) }
        var listeners = UniqueArray<InheritedListener>(minimumCapacity: inheritance.count)
        for index in 0..<inheritance.count {
            let descriptor = Descriptor(owning: first + CInt(index))
            try setCloseOnExec(descriptor)
            listeners.append(InheritedListener(descriptor: descriptor, name: inheritance.name(index)))
        }
        return listeners
    }

    private static func variable(_ name: String) -> String? {
        guard let text = unsafe getenv(name) else { return nil }
        return unsafe String(cString: text)
    }

    private static func expectSocket(_ number: CInt, of count: Int) throws(SocketsError) {
        do throws(Errno) {
            _ = try unsafe BorrowedDescriptor(unsafeRawValue: number).get(.type)
        } catch {
            let what = error == .notSocket ? "is not a socket" : "is not open"
            throw self.error("descriptor \(number) \(what), and \(SystemdVariable.count) says \(count)", errno: error)
        }
    }

    private static func setCloseOnExec(_ descriptor: borrowing Descriptor) throws(SocketsError) {
        do throws(Errno) {
            try descriptor.borrowed.setCloseOnExec(true)
        } catch {
            throw self.error("descriptor \(descriptor.rawValue) cannot be made close-on-exec", errno: error)
        }
    }

    static func error(_ reason: String, errno: Errno? = nil) -> SocketsError {
        SocketsError(
            .invalidInheritance, "take", "the inherited listeners", errno: errno,
            reason: reason + "; whoever starts this program must pass that many sockets from descriptor 3 up")
    }

    /// The inode of this process's pidfd; `nil` where the kernel gives all of them the same (before 6.9).
    static func ownIdentity() -> UInt64? {
        let number = plumb_pidfd_open(getpid())
        guard number >= 0 else { return nil }
        let process = Descriptor(owning: number)
        var fileSystem = statfs()
        var status = stat()
        guard unsafe fstatfs(process.rawValue, &fileSystem) == 0, unsafe fstat(process.rawValue, &status) == 0,
            UInt32(truncatingIfNeeded: fileSystem.f_type) == PLUMB_PID_FS_MAGIC
        else { return nil }
        return UInt64(status.st_ino)
    }
}
