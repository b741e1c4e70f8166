import Foundation
import ReviewEngine

/// The daemon's own settings, `/etc/reviewd/reviewd.yaml`.
package struct Settings: Sendable, Equatable {
  /// What becomes of samples and events of services that the catalogue does not have.
  package enum UnknownServices: String, CaseIterable, Sendable { case refuse, keep }
  /// From which level on is logged.
  package enum LogLevel: String, CaseIterable, Sendable { case debug, info, notice, warning, error }

  /// Each with rules.d, services.d, calendars.d; a later one wins file by file.
  package var directories = StandardPaths.directories
  /// reviewd.sqlite lies here.
  package var stateDirectory = StandardPaths.stateDirectory
  package var socket = StandardPaths.socket
  /// Events older than this do not trigger, and missed instants older than this are not evaluated.
  package var catchUp = Elapsed.days(7)
  /// Samples and events of services that the catalogue does not have.
  package var unknownServices = UnknownServices.refuse
  /// The indicators that the satisfaction recorded with a review is stored as.
  package var customerSatisfactionIndicator = "customer_satisfaction"
  package var providerSatisfactionIndicator = "provider_satisfaction"
  package var logLevel = LogLevel.info
  /// How long samples are kept; nil for ever.
  package var sampleRetention: Elapsed?
  /// How long events are kept; nil for ever.
  package var eventRetention: Elapsed?
  package var limits = Limits()

  package init() {}
}

/// Reads the settings, with the place of each mistake.
package enum SettingsReader {
  /// The settings of a text, and what is wrong with it; a key that is not given keeps its default.
  package static func read(_ text: String, path: String) -> (settings: Settings, diagnostics: [Diagnostic]) {
    var settings = Settings()
    let document = YamlDocument(path: path, text: text)
    guard let root = document.root, let fields = Fields(root, document, "the settings") else {
      return (settings, document.diagnostics)
    }
    if let nodes = document.list(fields.optional("directories"), "'directories'") {
      settings.directories = nodes.compactMap { absolutePath($0, "a directory", document) }
    }
    settings.stateDirectory =
      absolutePath(fields.optional("state_directory"), "'state_directory'", document) ?? settings.stateDirectory
    settings.socket = absolutePath(fields.optional("socket"), "'socket'", document) ?? settings.socket
    settings.catchUp = document.elapsed(fields.optional("catch_up"), "'catch_up'") ?? settings.catchUp
    settings.unknownServices =
      document.choice(fields.optional("unknown_services"), "'unknown_services'") ?? settings.unknownServices
    settings.logLevel = document.choice(fields.optional("log_level"), "'log_level'") ?? settings.logLevel
    readSatisfaction(fields.optional("satisfaction"), document, into: &settings)
    _ = JournalSourceReader(document: document, ruleSet: nil).sources(fields.optional("journal"))
    readRetention(fields.optional("retention"), document, into: &settings)
    settings.limits = Limits.read(fields.optional("limits"), document)
    fields.notSupportedYet("access", "engines")
    fields.finish()
    return (settings, document.diagnostics)
  }

  /// The entries of the journal that are events, with what they refer to; they are read again with each reload of the
  /// rules.
  package static func journalSources(
    _ text: String, path: String, ruleSet: RuleSet
  ) -> (sources: [JournalSource], diagnostics: [Diagnostic]) {
    let document = YamlDocument(path: path, text: text)
    guard let node = document.root?.mapping?.first(where: { $0.key.scalar?.string == "journal" })?.value else {
      return ([], document.diagnostics)
    }
    let sources = JournalSourceReader(document: document, ruleSet: ruleSet).sources(node)
    return (sources, document.diagnostics)
  }

  private static func readRetention(_ node: Node?, _ document: YamlDocument, into settings: inout Settings) {
    guard let node, let fields = Fields(node, document, "'retention'") else { return }
    settings.sampleRetention = retention(fields.optional("samples"), "'samples'", document, settings)
    settings.eventRetention = retention(fields.optional("events"), "'events'", document, settings)
    fields.finish()
  }

  private static func retention(_ node: Node?, _ what: String, _ document: YamlDocument, _ settings: Settings)
    -> Elapsed?
  {
    guard let amount = document.elapsed(node, what) else { return nil }
    if amount > settings.catchUp { return amount }
    document.report(
      at: node, "\(what) must be kept longer than 'catch_up' (\(settings.catchUp)): rules are asked as of then")
    return nil
  }

  private static func readSatisfaction(_ node: Node?, _ document: YamlDocument, into settings: inout Settings) {
    guard let node, let fields = Fields(node, document, "'satisfaction'") else { return }
    settings.customerSatisfactionIndicator =
      document.identifier(fields.optional("customer"), "the indicator") ?? settings.customerSatisfactionIndicator
    settings.providerSatisfactionIndicator =
      document.identifier(fields.optional("provider"), "the indicator") ?? settings.providerSatisfactionIndicator
    fields.finish()
  }

  private static func absolutePath(_ node: Node?, _ what: String, _ document: YamlDocument) -> String? {
    guard let path = document.text(node, what) else { return nil }
    if path.hasPrefix("/") { return path }
    document.report(at: node, "\(what) must be an absolute path, not '\(path)'")
    return nil
  }
}
