#!/usr/bin/python3
"""What python-dateutil makes of recurrences: reads lines of zone, start on the wall and RRULE, with tabs between, and writes for
each the first occurrences as seconds since the epoch. A time that does not exist or comes twice is read as PEP 495 does with fold=0."""
import datetime
import sys
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

# A rule that never matches would be searched to the year 9999.
datetime.MAXYEAR = 2060
MOST, YEARS = 12, 12

for line in sys.stdin:
    zone, start, rule = line.rstrip("\n").split("\t")
    zone = ZoneInfo(zone)
    start = datetime.datetime.strptime(start, "%Y-%m-%dT%H:%M")
    # dateutil wants UNTIL in UTC exactly where the start has a zone.
    aware = rule.endswith("Z") or "Z;" in rule
    first = start.replace(tzinfo=zone) if aware else start
    end = first + datetime.timedelta(days=365 * YEARS)
    found = []
    for occurrence in rrulestr(rule, dtstart=first):
        if occurrence > end or len(found) == MOST:
            break
        local = occurrence if aware else occurrence.replace(tzinfo=zone)
        found.append(str(int(local.astimezone(datetime.timezone.utc).timestamp())))
    print(" ".join(found))
