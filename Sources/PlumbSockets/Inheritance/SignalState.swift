import CPlumb

/// The actions and the mask of signals, to be put back when a program could not be started.
@safe
struct SignalState {
    private var actions: [(number: CInt, action: sigaction)] = []
    private var mask = sigset_t()

    /// Ignored on purpose by whoever starts a program: nohup(1), and a shell without job control for `&`.
    private static let ignoredOnPurpose = [SIGHUP, SIGINT, SIGQUIT]
    /// Up to the last real-time signal.
    private static let numbers: ClosedRange<CInt> = 1...64

    /// Makes the signals a new program's, and remembers what they were.
    static func resetForProgram() -> SignalState {
        var state = SignalState()
        for number in numbers {
            var action = sigaction()
            // The C library keeps two for itself and says EINVAL.
            guard unsafe sigaction(number, nil, &action) == 0 else { continue }
            state.actions.append((number, action))
            if unsafe ignoredOnPurpose.contains(number) && plumb_is_ignored(&action) != 0 { continue }
            plumb_signal_default(number)
        }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, &state.mask)
        return state
    }

    /// Makes the signals what they were.
    func restore() {
        var mask = mask
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
        for entry in actions {
            var action = entry.action
            unsafe sigaction(entry.number, &action, nil)
        }
    }
}
