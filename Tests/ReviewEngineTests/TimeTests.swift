import Foundation
import ReviewEngine
import TestSupport
import Testing

struct TimeTests {
  @Test func daysAgreeWithFoundationSinceTheGregorianReform() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
    var generator = SeededGenerator(seed: testSeed())
    for _ in 0..<3000 {
      let day = Day(number: Int.random(in: -125_000...146_097, using: &generator))
      let date = Date(timeIntervalSince1970: Double(day.number) * 86_400)
      let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
      #expect([day.civil.year, day.civil.month, day.civil.dayOfMonth] == [parts.year, parts.month, parts.day])
      #expect((day.weekday + 1) % 7 + 1 == parts.weekday)
    }
  }

  @Test func aDayIsWrittenAsItIsRead() throws {
    for text in ["0000-01-01", "0007-03-09", "0999-12-31", "1999-10-01", "2024-02-29", "9999-12-31"] {
      #expect(try #require(Day(text)).description == text)
    }
    var generator = SeededGenerator(seed: testSeed())
    for _ in 0..<3000 {
      let day = Day(number: Int.random(in: -719_528...2_932_896, using: &generator))
      #expect(Day(day.description) == day)
    }
  }

  // Not against Foundation: its Calendar says 28 Feb 1688, a leap year, for 383 months before 30 Jan 1720.
  @Test func addingMonthsKeepsTheDayOrTakesTheLastOfTheMonth() throws {
    var generator = SeededGenerator(seed: testSeed())
    for _ in 0..<3000 {
      let day = Day(number: Int.random(in: -125_000...146_097, using: &generator))
      let months = Int.random(in: -500...500, using: &generator)
      let index = day.civil.year * 12 + day.civil.month - 1 + months
      let first = try #require(Day(year: index / 12, month: index % 12 + 1, dayOfMonth: 1))
      let next = try #require(Day(year: (index + 1) / 12, month: (index + 1) % 12 + 1, dayOfMonth: 1))
      let expected = first + (min(day.civil.dayOfMonth, next - first) - 1)
      #expect(day.adding(months: months) == expected, "\(day) + \(months) months")
    }
  }

  @Test(arguments: [
    ("2026-03-01", "2026-03-01T00:00:00Z"), ("2026-03-01T10:00Z", "2026-03-01T10:00:00Z"),
    ("2026-03-01 10:00:05Z", "2026-03-01T10:00:05Z"), ("2026-03-01T10:00:00.25Z", "2026-03-01T10:00:00.250Z"),
    ("2026-03-01T10:00:00.1239Z", "2026-03-01T10:00:00.123Z"), ("2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00Z"),
    ("2026-03-01T00:00:00-05:30", "2026-03-01T05:30:00Z"), ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
    ("2024-02-29", "2024-02-29T00:00:00Z"),
  ])
  func instantsAreReadAndWritten(_ text: String, _ expected: String) { #expect(Instant(text)?.description == expected) }

  @Test(arguments: [
    "", "2026", "2026-3-1", "2026-02-29", "2026-13-01", "2026-03-01T24:00Z", "2026-03-01T10:60Z", "2026-03-01T10:00",
    "2026-03-01T10:00:00",
    "2026-03-01T10:00:00z1", "2026-03-01T10:00:00.Z", "2026-03-01T10:00:00+1:00", "yesterday",
  ])
  func whatIsNoInstantIsRefused(_ text: String) { #expect(Instant(text) == nil) }

  @Test(arguments: [
    ("2026-01-31", "1 month", "2026-02-28"), ("2024-01-31", "1 month", "2024-02-29"),
    ("2026-01-31", "2 months", "2026-03-31"),
    ("2026-11-30", "1 quarter", "2027-02-28"), ("2024-02-29", "1 year", "2025-02-28"),
    ("2026-03-01", "2 weeks", "2026-03-15"),
    ("2026-03-01", "5 working days", "2026-03-06"), ("2026-03-01", "1 day", "2026-03-02"),
  ])
  func dayAmountsCountByTheCalendar(_ start: String, _ amount: String, _ end: String) throws {
    #expect(try DayAmount(amount).added(to: day(start), in: .everyDay) == day(end))
  }

  @Test(arguments: [
    ("2 weeks", "2 weeks"), ("12 months", "1 year"), ("1 quarter", "3 months"), ("1 working day", "1 working day"),
    ("18 months", "18 months"),
  ])
  func amountsAreSaidAsTheyAreWritten(_ text: String, _ said: String) throws {
    #expect(try DayAmount(text).description == said)
  }

  @Test(arguments: [
    ("90 minutes", Int64(5_400_000)), ("1 hour", 3_600_000), ("30 days", 2_592_000_000), ("2 weeks", 1_209_600_000),
  ])
  func elapsedAmountsAreMilliseconds(_ text: String, _ milliseconds: Int64) throws {
    #expect(try Elapsed(text).milliseconds == milliseconds)
  }

  @Test func gridsContinueBefore1970() {
    #expect(Instant(milliseconds: -1).nextGridInstant(every: .hours(1)) == Instant(milliseconds: 0))
    #expect(Instant(milliseconds: 0).nextGridInstant(every: .hours(1)) == Instant(seconds: 3600))
    #expect(instant("2026-03-01T10:00Z").isOnGrid(every: .hours(2)))
  }
}
