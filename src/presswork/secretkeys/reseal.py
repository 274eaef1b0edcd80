"""Sealing anew, with the key that leads, whatever another key has sealed."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from presswork.crypto.keyring import Keyring, SealBroken, label_of
from presswork.db.pool import Connection, Pool
from presswork.secretkeys.columns import SEALED
from presswork.secretkeys.model import SealedColumn
from presswork.secretkeys.store import about

log = structlog.get_logger()

BATCH: Final = 100
"""Values at a time: some milliseconds of work for the event loop, and as long a lock on the rows."""


@dataclass(frozen=True, slots=True)
class Resealed:
    """What a round did: values that have another seal now, and values that no key here opens."""

    changed: int
    broken: int


async def reseal(connection: Connection | Pool, keyring: Keyring, *, batch: int = BATCH) -> Resealed:
    """Seal anew, in small batches, all that the leading key has not sealed; return what was done.

    Any number of processes may do this at once, and be killed at any point: each value is swapped by itself, compared with
    what was read. What is being written by others, or can't be opened here, is left as it is.
    """
    changed = broken = 0
    label = label_of(keyring.leads)
    for column in SEALED:
        if column.ends_by_itself:
            continue
        for after, before in ((b"", label), (label, b"\xff")):
            done = await _reseal_range(connection, keyring, column, after, before, batch)
            changed, broken = changed + done.changed, broken + done.broken
    if changed:
        log.info("sealed anew", key_id=keyring.leads, values=changed)
    if broken:
        log.warning("sealed values that no key here opens", values=broken)
    return Resealed(changed, broken)


async def _reseal_range(
    connection: Connection | Pool, keyring: Keyring, column: SealedColumn, after: bytes, before: bytes, batch: int
) -> Resealed:
    changed = left = 0  # left: passed over in this round, so that the next batch begins behind it
    broken = 0
    while rows := await connection.fetch(about("sealed_between", column), after, before, batch, left):
        places, former, fresh = [], [], []
        for row in rows:
            try:
                plain = keyring.open(row["sealed"])
            except SealBroken:
                broken += 1
                continue
            places.append(row["place"])
            former.append(row["sealed"])
            fresh.append(keyring.seal(plain))
        status = await connection.execute(about("swap_seals", column), places, former, fresh)
        swapped = int(status.rpartition(" ")[2])
        changed += swapped
        left += len(rows) - swapped
        await asyncio.sleep(0)
    return Resealed(changed, broken)
