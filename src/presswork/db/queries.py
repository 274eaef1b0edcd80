"""Named statements, kept as text in `.sql` files beside the code that runs them."""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

_HEADER: Final = re.compile(r"^-- name: (\w+)\(.*\)$", re.MULTILINE)


def load(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """Return the statements of one file by name. A statement starts with a line `-- name: title(parameters)`."""
    text = files(package).joinpath(file).read_text(encoding="utf-8")
    parts = _HEADER.split(text)
    return {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}
