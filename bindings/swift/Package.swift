// swift-tools-version: 6.0
import PackageDescription

// `bindings/swift/stage` compiles the library and makes what is generated: CCodriver, CodriverFFI and Codriver/Generated. What is
// released takes the library as a binary target instead: build/packaging/swift.
let package = Package(
    name: "Codriver",
    platforms: [.macOS(.v13), .iOS(.v16), .tvOS(.v16), .watchOS(.v9), .visionOS(.v1)],
    products: [.library(name: "Codriver", targets: ["Codriver"])],
    targets: [
        .systemLibrary(name: "CCodriver", pkgConfig: "codriver-uniffi"),
        .target(name: "CodriverFFI", dependencies: ["CCodriver"]),
        .target(name: "Codriver", dependencies: ["CodriverFFI"]),
    ],
    swiftLanguageModes: [.v6]
)
