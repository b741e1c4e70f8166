// swift-tools-version: 6.1
import PackageDescription

/// CI sets REVIEWD_STRICT=1; a developer's half-finished change may warn.
let strict = Context.environment["REVIEWD_STRICT"] == "1"

let settings: [SwiftSetting] =
  [.enableUpcomingFeature("MemberImportVisibility"), .enableUpcomingFeature("ExistentialAny")]
  + (strict ? [.unsafeFlags(["-warnings-as-errors"])] : [])

let algorithms = Target.Dependency.product(name: "Algorithms", package: "swift-algorithms")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let hashTree = Target.Dependency.product(name: "HashTreeCollections", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioFoundation = Target.Dependency.product(name: "NIOFoundationCompat", package: "swift-nio")
let nioExtras = Target.Dependency.product(name: "NIOExtras", package: "swift-nio-extras")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")

func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: settings)
}

let package = Package(
  name: "reviewd",
  products: [
    .executable(name: "reviewd", targets: ["reviewd"]),
    .executable(name: "reviewctl", targets: ["reviewctl"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-algorithms.git", from: "1.2.1"),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
    .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "CLibYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    library("ReviewEngine", [algorithms, hashTree, heap]),
    library("ReviewWords", ["ReviewEngine"]),
    library("ReviewFiles", ["CLibYaml", "ReviewEngine", "ReviewWords"]),
    library("ReviewStore", ["ReviewEngine", grdb, grdbSQLite]),
    library("ReviewAPI", [nioCore, nioFoundation, nioHTTP1, nioPosix]),
    library(
      "ReviewDaemon",
      [
        "CLinux", "CSystemd", "ReviewAPI", "ReviewEngine", "ReviewFiles", "ReviewStore", "ReviewWords", algorithms,
        argumentParser, deque,
        hummingbird, hummingbirdCore, lifecycle, logging, nioCore, nioExtras, nioFoundation, nioHTTP1, nioHTTPTypes,
        nioPosix, unixSignals,
      ]),
    library(
      "ReviewCommands",
      ["CLinux", "ReviewAPI", "ReviewEngine", "ReviewFiles", "ReviewWords", argumentParser, nioCore, nioFoundation]),
    program("reviewd", ["ReviewDaemon", argumentParser]),
    program("reviewctl", ["ReviewCommands"]),
    .target(
      name: "TestSupport", dependencies: ["ReviewEngine", "ReviewFiles"], path: "Tests/Support", swiftSettings: settings
    ),
    tests("ReviewEngineTests", ["ReviewEngine", "ReviewFiles", "ReviewWords", "TestSupport"]),
    tests("ReviewFilesTests", ["ReviewEngine", "ReviewFiles", "ReviewWords", "TestSupport"], exclude: ["Broken"]),
    tests("ReviewStoreTests", ["ReviewEngine", "ReviewStore", "TestSupport", grdb]),
    tests(
      "ReviewDaemonTests",
      [
        "ReviewAPI", "ReviewDaemon", "ReviewEngine", "ReviewFiles", "ReviewStore", "ReviewWords", "TestSupport",
        logging, hummingbird,
        nioCore,
      ],
      exclude: ["Broken", "Decisions/decisions.txt"]),
    tests("ArchitectureTests", [], exclude: ["outside-arithmetic.txt"]),
    tests("OracleTests", ["ReviewEngine", "ReviewFiles", "ReviewStore", "ReviewWords", "TestSupport"]),
    tests(
      "IntegrationTests", ["CSystemd", "ReviewAPI", "ReviewEngine", "TestSupport", nioCore],
      exclude: ["attack-memory.py", "failing-sync.c", "sandbox-probe.py"]),
  ],
  swiftLanguageModes: [.v6]
)
