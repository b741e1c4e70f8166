import ArgumentParser
import Foundation
import Glibc
import Logging
import ReviewAPI
import ReviewEngine
import ReviewFiles
import ReviewStore

/// `reviewd`: reads its settings and runs.
package struct ReviewdCommand: AsyncParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "reviewd", abstract: "Decides when service reviews are due, says why, and sees that they happen.",
    discussion: """
      Exit codes: 0 stopped as it was asked to; 1 failed, and starting again may help; 2 wrong usage; 78 somebody has to mend something \
      first: the settings, the rules or the database.
      """, version: reviewdVersion)

  @Option(help: ArgumentHelp("The settings.", valueName: "file")) var config: String?
  @Option(
    help: ArgumentHelp(
      "A directory with rules.d and services.d; a later one wins file by file. Repeatable.", valueName: "dir"))
  var directory: [String] = []
  @Option(help: ArgumentHelp("Where the database lies.", valueName: "dir")) var stateDirectory: String?
  @Option(help: ArgumentHelp("The socket that reviewctl connects to.", valueName: "path")) var socket: String?
  @Option(
    help: ArgumentHelp(
      "Put a backup in the place of the database, which is kept beside it, and end. The daemon must not run.",
      valueName: "backup"))
  var restore: String?
  @ArgumentParser.Flag(
    help: """
      Make the tables of reviews anew from the log of facts, say which reviews differed, and end. The daemon must not run.
      """)
  var rebuild = false

  package init() {}

  package func validate() throws {
    if restore != nil, rebuild {
      throw ValidationError("--restore and --rebuild are two things: give one, then the other")
    }
  }

  package func run() async throws {
    let path = settingsPath
    let settings = try readSettings(path)
    if let restore { return try restoreDatabase(from: absolute(restore), settings) }
    if rebuild { return try rebuildReviews(settings) }
    let logger = Self.logger(settings)
    do {
      let settings = try DescriptorLimit.fit(settings, logger)
      try await Daemon(settings: settings, settingsPath: path, logger: logger).run()
    } catch {
      logger.critical("reviewd cannot run: \(error)")
      LastAnswer(reason: "reviewd cannot run: \(error)").give()
      throw Self.exitCode(of: error)
    }
  }

  private func restoreDatabase(from backup: String, _ settings: Settings) throws {
    do {
      let kept = try Restoration(stateDirectory: settings.stateDirectory).run(from: backup)
      let before = kept.map { "; the database before is in \($0)" } ?? ""
      print("\(settings.stateDirectory)/reviewd.sqlite is now \(backup)\(before)")
    } catch {
      FileHandle.standardError.write(Data("reviewd: nothing was restored: \(error)\n".utf8))
      throw ExitCode(1)
    }
  }

  private func rebuildReviews(_ settings: Settings) throws {
    do { print(try Rebuilding(stateDirectory: settings.stateDirectory).run()) } catch {
      FileHandle.standardError.write(Data("reviewd: nothing was rebuilt: \(error)\n".utf8))
      throw Self.exitCode(of: error)
    }
  }

  /// EX_CONFIG of sysexits.h where it is of no use to start again before somebody has mended something; the unit asks
  /// for that.
  private static func exitCode(of error: any Error) -> ExitCode {
    switch error {
    case is NoRulesError, is TooFewDescriptors: mustBeMended
    case let error as SocketError where error.mustBeMended: mustBeMended
    case let error as StoreError where error.code == .damaged || error.code == .newer: mustBeMended
    default: .failure
    }
  }

  private static let mustBeMended = ExitCode(78)

  /// The file of the settings; nil where there is none, and the defaults hold.
  private var settingsPath: String? {
    config.map(absolute) ?? credential
      ?? (FileManager.default.fileExists(atPath: StandardPaths.settings) ? StandardPaths.settings : nil)
  }

  private func readSettings(_ path: String?) throws -> Settings {
    var settings = Settings()
    if let path {
      let text: String
      do { text = try TextFile.read(path) } catch { return try fail("cannot read \(path): \(error)") }
      let read = SettingsReader.read(text, path: path)
      if !read.diagnostics.isEmpty { return try fail(read.diagnostics.map(\.description).joined(separator: "\n")) }
      settings = read.settings
    }
    if !directory.isEmpty { settings.directories = directory.map(absolute) }
    settings.stateDirectory = stateDirectory.map(absolute) ?? settings.stateDirectory
    settings.socket = socket.map(absolute) ?? settings.socket
    return settings
  }

  /// Settings that whoever runs this machine gives to it, by systemd's LoadCredential=.
  private var credential: String? {
    getenv("CREDENTIALS_DIRECTORY").map { String(cString: $0) + "/reviewd.yaml" }.flatMap {
      FileManager.default.fileExists(atPath: $0) ? $0 : nil
    }
  }

  /// Prints what parsing said: help and version to standard output, mistakes to standard error.
  package static func write(_ error: any Error) {
    let text = Data((fullMessage(for: error) + "\n").utf8)
    if exitCode(for: error).isSuccess {
      FileHandle.standardOutput.write(text)
    } else {
      FileHandle.standardError.write(text)
    }
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }

  private func fail(_ message: String) throws -> Settings {
    FileHandle.standardError.write(Data("reviewd: \(message)\n".utf8))
    LastAnswer(reason: "reviewd cannot run: \(message)").give()
    throw Self.mustBeMended
  }

  private static func logger(_ settings: Settings) -> Logger {
    let level = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
    // systemd sets JOURNAL_STREAM where standard error goes to the journal anyway.
    let usesJournal = getenv("JOURNAL_STREAM") != nil
    LoggingSystem.bootstrap { label in
      var handler: any LogHandler = usesJournal ? JournalLogHandler(label: label) : TerminalLogHandler()
      handler.logLevel = level
      return handler
    }
    return Logger(label: "reviewd")
  }
}
