import ReviewEngine
import ReviewWords

/// A Prometheus rule file of all rules that PromQL can say, and a comment for each that it cannot.
package struct PrometheusRules {
  private let ruleSet: RuleSet

  package init(_ ruleSet: RuleSet) { self.ruleSet = ruleSet }

  /// The PromQL of a rule, or why there is none.
  package func expression(_ rule: Rule) -> Result<String, PromQLObstacle> {
    switch rule.cause {
    case .interval, .recurrence:
      return .failure(PromQLObstacle(description: "it counts from reviews, and reviews are not in Prometheus"))
    case .event: return .failure(PromQLObstacle(description: "events are not in Prometheus"))
    case .condition(let cause):
      if rule.scope == .customer {
        return .failure(PromQLObstacle(description: "it is about all services of a customer together"))
      }
      let services = ruleSet.services.filter { rule.applies(to: $0) }
      do {
        // Without a service the reason that lies in the rule itself is still found.
        let compiled = try PromQLCompiler(
          ruleSet: ruleSet, services: services.isEmpty ? [Service(id: "x", name: "")] : services
        )
        .expression(cause)
        guard services.isEmpty else { return .success(compiled) }
      } catch { return .failure(error) }
      return .failure(
        PromQLObstacle(description: "no service that was read matches it: name the directory with services.d too"))
    }
  }

  /// The file; alerts last as long as their condition, and know neither cooldowns nor open reviews.
  package var text: String {
    var lines = [
      "# Rules of reviewd as Prometheus alerts: reviewctl rules export --prometheus",
      "# An alert lasts as long as its condition holds; it knows no cooldown and no review. Each indicator is a metric named",
      "# after its id, with _ for -, and with the label service.",
    ]
    for rule in ruleSet.rules {
      if case .failure(let obstacle) = expression(rule) {
        lines.append("# not exported: \(rule.id) (\(rule.title)): \(obstacle)")
      }
    }
    let groups = self.groups
    lines.append(groups.isEmpty ? "groups: []" : "groups:")
    for group in groups {
      lines += ["  - name: reviewd_every_\(group.every.promQL)", "    interval: \(group.every.promQL)", "    rules:"]
      lines += group.alerts.flatMap { $0 }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Alerts by the grid on which their rules are asked.
  private var groups: [(every: Elapsed, alerts: [[String]])] {
    var groups: [(every: Elapsed, alerts: [[String]])] = []
    for rule in ruleSet.rules {
      guard case .condition(let cause) = rule.cause, case .success(let expression) = expression(rule) else { continue }
      let alert = self.alert(rule, cause, expression)
      if let index = groups.firstIndex(where: { $0.every == cause.evaluateEvery }) {
        groups[index].alerts.append(alert)
      } else {
        groups.append((cause.evaluateEvery, [alert]))
      }
    }
    return groups
  }

  private func alert(_ rule: Rule, _ cause: ConditionCause, _ expression: String) -> [String] {
    var lines = ["      - alert: \(rule.id)", "        expr: \(quoted(expression))"]
    if cause.holdsFor > .zero { lines.append("        for: \(cause.holdsFor.promQL)") }
    lines += [
      "        labels: {priority: \(rule.review.priority.rawValue)}",
      "        annotations:",
      "          summary: \(quoted(rule.title))",
      "          description: \(quoted(Sentences(ruleSet: ruleSet).sentence(rule)))",
    ]
    return lines
  }

  // A brace opens a template in an annotation of Prometheus, and a quote ends a text of YAML.
  private func quoted(_ text: String) -> String { "'\(text.replacing("'", with: "''").replacing("{{", with: "{ {"))'" }
}
