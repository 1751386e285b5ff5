import CPlumb
import PlumbSockets
import SystemPackage

/// The options of one side of a measurement: set at the right moment of each socket's life, and read back at the end.
struct OptionApplication {
    private struct Entry {
        let option: OptionDescription
        let value: OptionValue
        let setting: OptionSetting
    }

    private let entries: [Entry]
    private var refusals: [String: String] = [:]

    /// Options whose values decide about speed, read back whether or not they were set.
    static let alwaysRead = ["SO_SNDBUF", "SO_RCVBUF", "TCP_NODELAY", "TCP_CONGESTION"]

    /// The settings that concern a side; they have been validated.
    init(_ settings: [OptionSetting], _ role: LoadRole) {
        entries = settings.compactMap { setting in
            guard setting.side == .both || setting.side.rawValue == role.rawValue,
                let option = try? OptionDescription.named(setting.name), let value = try? option.value(setting.value)
            else { return nil }
            return Entry(option: option, value: value, setting: setting)
        }
    }

    /// Sets what goes before `connect(2)` or `listen(2)`.
    mutating func applyBeforeConnection(to socket: BorrowedDescriptor) {
        for entry in entries where entry.option.phase != .perConnection { set(entry, on: socket) }
    }

    /// Sets what a connected socket needs; on an accepted one also what it did not inherit.
    mutating func applyToConnection(_ socket: BorrowedDescriptor, accepted: Bool) {
        guard !entries.isEmpty else { return }
        // Accepted Unix sockets inherit next to nothing, not even buffers.
        let inherits = !accepted || (try? socket.get(.domain)) != Int(AF_UNIX)
        for entry in entries
        where entry.option.phase == .perConnection || !inherits || (accepted && !entry.option.isInherited) {
            set(entry, on: socket)
        }
    }

    private mutating func set(_ entry: Entry, on socket: BorrowedDescriptor) {
        do throws(Errno) {
            try entry.option.write(entry.value, to: socket)
            refusals[entry.option.name] = nil
        } catch {
            refusals[entry.option.name] = error.description
        }
    }

    /// What the socket has.
    func readBack(from socket: BorrowedDescriptor) -> [EffectiveOption] {
        var read: [EffectiveOption] = []
        for entry in entries { read.append(effective(entry.option, requested: entry.setting.value, socket)) }
        for name in OptionApplication.alwaysRead where !entries.contains(where: { $0.option.name == name }) {
            guard let option = try? OptionDescription.named(name), option.name == name else { continue }
            let found = effective(option, requested: nil, socket)
            if found.effective != nil { read.append(found) }
        }
        return read
    }

    private func effective(
        _ option: OptionDescription, requested: String?, _ socket: BorrowedDescriptor
    ) -> EffectiveOption {
        do throws(Errno) {
            let value = try option.read(from: socket)
            return EffectiveOption(
                name: option.name, requested: requested, effective: option.text(of: value),
                refusal: refusals[option.name])
        } catch {
            return EffectiveOption(
                name: option.name, requested: requested, effective: nil,
                refusal: refusals[option.name] ?? (option.access == .setOnly ? nil : error.description))
        }
    }
}
