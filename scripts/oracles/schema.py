#!/usr/bin/python3
"""Checks YAML files against the JSON Schemas: reads lines of schema and file, with a tab between, and writes `valid` or what is wrong."""
import json
import sys
from pathlib import Path

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """Scalars as reviewd reads them: dates are texts, and only true and false are booleans."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", __import__("re").compile("^(true|false)$"), list("tf"))

validators = {}


def validator(path):
    if path not in validators:
        schema = json.loads(Path(path).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        resolver = jsonschema.RefResolver(Path(path).as_uri(), schema)
        validators[path] = jsonschema.Draft202012Validator(schema, resolver=resolver)
    return validators[path]


for line in sys.stdin:
    schema, path = line.rstrip("\n").split("\t")
    try:
        error = jsonschema.exceptions.best_match(validator(schema).iter_errors(yaml.load(Path(path).read_text(), Loader)))
        print("valid" if error is None else f"{error.json_path}: {error.message}".replace("\n", " ")[:300])
    except yaml.YAMLError as error:
        print(f"no YAML: {str(error)}".replace("\n", " ")[:300])
