import ReviewEngine
import TestSupport
import Testing

struct QuantityTests {
  @Test(arguments: [
    ("0", "0"), ("-0", "0"), ("3.50", "3.5"), ("+7", "7"), (".5", "0.5"), ("5.", "5"), ("-0.25", "-0.25"),
    ("1e3", "1000"),
    ("1.5E-3", "0.0015"),
    ("123456789012345678", "123456789012345678"), ("0.30000000000000004", "0.30000000000000004"),
    ("1.2345678901234567e-05", "0.000012345678901235"), ("0.1234567890123456789", "0.123456789012345679"),
    ("1e-30", "0"),
    ("999999999999999999.4", "999999999999999999"),
  ])
  func decimalsAreReadAsWritten(_ text: String, _ expected: String) {
    #expect(DecimalValue(text)?.description == expected)
  }

  @Test(arguments: [
    "", "-", ".", "1e", "abc", "1.2.3", "0x10", "1e18", "1234567890123456789", "nan", "inf", "1 ",
    "999999999999999999.5",
  ])
  func whatIsNoDecimalIsRefused(_ text: String) { #expect(DecimalValue(text) == nil) }

  @Test func anAverageOfExactlyThreeAndAHalfIsNotBelowIt() throws {
    // In binary floating point the sum of these is 10.499999999999998.
    var sum = ExactSum()
    for text in ["3.3", "3.4", "3.8"] { sum.add(try #require(DecimalValue(text))) }
    let average = try #require(sum.average(count: 3))
    #expect(average.order(to: try #require(DecimalValue("3.5"))) == 0)
  }

  @Test func sumsDoNotDependOnOrderOrGrouping() {
    var generator = SeededGenerator(seed: testSeed())
    for _ in 0..<200 {
      let values = (0..<50).map { _ in
        DecimalValue(
          mantissa: Int64.random(in: -1_000_000...1_000_000, using: &generator),
          scale: Int.random(in: 0...9, using: &generator))
      }
      var forward = ExactSum()
      for value in values { forward.add(value) }
      var grouped = ExactSum()
      for group in [values[..<20], values[20...]] {
        var part = ExactSum()
        for value in group.shuffled(using: &generator) { part.add(value) }
        grouped.add(part)
      }
      grouped.subtract(ExactSum())
      #expect(forward.quantity.map(\.doubleValue) == grouped.quantity.map(\.doubleValue))
      #expect(forward.quantity?.order(to: values[0]) == grouped.quantity?.order(to: values[0]))
    }
  }

  @Test func aSumThatExceeds128BitsSaysSo() {
    var sum = ExactSum()
    sum.add(DecimalValue(mantissa: 1, scale: 18))
    for _ in 0..<200 { sum.add(DecimalValue(mantissa: 999_999_999_999_999_999)) }
    #expect(sum.isOverflown)
    #expect(sum.average(count: 201) == nil)
  }

  @Test(arguments: [
    (Comparison.Operator.below, [true, false, false]), (.atMost, [true, true, false]), (.equals, [false, true, false]),
    (.atLeast, [false, true, true]), (.above, [false, false, true]),
  ])
  func theFiveComparisonsAtTheThreshold(_ comparison: Comparison.Operator, _ expected: [Bool]) throws {
    let threshold = try #require(DecimalValue("99.5"))
    let found = try ["99.499999999999999", "99.50", "99.500000000000001"].map {
      comparison.holds(Quantity(try #require(DecimalValue($0))), threshold)
    }
    #expect(found == expected)
  }
}
