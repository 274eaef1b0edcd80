"""Replacing the key that leads, while everything runs: each step can be the last one, and the next run goes on from there."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from presswork.audit.model import COMMAND_LINE, Action, Entry
from presswork.audit.record import record
from presswork.core.clock import Clock
from presswork.core.enums import Environment
from presswork.core.ids import ACCOUNT, public_id
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring, add_key, drop_key, label_of, load_keyring
from presswork.db.pool import Connection
from presswork.media.links import PAGE_LIFETIME
from presswork.secretkeys.model import NoFreshKey, ProcessesLackKey, Role, Standing
from presswork.secretkeys.reseal import reseal
from presswork.secretkeys.store import SQL, holders, standing
from presswork.secretkeys.watch import follow

_LOOK_AGAIN: Final = timedelta(seconds=1)
_PROVIDER_LINKS_OUTLAST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """How a rotation stands when the command ends."""

    leads: str
    resumed: bool  # a rotation from before was gone on with; no other key leads than did
    changed: int  # values sealed anew by this run; workers may have done others
    remaining: int  # values that the former keys still seal
    broken: int  # values that no key here opens


async def rotate(
    connection: Connection, settings: Settings, *, clock: Clock, patience: timedelta, told: Callable[[str], None]
) -> Rotated:
    """Have a fresh key lead, and everything sealed anew with it, or go on with a rotation that was begun.

    The key is the first of PRESSWORK_SECRET_KEYS, or a new one in the key file. It leads once each running process has told
    that it has it. Raises NoFreshKey, ProcessesLackKey after `patience`, KeyMissing, Unavailable.
    """
    keyring = load_keyring(settings)
    await follow(connection, keyring, now=clock.now())
    found = await standing(connection, now=clock.now())
    resumed = found.unfinished() > 0
    if not resumed:
        target = _fresh_key(settings, keyring, found)
        keyring.look_again()
        told(f"The key {target} is next. Waiting until every running process has it.")
        await _take_the_lead(connection, target, clock=clock, patience=patience)
        keyring.lead_with(target)
        told(f"The key {target} seals and signs now. Sealing anew what the former ones have sealed.")
    else:
        told(f"A rotation to the key {keyring.leads} is under way. Going on with it.")
    changed = 0
    gives_up_at = clock.uptime() + patience
    while True:
        done = await reseal(connection, keyring)
        changed += done.changed
        is_heard = all(holder.leads == keyring.leads for holder in await holders(connection, now=clock.now()))
        if (is_heard and not done.changed) or clock.uptime() >= gives_up_at:
            return Rotated(
                leads=keyring.leads,
                resumed=resumed,
                changed=changed,
                remaining=(await standing(connection, now=clock.now())).unfinished(),
                broken=done.broken,
            )
        await clock.sleep(_LOOK_AGAIN)


def _fresh_key(settings: Settings, keyring: Keyring, found: Standing) -> str:
    """Return the key to lead next; one that an earlier run has put in the file, or the operator in the settings, is it."""
    first = keyring.fingerprints()[0]
    if found.role_of(first) is Role.ADDED:
        return first
    if settings.secret_keys is None:
        return add_key(settings)
    raise NoFreshKey(
        "The first key of PRESSWORK_SECRET_KEYS has led already. Put a fresh one in front of the others on every machine "
        "(`presswork config --new-key` prints one), restart the processes one by one, and run this again. Until then the "
        "key that leads now goes on sealing.",
        key=first,
    )


async def _take_the_lead(connection: Connection, target: str, *, clock: Clock, patience: timedelta) -> None:
    """Have a key lead as soon as every running process has it. Raises ProcessesLackKey."""
    gives_up_at = clock.uptime() + patience
    while True:
        async with connection.transaction():
            await connection.execute(SQL["lock_terms"])
            lacking = [one for one in await holders(connection, now=clock.now()) if target not in one.key_ids]
            if not lacking:
                await connection.execute(SQL["end_lead"], clock.now())
                await connection.execute(SQL["begin_lead"], target, clock.now())
                return
        if clock.uptime() >= gives_up_at:
            raise ProcessesLackKey(target, lacking)
        await clock.sleep(_LOOK_AGAIN)


def links_last(settings: Settings) -> timedelta:
    """Return how long a link can work that is signed now, by these settings."""
    return max(
        PAGE_LIFETIME,
        settings.upload_url_lifetime,
        settings.media_url_lifetime,
        settings.managed_deadline_live + _PROVIDER_LINKS_OUTLAST,
        settings.managed_deadline_test + _PROVIDER_LINKS_OUTLAST,
    )


async def retire(connection: Connection, settings: Settings, key_id: str, *, break_links: bool, now: datetime) -> None:
    """Give a key up that nothing needs any more, and take it out of the key file. Raises KeyNotKnown, KeyInUse."""
    async with connection.transaction():
        await connection.execute(SQL["lock_terms"])
        found = await standing(connection, now=now)
        found.require_retirable(key_id, links_last=links_last(settings), now=now, break_links=break_links)
        await connection.execute(SQL["retire"], key_id, now)
    if settings.secret_keys is None:
        drop_key(settings, key_id)


async def give_up_lost(connection: Connection, settings: Settings, key_id: str, *, now: datetime) -> int:
    """Go on without a key that is gone for good; return how many accounts have to be connected again for it.

    If it led, the first key here leads from now on. Raises KeyNotKnown; KeyInUse where the key is at hand.
    """
    keyring = load_keyring(settings)
    async with connection.transaction():
        await connection.execute(SQL["lock_terms"])
        found = await standing(connection, now=now)
        found.require_lost(key_id, at_hand=keyring.fingerprints())
        lost = await connection.fetch(SQL["lose_accounts"], label_of(key_id), now)
        for row in lost:
            entry = Entry(
                action=Action.ACCOUNT_REAUTH_REQUIRED,
                actor=COMMAND_LINE,
                at=now,
                organization_id=row["organization_id"],
                environment=Environment(row["environment"]),
                object_id=public_id(ACCOUNT, row["id"]),
            )
            await record(connection, entry)
        if found.leads == key_id:
            await connection.execute(SQL["end_lead"], now)
            await connection.execute(SQL["begin_lead"], keyring.fingerprints()[0], now)
        await connection.execute(SQL["retire"], key_id, now)
    return len(lost)
