import Foundation

/// Whether all of a long test is run (scripts/check --attack), or a sample of it.
var isLong: Bool { ProcessInfo.processInfo.environment["REVIEWD_LONG"] == "1" }
