import Foundation
import Glibc
import ReviewAPI

/// A file that is made beside its place, exclusively and under a name that nobody can guess, and goes to its place when
/// it is whole. No link is followed, so that the folder may belong to somebody else; where it does not come so far,
/// nothing is left.
struct NewFile: ~Copyable {
  private let path: String
  private let name: String
  private let part: String
  private let folder: Int32
  private let file: Int32
  private let interruption: Interruption
  private var isFinished = false

  init(at path: String, mode: mode_t) throws {
    let url = URL(fileURLWithPath: path)
    (self.path, name) = (path, url.lastPathComponent)
    part = ".\(UUID().uuidString.lowercased()).part"
    let directory = url.deletingLastPathComponent().path
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Self.failure(path) }
    // Before it is made, so that an interruption at once finds it.
    let interruption = Interruption(removing: "\(directory)/\(part)")
    let file = openat(folder, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else {
      let failure = Self.failure(path)
      interruption.end()
      close(folder)
      throw failure
    }
    (self.folder, self.file, self.interruption) = (folder, file, interruption)
  }

  deinit {
    if !isFinished { unlinkat(folder, part, 0) }
    interruption.end()
    close(file)
    close(folder)
  }

  private static func failure(_ path: String) -> Problem {
    Problem(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
  }

  func write(_ bytes: some ContiguousBytes) throws {
    try bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw Self.failure(path) }
        rest = rest.dropFirst(count)
      }
    }
  }

  /// Puts the file in its place, which must be free.
  mutating func finish() throws {
    guard fsync(file) == 0 else { throw Self.failure(path) }
    // A second name is never given in the place of another file, and not through a link.
    if linkat(folder, part, folder, name, 0) == 0 {
      unlinkat(folder, part, 0)
    } else {
      try takePlace()
    }
    isFinished = true
    guard fsync(folder) == 0 else { throw Self.failure(path) }
  }

  /// For file systems where a file has one name only: its place is taken by an empty file, which is then replaced.
  private func takePlace() throws {
    guard [EPERM, EOPNOTSUPP, ENOSYS, EMLINK].contains(errno) else {
      throw errno == EEXIST ? Self.isThere(path) : Self.failure(path)
    }
    let place = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard place >= 0 else { throw errno == EEXIST ? Self.isThere(path) : Self.failure(path) }
    close(place)
    guard renameat(folder, part, folder, name) == 0 else { throw Self.failure(path) }
  }

  /// Puts the file in its place, instead of the file that is there; a link or anything else is refused.
  mutating func finishReplacing() throws {
    var status = stat()
    if fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw Problem(.refused, "\(path) is no regular file: name one, or one that is not there yet")
    }
    guard fsync(file) == 0, renameat(folder, part, folder, name) == 0 else { throw Self.failure(path) }
    isFinished = true
  }

  static func isThere(_ path: String) -> Problem { Problem(.refused, "\(path) is there already: give another name") }
}

/// Removes a file that is not whole when somebody interrupts the program.
private struct Interruption {
  // Read by a handler of signals, which may do hardly anything.
  nonisolated(unsafe) private static var path: UnsafeMutablePointer<CChar>?
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  init(removing path: String) {
    Self.path = strdup(path)
    for number in Self.signals {
      signal(number) { number in
        if let path = Interruption.path { unlink(path) }
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  func end() {
    for number in Self.signals { signal(number, SIG_DFL) }
    free(Self.path)
    Self.path = nil
  }
}
