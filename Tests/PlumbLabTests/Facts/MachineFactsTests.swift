import FoundationEssentials
import Testing

@testable import PlumbLab

/// What is read of the machine.
@Suite
struct MachineFactsTests {
    /// A machine of files.
    private func machine(_ files: [String: String]) -> MachineFacts { MachineFacts { files[$0] } }

    @Test func everything() {
        let facts = machine([
            "/proc/sys/kernel/osrelease": "6.18.2\n",
            "/proc/cpuinfo": "processor\t: 0\nmodel name\t: A Chip\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\n",
            "/sys/devices/system/cpu/online": "0-3,8\n",
            "/sys/fs/cgroup/cpu.max": "200000 100000\n",
            "/sys/class/dmi/id/product_name": "Machine\n",
            "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave\n",
            "/sys/devices/system/cpu/cpu0/cache/index0/level": "1\n",
            "/sys/devices/system/cpu/cpu0/cache/index0/type": "Data\n",
            "/sys/devices/system/cpu/cpu0/cache/index0/size": "48K\n",
            "/proc/meminfo": "MemTotal:       1024 kB\nMemFree: 1 kB\n",
            "/proc/loadavg": "0.25 0.10 0.05 1/100 1234\n",
            "/proc/sys/net/ipv4/tcp_rmem": "4096\t131072\t6291456\n",
        ])
        #expect(facts.kernel == "6.18.2" && facts.processor == "A Chip" && facts.processors == 5)
        #expect(facts.isVirtual == true && facts.product == "Machine" && facts.governor == "powersave")
        #expect(facts.processorLimit == "200000 100000" && facts.memory == 1_048_576 && facts.load == 0.25)
        #expect(facts.caches == ["1 Data": 49152])
        #expect(facts.settings == ["net.ipv4.tcp_rmem": "4096 131072 6291456"])
    }

    @Test func nothing() {
        let facts = machine([:])
        #expect(facts.kernel == "unknown" && facts.processor == nil && facts.processors == 1)
        #expect(facts.isVirtual == nil && facts.governor == nil && facts.settings.isEmpty && facts.memory == nil)
    }

    @Test func noLimit() {
        #expect(machine(["/sys/fs/cgroup/cpu.max": "max 100000\n"]).processorLimit == nil)
    }

    @Test(arguments: [
        ("0", [0]), ("0-3", [0, 1, 2, 3]), ("0-1,4,6-7\n", [0, 1, 4, 6, 7]), ("", []), ("3-1", []), ("x", []),
        ("0-99999999", []),
    ])
    func processorLists(text: String, processors: [Int]) {
        #expect(ProcessorList(text).processors == processors)
    }

    @Test func thisMachine() throws {
        let facts = MachineFacts.current()
        #expect(facts.kernel != "unknown" && facts.processors >= 1)
        #expect((1...facts.processors).contains(facts.usableProcessors))
        #expect(facts.settings["net.core.somaxconn"] != nil)
        let copy = try JSONDecoder().decode(MachineFacts.self, from: try JSONEncoder().encode(facts))
        #expect(copy == facts)
    }

    @Test func affinityHoldsAndIsRestored() throws {
        let usable = Processors.usable()
        defer { try? Processors.restrict(to: usable) }
        try Processors.restrict(to: [usable[0]])
        #expect(Processors.usable() == [usable[0]])
        #expect(throws: (any Error).self) { try Processors.restrict(to: []) }
    }
}
