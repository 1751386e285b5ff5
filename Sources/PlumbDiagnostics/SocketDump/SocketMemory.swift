/// The memory of a socket's buffers (`SK_MEMINFO_*`, what `ss -m` shows), in bytes.
public struct SocketMemory: Hashable, Sendable {
    /// What has arrived and is not read, with the kernel's overhead (`r`).
    public var receiveUsed: Int
    /// The limit of that (`rb`; `SO_RCVBUF`).
    public var receiveLimit: Int
    /// What the network layer has and has not sent yet (`t`).
    public var sendUsed: Int
    /// The limit of what is to be sent (`tb`; `SO_SNDBUF`).
    public var sendLimit: Int
    /// Reserved and not used (`f`).
    public var forwardAllocated: Int
    /// What is to be sent and acknowledged, with the kernel's overhead (`w`).
    public var sendQueued: Int
    /// Memory of options and filters (`o`).
    public var optionMemory: Int
    /// What arrived while the program held the socket (`bl`).
    public var backlog: Int
    /// Packets dropped because there was no room (`d`).
    public var drops: Int

    /// Puts values together.
    public init(
        receiveUsed: Int = 0, receiveLimit: Int = 0, sendUsed: Int = 0, sendLimit: Int = 0, forwardAllocated: Int = 0,
        sendQueued: Int = 0, optionMemory: Int = 0, backlog: Int = 0, drops: Int = 0
    ) {
        self.receiveUsed = receiveUsed
        self.receiveLimit = receiveLimit
        self.sendUsed = sendUsed
        self.sendLimit = sendLimit
        self.forwardAllocated = forwardAllocated
        self.sendQueued = sendQueued
        self.optionMemory = optionMemory
        self.backlog = backlog
        self.drops = drops
    }

    init?(_ bytes: RawSpan) {
        guard bytes.byteCount >= 32 else { return nil }
        func field(_ index: Int) -> Int { Int(bytes.number(at: index * 4, as: UInt32.self) ?? 0) }
        self.init(
            receiveUsed: field(0), receiveLimit: field(1), sendUsed: field(2), sendLimit: field(3),
            forwardAllocated: field(4), sendQueued: field(5), optionMemory: field(6), backlog: field(7),
            drops: field(8))
    }
}
