"""Leases on conversions: of all workers, one makes a rendition, and the others wait for it.

The database's clock decides when a lease has lapsed. A lease saves work and is not a lock: where it lapses while its
holder is only slow, two workers write the same bytes under the same key, which changes nothing.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from presswork.core.errors import MediaUnsupported
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.db.queries import load

log = structlog.get_logger()

_SQL: Final = load("presswork.media")
_REFUSAL_KEPT: Final = timedelta(minutes=10)
"""How long a failed conversion is not repeated for other posts of the same media."""
_LEFTOVERS_KEPT: Final = timedelta(hours=1)
_SWEEP_LIMIT: Final = 100
_RENEWALS_PER_LEASE: Final = 3


class RenditionLeases:
    """Claims, renews and releases the right to make a rendition."""

    def __init__(self, pool: Pool, *, lease: timedelta = timedelta(seconds=60)) -> None:
        """`lease` is how long other workers wait for a crashed one before one of them takes over."""
        self._pool: Final = pool
        self._lease: Final = lease

    async def claim(self, object_key: str, holder: UUID, *, now: datetime | None = None) -> bool:
        """Claim a rendition; False while another worker makes it.

        Raises MediaUnsupported where a conversion of the same media failed in the last minutes.
        """
        if await self._pool.fetchval(_SQL["claim_rendition"], object_key, holder, self._lease, now):
            return True
        refusal = await self._pool.fetchval(_SQL["rendition_refusal"], object_key, now)
        if refusal is not None:
            raise MediaUnsupported(refusal)
        return False

    async def keep(self, object_key: str, holder: UUID) -> None:
        """Renew a lease until canceled, or until another worker has taken it over."""
        while True:
            await asyncio.sleep(self._lease.total_seconds() / _RENEWALS_PER_LEASE)
            try:
                renewed = await self._pool.fetchval(_SQL["renew_rendition"], object_key, holder, self._lease, None)
            except TRANSIENT_ERRORS as error:
                log.warning("rendition lease not renewed; the next renewal may work", key=object_key, error=str(error))
                continue
            if not renewed:
                log.warning("rendition lease lost; another worker converts the media again", key=object_key)
                return

    async def refuse(self, object_key: str, holder: UUID, refusal: str, *, now: datetime | None = None) -> None:
        """Replace a lease by the reason why the media can't be converted."""
        await self._pool.execute(_SQL["refuse_rendition"], object_key, holder, _REFUSAL_KEPT, refusal, now)

    async def release(self, object_key: str, holder: UUID, *, now: datetime | None = None) -> None:
        """Delete a lease, and leases of the past."""
        await self._pool.execute(_SQL["release_rendition"], object_key, holder, _LEFTOVERS_KEPT, _SWEEP_LIMIT, now)
