import Foundation
import ReviewEngine
import ReviewFiles
import TestSupport
import Testing

struct Expected: Codable, Hashable, CustomStringConvertible {
  let rule: String, service: String, opened: String, due: String
  let completed: String?
  let triggers: Int
  var description: String {
    "\(rule) \(service) opened \(opened) due \(due) completed \(completed ?? "-") triggers \(triggers)"
  }
}

struct History: Sendable, CustomTestStringConvertible {
  let name: String, data: String, from: String, to: String
  var testDescription: String { name }
}

@Suite(.enabled(if: Shared.root != nil, "\(Shared.missing)"))
struct AcceptanceTests {
  @Test(arguments: [
    History(name: "digital-editions", data: "data/digital-editions", from: "2026-01-20", to: "2026-08-22"),
    History(name: "edges", data: "acceptance/edges", from: "2026-03-05", to: "2026-05-10"),
  ])
  func theCentreFindsExactlyTheExpectedReviews(_ history: History) throws {
    let root = try #require(Shared.root)
    let read = RuleSetReader.read(try RuleDirectories(["\(root)/acceptance/\(history.name)"]).files())
    #expect(read.diagnostics.map(\.description) == [])
    let ruleSet = try #require(read.ruleSet)
    let (samples, events) = try load("\(root)/\(history.data)")
    let simulation = Simulation(
      evaluation: Evaluation(ruleSet: ruleSet), from: try #require(Instant(history.from)),
      to: try #require(Instant(history.to)))
    var found: [Expected] = []
    for service in ruleSet.services {
      var series = SubjectHistory(samples: samples, events: events[service.id] ?? [])
      let subject = Subject(service: service, firstLoadedOn: service.zone.day(of: simulation.from))
      for review in try simulation.run(subject, events: events[service.id] ?? [], series: &series).reviews {
        found.append(
          Expected(
            rule: review.rule, service: review.services[0], opened: review.opened.description,
            due: review.due.description,
            completed: review.completed?.description, triggers: review.triggers.count))
      }
    }
    let expected = try JSONDecoder().decode(
      [Expected].self, from: Data(contentsOf: URL(fileURLWithPath: "\(root)/acceptance/\(history.name)/expected.json")))
    #expect(Set(found).subtracting(expected).map(\.description).sorted() == [])
    #expect(Set(expected).subtracting(found).map(\.description).sorted() == [])
    #expect(found.count == expected.count)
  }

  private func load(_ path: String) throws -> ([SubjectHistory.SeriesKey: [Sample]], [String: [Event]]) {
    var samples: [SubjectHistory.SeriesKey: [Sample]] = [:]
    for line in try String(contentsOfFile: path + "/samples.csv", encoding: .utf8).split(whereSeparator: \.isNewline)
      .dropFirst()
    {
      let fields = line.split(separator: ",")
      let sample = Sample(time: try #require(Instant(fields[0])), value: try #require(DecimalValue(fields[3])))
      samples[SubjectHistory.SeriesKey(service: String(fields[1]), indicator: String(fields[2])), default: []].append(
        sample)
    }
    var events: [String: [Event]] = [:]
    for line in try String(contentsOfFile: path + "/events.jsonl", encoding: .utf8).split(whereSeparator: \.isNewline) {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let data = try #require(object["data"] as? [String: Any])
      let event = Event(
        identity: EventIdentity(source: object["source"] as! String, id: object["id"] as! String),
        type: object["type"] as! String,
        service: object["subject"] as! String, time: try #require(Instant(object["time"] as! String)),
        attributes: ["severity": .number(DecimalValue(mantissa: Int64(data["severity"] as! Int)))])
      events[event.service, default: []].append(event)
    }
    return (
      samples.mapValues { $0.sorted { $0.time < $1.time } },
      events.mapValues { $0.sorted { ($0.time, $0.identity) < ($1.time, $1.identity) } }
    )
  }
}
