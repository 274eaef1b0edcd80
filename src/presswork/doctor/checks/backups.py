"""Check of the backups: what can't be restored from elsewhere must have one."""

from datetime import timedelta
from typing import Final

from presswork.db.embedded import is_embedded
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.doctor.model import BACKUP_IS_OLD_AFTER, Finding, ok, warn
from presswork.platforms.settings import Settings

_SQL: Final = load("presswork.doctor.checks", "checks.sql")
_NAME: Final = "backup"
_FIX: Final = "Run `presswork backup FILE` every night: docs/backup-and-restore.md."


async def backup(settings: Settings, connection: Connection) -> Finding:
    """Check that a recent backup exists, if accounts of live projects are connected."""
    row = await connection.fetchrow(_SQL["backups_and_live_accounts"])
    if row is None:
        raise RuntimeError("the database returned no row about its backups")
    return backup_of(row["age"], has_live_accounts=row["has_live_accounts"], embedded=is_embedded(settings))


def backup_of(age: timedelta | None, *, has_live_accounts: bool, embedded: bool) -> Finding:
    """Return the finding about the newest backup; `age` is None if `presswork backup` has written none."""
    if age is None:
        if not has_live_accounts:
            return ok(_NAME, "none yet; needed as soon as accounts of live projects are connected")
        if not embedded:
            return ok(_NAME, "none by `presswork backup`; backups that the database server makes are not visible here")
        return warn(_NAME, "There is none, and accounts of live projects are connected: they would be lost.", _FIX)
    if has_live_accounts and age > BACKUP_IS_OLD_AFTER:
        return warn(_NAME, f"The newest one is {age / timedelta(days=1):.0f} days old.", _FIX)
    return ok(_NAME, f"the newest one is {age / timedelta(hours=1):.0f} hours old")
