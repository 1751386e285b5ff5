public import CPlumb

// Structures of numbers: each is read into a Swift type, and shows itself as numbers by name.

/// A socket's memory (`SO_MEMINFO`), bytes.
public struct MemoryInformation: Hashable, Sendable {
    /// What was received and not read, with the kernel's overhead.
    public let receiveUsed: Int
    /// The most that may wait to be read (`SO_RCVBUF`).
    public let receiveLimit: Int
    /// What is with the driver and the queueing discipline.
    public let sendUsed: Int
    /// The most that may wait to be sent (`SO_SNDBUF`).
    public let sendLimit: Int
    /// What the socket holds for later use.
    public let forwardAllocated: Int
    /// What waits to be sent or acknowledged.
    public let sendQueued: Int
    /// What options and ancillary data take (`net.core.optmem_max`).
    public let optionMemory: Int
    /// What arrived while the socket was in use.
    public let backlog: Int
    /// Packets that were dropped because there was no room: a count, not bytes.
    public let drops: Int
}

/// ``MemoryInformation``, as nine `u32`.
public enum MemoryInformationCodec: FixedOptionCodec {
    /// The numbers by name.
    public static var kind: OptionKind { .fields }
    /// Nothing.
    public static var emptyForm: plumb_meminfo { plumb_meminfo() }
    /// The numbers.
    public static func value(ofForm form: plumb_meminfo) -> MemoryInformation {
        MemoryInformation(
            receiveUsed: Int(form.receive_used), receiveLimit: Int(form.receive_limit), sendUsed: Int(form.send_used),
            sendLimit: Int(form.send_limit), forwardAllocated: Int(form.forward_allocated),
            sendQueued: Int(form.send_queued), optionMemory: Int(form.option_memory), backlog: Int(form.backlog),
            drops: Int(form.drops))
    }
    /// Nothing: it is only read.
    public static func form(of value: MemoryInformation) -> plumb_meminfo { plumb_meminfo() }
    /// The numbers by name.
    public static func optionValue(_ value: MemoryInformation) -> OptionValue {
        .fields([
            "receiveUsed": value.receiveUsed, "receiveLimit": value.receiveLimit, "sendUsed": value.sendUsed,
            "sendLimit": value.sendLimit, "forwardAllocated": value.forwardAllocated, "sendQueued": value.sendQueued,
            "optionMemory": value.optionMemory, "backlog": value.backlog, "drops": value.drops,
        ])
    }
    /// None: it is only read.
    public static func value(_ optionValue: OptionValue) -> MemoryInformation? { nil }
}

/// How packets with a time to be sent at are treated (`SO_TXTIME`).
public struct TransmitTime: Hashable, Sendable {
    /// The clock that the times are of: `CLOCK_MONOTONIC` (1) or `CLOCK_TAI` (11).
    public let clock: Int
    /// Whether the time is a deadline rather than the moment (`SOF_TXTIME_DEADLINE_MODE`).
    public let isDeadline: Bool
    /// Whether packets that are too late are reported on the error queue (`SOF_TXTIME_REPORT_ERRORS`).
    public let reportsErrors: Bool

    /// Describes the times.
    public init(clock: Int, isDeadline: Bool = false, reportsErrors: Bool = false) {
        self.clock = clock
        self.isDeadline = isDeadline
        self.reportsErrors = reportsErrors
    }
}

/// ``TransmitTime``, as a `struct sock_txtime`.
public enum TransmitTimeCodec: FixedOptionCodec {
    /// The numbers by name.
    public static var kind: OptionKind { .fields }
    /// Nothing.
    public static var emptyForm: plumb_sock_txtime { plumb_sock_txtime() }
    /// The clock and the flags.
    public static func value(ofForm form: plumb_sock_txtime) -> TransmitTime {
        TransmitTime(clock: Int(form.clock), isDeadline: form.flags & 1 != 0, reportsErrors: form.flags & 2 != 0)
    }
    /// The clock and the flags.
    public static func form(of value: TransmitTime) -> plumb_sock_txtime {
        plumb_sock_txtime(
            clock: CInt(clamping: value.clock), flags: (value.isDeadline ? 1 : 0) | (value.reportsErrors ? 2 : 0))
    }
    /// The numbers by name.
    public static func optionValue(_ value: TransmitTime) -> OptionValue {
        .fields([
            "clock": value.clock, "isDeadline": value.isDeadline ? 1 : 0, "reportsErrors": value.reportsErrors ? 1 : 0,
        ])
    }
    /// From numbers by name; without a name, its number is 0.
    public static func value(_ optionValue: OptionValue) -> TransmitTime? {
        guard case .fields(let fields) = optionValue,
            fields.keys.allSatisfy({ ["clock", "isDeadline", "reportsErrors"].contains($0) })
        else { return nil }
        return TransmitTime(
            clock: fields["clock"] ?? 0, isDeadline: fields["isDeadline"] ?? 0 != 0,
            reportsErrors: fields["reportsErrors"] ?? 0 != 0)
    }
}

/// The windows of a TCP socket under repair (`TCP_REPAIR_WINDOW`), as the kernel keeps them.
public struct TCPRepairWindow: Hashable, Sendable {
    /// `snd_wl1`.
    public var sendUpdate: UInt32
    /// `snd_wnd`.
    public var sendWindow: UInt32
    /// `max_window`.
    public var largestWindow: UInt32
    /// `rcv_wnd`.
    public var receiveWindow: UInt32
    /// `rcv_wup`.
    public var receiveUpdate: UInt32
}

/// ``TCPRepairWindow``, as a `struct tcp_repair_window`.
public enum TCPRepairWindowCodec: FixedOptionCodec {
    /// The numbers by name.
    public static var kind: OptionKind { .fields }
    /// Nothing.
    public static var emptyForm: plumb_tcp_repair_window { plumb_tcp_repair_window() }
    /// The five numbers.
    public static func value(ofForm form: plumb_tcp_repair_window) -> TCPRepairWindow {
        TCPRepairWindow(
            sendUpdate: form.send_update, sendWindow: form.send_window, largestWindow: form.largest_window,
            receiveWindow: form.receive_window, receiveUpdate: form.receive_update)
    }
    /// The five numbers.
    public static func form(of value: TCPRepairWindow) -> plumb_tcp_repair_window {
        plumb_tcp_repair_window(
            send_update: value.sendUpdate, send_window: value.sendWindow, largest_window: value.largestWindow,
            receive_window: value.receiveWindow, receive_update: value.receiveUpdate)
    }
    /// The numbers by name.
    public static func optionValue(_ value: TCPRepairWindow) -> OptionValue {
        .fields([
            "sendUpdate": Int(value.sendUpdate), "sendWindow": Int(value.sendWindow),
            "largestWindow": Int(value.largestWindow), "receiveWindow": Int(value.receiveWindow),
            "receiveUpdate": Int(value.receiveUpdate),
        ])
    }
    /// From all five numbers by name.
    public static func value(_ optionValue: OptionValue) -> TCPRepairWindow? {
        guard case .fields(let fields) = optionValue, fields.count == 5 else { return nil }
        let numbers = ["sendUpdate", "sendWindow", "largestWindow", "receiveWindow", "receiveUpdate"]
            .compactMap { fields[$0].flatMap { UInt32(exactly: $0) } }
        guard numbers.count == 5 else { return nil }
        return TCPRepairWindow(
            sendUpdate: numbers[0], sendWindow: numbers[1], largestWindow: numbers[2], receiveWindow: numbers[3],
            receiveUpdate: numbers[4])
    }
}
