import ArgumentParser
import Foundation
import ReviewAPI

struct DoctorVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check permissions, journal, socket, clock, disk, database and rules, and say what to do.",
    discussion:
      "Exits with 0 if nothing failed, with 1 if something did. It also says what keeps a daemon from running.")

  @OptionGroup var global: GlobalOptions

  private static let longestSeconds: Int64 = 600

  func run() async throws {
    let findings = await examined() + [ClockExamination().finding()]
    let diagnosis = Diagnosis(version: reviewdVersion, findings: findings)
    try global.show(diagnosis) { diagnosis.findings.flatMap(lines) + ["", summary(diagnosis)] }
    if findings.contains(where: { $0.verdict == .failed }) { throw ExitCode(1) }
  }

  private func examined() async -> [HealthFinding] {
    let socket = SocketExamination(path: global.socketPath)
    do {
      let diagnosis = try await global.client(timeoutSeconds: Self.longestSeconds).diagnosis()
      return [socket.answered(version: diagnosis.version)] + diagnosis.findings
    } catch let problem as Problem {
      return [socket.refused(problem)] + FileExamination().findings()
    } catch {
      return socket.unanswered(error) + FileExamination().findings()
    }
  }

  private func lines(_ finding: HealthFinding) -> [String] {
    let (mark, urgency): (String, Urgency) =
      switch finding.verdict {
      case .ok: ("ok", .planned)
      case .warning: ("look", .soon)
      case .failed: ("wrong", .late)
      }
    let indentation = 21
    let width = min(Terminal.output.width, 110) - indentation
    let advice = (finding.advice ?? "").wrapped(to: width - 2).enumerated().map {
      ($0.offset == 0 ? "→ " : "  ") + $0.element
    }
    let message = finding.message.wrapped(to: width) + advice
    let head = "  " + mark.padded(to: 6).coloured(urgency) + " " + finding.about.padded(to: 12)
    return message.enumerated().map {
      $0.offset == 0 ? head + $0.element : String(repeating: " ", count: indentation) + $0.element
    }
  }

  private func summary(_ diagnosis: Diagnosis) -> String {
    let failed = diagnosis.findings.count { $0.verdict == .failed }
    let warned = diagnosis.findings.count { $0.verdict == .warning }
    if failed == 0, warned == 0 { return "All is well." }
    return [failed > 0 ? "\(failed) wrong" : nil, warned > 0 ? "\(warned) to look at" : nil].compactMap { $0 }.joined(
      separator: ", ") + "."
  }
}
