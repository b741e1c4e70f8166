import ReviewEngine
import Testing

struct HiddenCharactersTests {
  @Test(arguments: [
    ("plain text, ä, 漢字, 👍", "plain text, ä, 漢字, 👍"),
    ("\u{1b}[31mred", "\\u{1b}[31mred"), ("\u{9b}31m", "\\u{9b}31m"),
    ("pay\u{202e}fdp.exe", "pay\\u{202e}fdp.exe"), ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"),
    ("zero\u{200b}width", "zero\\u{200b}width"),
    ("one\ntwo\tthree", "one two three"),
    ("one\r\ntwo", "one\\u{d} two"), ("a\u{2028}b\u{85}c", "a\\u{2028}b\\u{85}c"),
  ])
  func whatIsHiddenIsWrittenOut(_ text: String, _ shown: String) { #expect(text.visible == shown) }

  @Test func linesStayLinesWhereTheyMay() { #expect("one\n\u{7}two".visibleLines == "one\n\\u{7}two") }
}
