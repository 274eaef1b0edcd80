"""Housekeeping: refreshes tokens that near their end, and sweeps away what nobody needs any more."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import structlog

from presswork.accounts.refresh import refresh_due
from presswork.content.sweep import sweep_uploads
from presswork.db.errors import TRANSIENT_ERRORS
from presswork.db.pool import Pool
from presswork.idempotency.stored_replies import sweep as sweep_replies
from presswork.inbound_webhooks.receive import sweep_notices
from presswork.media.links import sweep_grants
from presswork.media.store import MediaStore
from presswork.platforms.registry import Platforms
from presswork.secretkeys.re_encrypt import run_re_encryption
from presswork.worker.job import WorkerContext
from presswork.worker.lanes import sweep_deliveries
from presswork.worker.sms import sweep_texts

log = structlog.get_logger()

_EVERY: Final = timedelta(minutes=1)


async def run_maintenance(pool: Pool, bench: WorkerContext, platforms: Platforms, store: MediaStore) -> None:
    """Once a minute: refresh tokens that near their end, and sweep what nobody needs any more."""
    while True:
        try:
            await _once(pool, bench, platforms, store, now=bench.clock.now())
        except TRANSIENT_ERRORS as error:
            log.warning("housekeeping put off", error=str(error))
        except Exception:
            log.exception("housekeeping failed; it goes on in a minute")
        await asyncio.sleep(_EVERY.total_seconds())


async def _once(pool: Pool, bench: WorkerContext, platforms: Platforms, store: MediaStore, *, now: datetime) -> None:
    """Do one round of housekeeping."""
    await refresh_due(pool, bench.keyring, platforms, clock=bench.clock)
    await run_re_encryption(pool, bench.keyring)
    await sweep_replies(pool, now=now)
    await sweep_grants(pool, now)
    await sweep_uploads(pool, store, now)
    await sweep_notices(pool, now=now)
    await sweep_texts(pool, now=now)
    await sweep_deliveries(pool, now=now)
    hour = timedelta(hours=1)
    await bench.store.sweep(
        workers_before=now - hour,
        workers_after=now + hour,
        states_before=now - timedelta(days=1),
        turns_before=now - timedelta(days=2),
    )
