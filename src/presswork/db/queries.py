"""Named statements, kept as text in `.sql` files beside the code that runs them.

A line `-- include: package file.sql part(arguments)` stands for another named text, with its parameters put in: what
statements of several domains have to do alike is written once, and stays part of each of them.
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

_HEADER: Final = re.compile(r"^-- name: (\w+)\((.*)\)$", re.MULTILINE)
_INCLUDE: Final = re.compile(r"^-- include: (\S+) (\S+\.sql) (\w+)\((.*)\)$", re.MULTILINE)


def load(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the statements of one file by name. A statement starts with a line `-- name: title(parameters)`.

    Raises KeyError where an included part is not there, ValueError where its arguments are too many or too few.
    """
    return {name: _with_parts(text) for name, (_, text) in _read(package, file).items()}


def _read(package: str, file: str) -> Mapping[str, tuple[list[str], str]]:
    """Return each text of a file with the names of its parameters."""
    parts = _HEADER.split(files(package).joinpath(file).read_text(encoding="utf-8"))
    return {
        name: (_listed(parameters), body.strip().rstrip(";"))
        for name, parameters, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    }


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
