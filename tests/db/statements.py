"""All named statements of all `.sql` files, as the program loads them."""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final

from presswork.db.queries import load

_ROOT: Final = Path(str(files("presswork")))
_HEADER: Final = re.compile(r"^-- name: (\w+)\((.*)\)$", re.MULTILINE)
PARTS: Final = frozenset(
    {
        "accounts/lists.sql",
        "audit/lists.sql",
        "comments/lists.sql",
        "content/lists.sql",
        "links/lists.sql",
        "orgs/lists.sql",
        "people/lists.sql",
        "events/document.sql",
        "notices/columns.sql",
        "exports/columns.sql",
        "insights/lists.sql",
        "lifecycle/columns.sql",
        "posts/lists.sql",
        "projects/lists.sql",
        "provisioning/lists.sql",
        "posts/parts.sql",
        "queues/columns.sql",
        "recurrences/columns.sql",
        "webhooks/columns.sql",
        "events/outbox.sql",
        "platforms/options.sql",
        "worker/parts.sql",
    }
)
"""Parts of other statements, which can't run separately."""


def sql_files() -> list[str]:
    """Return the files with named statements, relative to the package."""
    found = (path.relative_to(_ROOT).as_posix() for path in _ROOT.rglob("*.sql"))
    return sorted(file for file in found if "-- name: " in (_ROOT / file).read_text("utf-8"))


def declared(file: str) -> Mapping[str, list[str]]:
    """Return the parameters that each statement of a file declares."""
    text = (_ROOT / file).read_text("utf-8")
    return {name: [one for one in listed.split(",") if one.strip()] for name, listed in _HEADER.findall(text)}


def text_of(file: str) -> str:
    """Return a file's text."""
    return (_ROOT / file).read_text("utf-8")


def _load_all() -> dict[tuple[str, str], str]:
    statements: dict[tuple[str, str], str] = {}
    for file in sql_files():
        if file not in PARTS:
            folder, _, name = file.rpartition("/")
            loaded = load(f"presswork.{folder.replace('/', '.')}", name)
            statements |= {(file, statement): text for statement, text in loaded.items()}
    return statements


STATEMENTS: Final = _load_all()
