import ReviewEngine
import ReviewFiles

/// The results of rule tests in the form that CI servers read: JUnit's XML, one suite a file of tests.
struct JUnitReport {
  private let report: RuleTestReport

  init(_ report: RuleTestReport) { self.report = report }

  var xml: String {
    let files = report.outcomes.reduce(into: [String]()) { files, outcome in
      if files.last != outcome.test.place.file { files.append(outcome.test.place.file) }
    }
    let suites = files.map { file in suite(file, report.outcomes.filter { $0.test.place.file == file }) } + errors
    let failures = report.outcomes.count { !$0.passed }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="reviewd rule tests" tests="\(report.outcomes.count)" failures="\(failures)" errors="\(report.diagnostics.count)">
      \(suites.joined(separator: "\n"))
      </testsuites>

      """
  }

  private func suite(_ file: String, _ outcomes: [RuleTestOutcome]) -> String {
    let cases = outcomes.map { testCase($0, file) }.joined(separator: "\n")
    let failures = outcomes.count { !$0.passed }
    return """
        <testsuite name="\(escaped(file))" tests="\(outcomes.count)" failures="\(failures)">
      \(cases)
        </testsuite>
      """
  }

  private func testCase(_ outcome: RuleTestOutcome, _ file: String) -> String {
    let head =
      #"    <testcase classname="\#(escaped(file))" name="\#(escaped(outcome.test.title))" file="\#(escaped(file))" line="\#(outcome.test.place.line)""#
    guard !outcome.passed else { return head + "/>" }
    let text = outcome.failures.map(\.description).joined(separator: "\n")
    let first = outcome.failures.first.map { "\($0.what): expected \($0.expected), got \($0.got)" } ?? ""
    return "\(head)>\n      <failure message=\"\(escaped(first))\">\(escaped(text))</failure>\n    </testcase>"
  }

  private var errors: [String] {
    report.diagnostics.isEmpty
      ? []
      : [
        """
          <testsuite name="files" tests="0" errors="\(report.diagnostics.count)">
            <system-err>\(escaped(report.diagnostics.map(\.description).joined(separator: "\n")))</system-err>
          </testsuite>
        """
      ]
  }

  /// XML 1.0 has no way to write some characters, not even escaped.
  private func escaped(_ text: String) -> String {
    let allowed = text.visibleLines.replacing("\u{fffe}", with: "\\u{fffe}").replacing("\u{ffff}", with: "\\u{ffff}")
    return allowed.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
      "\"", with: "&quot;")
  }
}
