import ReviewEngine
import ReviewFiles

/// The rule files as they lie on disk, and the set that they make.
struct LoadedRules: Sendable {
  let files: [SourceFile]
  /// Nil where there is an error.
  let ruleSet: RuleSet?
  /// The same, whatever is wrong with the sources in the journal.
  let lastRuleSet: RuleSet?
  let journalSources: [JournalSource]
  let problems: [Diagnostic]
  let warnings: [Diagnostic]
  let fingerprint: String

  /// Reads the files of some directories.
  init(_ directories: [String], _ readJournalSources: RuleLoader.JournalSourcesReading) {
    let directories = RuleDirectories(directories)
    do { self.init(try directories.files(), neglected: directories.neglected(), readJournalSources) } catch {
      self.init(unreadable: Diagnostic(file: error.path, line: 0, column: 0, message: error.cause))
    }
  }

  private init(unreadable problem: Diagnostic) {
    (files, ruleSet, lastRuleSet, journalSources, warnings, fingerprint) = ([], nil, nil, [], [], "")
    problems = [problem]
  }

  init(
    _ files: [SourceFile], neglected: [Diagnostic] = [], _ readJournalSources: RuleLoader.JournalSourcesReading
  ) {
    self.files = files
    fingerprint = Self.fingerprint(of: files)
    // What is found is told to callers, who may not be allowed to read what a link leads to.
    let read = RuleSetReader.read(files, hidesLinks: true)
    let journal = read.ruleSet.map(readJournalSources)
    journalSources = journal?.sources ?? []
    problems = read.errors + (journal?.diagnostics ?? [])
    warnings = neglected + read.warnings
    lastRuleSet = read.ruleSet
    ruleSet = problems.isEmpty ? read.ruleSet : nil
  }

  /// What tells two sets of files apart.
  static func fingerprint(of files: [SourceFile]) -> String {
    Digest.hexadecimal(of: files.map { "\($0.kind.rawValue)\n\($0.path)\n\($0.text)" }.joined(separator: "\n"))
  }
}
