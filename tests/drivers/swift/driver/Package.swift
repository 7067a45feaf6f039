// swift-tools-version: 6.0
import PackageDescription

// In a directory of its own: SwiftPM calls packages by their directories, and the one it takes is `swift`.
let package = Package(
    name: "driver",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "Codriver", path: "../../../../bindings/swift")],
    targets: [.executableTarget(name: "driver", dependencies: [.product(name: "Codriver", package: "Codriver")])],
    swiftLanguageModes: [.v6]
)
