import BasicContainers
import CPlumb
import FoundationEssentials
import PlumbSockets
import SystemPackage

/// Messages between the process that measures and those that do: JSON over a SEQPACKET socket pair, with descriptors.
///
/// A message longer than a packet is sent in several. The first byte of each says whether more follow.
struct LabChannel: ~Escapable {
    private let socket: BorrowedDescriptor

    /// Bytes in a packet, well below the least send buffer that a distribution has.
    private static let packetSize = 32 << 10
    private static let last: UInt8 = 0
    private static let more: UInt8 = 1

    @_lifetime(copy socket)
    init(_ socket: BorrowedDescriptor) { self.socket = socket }

    /// Sends a message; descriptors go with its first packet.
    func send(_ message: some Encodable, descriptors: Span<Descriptor> = Span()) throws(LabError) {
        let encoder = JSONEncoder()
        guard let data = try? encoder.encode(message) else {
            throw LabError(.process, "write", "a message", reason: "a number in it is none")
        }
        var rest = [UInt8](data)[...]
        var isFirst = true
        repeat {
            let part = rest.prefix(LabChannel.packetSize - 1)
            rest = rest.dropFirst(part.count)
            let packet = [rest.isEmpty ? LabChannel.last : LabChannel.more] + part
            do {
                if isFirst, !descriptors.isEmpty {
                    _ = try unsafe socket.send(packet.span.bytes, descriptors: descriptors)
                } else {
                    _ = try unsafe socket.send(packet.span.bytes)
                }
            } catch {
                throw LabError(.process, "send to", "a process of the measurement", reason: "\(error)")
            }
            isFirst = false
        } while !rest.isEmpty
    }

    /// Receives a message and the descriptors with it, which are appended.
    ///
    /// - Returns: `nil` when the other side has closed its end or died.
    func receive<Message: Decodable>(
        _ type: Message.Type, descriptors: inout UniqueArray<Descriptor>
    ) throws(LabError) -> Message? {
        var bytes: [UInt8] = []
        var packet = [UInt8](repeating: 0, count: LabChannel.packetSize)
        while true {
            let count: Int
            do throws(Errno) {
                count = try receivePacket(&packet, &descriptors)
            } catch {
                if error == .connectionReset { return nil }
                throw LabError(.process, "receive from", "a process of the measurement", errno: error)
            }
            if count == 0 { return nil }
            bytes += packet[1..<count]
            if packet[0] == LabChannel.last { break }
        }
        guard let message = try? JSONDecoder().decode(type, from: Data(bytes)) else {
            throw LabError(.process, "read", "a message of the measurement", reason: "it is not what was expected")
        }
        return message
    }

    private func receivePacket(
        _ packet: inout [UInt8], _ descriptors: inout UniqueArray<Descriptor>
    ) throws(Errno) -> Int {
        var span = packet.mutableSpan
        var buffer = unsafe span.mutableBytes
        return try socket.receive(into: &buffer, descriptors: &descriptors).count
    }

    /// Waits until there is a message or the end.
    ///
    /// - Returns: whether there is, before the time was over.
    func waitForMessage(within timeout: Duration) throws(LabError) -> Bool {
        do throws(Errno) {
            return try socket.waitUntil(
                writable: false, timeoutMilliseconds: CInt(clamping: timeout.nanoseconds / 1_000_000))
        } catch {
            throw LabError(.system, "wait for", "a process of the measurement", errno: error)
        }
    }
}
