"""Check what all machines share besides the database, the secret keys and the media store, against the stored data."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from presswork.core.errors import Unavailable
from presswork.crypto.keyring import Keyring, SealBroken, find_keyring
from presswork.db.migrate import pending
from presswork.db.one_connection import connected
from presswork.db.pool import Connection
from presswork.db.queries import load
from presswork.media.store import MediaStore, ObjectMissing, local_folder
from presswork.platforms.settings import Settings
from presswork.secretkeys.primary import require_recorded_key

_SQL: Final = load("presswork.doctor")
_LOOKED_AT: Final = 5
"""How many of the newest values are tried. Older ones may have been lost earlier."""


class NotShared(Unavailable):
    """This process has other keys or another media store than the processes that have used the database before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigMismatch:
    """Something that this machine does not share with the others, and how to fix it."""

    name: str
    message: str
    fix: str


async def find_mismatches(settings: Settings, connection: Connection) -> Sequence[ConfigMismatch]:
    """Return what does not match the database. If nothing is stored yet, everything matches.

    Raises Unavailable if the keys can't be read.
    """
    found = []
    seals = [row["sealed_tokens"] for row in await connection.fetch(_SQL["newest_seals"], _LOOKED_AT)]
    if seals and not _opens_one(find_keyring(settings), seals):
        found.append(
            ConfigMismatch(
                name="shared secret keys",
                message="None of the newest accounts' tokens can be decrypted with the secret keys of this machine.",
                fix="Set the same PRESSWORK_SECRET_KEYS on every machine, former keys included.",
            )
        )
    keys = [row["object_key"] for row in await connection.fetch(_SQL["newest_media"], _LOOKED_AT)]
    if keys and not await _has_one(settings, keys):
        place = settings.media_store or settings.data_dir / "media"
        found.append(
            ConfigMismatch(
                name="shared media",
                message=f"None of the newest media that the database knows of is in {place}.",
                fix="Set PRESSWORK_MEDIA_STORE to the same bucket, or the same shared folder, on every machine.",
            )
        )
    return found


async def check_shared(settings: Settings, dsn: str) -> None:
    """Refuse a configuration that does not match the database. Writes nothing, so it runs before migrations as well.

    Raises NotShared if this machine would accept posts that it can't publish, which PRESSWORK_CHECK_SHARED turns off and
    which is not known while migrations are pending; KeyMissing, and WrongDatabase for the database of another program.
    """
    async with connected(dsn) as connection:
        is_known = not await pending(connection)
        mismatches = await find_mismatches(settings, connection) if settings.check_shared and is_known else []
        if not mismatches:
            await require_recorded_key(connection, find_keyring(settings))
    if mismatches:
        listed = " ".join(f"{one.message} {one.fix}" for one in mismatches)
        raise NotShared(
            f"{listed} If the keys or the media are permanently lost, start with PRESSWORK_CHECK_SHARED=false.",
            missing=[one.name for one in mismatches],
        )


def _opens_one(keyring: Keyring | None, seals: Sequence[bytes]) -> bool:
    if keyring is None:
        return False
    for sealed in seals:
        with suppress(SealBroken):
            keyring.open(sealed)
            return True
    return False


async def _has_one(settings: Settings, keys: Sequence[str]) -> bool:
    """Whether the store has any of these objects. A store that does not answer now counts as the right one."""
    place = settings.media_store or settings.data_dir / "media"
    folder = local_folder(place)
    if folder is not None and not folder.exists():
        return False
    store = MediaStore.open(place)
    results = await asyncio.gather(*(store.head(key) for key in keys), return_exceptions=True)
    return not all(isinstance(result, ObjectMissing) for result in results)
