"""Callers of an organization with limits, several at once: some of their calls are refused."""

import asyncio
import random
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from chaos.record import CallerRecord
from chaos.targets import Targets, bodies_of
from chaos.world import Customer
from presswork.core.timestamps import write_instant

MAX_QUEUED: Final = 6
_RECENT_POSTS: Final = 20
_DUE_WITHIN_SECONDS: Final = 20


class CustomerLoad:
    """Schedules posts beyond the limits of an organization, one a call, and cancels some."""

    def __init__(self, customer: Customer, record: CallerRecord, draw: random.Random) -> None:
        self._customer: Final = customer
        self._record: Final = record
        self._draw: Final = draw
        self._last: Final[deque[str]] = deque(maxlen=_RECENT_POSTS)
        self._targets: Final = Targets(customer.client, record, draw, self._last)

    async def schedule(self) -> None:
        """Make several calls at once."""
        await asyncio.gather(*(self._schedule() for _ in range(self._draw.randrange(2, 8))))

    async def _schedule(self) -> None:
        wanted = self._targets.choose(self._customer.content, self._customer.accounts, max_targets=1)
        if not wanted or wanted[0].mode == "draft":  # there is no phone
            return
        self._record.count("schedule under a limit")
        at = datetime.now(UTC) + timedelta(seconds=self._draw.uniform(0, _DUE_WITHIN_SECONDS))
        path = f"/v1/content/{self._customer.content.id}/schedule"
        body: dict[str, JsonValue] = {"scheduledFor": write_instant(at), "targets": bodies_of(wanted)}
        response = await self._customer.client.write(path, body)
        error = {} if response.is_success else response.json()["error"]
        if isinstance(error, dict) and error.get("code") == "PLAN_LIMIT":
            self._record.refuse(response)
            self._record.limit_refusals.append(error["details"])
            self._targets.doubt(response, wanted)
        else:
            await self._targets.accept(response, wanted)

    async def cancel(self) -> None:
        """Cancel one of the newest posts, which makes room in the queue."""
        if not self._last:
            return
        post = self._draw.choice(self._last)
        self._record.count("cancel under a limit")
        response = await self._customer.client.delete(f"/v1/scheduled-posts/{post}")
        if response.is_success:
            self._record.canceled.add(post)
        elif response.status == 409:
            self._record.refuse(response)
        else:
            self._record.add_unexpected("cancel under a limit", response)
