"""The role that API and workers use: it can't change or delete a line of the audit log, whatever statement is run.

The tables belong to another role, which migrates. On a PostgreSQL of one's own the two are logins; in the embedded server
the owner logs in and steps down at once.
"""

from importlib.resources import files
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from presswork.core.errors import Invalid, Issue
from presswork.db.migrate import LOCK
from presswork.db.pool import Connection
from presswork.db.queries import load

_SQL: Final = load("presswork.db")

EMBEDDED_ROLE: Final = "presswork_app"
"""The role of API and workers in the embedded server."""


async def grant_to(connection: Connection, role: str) -> None:
    """Let a role do what API and workers do, and no more; safe to repeat, to be called by the tables' owner.

    Raises Invalid for a role that does not exist, or that could do as the owner does whatever it was granted.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await _grant(connection, role)


async def _grant(connection: Connection, role: str) -> None:
    about = await connection.fetchrow(_SQL["about_role"], role)
    if about is None:
        sentence = f"There is no role {role}. Make it first: CREATE ROLE {role} LOGIN PASSWORD '…'."
        raise Invalid([Issue("role", sentence, "unknown_role")])
    if about["is_as_owner"]:
        sentence = (
            f"{role} is a superuser, or owns the tables, or is a member of the role that does: it could change the audit log "
            "whatever it is granted. Name another role."
        )
        raise Invalid([Issue("role", sentence, "owner_role")])
    text = files("presswork.db").joinpath("app_role.sql").read_text(encoding="utf-8")
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    await connection.execute(statements.format(role=about["role"], schema=about["schema"]))


async def settle_embedded_role(connection: Connection) -> None:
    """Make the embedded server's role where it is missing, and grant it what it lacks."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if not await connection.fetchval(_SQL["has_role"], EMBEDDED_ROLE):
            await connection.execute(f"CREATE ROLE {EMBEDDED_ROLE} NOLOGIN")
        if not await connection.fetchval(_SQL["is_granted"], EMBEDDED_ROLE):
            await _grant(connection, EMBEDDED_ROLE)


def stepping_down(dsn: str) -> str:
    """Return the address of the embedded server for sessions that begin in its lesser role."""
    parts = urlsplit(dsn)
    option = f"options={quote(f'-c role={EMBEDDED_ROLE}', safe='')}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{option}" if parts.query else option))
