"""What the routes work with, made once per process, and the dependencies that hand it to them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Request

from presswork.core.clock import Clock
from presswork.core.settings import Settings
from presswork.crypto.keyring import Keyring
from presswork.db.listener import Listener
from presswork.db.pool import Pool
from presswork.media.pool import MediaPool
from presswork.media.store import MediaStore
from presswork.orgs.keys import KeyCache
from presswork.platforms.registry import Platforms
from presswork.telemetry.queue_metrics import QueueMetrics


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One API process and its parts."""

    settings: Settings
    pool: Pool
    clock: Clock
    listener: Listener
    keyring: Keyring
    keys: KeyCache
    platforms: Platforms
    store: MediaStore
    media_pool: MediaPool
    queue_metrics: QueueMetrics
    base_url: str
    """Address under which this API is reached, without a slash at the end."""


async def context_of(request: Request) -> Context:
    """Return the process's parts."""
    context = request.scope.get("context")
    if not isinstance(context, Context):
        raise TypeError("the application was started without its context")
    return context


async def now_of(context: Annotated[Context, Depends(context_of)]) -> datetime:
    """Return the instant of the call, UTC."""
    return context.clock.now().astimezone(UTC)


Ctx = Annotated[Context, Depends(context_of)]
Now = Annotated[datetime, Depends(now_of)]
