import CPlumb

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Gives up every privilege for good.
func becomeNobody() {
    let nobody: UInt32 = 65534
    guard setgroups(0, nil) == 0, setgid(nobody) == 0, setuid(nobody) == 0 else { give("cannot become user \(nobody)") }
}

/// Lowers the soft limit of open descriptors (`RLIMIT_NOFILE`); the hard one stays, for those who raise theirs.
func limitFiles(_ count: Int?) {
    var limit = rlimit()
    guard let count, unsafe plumb_getrlimit_nofile(&limit) == 0 else { give("limit-files takes a number") }
    limit.rlim_cur = rlim_t(count)
    guard unsafe plumb_setrlimit_nofile(&limit) == 0 else { give("cannot limit descriptors to \(count)") }
}

/// Blocks every signal and ignores some, as a careless parent leaves them; and `SIGHUP`, as nohup(1) does.
func disturbSignals() {
    for number in [SIGPIPE, SIGCHLD, SIGUSR1, SIGTERM, SIGHUP] { plumb_signal_ignore(number) }
    var all = sigset_t()
    unsafe sigfillset(&all)
    unsafe pthread_sigmask(SIG_SETMASK, &all, nil)
}

/// Becomes the command.
func execute(_ command: [String]) -> Never {
    guard let program = command.first else { give("a command is missing") }
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe command.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    unsafe execv(program, &arguments)
    give("cannot execute \(program)")
}
