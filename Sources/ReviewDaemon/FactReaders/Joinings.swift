import ReviewEngine
import ReviewStore

/// Of many triggers that join a review at one moment the first few are told one by one, and the rest together.
struct Joinings {
  /// How one of them is told.
  enum Turn {
    case alone
    /// With so many, of which it is the first.
    case first(of: Int)
    /// With another one, which was told.
    case told
  }

  private struct Run {
    var count = 0
    /// The last one that was told together with others.
    var through: Int64 = 0
  }

  private var moment: Instant?
  private var runs: [String: Run] = [:]

  /// - Parameter store: knows how many more there are.
  mutating func turn(of logged: LoggedFact, _ store: Store) throws -> Turn {
    guard case .joined = logged.fact.content, let review = logged.fact.review else { return .alone }
    if moment != logged.fact.at { (moment, runs) = (logged.fact.at, [:]) }
    var run = runs[review] ?? Run()
    defer { runs[review] = run }
    if logged.number <= run.through { return .told }
    run.count += 1
    if run.count <= HistoricFact.toldAlone { return .alone }
    let rest = try store.readByWriter { try $0.joinings(of: review, at: logged.fact.at, from: logged.number) }
    run.through = rest.through
    return rest.count > 1 ? .first(of: rest.count) : .alone
  }
}
