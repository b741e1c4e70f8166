import Foundation
import GRDB
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// What happens to the files beneath an open database is noticed before anything is acknowledged.
struct FileWatchTests {
  private let folder: TemporaryFolder
  private let store: Store
  private var path: String { folder.path + "/reviewd.sqlite" }

  init() throws {
    folder = try TemporaryFolder()
    store = try Store(path: folder.path + "/reviewd.sqlite")
    try take("2026-01-04")
  }

  private func take(_ time: String) throws {
    try store.write { _ = try $0.take(event(time), receivedAt: instant(time)) }
  }

  private var kept: Int { get throws { try store.read { try $0.sizes().events } } }

  enum Harm: String, CaseIterable {
    case deleted, replaced, cutOff, overwritten, logDeleted, logReplaced, logCutOff
  }

  private func `do`(_ harm: Harm) throws {
    let (files, log) = (FileManager.default, path + "-wal")
    switch harm {
    case .deleted: try files.removeItem(atPath: path)
    case .replaced:
      try files.copyItem(atPath: path, toPath: path + ".copy")
      _ = rename(path + ".copy", path)
    case .cutOff: truncate(path, 4096)
    case .overwritten:
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.seek(toOffset: 8192)
      try handle.write(contentsOf: Data(repeating: 7, count: 16))
    case .logDeleted: try files.removeItem(atPath: log)
    case .logReplaced:
      try files.copyItem(atPath: log, toPath: log + ".copy")
      _ = rename(log + ".copy", log)
    case .logCutOff: truncate(log, 0)
    }
  }

  @Test(arguments: Harm.allCases)
  func nothingIsAcknowledgedOnFilesThatAreOthers(_ harm: Harm) throws {
    try `do`(harm)
    let error = #expect(throws: StoreError.self) { try take("2026-01-05") }
    #expect(error?.code == .replaced, "\(error?.description ?? "")")
    #expect(error?.message.hasPrefix("nothing is taken, because it would be lost: ") == true)
    #expect(store.trouble?.code == .replaced)
    // Asked again, the answer is the same.
    #expect(throws: StoreError.self) { try take("2026-01-06") }
  }

  @Test func aFileThatIsPutBackIsWrittenAgain() throws {
    _ = rename(path, path + ".away")
    #expect(throws: StoreError.self) { try take("2026-01-05") }
    _ = rename(path + ".away", path)
    try take("2026-01-05")
    #expect(store.trouble == nil)
    #expect(try kept == 2)
  }

  /// The writer's own checkpoints write the file, and are no strangers.
  @Test func aLongLogIsFoldedAndNothingIsRefused() throws {
    let log = path + "-wal"
    var longest = 0
    for number in 0..<200 {
      try takeLong("\(number)")
      longest = max(longest, try #require(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int))
    }
    #expect(try kept == 201)
    // Some 8 MB were written: a log that is never folded would hold all of it.
    #expect(longest < 6_000_000)
  }

  private func modified() throws -> Date? {
    try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }

  private func takeLong(_ id: String) throws {
    let attributes = ["cause": AttributeValue.text(String(repeating: "x", count: 40_000))]
    let one = Event(
      identity: EventIdentity(source: "x", id: id), type: "incident", service: "s", time: instant("2026-01-05"),
      attributes: attributes)
    try store.write { _ = try $0.take(one, receivedAt: one.time) }
  }

  /// While somebody reads an old state, the log grows beyond where a checkpoint is due; whoever reads it then leaves it
  /// alone.
  @Test func onlyTheWriterMakesCheckpoints() throws {
    try store.read { snapshot in
      _ = try snapshot.sizes()
      for number in 0..<200 { try takeLong("\(number)") }
    }
    let before = try modified()
    for _ in 0..<50 { _ = try kept }
    #expect(try modified() == before)
    try takeLong("last")
    #expect(try modified() != before)
  }

  @Test(arguments: ["DELETE FROM event", "CREATE TABLE more (a)"]) func whatAnotherProgramCommitsIsNoticed(
    _ sql: String
  ) throws {
    let other = try DatabaseQueue(path: path)
    try other.writeWithoutTransaction { try $0.execute(sql: sql) }
    let error = #expect(throws: StoreError.self) { try take("2026-01-05") }
    #expect(error?.code == .replaced && error?.message.contains("was written by another program") == true)
    store.look()
    #expect(store.trouble?.code == .replaced)
    try other.close()
  }

  @Test func whoLooksSeesWhatHappenedBeforeAnythingIsWritten() throws {
    _ = rename(path, path + ".away")
    #expect(store.trouble == nil)
    store.look()
    #expect(store.trouble?.code == .replaced)
    _ = rename(path + ".away", path)
    store.look()
    #expect(store.trouble == nil)
  }

  @Test func aFileThatIsExchangedDuringATransactionPutsInDoubtWhatIsRemembered() throws {
    #expect(throws: StoreError.self) {
      try store.write { transaction in
        _ = try transaction.take(event("2026-01-05"), receivedAt: instant("2026-01-05"))
        _ = rename(path, path + ".away")
      }
    }
    #expect(store.isInDoubt)
    #expect(throws: StoreError.self) { try store.openAnew() }
    _ = rename(path + ".away", path)
    try store.openAnew()
    #expect(!store.isInDoubt && store.trouble == nil)
    // It was written before anybody could know.
    #expect(try kept == 2)
  }
}
