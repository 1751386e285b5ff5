import FoundationEssentials
import Testing

@testable import PlumbLab

/// What may be asked for, and how it is written.
@Suite
struct SpecificationTests {
    @Test func transportTexts() throws {
        #expect(Set(Transport.all.map(\.description)).count == Transport.all.count)
        for transport in Transport.all {
            #expect(Transport(transport.description) == transport)
            let data = try JSONEncoder().encode([transport])
            #expect(try JSONDecoder().decode([Transport].self, from: data) == [transport])
        }
        #expect(Transport("unix") == .unixStream(.path))
        #expect(Transport("unix-datagram") == .unixDatagram(.path))
    }

    @Test(arguments: ["", "udp", "tcp:pair", "pipe:", "unix:", "unix:other", "unix:pair:pair", ":pair", "TCP"])
    func noTransport(text: String) { #expect(Transport(text) == nil) }

    @Test func placementTexts() {
        for processors in Placement.Processors.allCases {
            for waiting in Placement.Waiting.allCases {
                let placement = Placement(processors, waiting)
                #expect(Placement(placement.description) == placement)
            }
        }
        #expect(Placement("other,asleep") == Placement(.other))
        for text in ["", "other,", "other,spinning,x", "both", ",spinning"] { #expect(Placement(text) == nil) }
    }

    @Test func optionTexts() {
        #expect(OptionSetting("TCP_NODELAY=on") == OptionSetting("TCP_NODELAY", "on"))
        #expect(OptionSetting("client:SO_SNDBUF=1MiB") == OptionSetting("SO_SNDBUF", "1MiB", .client))
        #expect(OptionSetting("server:SO_RCVBUF=")?.text == "server:SO_RCVBUF=")
        for text in ["", "=on", "TCP_NODELAY", "client:=on"] { #expect(OptionSetting(text) == nil) }
    }

    @Test func whatIsPossible() {
        let possible = LoadMode.allCases.map { mode in Transport.all.filter { mode.isPossible(on: $0) }.count }
        // stream, ping-pong, pipelined: all 13; connections: tcp, tcp6, unix and seqpacket by name; rate: not memfd.
        #expect(Transport.all.count == 13 && possible == [13, 13, 13, 6, 6, 12, 6])
    }

    static let refused: [(LoadSpecification, String)] = {
        let good = LoadSpecification.short(.tcp, .pingPong)
        func with(_ change: (inout LoadSpecification) -> Void) -> LoadSpecification {
            var specification = good
            change(&specification)
            return specification
        }
        return [
            (
                with {
                    $0.transport = .pipe; $0.mode = .connect
                }, "possible on tcp, tcp6, unix:abstract"
            ),
            (with { $0.messageSize = 0 }, "1 byte to 64MiB"),
            (
                with {
                    $0.transport = .unixDatagram(.pair); $0.messageSize = 1
                }, "2 bytes to 64MiB"
            ),
            (with { $0.durationMilliseconds = 0 }, "1 ms to 60 s"),
            (with { $0.warmUpMilliseconds = -1 }, "1 ms to 60 s"),
            (
                with {
                    $0.mode = .pipelined; $0.depth = 0
                }, "may be on the way"
            ),
            (
                with {
                    $0.mode = .pipelined; $0.depth = 64; $0.messageSize = 2048
                }, "may be on the way"
            ),
            (with { $0.mode = .rate }, "a rate is"),
            (
                with {
                    $0.mode = .rate; $0.rate = 100; $0.messageSize = 1 << 20
                }, "up to 16KiB"
            ),
            (
                with {
                    $0.mode = .rate; $0.rate = 100; $0.implementation = .c
                }, "no loop in C"
            ),
            (
                with {
                    $0.transport = .unixStream(.pair); $0.mode = .descriptors; $0.batch = 254
                }, "1 to 253"
            ),
            (with { $0.placement = Placement(.same, .spinning) }, "time slices"),
            (
                with {
                    $0.mode = .connect; $0.placement = Placement(.other, .spinning)
                }, "no spinning loop"
            ),
            (with { $0.options = [OptionSetting("SO_NONSENSE", "1")] }, "no option"),
            (with { $0.options = [OptionSetting("TCP_NODELAY", "perhaps")] }, "expected on or off"),
        ]
    }()

    @Test(arguments: refused.indices)
    func refusals(index: Int) {
        let (specification, words) = Self.refused[index]
        do throws(LabError) {
            try specification.validate()
            Issue.record("\(specification.title) was not refused")
        } catch {
            #expect(error.code == .invalid && error.description.contains(words), "\(error)")
        }
    }

    @Test func titles() {
        var specification = LoadSpecification(
            .unixStream(.pair), .pipelined, messageSize: 1024, depth: 8,
            options: [OptionSetting("SO_SNDBUF", "1MiB", .client)])
        #expect(specification.title == "unix:pair pipelined, 1KiB, depth 8, client:SO_SNDBUF=1MiB, other CPU")
        specification = LoadSpecification(
            .tcp, .connect, messageSize: 1, placement: Placement(.same), implementation: .c)
        #expect(specification.title == "tcp connect, same CPU, plain C")
    }
}
