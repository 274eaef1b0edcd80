"""The database role of the API and the workers, which has no permission to change or delete audit log entries.

The tables belong to another role, which runs the migrations. Each logs in with its own password, and the lesser role is a
member of no other, so no statement of the API or a worker gets the owner's permissions. Logging in as the owner and switching
roles would not protect anything: a session can always switch back (`SET ROLE NONE`).
"""

from collections.abc import Callable
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


async def ensure_embedded_login(connection: Connection, password: Callable[[], str]) -> str:
    """Let the embedded server's role log in with a password, and return that password.

    `password` reads the password or creates it, and is called under a lock. The role gets it every time: a role that could
    not log in yet, a file that was deleted and a process that was killed in between need nothing else.
    """
    await ensure_embedded_role(connection)
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        found = password()
        await connection.execute(
            "SET LOCAL log_min_error_statement = panic"
        )  # the next statement has the password in it
        await connection.execute(await connection.fetchval(_SQL["login_statement"], EMBEDDED_ROLE, found))
    return found


def as_embedded_role(dsn: str, password: str) -> str:
    """Return the URL of the embedded server for the login of API and workers."""
    parts = urlsplit(dsn)
    server = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{EMBEDDED_ROLE}:{quote(password, safe='')}@{server}"))
