import CPlumb
import PlumbSockets
import Synchronization
public import SystemPackage

/// Network namespaces of other processes.
public enum NetworkNamespace {
    /// What tells the network namespace of a process from others: the inode of `/proc/PID/ns/net`.
    ///
    /// - Parameter pid: a process, or 0 for this one.
    /// - Throws: ``DiagnosticsError`` for a process that is gone or another user's.
    public static func identity(of pid: Int32) throws(DiagnosticsError) -> UInt64 {
        var status = stat()
        let path = "/proc/\(pid == 0 ? "self" : "\(pid)")/ns/net"
        do throws(Errno) {
            _ = try systemCall { unsafe stat(path, &status) }
        } catch {
            throw failure(error, pid)
        }
        return UInt64(status.st_ino)
    }

    /// Runs `body` in the network namespace of a process: what is opened there (sockets, `/proc/sys/net`) belongs to it.
    ///
    /// Where that is the namespace of this process, `body` runs on the calling thread; otherwise on a thread of its own,
    /// because a thread's namespace is changed for good.
    ///
    /// - Returns: what `body` returns or throws.
    /// - Throws: ``DiagnosticsError/Code/notPermitted`` without CAP_SYS_ADMIN.
    public static func withNamespace<Value: Sendable>(
        of pid: Int32, _ body: @escaping @Sendable () throws(Errno) -> Value
    ) throws(DiagnosticsError) -> Result<Value, Errno> {
        if try identity(of: pid) == identity(of: 0) { return result(body) }
        let namespace = try open(pid)
        let number = namespace.rawValue
        let task = NamespaceTask { () -> Result<Result<Value, Errno>, Errno> in
            do throws(Errno) {
                _ = try systemCall { plumb_setns_network(number) }
            } catch {
                return .failure(error)
            }
            return .success(result(body))
        }
        switch task.run() {
        case .success(.success(let result)): return result
        case .success(.failure(let error)), .failure(let error): throw failure(error, pid)
        }
    }

    private static func result<Value>(_ body: () throws(Errno) -> Value) -> Result<Value, Errno> {
        do throws(Errno) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }

    private static func open(_ pid: Int32) throws(DiagnosticsError) -> Descriptor {
        do throws(Errno) {
            return Descriptor(
                owning: try systemCall { unsafe plumb_open("/proc/\(pid)/ns/net", O_RDONLY | O_CLOEXEC, 0) })
        } catch {
            throw failure(error, pid)
        }
    }

    private static func failure(_ error: Errno, _ pid: Int32) -> DiagnosticsError {
        switch error {
        case .noSuchFileOrDirectory, .noSuchProcess:
            DiagnosticsError(
                .noSuchProcess, "look into the network namespace of", "process \(pid)", errno: error,
                reason: "there is no such process")
        case .permissionDenied, .notPermitted:
            DiagnosticsError(
                .notPermitted, "look into the network namespace of", "process \(pid)", errno: error,
                reason: "it needs CAP_SYS_ADMIN and the right to trace the process; ask as root")
        default:
            DiagnosticsError(.system, "look into the network namespace of", "process \(pid)", errno: error)
        }
    }
}

/// A function that runs on a thread of its own, which is waited for.
private final class NamespaceTask<Value: Sendable>: Sendable {
    private let body: @Sendable () -> Value
    private let value = Mutex<Value?>(nil)

    init(_ body: @escaping @Sendable () -> Value) { self.body = body }

    /// Runs the function; the error is that of making the thread.
    func run() -> Result<Value, Errno> {
        let error = onThread { [self] in
            let result = body()
            value.withLock { $0 = result }
        }
        if error != 0 { return .failure(Errno(rawValue: error)) }
        guard let result = value.withLock({ $0 }) else { return .failure(.canceled) }
        return .success(result)
    }
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// Runs a function on a thread of its own and waits for it (`pthread_create(3)`).
///
/// - Returns: 0, or the error number.
private func onThread(_ body: @escaping @Sendable () -> Void) -> CInt {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    let error = unsafe pthread_create(
        &thread, nil,
        { argument in
            guard let argument = unsafe argument else { return nil }
            unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
            return nil
        }, argument)
    if error != 0 {
        unsafe Unmanaged<ThreadBody>.fromOpaque(argument).release()
        return error
    }
    return pthread_join(thread, nil)
}
