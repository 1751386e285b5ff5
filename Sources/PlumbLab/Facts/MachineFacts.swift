import CPlumb

/// What a figure was measured on: without it the figure means nothing.
public struct MachineFacts: Hashable, Sendable, Codable {
    /// The kernel's release: `6.18.2`.
    public let kernel: String
    /// The instruction set: `x86_64`, `aarch64`.
    public let architecture: String
    /// The processor's name; `nil` where the kernel does not say.
    public let processor: String?
    /// How many processors are online.
    public let processors: Int
    /// How many of them this process may run on.
    public let usableProcessors: Int
    /// What the machine's control group leaves of the processors (`cpu.max`): `200000 100000`; `nil` without a limit.
    public let processorLimit: String?
    /// Whether a hypervisor runs the machine; `nil` where the processor does not say.
    public let isVirtual: Bool?
    /// What the maker, or the hypervisor, calls the machine.
    public let product: String?
    /// How the processors' frequency is chosen (`scaling_governor`); `nil` where the kernel does not choose it.
    public let governor: String?
    /// The clock that times are read from: reading `tsc` costs no system call.
    public let clockSource: String?
    /// The caches of the first processor, by level and kind, in bytes: `["1 Data": 49152]`.
    public let caches: [String: Int]
    /// Memory in bytes.
    public let memory: Int?
    /// The load average over the last minute, when the run began.
    public let load: Double?
    /// The settings that decide about sockets' speed, as `sysctl` names them.
    public let settings: [String: String]
    /// Whether Plumb was built with optimisation; figures of a build without are no figures.
    public let isOptimisedBuild: Bool

    /// The settings that are looked up.
    static let settingNames = [
        "kernel.sched_autogroup_enabled", "net.core.busy_poll", "net.core.busy_read", "net.core.default_qdisc",
        "net.core.rmem_default", "net.core.rmem_max", "net.core.somaxconn", "net.core.wmem_default",
        "net.core.wmem_max", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_autocorking",
        "net.ipv4.tcp_congestion_control", "net.ipv4.tcp_fastopen", "net.ipv4.tcp_limit_output_bytes",
        "net.ipv4.tcp_moderate_rcvbuf", "net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_rmem", "net.ipv4.tcp_tw_reuse",
        "net.ipv4.tcp_wmem", "net.unix.max_dgram_qlen",
    ]

    /// How many processors are online.
    static let onlineProcessors =
        SystemFile.line("/sys/devices/system/cpu/online").map { max(ProcessorList($0).count, 1) } ?? 1

    /// This machine, now.
    public static func current() -> MachineFacts { MachineFacts(read: SystemFile.text) }

    /// The machine that a set of files describes.
    ///
    /// - Parameter read: the text of a file by its path; `nil` where there is none.
    init(read: (String) -> String?) {
        func line(_ path: String) -> String? {
            read(path)?.split(separator: "\n").first.map { String($0) }
        }
        let fields = MachineFacts.fields(ofProcessors: read("/proc/cpuinfo") ?? "")
        kernel = line("/proc/sys/kernel/osrelease") ?? "unknown"
        architecture = MachineFacts.builtFor
        processor = fields["model name"] ?? fields["Processor"] ?? fields["cpu model"]
        processors = line("/sys/devices/system/cpu/online").map { ProcessorList($0).count } ?? 1
        usableProcessors = Processors.usable().count
        processorLimit = line("/sys/fs/cgroup/cpu.max").flatMap { $0.hasPrefix("max") ? nil : $0 }
        isVirtual = fields["flags"].map { $0.split(separator: " ").contains("hypervisor") }
        product = line("/sys/class/dmi/id/product_name")
        governor = line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
        clockSource = line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        caches = MachineFacts.caches(line)
        memory = read("/proc/meminfo").flatMap { text in
            MachineFacts.number(after: "MemTotal:", in: text).map { $0 * 1024 }
        }
        load = line("/proc/loadavg").flatMap { $0.split(separator: " ").first }.flatMap { Double($0) }
        var settings: [String: String] = [:]
        for name in MachineFacts.settingNames {
            let path = "/proc/sys/" + name.split(separator: ".").joined(separator: "/")
            settings[name] = line(path).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        }
        self.settings = settings
        isOptimisedBuild = Build.isOptimised
    }

    /// `name : value` of the first processor of /proc/cpuinfo.
    private static func fields(ofProcessors text: String) -> [String: String] {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].split(whereSeparator: \.isWhitespace).joined(separator: " ")
            let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
            if fields[name] == nil, !value.isEmpty { fields[name] = String(value) }
        }
        return fields
    }

    private static func caches(_ line: (String) -> String?) -> [String: Int] {
        var caches: [String: Int] = [:]
        for index in 0..<8 {
            let directory = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
            guard let level = line(directory + "level"), let kind = line(directory + "type"),
                let size = line(directory + "size"), size.hasSuffix("K"), let kibibytes = Int(size.dropLast())
            else { continue }
            caches["\(level) \(kind)"] = kibibytes * 1024
        }
        return caches
    }

    private static func number(after name: String, in text: String) -> Int? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let index = words.firstIndex(of: Substring(name)), index + 1 < words.count else { return nil }
        return Int(words[index + 1])
    }

    private static var builtFor: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "another"
        #endif
    }
}

/// How this module was built.
enum Build {
    /// Whether with optimisation.
    static var isOptimised: Bool {
        // `assert` runs its condition in a build without optimisation only.
        var isOptimised = true
        assert(
            {
                isOptimised = false
                return true
            }())
        return isOptimised
    }
}

/// A list of processors as the kernel writes it: `0-3,8`.
struct ProcessorList: Equatable {
    let processors: [Int]

    var count: Int { processors.count }

    /// Reads the list; what is no number is passed over.
    init(_ text: String) {
        var processors: [Int] = []
        for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
            let bounds = part.split(separator: "-").compactMap { Int($0) }
            guard let first = bounds.first, let last = bounds.last, first <= last, last < 1 << 16 else { continue }
            processors += Array(first...last)
        }
        self.processors = processors
    }
}
