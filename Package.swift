// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "plumb",
    products: [
        .library(name: "PlumbSockets", targets: ["PlumbSockets"]),
        .library(name: "PlumbDiagnostics", targets: ["PlumbDiagnostics"]),
        .library(name: "PlumbWorkers", targets: ["PlumbWorkers"]),
        .library(name: "PlumbNIO", targets: ["PlumbNIO"]),
        .library(name: "PlumbLab", targets: ["PlumbLab"]),
        .executable(name: "plumb", targets: ["PlumbCommand"]),
    ],
    dependencies: [
        // `Errno` and `FilePath`, so that our errors and paths are the ones other packages use.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        // `UniqueArray`: storage for values that cannot be copied, which descriptors are. `Deque`: the queue.
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        // The supervisor's log goes where the embedding program's log goes.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        // Adapters for channels from handed-over descriptors; HTTP/1.1 of the demonstration worker.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        // Latency percentiles with a bounded error and a bounded memory, however many samples there are.
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        // The command line.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    ],
    targets: [
        .target(name: "CPlumb"),
        .target(
            name: "PlumbSockets",
            dependencies: [
                "CPlumb",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PlumbDiagnostics",
            dependencies: [
                "CPlumb", "PlumbSockets",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PlumbWorkers",
            dependencies: [
                "CPlumb", "PlumbSockets",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PlumbNIO",
            dependencies: [
                "CPlumb", "PlumbSockets", "PlumbWorkers",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "HeapModule", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        // The loops of the laboratory in plain C, against which Plumb's own are held, and the system calls that only
        // the laboratory makes.
        .target(name: "CPlumbLab"),
        .target(
            name: "PlumbLab",
            dependencies: [
                "CPlumb", "CPlumbLab", "PlumbSockets",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "PlumbCommand",
            dependencies: [
                "CPlumb", "PlumbSockets", "PlumbWorkers", "PlumbNIO", "PlumbLab",
                .product(name: "BasicContainers", package: "swift-collections"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PlumbSocketsTests",
            dependencies: [
                "CPlumb", "PlumbSockets",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PlumbDiagnosticsTests",
            dependencies: [
                "CPlumb", "PlumbSockets", "PlumbDiagnostics",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PlumbWorkersTests",
            dependencies: [
                "CPlumb", "PlumbSockets", "PlumbWorkers",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PlumbLabTests",
            dependencies: [
                "CPlumb", "CPlumbLab", "PlumbSockets", "PlumbLab",
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "BasicContainers", package: "swift-collections"),
            ],
            swiftSettings: strict
        ),
        // Runs the built `plumb`, so it needs none of its modules but the typed status.
        .testTarget(
            name: "PlumbEndToEndTests",
            dependencies: [
                "CPlumb", "PlumbSockets", "PlumbWorkers",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: strict
        ),
        // A worker that keeps a ledger, or misbehaves on request.
        .executableTarget(
            name: "PlumbTestWorker",
            dependencies: [
                "CPlumb", "PlumbSockets", "PlumbWorkers",
                .product(name: "BasicContainers", package: "swift-collections"),
            ],
            path: "Tests/PlumbTestWorker",
            swiftSettings: strict
        ),
    ]
)
