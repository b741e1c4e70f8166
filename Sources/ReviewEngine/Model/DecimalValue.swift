/// A finite decimal number as it was written: `mantissa × 10^-scale`, at most 18 significant digits and 18 decimals.
///
/// Values stay decimal so that an average of 3.5 is 3.5: the sum of what people wrote has an exact answer, and binary
/// floating point does not give it.
package struct DecimalValue: Hashable, Sendable {
  package let mantissa: Int64
  package let scale: Int

  package static let largestDigitCount = 18
  package static let largestScale = 18

  /// Trailing zeros of the fraction are dropped, so that equal numbers are equal values.
  package init(mantissa: Int64, scale: Int = 0) {
    var (digits, places) = (mantissa, scale)
    while places > 0, digits % 10 == 0 {
      digits /= 10
      places -= 1
    }
    self.mantissa = digits
    self.scale = places
  }

  package var doubleValue: Double { Double(description) ?? 0 }

  /// The mantissa when written with `scale` decimals; nil where that overflows.
  package func mantissa(atScale newScale: Int) -> Int64? {
    guard newScale >= scale, newScale - scale <= DecimalValue.largestScale else { return nil }
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: Int64(powerOfTen(newScale - scale)))
    return overflow ? nil : product
  }
}

extension DecimalValue: Comparable {
  package static func < (left: DecimalValue, right: DecimalValue) -> Bool {
    let scale = max(left.scale, right.scale)
    return Int128(left.mantissa) * powerOfTen(scale - left.scale) < Int128(right.mantissa)
      * powerOfTen(scale - right.scale)
  }
}

/// 10 to the power of 0…36.
package func powerOfTen(_ exponent: Int) -> Int128 { powersOfTen[exponent] }

private let powersOfTen: [Int128] = {
  var powers: [Int128] = [1]
  for _ in 0..<36 { powers.append(powers[powers.count - 1] * 10) }
  return powers
}()

extension DecimalValue: CustomStringConvertible {
  /// Plain notation without an exponent: `-0.25`.
  package var description: String {
    guard scale > 0 else { return String(mantissa) }
    let digits = String(mantissa.magnitude)
    let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
    return "\(mantissa < 0 ? "-" : "")\(padded.dropLast(scale)).\(padded.suffix(scale))"
  }
}

extension DecimalValue {
  package init?(_ text: some StringProtocol) {
    guard let value = Array(text.utf8).withUnsafeBytes({ DecimalValue(utf8: $0) }) else { return nil }
    self = value
  }

  /// Reads `[+-]digits[.digits][e[+-]digits]`; digits beyond the eighteenth are rounded half up, and nil is returned
  /// for what is no finite number or has more than 18 digits before the point.
  package init?(utf8 bytes: UnsafeRawBufferPointer) {
    var scanner = DecimalScanner(bytes: bytes)
    guard scanner.scan() else { return nil }
    self.init(mantissa: scanner.isNegative ? -scanner.mantissa : scanner.mantissa, scale: scanner.scale)
  }
}

private struct DecimalScanner {
  let bytes: UnsafeRawBufferPointer
  var position = 0
  var isNegative = false
  var mantissa: Int64 = 0
  var scale = 0
  private var digitCount = 0
  private var firstDropped: UInt8?
  private var droppedBeforePoint = 0

  init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func scan() -> Bool {
    isNegative = peek() == UInt8(ascii: "-")
    if isNegative || peek() == UInt8(ascii: "+") { position += 1 }
    let whole = scanDigits(afterPoint: false)
    var fraction = 0
    if peek() == UInt8(ascii: ".") {
      position += 1
      fraction = scanDigits(afterPoint: true)
    }
    guard whole + fraction > 0, scanExponent(), position == bytes.count else { return false }
    return normalize()
  }

  private func peek() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func scanDigits(afterPoint: Bool) -> Int {
    let start = position
    while position < bytes.count {
      let digit = bytes[position] &- 48
      guard digit <= 9 else { break }
      if digitCount < DecimalValue.largestDigitCount {
        mantissa = mantissa * 10 + Int64(digit)
        if mantissa != 0 { digitCount += 1 }
        if afterPoint { scale += 1 }
      } else {
        firstDropped = firstDropped ?? digit
        if !afterPoint { droppedBeforePoint += 1 }
      }
      position += 1
    }
    return position - start
  }

  private mutating func scanExponent() -> Bool {
    guard peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") else { return true }
    position += 1
    let isMinus = peek() == UInt8(ascii: "-")
    if isMinus || peek() == UInt8(ascii: "+") { position += 1 }
    var exponent = 0
    let start = position
    while let byte = peek(), byte >= 48, byte <= 57 {
      exponent = min(exponent * 10 + Int(byte - 48), 10_000)
      position += 1
    }
    scale += isMinus ? exponent : -exponent
    return position > start
  }

  /// Brings the scale into 0…18, rounding off what lies beyond it.
  private mutating func normalize() -> Bool {
    scale -= droppedBeforePoint
    if let digit = firstDropped, digit >= 5 { mantissa += 1 }
    if mantissa == 0 { scale = 0 }
    while scale > DecimalValue.largestScale {
      let rounded = scale == DecimalValue.largestScale + 1 ? (mantissa + 5) / 10 : mantissa / 10
      mantissa = rounded
      scale -= 1
      if mantissa == 0 { scale = 0 }
    }
    while scale < 0 {
      guard mantissa < 100_000_000_000_000_000 else { return false }
      mantissa *= 10
      scale += 1
    }
    return mantissa <= 999_999_999_999_999_999
  }
}
