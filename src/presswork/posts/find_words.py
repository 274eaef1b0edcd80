"""Find content, posts, accounts and projects by the beginnings of words, as a person types them."""

from typing import Final

from presswork.callers.model import Principal
from presswork.db.found_page import MAX_SCANNED
from presswork.db.pool import Pool
from presswork.db.queries import load
from presswork.posts.model import Status

_SQL: Final = load("presswork.posts", "find_words.sql")
MAX_FOUND: Final = 10
"""Of each kind."""


async def find_words(pool: Pool, text: str, *, visible_to: Principal, max_scanned: int = MAX_SCANNED) -> str:
    """Return as JSON what the caller sees in which every word of a text begins a word; MAX_FOUND of each kind, the latest first.

    Words are those of captions, of labels (all in either), of handles, the names that accounts show, and names of projects.
    """
    (row,) = await pool.fetch(
        _SQL["find_words"],
        visible_to.organization_id,
        visible_to.environment.value,
        None if visible_to.project_ids is None else sorted(visible_to.project_ids),
        text,
        MAX_FOUND,
        max_scanned,
        [status.value for status in Status],
    )
    members = ",".join(f'"{name}":{row[name]}' for name in ("content", "posts", "accounts", "projects"))
    return f"{{{members}}}"
