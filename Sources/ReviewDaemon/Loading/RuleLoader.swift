import Logging
import ReviewEngine
import ReviewFiles
import ReviewStore

/// Reads the rule files beside the keeper, which nobody waits for meanwhile, and hands it the set that they make. One
/// load after another, however many are asked for.
package actor RuleLoader {
  /// Reads which entries of the journal are events, anew with each set of rules that they refer to.
  package typealias JournalSourcesReading = @Sendable (RuleSet) -> (sources: [JournalSource], diagnostics: [Diagnostic])

  private let directories: [String]
  private let readJournalSources: JournalSourcesReading
  private let keeper: Keeper
  private let store: Store
  private let logger: Logger
  /// The load that was asked for last.
  private var last: Task<Void, Never>?
  /// What was told of the files, so that the same mistakes are told once.
  private var told: [Diagnostic] = []

  private static let largestLoggedCount = 100

  package init(
    directories: [String], keeper: Keeper, store: Store, logger: Logger,
    readJournalSources: @escaping JournalSourcesReading = { _ in ([], []) }
  ) {
    self.directories = directories
    self.keeper = keeper
    self.store = store
    self.logger = logger
    self.readJournalSources = readJournalSources
  }

  /// Puts the rules in force for the first time. Files with an error do not keep a machine that was restarted from
  /// doing what was agreed: the set that was last in force is, and everybody is told.
  package func start() async throws {
    let problems = try await load()
    if !problems.isEmpty { try await fallBack(problems) }
    try await keeper.noteClockBehind()
  }

  /// Reads the rule directories and puts the set in force, unless it has an error: then the set in force stays, and
  /// everybody is told.
  ///
  /// - Returns: the errors.
  @discardableResult
  package func load() async throws -> [Diagnostic] {
    let before = last
    let load = Task {
      await before?.value
      return try await loadNow()
    }
    last = Task { _ = try? await load.value }
    return try await load.value
  }

  private func loadNow() async throws -> [Diagnostic] {
    let loaded = try await offTheSharedThreads { [directories, readJournalSources] in
      LoadedRules(directories, readJournalSources)
    }
    guard let ruleSet = loaded.ruleSet else {
      try await refuse(loaded.problems)
      return loaded.problems
    }
    try await keeper.putInForce(ruleSet, loaded)
    told = []
    return []
  }

  private func refuse(_ problems: [Diagnostic]) async throws {
    // Who asks again and again for the same files is not told again and again.
    let isNew = told != problems
    if isNew {
      for problem in problems.prefix(Self.largestLoggedCount) { logger.error("\(problem)") }
      let left = problems.count - Self.largestLoggedCount
      if left > 0 { logger.error("and \(left) more: reviewctl rules check") }
    }
    try await keeper.refuse(problems, isNew: isNew)
    told = problems
  }

  private func fallBack(_ problems: [Diagnostic]) async throws {
    let files = try store.read { try $0.lastRuleSetFiles() }.compactMap { file in
      SourceFile.Kind(rawValue: file[0]).map { SourceFile(kind: $0, path: file[1], text: file[2]) }
    }
    let loaded = LoadedRules(files, readJournalSources)
    guard !files.isEmpty, let ruleSet = loaded.lastRuleSet else { throw NoRulesError(problems: problems) }
    logger.error("the rules that were last in force are used")
    try await keeper.putInForce(ruleSet, loaded)
    try await keeper.refuse(problems, isNew: false)
  }
}

/// Why there are no rules to run with.
package struct NoRulesError: Error, CustomStringConvertible {
  package let problems: [Diagnostic]

  package var description: String {
    "no rules are in force, because the files have \(counted(problems.count, "error")):\n"
      + problems.map(\.description).joined(separator: "\n")
  }
}
