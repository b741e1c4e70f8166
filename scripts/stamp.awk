# stamp(SECONDS): RFC 3339 in UTC. civil_from_days of Howard Hinnant: not every awk has strftime.
function stamp(t,   days, rest, z, era, doe, yoe, doy, mp, d, m, y) {
  days = int(t / 86400); rest = t % 86400; z = days + 719468; era = int(z / 146097); doe = z - era * 146097
  yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
  doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100)); mp = int((5 * doy + 2) / 153)
  d = doy - int((153 * mp + 2) / 5) + 1; m = mp < 10 ? mp + 3 : mp - 9; y = yoe + era * 400 + (m <= 2)
  return sprintf("%04d-%02d-%02dT%02d:%02d:%02dZ", y, m, d, int(rest / 3600), int(rest / 60) % 60, rest % 60)
}
