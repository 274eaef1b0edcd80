"""Load named statements from the `.sql` files of the domains.

A line `-- include: package file.sql part(arguments)` is replaced by another named text with its parameters substituted, so
that statements of several domains can share a part.

A first line `-- plan: generic` or `-- plan: custom` of a statement declares its plan mode; as the first line of a file, that
of each statement of the file. The line stays in the text that is sent, where the pool reads it (db/pool.py).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final

_HEADER: Final = re.compile(r"^-- name: (\w+)\((.*)\)$", re.MULTILINE)
_INCLUDE: Final = re.compile(r"^-- include: (\S+) (\S+\.sql) (\w+)\((.*)\)$", re.MULTILINE)
_PLAN: Final = "-- plan: "


class Plan(StrEnum):
    """Plan mode of a statement. Without one, PostgreSQL decides."""

    GENERIC = (
        "generic"  # one plan per connection: for hot statements, where planning costs more than a better plan saves
    )
    CUSTOM = "custom"  # planned at each call for its arguments: for lists, where a cached plan can be wrong for the next page


@lru_cache(maxsize=1024)
def plan_of(statement: str) -> Plan | None:
    """Return the plan mode that a statement declares. Raises ValueError for an unknown one."""
    if not statement.startswith(_PLAN):
        return None
    return Plan(statement[len(_PLAN) : statement.index("\n")])


def load(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the statements of a file by name. A statement starts with a line `-- name: title(parameters)`.

    Raises KeyError if an included part does not exist, ValueError if it has another number of parameters.
    """
    return {name: _with_parts(text) for name, (_, text) in _read(package, file).items()}


def _read(package: str, file: str) -> Mapping[str, tuple[list[str], str]]:
    """Return each statement of a file with its parameter names."""
    preamble, *parts = _HEADER.split(files(package).joinpath(file).read_text(encoding="utf-8"))
    plan = preamble.partition("\n")[0]
    return {
        name: (_split_list(parameters), _with_plan(plan, body.strip().rstrip(";")))
        for name, parameters, body in zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
    }


def _with_plan(plan: str, body: str) -> str:
    """Return a statement with the plan mode of its file, unless it declares its own."""
    return f"{plan}\n{body}" if plan.startswith(_PLAN) and not body.startswith(_PLAN) else body


def _with_parts(text: str) -> str:
    def part(found: "re.Match[str]") -> str:
        package, file, name, arguments = found.groups()
        parameters, body = _read(package, file)[name]
        for parameter, argument in zip(parameters, _split_list(arguments), strict=True):
            body = body.replace(f"{{{parameter}}}", argument)
        return _with_parts(body)

    return _INCLUDE.sub(part, text)


def _split_list(text: str) -> list[str]:
    """Split a list at the commas outside parentheses."""
    items, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            items.append("")
        else:
            items[-1] += character
    return [item.strip() for item in items if item.strip()]
