"""The database role of the API and the workers, which has no permission to change or delete audit log entries.

The tables belong to another role, which runs the migrations. On an external server both roles log in; on the embedded
server the owner logs in and sessions switch to the lesser role at once.
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
"""Role of the API and the workers in the embedded server."""


async def grant_to(connection: Connection, role: str) -> None:
    """Grant a role the permissions that the API and the workers need. Must run as the owner of the tables; idempotent.

    Raises Invalid for a role that does not exist, or that has the owner's permissions in any case.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        await _grant(connection, role)


async def _grant(connection: Connection, role: str) -> None:
    about = await connection.fetchrow(_SQL["about_role"], role)
    if about is None:
        sentence = f"The role {role} does not exist. Create it first: CREATE ROLE {role} LOGIN PASSWORD '…'."
        raise Invalid([Issue("role", sentence, "unknown_role")])
    if about["is_as_owner"]:
        sentence = (
            f"{role} is a superuser, owns the tables, or is a member of the owner, so it can always change the audit log. "
            "Use another role."
        )
        raise Invalid([Issue("role", sentence, "owner_role")])
    text = files("presswork.db").joinpath("app_role.sql").read_text(encoding="utf-8")
    statements = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    await connection.execute(statements.format(role=about["role"], schema=about["schema"]))


async def ensure_embedded_role(connection: Connection) -> None:
    """Create the embedded server's role if it does not exist, and grant its permissions."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if not await connection.fetchval(_SQL["has_role"], EMBEDDED_ROLE):
            await connection.execute(f"CREATE ROLE {EMBEDDED_ROLE} NOLOGIN")
        if not await connection.fetchval(_SQL["is_granted"], EMBEDDED_ROLE):
            await _grant(connection, EMBEDDED_ROLE)


def as_embedded_role(dsn: str) -> str:
    """Return the URL of the embedded server for sessions that start with the lesser role."""
    parts = urlsplit(dsn)
    option = f"options={quote(f'-c role={EMBEDDED_ROLE}', safe='')}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{option}" if parts.query else option))
