"""Re-encrypt, with the primary key, the values that another key encrypts."""

import asyncio
from dataclasses import dataclass
from typing import Final

import structlog

from presswork.crypto.keyring import Keyring, SealBroken, label_of
from presswork.db.pool import Connection, Pool
from presswork.secretkeys.inventory import SEALED, for_column
from presswork.secretkeys.model import KeyMissing, SealedColumn
from presswork.secretkeys.primary import settle_primary

log = structlog.get_logger()

BATCH: Final = 100
"""Values at a time: some milliseconds of work for the event loop, and as long a lock on the rows."""


@dataclass(frozen=True, slots=True)
class ReEncrypted:
    """The result of a round: values that were re-encrypted, and values that no key here decrypts."""

    changed: int
    broken: int


async def re_encrypt(connection: Connection, keyring: Keyring, *, batch: int = BATCH) -> ReEncrypted:
    """Re-encrypt in small batches all values that the primary key does not encrypt yet.

    Any number of processes may do this at once, and be killed at any point: each value is swapped on its own, compared with
    what was read. Rows that another transaction holds, and values that can't be decrypted here, are left as they are.
    Raises KeyMissing, KeyNotAnnounced.
    """
    await settle_primary(connection, keyring)
    changed = broken = 0
    label = label_of(keyring.primary)
    for column in SEALED:
        if column.is_short_lived:
            continue
        for after, before in ((b"", label), (label, b"\xff")):
            done = await _re_encrypt_range(connection, keyring, column, after, before, batch)
            changed, broken = changed + done.changed, broken + done.broken
    if changed:
        log.info("values re-encrypted", key_id=keyring.primary, values=changed)
    if broken:
        log.warning("encrypted values that no key here decrypts", values=broken)
    return ReEncrypted(changed, broken)


async def run_re_encryption(pool: Pool, keyring: Keyring) -> None:
    """Do a round of a worker's maintenance. A primary that is missing here is logged: another worker has it."""
    async with pool.acquire() as connection:
        try:
            await re_encrypt(connection, keyring)
        except KeyMissing as error:
            log.error("primary secret key is missing here", fix=error.message, **error.details)  # noqa: TRY400  its sentence says it all


async def _re_encrypt_range(
    connection: Connection, keyring: Keyring, column: SealedColumn, after: bytes, before: bytes, batch: int
) -> ReEncrypted:
    changed = left = 0  # left: skipped in this round, so that the next batch begins behind them
    broken = 0
    while rows := await connection.fetch(for_column("sealed_between", column), after, before, batch, left):
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
        status = await connection.execute(for_column("swap_seals", column), places, former, fresh)
        swapped = int(status.rpartition(" ")[2])
        changed += swapped
        left += len(rows) - swapped
        await asyncio.sleep(0)
    return ReEncrypted(changed, broken)
