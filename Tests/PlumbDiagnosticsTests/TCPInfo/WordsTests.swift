import Testing

@testable import PlumbDiagnostics

@Suite("Words of states and rates") struct WordsTests {
    @Test("states have the words of ss and of filters")
    func states() {
        #expect(
            SocketState.all.map(\.description).joined(separator: " ")
                == "ESTAB SYN-SENT SYN-RECV FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT UNCONN CLOSE-WAIT LAST-ACK LISTEN CLOSING "
                + "SYN-RECV BOUND")
        for state in SocketState.all { #expect(SocketStates(named: state.name) == SocketStates(state)) }
        #expect(SocketState(rawValue: 0).description == "0" && SocketState(rawValue: 200).description == "200")
        #expect(SocketStates(SocketState(rawValue: 200)).isEmpty)
        #expect(SocketStates(named: "TIME-WAIT") == SocketStates(.timeWait) && SocketStates(named: "x") == nil)
        #expect(SocketStates(named: "connected")?.contains(.listening) == false)
        #expect(SocketStates(named: "all")?.states == SocketState.all)
    }

    @Test(
        "rates have three digits and a unit",
        arguments: [
            (0, "0bit/s"), (1, "8bit/s"), (125, "1kbit/s"), (156_250_000, "1.25Gbit/s"), (12_500_000, "100Mbit/s"),
            (124_999, "1Mbit/s"), (1_562_500, "12.5Mbit/s"), (UInt64.max, "unlimited"),
            (UInt64.max - 1, "147573953Tbit/s"),
        ])
    func rates(bytesPerSecond: UInt64, text: String) {
        #expect(TransferRate(rawValue: bytesPerSecond).description == text)
    }

    @Test("bits have names")
    func bits() {
        #expect(TCPFeatures(rawValue: 0b111).description == "ts sack wscale")
        #expect(TCPFeatures(rawValue: 0xff).names.count == 8)
        #expect(CongestionState.recovery.description == "recovery" && CongestionState(rawValue: 9).description == "9")
        #expect(ShutdownDirections([.receive, .send]).description == "both")
        #expect(ShutdownDirections(rawValue: 0xfc).description == "none")
        #expect(SocketFlags(rawValue: 0xffff).names.contains("bind_address_no_port"))
    }
}
