import ReviewDaemon
import ReviewEngine
import ReviewStore
import TestSupport
import Testing

/// Overdue is after the end of the due day where the service is: the list, the status and the metrics say so alike.
struct OverdueTests {
  private static let catalogue = """
    services:
      - {id: k, name: Kiritimati, calendar: east, in_service_since: 2026-01-01}
      - {id: p, name: Pago Pago, calendar: west, in_service_since: 2026-01-01}

    """

  private static let calendars = """
    calendars:
      - {id: east, zone: Pacific/Kiritimati}
      - {id: west, zone: Pacific/Pago_Pago}

    """

  @Test(arguments: [
    ("2026-01-10T09:59:59Z", 0), ("2026-01-10T10:00:00Z", 1), ("2026-01-11T00:00:00Z", 1), ("2026-01-11T10:59:59Z", 1),
    ("2026-01-11T11:00:00Z", 2),
  ])
  func aReviewIsOverdueAfterTheEndOfItsDueDayWhereItsServiceIs(_ time: String, _ count: Int) async throws {
    let bench = try KeeperBench(
      rules: "  - {id: r, title: R, upon: {event: incident}}\n", catalogue: Self.catalogue, calendars: Self.calendars,
      at: "2026-01-09T12:00:00Z")
    let (keeper, store) = try await bench.start()
    for service in ["k", "p"] {
      _ = try await keeper.open(service: service, reason: "asked for", due: day("2026-01-10"), who: "ana")
    }
    let presentation = Presentation(ruleSet: keeper.ruleSet, now: instant(time))
    #expect(try store.read { try presentation.overdueCount($0) } == count)
  }
}
