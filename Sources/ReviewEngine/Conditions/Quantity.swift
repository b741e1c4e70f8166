/// The exact answer of a statistic: `numerator ÷ (divisor × 10^scale)`, rounded only when somebody wants to read it.
package struct Quantity: Hashable, Sendable {
  package let numerator: Int128
  package let scale: Int
  package let divisor: Int64

  package init(numerator: Int128, scale: Int, divisor: Int64 = 1) {
    self.numerator = numerator
    self.scale = scale
    self.divisor = divisor
  }

  package init(_ value: DecimalValue) { self.init(numerator: Int128(value.mantissa), scale: value.scale) }

  package init(count: Int) { self.init(numerator: Int128(count), scale: 0) }

  /// Negative, zero or positive as this is less than, equal to or greater than the number; computed in 256 bits, so
  /// that no scale can overflow it.
  package func order(to number: DecimalValue) -> Int {
    let mine = numerator.multipliedFullWidth(by: powerOfTen(number.scale))
    let other = (Int128(number.mantissa) * Int128(divisor)).multipliedFullWidth(by: powerOfTen(scale))
    if mine.high != other.high { return mine.high < other.high ? -1 : 1 }
    if mine.low != other.low { return mine.low < other.low ? -1 : 1 }
    return 0
  }

  /// The nearest double, for evidence and for people.
  package var doubleValue: Double {
    if divisor == 1, let mantissa = Int64(exactly: numerator), scale <= DecimalValue.largestScale {
      return DecimalValue(mantissa: mantissa, scale: scale).doubleValue
    }
    return Double(numerator) / (Double(divisor) * Double(powerOfTen(scale)))
  }
}

/// A running sum of decimals that is exact and so does not depend on order or grouping.
package struct ExactSum: Hashable, Sendable {
  package private(set) var numerator: Int128 = 0
  package private(set) var scale = 0
  /// True once values so large and so fine were mixed that 128 bits do not hold their sum: no answer is given then.
  package private(set) var isOverflown = false

  package init() {}

  package init(mantissa: Int64, scale: Int) {
    numerator = Int128(mantissa)
    self.scale = scale
  }

  package mutating func add(_ value: DecimalValue, times: Int64 = 1) {
    add(Int128(value.mantissa) * Int128(times), scale: value.scale, sign: 1)
  }

  package mutating func add(_ sum: ExactSum) {
    isOverflown = isOverflown || sum.isOverflown
    add(sum.numerator, scale: sum.scale, sign: 1)
  }

  package mutating func subtract(_ sum: ExactSum) {
    isOverflown = isOverflown || sum.isOverflown
    add(sum.numerator, scale: sum.scale, sign: -1)
  }

  private mutating func add(_ other: Int128, scale otherScale: Int, sign: Int128) {
    var term = other * sign
    if otherScale > scale {
      numerator = rescaled(numerator, by: otherScale - scale)
      scale = otherScale
    } else if otherScale < scale {
      term = rescaled(term, by: scale - otherScale)
    }
    let (result, overflow) = numerator.addingReportingOverflow(term)
    numerator = result
    isOverflown = isOverflown || overflow
  }

  private mutating func rescaled(_ number: Int128, by places: Int) -> Int128 {
    let (product, overflow) = number.multipliedReportingOverflow(by: powerOfTen(places))
    isOverflown = isOverflown || overflow
    return product
  }

  package var quantity: Quantity? { isOverflown ? nil : Quantity(numerator: numerator, scale: scale) }

  package func average(count: Int) -> Quantity? {
    isOverflown || count == 0 ? nil : Quantity(numerator: numerator, scale: scale, divisor: Int64(count))
  }
}
