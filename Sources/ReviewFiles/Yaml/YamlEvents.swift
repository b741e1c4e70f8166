import CLibYaml

/// What libyaml finds in a text, in its order.
///
/// Events are looked at before anything is made of them: what files of reviewd do not have ends the reading where it
/// stands.
final class YamlEvents {
  enum Event {
    case document(hasDirectives: Bool), documentEnd, streamEnd
    case scalar(Node.Scalar)
    case sequence, sequenceEnd
    case mapping, mappingEnd
    case alias
    /// Of the stream, which says nothing.
    case streamStart
  }

  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let bytes: UnsafeMutableBufferPointer<UInt8>
  private var place: ScalarPlace

  /// - Parameter bytes: UTF-8.
  init(_ bytes: [UInt8]) throws(YamlMistake) {
    self.bytes = .allocate(capacity: bytes.count)
    _ = self.bytes.initialize(from: bytes)
    place = ScalarPlace()
    guard yaml_parser_initialize(parser) == 1 else { throw Self.noMemory }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, self.bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  private static let noMemory = YamlMistake(
    mark: Mark(line: 1, column: 1, byte: 0), message: "there is no memory to read it")

  /// The next event, and where it begins; after the end of the stream there is none.
  func next() throws(YamlMistake) -> (event: Event, mark: Mark) {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw mistake() }
    defer { yaml_event_delete(&event) }
    let mark = mark(event.start_mark)
    return (try meaning(of: event, at: mark), mark)
  }

  private func meaning(of event: yaml_event_t, at mark: Mark) throws(YamlMistake) -> Event {
    switch event.type {
    case YAML_DOCUMENT_START_EVENT:
      let document = event.data.document_start
      return .document(
        hasDirectives: document.version_directive != nil || document.tag_directives.start != document.tag_directives.end
      )
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_STREAM_END_EVENT: return .streamEnd
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      try refuse(anchor: scalar.anchor, tag: scalar.tag, at: mark)
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(Node.Scalar(string: text, style: style(scalar.style), mark: mark))
    case YAML_SEQUENCE_START_EVENT:
      try refuse(anchor: event.data.sequence_start.anchor, tag: event.data.sequence_start.tag, at: mark)
      return .sequence
    case YAML_MAPPING_START_EVENT:
      try refuse(anchor: event.data.mapping_start.anchor, tag: event.data.mapping_start.tag, at: mark)
      return .mapping
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT: return .alias
    default: return .streamStart
    }
  }

  private typealias Letters = UnsafeMutablePointer<yaml_char_t>

  private func refuse(anchor: Letters?, tag: Letters?, at mark: Mark) throws(YamlMistake) {
    if anchor != nil { throw .anchorOrAlias(at: mark) }
    if tag != nil { throw YamlMistake(mark: mark, message: "tags are not allowed: leave the word with '!' out") }
  }

  private func style(_ style: yaml_scalar_style_t) -> Node.Scalar.Style {
    switch style {
    case YAML_PLAIN_SCALAR_STYLE: .plain
    case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
    default: .quoted
    }
  }

  // MARK: Places

  private func mark(_ mark: yaml_mark_t) -> Mark {
    place.move(to: Int(clamping: mark.index), in: bytes)
    return Mark(line: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1, byte: place.byte)
  }

  // MARK: Mistakes

  private func mistake() -> YamlMistake {
    guard let problem = parser.pointee.problem.map({ String(cString: $0) }) else { return Self.noMemory }
    if parser.pointee.error == YAML_READER_ERROR {
      // What cannot be read at all has an offset in bytes and no place.
      let lines = SourceLines(String(decoding: bytes, as: UTF8.self))
      return .syntax(problem, at: lines.mark(ofByte: Int(clamping: parser.pointee.problem_offset)))
    }
    let place = mark(parser.pointee.problem_mark)
    let context = parser.pointee.context.map { String(cString: $0) } ?? ""
    let words = YamlProblem(problem, context: context, at: bytes.indices.contains(place.byte) ? bytes[place.byte] : nil)
    return .syntax(words.message, at: words.isWhereItBegan ? mark(parser.pointee.context_mark) : place)
  }
}

/// The byte at which the scalar of a number begins, found from the last one: places come in order, but for small steps
/// back.
private struct ScalarPlace {
  private var index = 0
  private(set) var byte = 0

  mutating func move(to target: Int, in bytes: UnsafeMutableBufferPointer<UInt8>) {
    // The bytes after the first of a scalar are 10xxxxxx.
    while index < target, byte < bytes.count {
      byte += 1
      while byte < bytes.count, bytes[byte] & 0xc0 == 0x80 { byte += 1 }
      index += 1
    }
    while index > target, byte > 0 {
      byte -= 1
      while byte > 0, bytes[byte] & 0xc0 == 0x80 { byte -= 1 }
      index -= 1
    }
  }
}
