#!/usr/bin/python3
"""What PyYAML's own parser, which shares no code with libyaml, finds in each text.

Input: a JSON string a line. Output: for each a JSON list of what was found in order, or an object with the error.
"""
import json
import sys

import yaml


def outline(text):
    found = []
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        place = f"{event.start_mark.line + 1}:{event.start_mark.column + 1}"
        special = [name for name in ("anchor", "tag", "version", "tags") if getattr(event, name, None)]
        if special:
            return {"error": "has " + ", ".join(special)}
        if isinstance(event, yaml.ScalarEvent):
            style = {None: "plain", "": "plain", "|": "block", ">": "block"}.get(event.style, "quoted")
            # Where nothing is, is nowhere in particular.
            found.append(f"{'' if style == 'plain' and not event.value else place} {style} {event.value}")
        elif isinstance(event, yaml.CollectionStartEvent):
            found.append(f"{place} {'mapping' if isinstance(event, yaml.MappingStartEvent) else 'list'}")
        elif isinstance(event, yaml.CollectionEndEvent):
            found.append("end")
        elif isinstance(event, yaml.DocumentStartEvent) and "document" in found:
            return {"error": "another document"}
        elif isinstance(event, yaml.DocumentStartEvent):
            found.append("document")
    return found


for line in sys.stdin:
    try:
        answer = outline(json.loads(line))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        answer = {"error": str(error).replace("\n", " ")}
    print(json.dumps(answer))
