"""Where people reach the sandbox, from which the links of test posts are made (document.sql)."""

from typing import Final

from presswork.db.pool import Pool
from presswork.db.queries import load

_SQL: Final = load("presswork.posts")


async def save_sandbox_location(pool: Pool, url: str | None) -> None:
    """Store the sandbox's URL, like http://127.0.0.1:8000/sandbox; None if it is off. Every API does so when it starts."""
    await pool.execute(_SQL["save_sandbox_location"], url)
