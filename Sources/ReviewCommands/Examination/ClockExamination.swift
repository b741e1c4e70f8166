import CLinux
import Glibc
import ReviewAPI

/// Looks whether the clock of this machine is kept right.
struct ClockExamination {
  func finding() -> HealthFinding {
    var state = timex()
    let answer = adjtimex(&state)
    if answer < 0 {
      return HealthFinding(
        "clock", .warning, "cannot tell whether the clock is synchronised: \(String(cString: strerror(errno)))")
    }
    // TIME_ERROR, STA_UNSYNC of adjtimex(2).
    if answer == 5 || state.status & 0x40 != 0 {
      return HealthFinding(
        "clock", .warning, "the clock of this machine is not synchronised",
        advice: "rules are asked as of its time: timedatectl set-ntp true, or install chrony")
    }
    return HealthFinding("clock", .ok, "the clock of this machine is synchronised")
  }
}
