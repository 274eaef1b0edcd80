"""Named statements, kept as text in `.sql` files beside the code that runs them.

A line `-- include: package file.sql part(arguments)` stands for another named text, with its parameters put in: what
statements of several domains have to do alike is written once, and stays part of each of them.

A statement whose first line is `-- plan: generic` or `-- plan: custom` declares how PostgreSQL plans it; as the first line of
a file it is declared for each of its statements. The line stays part of the text that is sent: the pool reads it there
(db/pool.py).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from importlib.resources import files
from typing import Final

_HEADER: Final = re.compile(r"^-- name: (\w+)\((.*)\)$", re.MULTILINE)
_INCLUDE: Final = re.compile(r"^-- include: (\S+) (\S+\.sql) (\w+)\((.*)\)$", re.MULTILINE)
_PLAN: Final = "-- plan: "


class Plan(StrEnum):
    """How PostgreSQL plans a statement; one that declares nothing is left to PostgreSQL."""

    GENERIC = (
        "generic"  # once per connection, for any arguments: hot statements, whose planning costs more than it brings
    )
    CUSTOM = "custom"  # at each call, for its arguments: lists, where one kept plan can be wrong for the next page


def plan_of(statement: str) -> Plan | None:
    """Return the plan that a statement declares. Raises ValueError for a word that is none."""
    if not statement.startswith(_PLAN):
        return None
    return Plan(statement[len(_PLAN) : statement.index("\n")])


def load(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the statements of one file by name. A statement starts with a line `-- name: title(parameters)`.

    Raises KeyError where an included part is not there, ValueError where its arguments are too many or too few.
    """
    return {name: _with_parts(text) for name, (_, text) in _read(package, file).items()}


def _read(package: str, file: str) -> Mapping[str, tuple[list[str], str]]:
    """Return each text of a file with the names of its parameters."""
    preamble, *parts = _HEADER.split(files(package).joinpath(file).read_text(encoding="utf-8"))
    plan = preamble.partition("\n")[0]
    return {
        name: (_listed(parameters), _declaring(plan, body.strip().rstrip(";")))
        for name, parameters, body in zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
    }


def _declaring(plan: str, body: str) -> str:
    """Return a statement with the plan of its file, unless that declares none or the statement declares its own."""
    return f"{plan}\n{body}" if plan.startswith(_PLAN) and not body.startswith(_PLAN) else body


def _with_parts(text: str) -> str:
    def part(found: "re.Match[str]") -> str:
        package, file, name, arguments = found.groups()
        parameters, body = _read(package, file)[name]
        for parameter, argument in zip(parameters, _listed(arguments), strict=True):
            body = body.replace(f"{{{parameter}}}", argument)
        return _with_parts(body)

    return _INCLUDE.sub(part, text)


def _listed(text: str) -> list[str]:
    """Split at the commas that are not within parentheses."""
    items, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and not depth:
            items.append("")
        else:
            items[-1] += character
    return [item.strip() for item in items if item.strip()]
