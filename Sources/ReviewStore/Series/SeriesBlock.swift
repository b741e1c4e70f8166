import ReviewEngine

/// A run of consecutive samples of one series with its summary, as it lies in `sample_block`.
///
/// The body is: a byte with the power of ten of milliseconds that times are counted in (0 or 3); the distance of the
/// second time from the first, then the change of each further distance; the first value's mantissa, then each further
/// one's difference. All are zigzag varints (Protocol Buffers' `sint64`). Regular times and slowly changing values take
/// a byte each.
struct SeriesBlock: Equatable {
  let firstTime: Int64
  let lastTime: Int64
  let count: Int
  let scale: Int
  let minimum: Int64
  let maximum: Int64
  let sum: Int64
  let last: Int64
  let body: [UInt8]

  static let largestCount = 512

  // Differences of two mantissas and the sum of a block must fit into 64 bits; a block ends early where they would not.
  private static let largestMantissa: Int128 = 1 << 61

  private static func rescaled(_ number: Int128, by places: Int) -> Int128 {
    (0..<places).reduce(number) { product, _ in product * 10 }
  }

  /// Takes as many samples from the front of `samples` (not empty, in strictly rising time) as one block holds.
  init(takingFrom samples: inout ArraySlice<Sample>) {
    let fitting = SeriesBlock.fittingPrefix(of: samples)
    let scale = fitting.scale
    let taken = samples.prefix(fitting.count)
    samples = samples.dropFirst(fitting.count)
    let mantissas = taken.map { $0.value.mantissa(atScale: scale) ?? 0 }
    firstTime = taken[taken.startIndex].time.milliseconds
    lastTime = taken[taken.endIndex - 1].time.milliseconds
    count = taken.count
    self.scale = scale
    minimum = mantissas.min() ?? 0
    maximum = mantissas.max() ?? 0
    sum = mantissas.reduce(0, +)
    last = mantissas[mantissas.count - 1]
    body = SeriesBlock.encode(taken.map(\.time.milliseconds), mantissas)
  }

  private static func fittingPrefix(of samples: ArraySlice<Sample>) -> (count: Int, scale: Int) {
    var (count, scale, magnitude) = (0, 0, Int128(0))
    for sample in samples.prefix(largestCount) {
      let newScale = max(scale, sample.value.scale)
      guard let mantissa = sample.value.mantissa(atScale: newScale) else { break }
      let total = rescaled(magnitude, by: newScale - scale) + Int128(mantissa.magnitude)
      if total > largestMantissa { break }
      (count, scale, magnitude) = (count + 1, newScale, total)
    }
    return (max(count, 1), count == 0 ? (samples.first?.value.scale ?? 0) : scale)
  }

  private static func encode(_ times: [Int64], _ mantissas: [Int64]) -> [UInt8] {
    let unitExponent: UInt8 = times.allSatisfy { ($0 - times[0]) % 1000 == 0 } ? 3 : 0
    let unit: Int64 = unitExponent == 3 ? 1000 : 1
    var writer = VarintWriter()
    writer.bytes.append(unitExponent)
    var distance: Int64 = 0
    for (earlier, later) in zip(times, times.dropFirst()) {
      let newDistance = (later - earlier) / unit
      writer.append(newDistance - distance)
      distance = newDistance
    }
    var previous: Int64 = 0
    for mantissa in mantissas {
      writer.append(mantissa - previous)
      previous = mantissa
    }
    return writer.bytes
  }

  /// Calls `visit` with each time and mantissa of a body, in order of time. False where the body is damaged.
  static func decode(
    _ body: UnsafeRawBufferPointer, firstTime: Int64, lastTime: Int64, count: Int, _ visit: (Int64, Int64) -> Void
  ) -> Bool {
    guard count > 0, count <= largestCount, let exponent = body.first, exponent == 0 || exponent == 3 else {
      return false
    }
    let unit: Int64 = exponent == 3 ? 1000 : 1
    var reader = VarintReader(bytes: body, position: 1)
    return withUnsafeTemporaryAllocation(of: Int64.self, capacity: count) { times in
      var (time, distance) = (firstTime, Int64(0))
      times.initializeElement(at: 0, to: time)
      for index in 1..<max(count, 1) {
        guard let change = reader.next() else { return false }
        distance &+= change
        let next = time &+ distance &* unit
        guard next > time else { return false }
        time = next
        times.initializeElement(at: index, to: time)
      }
      guard time == lastTime else { return false }
      var mantissa: Int64 = 0
      for index in 0..<count {
        guard let difference = reader.next() else { return false }
        mantissa &+= difference
        visit(times[index], mantissa)
      }
      return reader.position == body.count
    }
  }
}

struct VarintWriter {
  var bytes: [UInt8] = []

  mutating func append(_ number: Int64) {
    var zigzag = UInt64(bitPattern: (number << 1) ^ (number >> 63))
    while zigzag >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: zigzag) | 0x80)
      zigzag >>= 7
    }
    bytes.append(UInt8(zigzag))
  }
}

struct VarintReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int

  init(bytes: UnsafeRawBufferPointer, position: Int) {
    self.bytes = bytes
    self.position = position
  }

  /// Nil at the end, and for a number of more than 64 bits.
  mutating func next() -> Int64? {
    var (zigzag, shift) = (UInt64(0), UInt64(0))
    while position < bytes.count, shift < 64 {
      let byte = bytes[position]
      position += 1
      zigzag |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1) }
      shift += 7
    }
    return nil
  }
}
