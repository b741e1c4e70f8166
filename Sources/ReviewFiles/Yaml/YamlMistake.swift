/// Why a text is no YAML, or none of the YAML that files of reviewd are written in.
package struct YamlMistake: Error {
  let mark: Mark
  package let message: String

  /// What the grammar does not allow.
  static func syntax(_ message: String, at mark: Mark) -> YamlMistake {
    YamlMistake(mark: mark, message: "not valid YAML: \(message)")
  }

  static func anchorOrAlias(at mark: Mark) -> YamlMistake {
    YamlMistake(mark: mark, message: "anchors and aliases are not allowed: write the value out")
  }
}
