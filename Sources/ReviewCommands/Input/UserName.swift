import Glibc

/// The name of the user who runs this.
func userName() -> String {
  guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "\(getuid())" }
  return String(cString: name)
}
