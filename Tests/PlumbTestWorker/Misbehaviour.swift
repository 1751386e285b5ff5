import CPlumb

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What a test worker does.
enum Mode: String {
    case ledger
    // At the start.
    case exitAtOnce = "exit-at-once"
    case neverReady = "never-ready"
    case garbage
    case garbageAfterReady = "garbage-after-ready"
    case wrongVersion = "wrong-version"
    case wrongType = "wrong-type"
    case readyTwice = "ready-twice"
    case progressFirst = "progress-first"
    case withDescriptor = "with-descriptor"
    case refuseUnsent = "refuse-unsent"
    case crashWhenReady = "crash-when-ready"
    // At connections.
    case lieTaken = "lie-taken"
    case lieFinished = "lie-finished"
    case shrink
    case dieBeforeReceiving = "die-before-receiving"
    case dieAfterReceiving = "die-after-receiving"
    case dieAfterProgress = "die-after-progress"
    case dieWhileServing = "die-while-serving"
    case refuse
    case hang
    case takeUnread = "take-unread"
    case closeChannel = "close-channel"
    // At the end.
    case ignoreDrain = "ignore-drain"
}

/// A worker in raw bytes that does one thing wrong, if it is its turn, and else serves.
struct Misbehaviour {
    private let options: Options
    private let channel = RawChannel()
    private let events: Ledger

    init(_ options: Options) {
        self.options = options
        events = Ledger("events", in: options.directory)
    }

    func run() -> Never {
        // WELCOME comes first.
        _ = channel.receive()
        if isOfStart {
            if options.claimsTurn() { misbehaveAtStart() }
            serve()
        }
        channel.send(RawChannel.Kind.ready)
        if options.mode == .dieBeforeReceiving {
            channel.waitUntilReadable()
            if options.claimsTurn() { killSelf() }
        }
        serve(misbehaving: true)
    }

    private var isOfStart: Bool {
        switch options.mode {
        case .exitAtOnce, .neverReady, .garbage, .garbageAfterReady, .wrongVersion, .wrongType, .readyTwice,
            .progressFirst, .withDescriptor, .refuseUnsent, .crashWhenReady:
            true
        default:
            false
        }
    }

    private func misbehaveAtStart() {
        switch options.mode {
        case .exitAtOnce:
            exit(options.status)
        case .garbage:
            channel.send(bytes: Array("garbage".utf8))
        case .wrongVersion:
            channel.send(RawChannel.Kind.ready, version: 9)
        case .progressFirst:
            channel.send(RawChannel.Kind.progress)
        case .withDescriptor:
            channel.send(RawChannel.bytes(RawChannel.Kind.ready), attaching: 0)
        case .garbageAfterReady:
            channel.send(RawChannel.Kind.ready)
            channel.send(bytes: [UInt8](repeating: 0x5a, count: 4096))
        case .wrongType:
            channel.send(RawChannel.Kind.ready)
            channel.send(RawChannel.Kind.welcome)
        case .readyTwice:
            channel.send(RawChannel.Kind.ready)
            channel.send(RawChannel.Kind.ready)
        case .refuseUnsent:
            channel.send(RawChannel.Kind.ready)
            channel.send(RawChannel.Kind.refused, argument: UInt32(EMFILE), first: 1)
        case .crashWhenReady:
            channel.send(RawChannel.Kind.ready)
            trap(Int(getpid()))
        default:
            break
        }
        waitForEver()
    }

    /// Until the master kills it, or is gone.
    private func waitForEver() -> Never {
        while channel.receive() != nil {}
        exit(0)
    }

    // MARK: Connections

    /// Takes and serves, one connection at a time; with `misbehaving`, does the mode's wrong instead once it comes to it.
    private func serve(misbehaving: Bool = false) -> Never {
        if !misbehaving { channel.send(RawChannel.Kind.ready) }
        var misbehaves = misbehaving
        var finished: UInt64 = 0
        while let message = channel.receive() {
            if message.type == RawChannel.Kind.drain {
                if options.mode == .ignoreDrain { waitForEver() }
                break
            }
            guard message.type == RawChannel.Kind.connections else { continue }
            if misbehaves {
                misbehaves = options.claimsTurn()
                if misbehaves { misbehave(message, finished: finished) }
            }
            if misbehaves && options.mode == .refuse { continue }
            channel.send(RawChannel.Kind.progress, first: last(message), second: finished)
            for connection in message.descriptors { serveLine(connection) }
            finished += UInt64(message.descriptors.count)
            channel.send(RawChannel.Kind.progress, first: last(message), second: finished)
        }
        exit(0)
    }

    private func last(_ message: RawChannel.Message) -> UInt64 { message.first + UInt64(message.count) - 1 }

    private func misbehave(_ message: RawChannel.Message, finished: UInt64) {
        switch options.mode {
        case .lieTaken:
            channel.send(RawChannel.Kind.progress, first: last(message) + 1000, second: finished)
            waitForEver()
        case .lieFinished:
            channel.send(RawChannel.Kind.progress, first: last(message), second: last(message) + 5)
            waitForEver()
        case .shrink:
            channel.send(RawChannel.Kind.progress, first: last(message), second: finished)
            channel.send(RawChannel.Kind.progress, first: message.first - 1, second: finished)
            waitForEver()
        case .dieAfterReceiving:
            killSelf()
        case .dieAfterProgress:
            channel.send(RawChannel.Kind.progress, first: last(message), second: finished)
            killSelf()
        case .dieWhileServing:
            channel.send(RawChannel.Kind.progress, first: last(message), second: finished)
            for connection in message.descriptors { waitForRequest(connection) }
            killSelf()
        case .refuse:
            for (offset, connection) in message.descriptors.enumerated() {
                _ = plumb_close(connection)
                channel.send(
                    RawChannel.Kind.refused, argument: UInt32(EMFILE), first: message.first + UInt64(offset))
            }
            // The numbers that were given back are passed over, or they would count as unacknowledged.
            channel.send(RawChannel.Kind.progress, first: last(message), second: finished)
        case .hang:
            collect(message, acknowledging: false)
        case .takeUnread:
            collect(message, acknowledging: true)
        case .closeChannel:
            closeChannel(message)
        default:
            break
        }
    }

    private func waitForRequest(_ connection: CInt) {
        var entry = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&entry, 1, 30_000)
    }

    /// Receives everything and reads from nothing.
    private func collect(_ message: RawChannel.Message, acknowledging: Bool) -> Never {
        var next: RawChannel.Message? = message
        while let message = next {
            if message.type == RawChannel.Kind.connections {
                if acknowledging { channel.send(RawChannel.Kind.progress, first: last(message)) }
                for _ in message.descriptors { events.write("received") }
            }
            next = channel.receive()
        }
        exit(0)
    }

    /// Takes the first message's connections, receives the second's, closes the channel, and lives on: it answers what
    /// it took once the file `go` is in the ledger's directory.
    private func closeChannel(_ message: RawChannel.Message) -> Never {
        channel.send(RawChannel.Kind.progress, first: last(message))
        for connection in channel.receive()?.descriptors ?? [] { _ = plumb_close(connection) }
        _ = plumb_close(channel.number)
        events.write("closed")
        while unsafe access("\(options.directory)/go", F_OK) != 0 { usleep(2000) }
        for connection in message.descriptors { serveLine(connection) }
        exit(0)
    }
}
