#!/usr/bin/python3
"""What Python's zoneinfo says: reads lines of `offset ZONE SECONDS`, `wall ZONE YYYY-MM-DDTHH:MM` or `start ZONE YYYY-MM-DD` and
writes the offset in seconds, the instant of a time on the wall (fold=0), or the first instant of a day, found by looking."""
import datetime
import sys
from zoneinfo import ZoneInfo

UTC = datetime.timezone.utc


def start(zone, day):
    """The first second at which a clock shows a day, or one after it where the zone skipped it."""
    low = int(datetime.datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 40 * 3600
    def reached(seconds):
        return datetime.datetime.fromtimestamp(seconds, zone).date() >= day
    # Clocks that go back over midnight show a day for a minute, and then again: near the first hour look at every minute.
    second = low
    while not reached(second):
        second += 3600
    second -= 4 * 3600
    while not reached(second):
        second += 60
    second -= 60
    while not reached(second):
        second += 1
    return second


for line in sys.stdin:
    kind, name, value = line.split()
    zone = ZoneInfo(name)
    if kind == "offset":
        moment = datetime.datetime.fromtimestamp(int(value), zone)
        print(int(moment.utcoffset().total_seconds()))
    elif kind == "wall":
        wall = datetime.datetime.strptime(value, "%Y-%m-%dT%H:%M").replace(tzinfo=zone)
        print(int(wall.astimezone(UTC).timestamp()))
    else:
        print(start(zone, datetime.date.fromisoformat(value)))
