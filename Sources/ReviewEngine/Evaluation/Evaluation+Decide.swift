/// Ask, answer, decide: whoever answers may wait, and what is decided depends on the answers alone.
extension Evaluation {
  /// What an occasion needs to know of the world: each question once, by rule, subject and service.
  package func questions(_ occasion: Occasion, subjects: [Subject]) -> [Question] {
    var (subjects, verdict, lookup) = (subjects, Verdict(), AnswerLookup(Answers()))
    begin(occasion, &subjects, &verdict)
    _ = ask(occasion, subjects, &lookup)
    return lookup.missing
  }

  /// Decides one occasion for the subjects: services by id, then customers by id.
  ///
  /// - Throws: where an answer is missing, because something changed since the questions were asked; nothing has
  ///   happened to the subjects then.
  package func decide(_ occasion: Occasion, subjects: inout [Subject], answers: Answers) throws(Unanswered) -> Verdict {
    let before = occasion.isAboutChanges ? subjects : nil
    var (verdict, lookup) = (Verdict(), AnswerLookup(answers))
    begin(occasion, &subjects, &verdict)
    let asked = ask(occasion, subjects, &lookup)
    guard lookup.missing.isEmpty else {
      if let before { subjects = before }
      throw Unanswered(questions: lookup.missing)
    }
    decide(occasion, asked, &subjects, &verdict)
    return verdict
  }

  /// Asks a source that answers at once, and decides.
  package func decide(_ occasion: Occasion, subjects: inout [Subject], series: inout some SeriesSource) throws
    -> Verdict
  {
    let answers = try series.answers(to: questions(occasion, subjects: subjects))
    return try decide(occasion, subjects: &subjects, answers: answers)
  }

  /// What comes before anything is asked.
  private func begin(_ occasion: Occasion, _ subjects: inout [Subject], _ verdict: inout Verdict) {
    for commanded in occasion.commands { follow(commanded, &subjects, &verdict, at: occasion.instant) }
    for opening in occasion.openingsByHand { open(opening, &subjects, &verdict, at: occasion.instant) }
    forget(occasion.changedRules, &subjects)
    if occasion.recounts { recount(&subjects, &verdict, at: occasion.recordedAt) }
    meet(&subjects, at: occasion.instant)
  }

  private func decide(_ occasion: Occasion, _ asked: [AskedRule], _ subjects: inout [Subject], _ verdict: inout Verdict)
  {
    guard !occasion.isReload else { return }
    let customers = askingPlaces(subjects)
    for index in subjects.indices where subjects[index].isInService(at: occasion.instant) {
      var evaluation = SubjectEvaluation(
        subject: subjects[index], evaluation: self, occasion: occasion, verdict: verdict)
      // Their places are emptied while it is evaluated: two holders would make of each change a copy of the whole
      // history, and of each decision one of all decisions before it.
      subjects[index] = Self.nobody
      verdict = Verdict()
      evaluation.run(subjects.count == 1 ? asked : asked.compactMap { $0.part(of: index) })
      subjects[index] = evaluation.subject
      verdict = evaluation.verdict
      // Customers come after their services, and see what just happened to them.
      guard let service = subjects[index].id.service, let place = customer(asking: service).flatMap({ customers[$0] })
      else { continue }
      subjects[place].serviceRecords[service] = subjects[index].records
    }
  }

  /// Where the customers stand whose rules ask for reviews.
  private func askingPlaces(_ subjects: [Subject]) -> [String: Int] {
    guard !askingCustomers.isEmpty else { return [:] }
    return Dictionary(
      subjects.indices.compactMap { index in
        subjects[index].id.customer.flatMap { askingCustomers.contains($0) ? ($0, index) : nil }
      }, uniquingKeysWith: { first, _ in first })
  }

  private static let nobody = Subject(service: Service(id: "", name: ""), firstLoadedOn: Day(number: 0))

  // A rule that adapts needs to know what was reviewed before it is asked anything.
  private func meet(_ subjects: inout [Subject], at instant: Instant) {
    for asking in askingRules where asking.isInterval {
      for index in subjects.indices where subjects[index].id.scope == asking.rule.scope {
        guard subjects[index].progress[asking.rule.id] == nil, !subjects[index].records.isEmpty,
          subjects[index].isInService(at: instant),
          subjects[index].services.contains(where: { asking.services.contains($0.id) })
        else { continue }
        let day = subjects[index].zone.day(of: instant)
        subjects[index].progress[asking.rule.id] = subjects[index].progress(of: asking.rule, meetingOn: day)
      }
    }
  }
}
