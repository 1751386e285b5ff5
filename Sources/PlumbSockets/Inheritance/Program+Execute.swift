public import BasicContainers
import CPlumb
import SystemPackage

/// A listener that a program is to inherit, and the name under which it is to know it.
public struct PassedListener: ~Copyable, Sendable {
    /// The listener.
    public let listener: Listener
    /// Its name; the program reads ``ListenerName/unknown`` when `nil`.
    public let name: ListenerName?

    /// Names a listener.
    public init(_ listener: consuming Listener, name: ListenerName? = nil) {
        self.listener = listener
        self.name = name
    }
}

extension Program {
    /// Becomes the program, in place, with listeners from descriptor 3 up (`execve(2)`).
    ///
    /// The program has this process's number, the standard streams, the listeners and no other descriptor. Its signals
    /// are a new program's: nothing is blocked and every action is the default one, except that `SIGHUP`, `SIGINT` and
    /// `SIGQUIT` stay ignored if they are, because that is how nohup(1) and a shell's `&` ask for it. The environment
    /// is this process's with the convention's variables. Limits, user, directory and umask stay.
    ///
    /// A Unix listener's file stays when the program ends, as with systemd: nobody is left to remove it. The next
    /// ``Listener`` on the path takes it over, because nobody answers there any more; while the program lives, its
    /// answering keeps the path from being taken.
    ///
    /// - Parameters:
    ///   - listeners: what the program gets, in this order.
    ///   - convention: how it is told.
    ///   - nonBlocking: whether `accept(2)` on the listeners returns when none waits. Most programs decide for
    ///     themselves; systemd's default is that it waits.
    /// - Returns: only why it failed: ``SocketsError/Code/commandNotExecutable`` when the kernel refuses the program, or
    ///   ``SocketsError/Code/limit`` without descriptors to spare. This process is as it was then, but for its other
    ///   descriptors' being close-on-exec and for the listeners' lock files.
    public func execute(
        passing listeners: borrowing UniqueArray<PassedListener>, by convention: ListenerConvention = .systemd,
        nonBlocking: Bool = false
    ) -> SocketsError {
        let first = ListenerConvention.firstDescriptor
        var numbers: [CInt] = []
        var told: [ListenerConvention.Entry] = []
        for index in 0..<listeners.count {
            numbers.append(listeners[index].listener.descriptor.rawValue)
            told.append(
                .init(
                    number: first + CInt(index), address: listeners[index].listener.address,
                    name: listeners[index].name))
        }
        let environment = CStrings.environment(with: convention.variables(told, getpid()))
        do throws(Errno) {
            // First of all: once the descriptors are placed, the listeners' own numbers may be other descriptors.
            for index in 0..<listeners.count {
                try listeners[index].listener.prepareToOutlive(nonBlocking: nonBlocking || convention.needsNonBlocking)
            }
            let placement = try DescriptorPlacement.place(numbers, from: first)
            let error = attempt(environment, lowestToClose: first + CInt(numbers.count))
            placement.undo()
            for index in 0..<listeners.count { try listeners[index].listener.setNonBlocking(true) }
            return error
        } catch {
            return Program.passingError(error, count: numbers.count)
        }
    }

    private func attempt(_ environment: borrowing CStrings, lowestToClose: CInt) -> SocketsError {
        do throws(Errno) {
            try markCloseOnExec(from: lowestToClose)
        } catch {
            return SocketsError(.system, "mark close-on-exec", "what the program is not to inherit", errno: error)
        }
        return Program.commandError(words[0], execute(CStrings(words), environment))
    }

    private func execute(_ arguments: borrowing CStrings, _ environment: borrowing CStrings) -> Errno {
        let signals = SignalState.resetForProgram()
        let error = unsafe file.withPlatformString { file in
            unsafe arguments.withPointers { arguments in
                unsafe environment.withPointers { environment in
                    unsafe execve(file, arguments, environment)
                    return Errno.current
                }
            }
        }
        signals.restore()
        return error
    }

    private static func passingError(_ error: Errno, count: Int) -> SocketsError {
        // F_DUPFD calls a number beyond the limit an invalid argument.
        let isLimit = error == .tooManyOpenFiles || error == .invalidArgument
        return SocketsError(
            isLimit ? .limit : .system, "pass", "\(count) listener\(count == 1 ? "" : "s")", errno: error,
            reason: isLimit
                ? "this process may not open that many descriptors; raise the limit (ulimit -n) or pass fewer" : nil)
    }
}
