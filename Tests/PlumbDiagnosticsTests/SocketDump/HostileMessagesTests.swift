import CPlumb
import Foundation
import SystemPackage
import Testing

@testable import PlumbDiagnostics
@testable import PlumbSockets

/// Netlink messages that are not what the kernel sends: nothing traps, nothing is read beyond them.
@Suite("Hostile netlink messages") struct HostileMessagesTests {
    /// Messages of this kernel for sockets of many kinds, as they arrive.
    private func realMessages() throws -> [(SocketTransport, [UInt8])] {
        let connection = try Connection()
        let udp = try Descriptor.socket(family: AF_INET, type: .datagram)
        let pair = try Descriptor.socketPair(type: .stream)
        var messages: [(SocketTransport, [UInt8])] = []
        var dump = try SocketDump()
        for transport in SocketTransport.all {
            var count = 0
            try dump.read(SocketDumpRequest(transport)) { record in
                guard count < 20 else { return }
                count += 1
                messages.append((transport, record.bytes.array()))
            }
        }
        withExtendedLifetime(connection) {}
        withExtendedLifetime(udp) {}
        withExtendedLifetime(pair) {}
        return messages
    }

    /// A datagram as the kernel sends it: messages with their headers, and the end.
    private func datagram(_ payloads: [[UInt8]], sequence: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ type: UInt16, _ payload: [UInt8]) {
            var header = [UInt8](repeating: 0, count: 16)
            let length = UInt32(16 + payload.count)
            for index in 0..<4 {
                header[index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index))
                header[8 + index] = UInt8(truncatingIfNeeded: sequence >> UInt32(8 * index))
            }
            header[4] = UInt8(type)
            header[6] = 2
            bytes += header + payload
            while bytes.count % 4 != 0 { bytes.append(0) }
        }
        for payload in payloads { append(UInt16(PLUMB_SOCK_DIAG_BY_FAMILY), payload) }
        append(UInt16(PLUMB_NLMSG_DONE), [0, 0, 0, 0])
        return bytes
    }

    /// Reads everything that a record has.
    private func touch(_ record: SocketRecord) -> Int {
        var sum = Int(record.state.rawValue) &+ Int(truncatingIfNeeded: record.cookie) &+ Int(record.inode)
        sum &+= record.local.hashValue &+ record.peer.hashValue &+ (record.receiveQueue ?? 0) &+ (record.sendQueue ?? 0)
        sum &+= record.memory.hashValue &+ record.shutdown.hashValue &+ record.timer.hashValue
        if let info = record.info {
            for field in TCPInfoField.all { sum &+= Int(truncatingIfNeeded: field.value(in: info) ?? 0) }
        }
        sum &+= record.congestionControl.hashValue &+ record.bbr.hashValue &+ record.vegas.hashValue
        sum &+= record.dctcp.hashValue &+ Int(record.typeOfService ?? 0) &+ Int(record.trafficClass ?? 0)
        sum &+= Int(record.mark ?? 0) &+ Int(record.classID ?? 0) &+ Int(truncatingIfNeeded: record.cgroupID ?? 0)
        sum &+= record.flags.hashValue &+ record.upperLayer.hashValue &+ (record.isIPv6Only == true ? 1 : 0)
        sum &+= record.unixNameBytes().byteCount &+ Int(record.unixPeer ?? 0) &+ Int(record.unixFile?.inode ?? 0)
        for index in 0..<min(record.pendingCount, 4) { sum &+= Int(record.pendingPeer(index) ?? 0) }
        return sum &+ Int(record.userID ?? 0) &+ Int(record.interface)
    }

    @Test("mutated datagrams never trap")
    func mutations() throws {
        let real = try realMessages()
        var random = SplitMix(state: 7)
        // Under PLUMB_SOAK the ten million.
        let cases = Machine.isSoak ? 10_000_000 : 100_000
        var (sum, records) = (0, 0)
        for _ in 0..<cases {
            let (transport, _) = real.randomElement(using: &random) ?? (.tcp, [])
            let payloads = (0..<Int.random(in: 0...2, using: &random)).compactMap { _ in
                real.randomElement(using: &random)?.1
            }
            var bytes = datagram(payloads, sequence: 1)
            mutate(&bytes, &random)
            var isInterrupted = false
            _ = unsafe walkNetlinkMessages(bytes.span.bytes, sequence: 1, isInterrupted: &isInterrupted) { payload in
                guard let record = SocketRecord(payload, transport: transport) else { return }
                records += 1
                sum &+= touch(record)
            }
        }
        #expect(records > cases / 10, "\(sum)")
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
        for _ in 0..<Int.random(in: 0...4, using: &random) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0...5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            case 2: bytes[place] = [0, 1, 3, 4, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            case 3: bytes.removeLast(Int.random(in: 0...min(80, bytes.count), using: &random))
            case 4: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            default:
                // A length where lengths stand.
                let even = place & ~3
                bytes[even] = UInt8.random(in: 0...255, using: &random)
                if even + 1 < bytes.count { bytes[even + 1] = [0, 0, 0xff].randomElement(using: &random) ?? 0 }
            }
        }
    }

    @Test("random bytes never trap")
    func randomBytes() {
        var random = SplitMix(state: 8)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            var isInterrupted = false
            _ = unsafe walkNetlinkMessages(bytes.span.bytes, sequence: 1, isInterrupted: &isInterrupted) { _ in }
            for transport in SocketTransport.all {
                if let record = unsafe SocketRecord(bytes.span.bytes, transport: transport) { _ = touch(record) }
            }
        }
    }

    @Test("an unmutated datagram is read in full")
    func control() throws {
        let real = try realMessages().filter { $0.0 == .tcp }.map(\.1)
        let bytes = datagram(real, sequence: 5)
        var (count, isInterrupted) = (0, false)
        let progress = unsafe walkNetlinkMessages(bytes.span.bytes, sequence: 5, isInterrupted: &isInterrupted) { _ in
            count += 1
        }
        #expect(progress == .done(errno: 0) && count == real.count && !isInterrupted)
        // Answers to another request are left alone.
        count = 0
        let other = unsafe walkNetlinkMessages(bytes.span.bytes, sequence: 6, isInterrupted: &isInterrupted) { _ in
            count += 1
        }
        #expect(other == .more && count == 0)
    }

    @Test("errors, the end and an interruption are told")
    func ends() {
        func walk(_ type: Int32, _ payload: [UInt8], flags: UInt8 = 0) -> (NetlinkProgress, Bool) {
            var bytes: [UInt8] = [UInt8(16 + payload.count), 0, 0, 0, UInt8(type), 0, flags, 0, 1, 0, 0, 0, 0, 0, 0, 0]
            bytes += payload
            var isInterrupted = false
            return (
                unsafe walkNetlinkMessages(bytes.span.bytes, sequence: 1, isInterrupted: &isInterrupted) { _ in },
                isInterrupted
            )
        }
        let minus22: [UInt8] = [0xea, 0xff, 0xff, 0xff]
        #expect(walk(PLUMB_NLMSG_ERROR, minus22) == (.refused(errno: 22), false))
        #expect(walk(PLUMB_NLMSG_ERROR, [0, 0, 0, 0]) == (.refused(errno: 0), false))
        #expect(walk(PLUMB_NLMSG_ERROR, []) == (.refused(errno: 0), false))
        #expect(walk(PLUMB_NLMSG_ERROR, [0, 0, 0, 0x80]) == (.refused(errno: 0), false))
        #expect(walk(PLUMB_NLMSG_DONE, minus22) == (.done(errno: 22), false))
        #expect(walk(PLUMB_NLMSG_DONE, [], flags: 0x10) == (.done(errno: 0), true))
        #expect(walk(PLUMB_NLMSG_OVERRUN, []) == (.malformed, false))
        #expect(walk(99, [1, 2, 3]) == (.more, false))
    }
}
