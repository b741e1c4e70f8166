import ReviewEngine

/// What readers of facts know beside the log: names and people as they are now, and since when rules know their
/// subjects.
struct Scene {
  let ruleSet: RuleSet
  let subject: (SubjectID) -> Subject?
}
