"""The public URL that is stored in the database, for an installation whose environment sets none.

A process reads it once, when it starts: addresses of links, allowed hosts and cookies rest on it. The environment wins.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Self

from presswork.apps.model import AppSource
from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import Principal
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.platforms.settings import Settings

_SQL: Final = load("presswork.apps")
_NAME: Final = "public_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredURL:
    """The stored public URL."""

    url: str
    updated_at: datetime  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicURLInUse:
    """The public URL of a process, and where it was when the process started."""

    url: str | None
    source: AppSource | None

    @classmethod
    def of(cls, settings: Settings, stored: StoredURL | None = None) -> Self:
        """Return what a process uses that starts now. `settings` are those of the environment."""
        if settings.public_url is not None:
            return cls(url=settings.public_url, source=AppSource.ENVIRONMENT)
        return cls(url=None, source=None) if stored is None else cls(url=stored.url, source=AppSource.STORED)

    def put_into(self, settings: Settings) -> Settings:
        """Return the settings with this URL."""
        return settings.model_copy(update={"public_url": self.url}) if self.source is AppSource.STORED else settings

    def is_restart_needed(self, stored: StoredURL | None) -> bool:
        """Whether a process that starts now would use another one."""
        expected = None if stored is None else stored.url
        return self.source is not AppSource.ENVIRONMENT and self.url != expected


async def read_public_url(connection: "Connection | Pool") -> StoredURL | None:
    """Return the stored public URL, or None."""
    row = await connection.fetchrow(_SQL["stored_setting"], _NAME)
    return None if row is None else StoredURL(url=row["value"], updated_at=row["updated_at"])


async def store_public_url(
    connection: Connection, url: str, *, caller: Principal, now: datetime, stored_at: datetime | None
) -> None:
    """Store the public URL in the caller's transaction. `now` is the time of the audit line, `stored_at` the database's."""
    await connection.execute(_SQL["store_setting"], _NAME, url, stored_at)
    await _record(connection, Action.SYSTEM_SET_PUBLIC_URL, {"publicUrl": url}, caller=caller, now=now)


async def remove_public_url(connection: Connection, *, caller: Principal, now: datetime) -> None:
    """Remove the stored public URL in the caller's transaction. Without any, nothing changes."""
    if await connection.fetchval(_SQL["remove_setting"], _NAME) is not None:
        await _record(connection, Action.SYSTEM_REMOVE_PUBLIC_URL, {}, caller=caller, now=now)


async def _record(
    connection: Connection, action: Action, detail: dict[str, str], *, caller: Principal, now: datetime
) -> None:
    """Write the audit line, which belongs to both environments."""
    await record(
        connection,
        action,
        _NAME,
        by=caller.actor,
        organization_id=caller.organization_id,
        environment=None,
        now=now,
        detail={**detail},
    )
