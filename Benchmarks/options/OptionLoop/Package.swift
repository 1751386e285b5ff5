// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "option-loop",
    dependencies: [.package(name: "plumb", path: "../../..")],
    targets: [
        .executableTarget(name: "OptionLoop", dependencies: [.product(name: "PlumbSockets", package: "plumb")])
    ]
)
