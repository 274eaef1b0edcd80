"""Replace the primary key while everything runs. Each step may be the last one; the next run continues from there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.audit.model import Action
from presswork.audit.record import record
from presswork.callers.model import COMMAND_LINE
from presswork.core.clock import Clock
from presswork.core.ids import ACCOUNT, public_id
from presswork.crypto.keyring import add_key, drop_key, label_of, load_keyring
from presswork.db.pool import Connection
from presswork.media.links import PAGE_LIFETIME
from presswork.platforms.settings import Settings
from presswork.secretkeys.inventory import SQL, key_inventory
from presswork.secretkeys.model import NoFreshKey
from presswork.secretkeys.primary import settle_primary
from presswork.secretkeys.re_encrypt import re_encrypt

_RETRY_EVERY: Final = timedelta(seconds=1)
_PROVIDER_LINKS_OUTLAST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The state of a rotation when the command ends."""

    primary: str
    resumed: bool  # an earlier rotation was continued; the primary is the same as before
    changed: int  # values that this run re-encrypted; workers may have re-encrypted others
    remaining: int  # values that former keys still encrypt
    broken: int  # values that no key here decrypts


async def rotate(
    connection: Connection, settings: Settings, *, clock: Clock, patience: timedelta, report: Callable[[str], None]
) -> Rotated:
    """Make a new key the primary and re-encrypt everything with it, or continue a rotation that was begun.

    The key is the first of PRESSWORK_SECRET_KEYS, or a new one in the key file, which running processes read again before they
    encrypt. Raises NoFreshKey, KeyMissing, KeyNotAnnounced, Unavailable.
    """
    keyring = load_keyring(settings)
    former = await connection.fetchval(SQL["primary_key"])
    await settle_primary(connection, keyring, now=clock.now())
    is_new = former is not None and keyring.primary != former
    resumed = not is_new and (await key_inventory(connection)).to_re_encrypt() > 0
    if not is_new and not resumed:
        if settings.secret_keys is not None:
            raise NoFreshKey(
                "The first key of PRESSWORK_SECRET_KEYS has been the primary already. Append a new one on every machine "
                "(`presswork config --new-key` prints one) and restart the processes; then put it first, restart them again, and "
                "run this again.",
                key=keyring.fingerprints()[0],
            )
        add_key(settings)
        await settle_primary(connection, keyring, now=clock.now())
    report(f"Continuing the rotation to {keyring.primary}." if resumed else f"The primary is {keyring.primary} now.")
    return await re_encrypt_all(connection, settings, clock=clock, patience=patience, resumed=resumed)


async def re_encrypt_all(
    connection: Connection, settings: Settings, *, clock: Clock, patience: timedelta, resumed: bool = True
) -> Rotated:
    """Re-encrypt everything with the primary that is configured. Raises KeyMissing, KeyNotAnnounced, Unavailable."""
    keyring, changed, ends_at = load_keyring(settings), 0, clock.uptime() + patience
    while True:
        done = await re_encrypt(connection, keyring)
        changed += done.changed
        remaining = (await key_inventory(connection)).to_re_encrypt()
        is_over = not done.changed and remaining <= done.broken
        if is_over or not remaining or clock.uptime() >= ends_at:
            return Rotated(
                primary=keyring.primary, resumed=resumed, changed=changed, remaining=remaining, broken=done.broken
            )
        await clock.sleep(_RETRY_EVERY)


def links_last(settings: Settings) -> timedelta:
    """Return how long a link that is signed now can be valid, by these settings."""
    return max(
        PAGE_LIFETIME,
        settings.upload_url_lifetime,
        settings.media_url_lifetime,
        settings.managed_deadline_live + _PROVIDER_LINKS_OUTLAST,
        settings.managed_deadline_test + _PROVIDER_LINKS_OUTLAST,
    )


async def retire(connection: Connection, settings: Settings, key_id: str, *, break_links: bool, now: datetime) -> None:
    """Retire a key that is no longer needed, and remove it from the key file. Raises KeyNotKnown, KeyInUse."""
    async with connection.transaction():
        await connection.execute(SQL["lock_periods"])
        found = await key_inventory(connection)
        found.require_retirable(key_id, links_last=links_last(settings), now=now, break_links=break_links)
        await connection.execute(SQL["retire"], key_id, now)
    if settings.secret_keys is None:
        drop_key(settings, key_id)


async def give_up_lost(connection: Connection, settings: Settings, key_id: str, *, now: datetime) -> int:
    """Continue without a key that is permanently lost; return how many accounts must be connected again.

    If it was the primary, the first key here becomes it. Raises KeyNotKnown, or KeyInUse if the key is configured here.
    """
    keyring = load_keyring(settings)
    async with connection.transaction():
        await connection.execute(SQL["lock_periods"])
        found = await key_inventory(connection)
        found.require_lost(key_id, at_hand=keyring.fingerprints())
        lost = await connection.fetch(SQL["lose_accounts"], label_of(key_id), now)
        for row in lost:
            await record(
                connection,
                Action.ACCOUNT_REAUTH_REQUIRED,
                public_id(ACCOUNT, row["id"]),
                by=COMMAND_LINE,
                organization_id=row["organization_id"],
                environment=row["environment"],
                now=now,
            )
        if found.primary == key_id:
            await connection.execute(SQL["end_primary"], now)
            await connection.execute(SQL["begin_primary"], keyring.fingerprints()[0], now)
        await connection.execute(SQL["retire"], key_id, now)
    return len(lost)
