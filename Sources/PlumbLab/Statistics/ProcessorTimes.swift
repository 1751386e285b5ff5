/// What the processors have done since boot, summed over all of them, in clock ticks (`/proc/stat`, first line).
public struct ProcessorTimes: Hashable, Sendable {
    /// Processes outside of the kernel, their low-priority share included.
    public var user: UInt64
    /// Processes inside of the kernel.
    public var system: UInt64
    /// Nothing, waiting for storage included.
    public var idle: UInt64
    /// Interrupts and what the kernel does in their wake: on loopback much of the network's own work.
    public var interrupts: UInt64
    /// Time that the hypervisor gave to other machines.
    public var stolen: UInt64

    init(user: UInt64 = 0, system: UInt64 = 0, idle: UInt64 = 0, interrupts: UInt64 = 0, stolen: UInt64 = 0) {
        self.user = user
        self.system = system
        self.idle = idle
        self.interrupts = interrupts
        self.stolen = stolen
    }

    /// Reads the text of `/proc/stat`; `nil` when its first line is not what proc(5) says.
    init?(text: String) {
        guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        let numbers = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
        // user nice system idle iowait irq softirq steal; the two after that are parts of user and nice.
        guard numbers.count >= 8 else { return nil }
        self.init(
            user: numbers[0] + numbers[1], system: numbers[2], idle: numbers[3] + numbers[4],
            interrupts: numbers[5] + numbers[6], stolen: numbers[7])
    }

    /// What happened between two readings.
    func since(_ earlier: ProcessorTimes) -> ProcessorTimes {
        // The kernel corrects idle times backwards now and then.
        func difference(_ field: KeyPath<ProcessorTimes, UInt64>) -> UInt64 {
            let (later, before) = (self[keyPath: field], earlier[keyPath: field])
            return later > before ? later - before : 0
        }
        return ProcessorTimes(
            user: difference(\.user), system: difference(\.system), idle: difference(\.idle),
            interrupts: difference(\.interrupts), stolen: difference(\.stolen))
    }
}
