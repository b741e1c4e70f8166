import ReviewEngine
import ReviewStore

/// Rules that ask elsewhere are evaluated at their instants in a line of their own, as soon as their answers have come
/// or their time is up: no other rule and nobody who sends something waits for them.
extension Keeper {
  /// When a subject needs an evaluation of its own, unless that waits for answers already.
  func nextOwnInstant(of subject: Subject, at now: Instant) -> Instant? {
    evaluation.nextOwnInstant(of: subject, at: now, besides: awaited.factors.contains(subject.id) ? awaited.rules : [])
  }

  /// Lets an instant wait for what its rules ask elsewhere, and for the factors of subjects that were woken for them.
  func awaitAnswers(for due: [Rule], _ occasion: Occasion, _ woken: [SubjectID]) {
    guard !awaited.rules.isEmpty else { return }
    let (instant, elsewhere) = (occasion.instant, awaited.rules)
    if !due.isEmpty {
      // After a crash in the middle of one of these.
      let isInterrupted = !occasion.evaluatesConditions && interruption(of: instant) != nil
      let (subjects, through) =
        isInterrupted ? (leftOver(at: instant), interruption(of: instant)?.through) : (subjectOrder, nil)
      let number = nextWorkNumber()
      awaited.append { now in
        let (asking, isLate) = occasion.deferred(to: now, only: Set(due.map(\.id)), evaluatesConditions: true)
        return InstantInWork(
          asking, number: number, rules: due, isOnGrid: true, isLate: isLate, isElsewhere: true, subjects: subjects,
          through: through)
      }
    }
    let waiting = woken.filter { key in
      guard let subject = subjects[key], !awaited.factors.contains(key) else { return false }
      return evaluation.awaitsFactors(of: elsewhere, subject, at: instant)
    }
    guard !waiting.isEmpty else { return }
    let number = nextWorkNumber()
    awaited.append(factorsOf: waiting) { now in
      let (asking, isLate) = occasion.deferred(to: now, only: elsewhere, evaluatesConditions: false)
      return InstantInWork(asking, number: number, isLate: isLate, isElsewhere: true, subjects: waiting)
    }
  }

  /// Takes up what was answered, else asks for what waits next.
  func goOnElsewhere() {
    if work == nil { work = awaited.takeAnswered() }
    guard !(work?.isElsewhere ?? false), let next = awaited.next(at: clock.now()) else { return }
    let subjects = next.portion(.max).compactMap { self.subjects[$0] }
    Task { [evaluation, answerer] in
      let questions = await Task.detached { evaluation.questions(next.occasion, subjects: subjects) }.value
      let unknown = questions.filter { next.answers[$0] == nil }
      noteAnswers(await answerer.answersInTime(to: unknown, isLate: next.isLate), for: next.number)
    }
  }

  private func noteAnswers(_ answers: Answers, for number: Int) {
    if awaited.note(answers, for: number) { wake(at: .distantPast) }
  }

  /// Asks anew, because something changed while it was asked.
  func askAgainElsewhere() {
    guard let changed = work else { return }
    work = nil
    awaited.putBack(changed)
  }

  func endElsewhere(_ ended: InstantInWork) {
    guard !ended.isOnGrid else { return }
    awaited.end(factorsOf: ended.subjects)
    let now = clock.now()
    for key in ended.subjects {
      if let subject = subjects[key] { scheduler.expect(nextOwnInstant(of: subject, at: now), for: key) }
    }
  }
}

extension Occasion {
  /// The same instant for some rules alone, asked about later; it may have become late meanwhile.
  fileprivate func deferred(
    to now: Instant, only rules: Set<String>, evaluatesConditions: Bool
  ) -> (occasion: Occasion, isLate: Bool) {
    let isLate = now - instant > Keeper.toleratedLateness
    var asking = Occasion(
      instant: instant, recordedAt: isLate ? now : instant, evaluatesConditions: evaluatesConditions,
      opensIntervals: !isLate)
    asking.excludedRules = excludedRules
    asking.part = .waited(only: rules)
    return (asking, isLate)
  }
}
