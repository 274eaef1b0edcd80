"""Callers that put posts into the slots of a queue, several at once, and that let content recur."""

import asyncio
import random
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
from pydantic import JsonValue

from chaos.client import Client
from chaos.record import CallerRecord, RequestedRecurrence
from chaos.targets import Targets, bodies_of
from chaos.world import Account, World
from presswork.core.ids import POST, RECURRENCE, parse_id, public_id
from presswork.core.timestamps import read_instant, write_instant
from presswork.recurrences.model import HORIZON

_MAX_SLOTS: Final = 200
_SLOT_EVERY: Final = timedelta(minutes=1)
_REPLACED_BEFORE: Final = timedelta(minutes=20)
"""How long before its last slot a queue gets new ones."""
_QUEUED_ACCOUNTS: Final = 8
"""How many accounts the calls for slots share, so that they meet."""
_MAX_AHEAD: Final = timedelta(minutes=3)
"""An account whose last slot is later gets no further post, so that the run ends soon after its faults."""
_SOON: Final = timedelta(seconds=30)
_RULES: Final = ((35, 2), (7, 6))
"""Recurring posts: every so many days, so many times. A worker makes the last one, at the time of the first: it is then
35 days ahead."""
_FIRST_AFTER: Final = timedelta(seconds=70)
_POLL_SECONDS: Final = 0.5


class Planning:
    """Puts posts into slots and lets content recur, and settles both when the faults have ended."""

    def __init__(
        self, client: Client, record: CallerRecord, draw: random.Random, world: World, targets: Targets
    ) -> None:
        self._client: Final = client
        self._record: Final = record
        self._draw: Final = draw
        self._world: Final = world
        self._targets: Final = targets
        self._slots_until: datetime | None = None
        self._replacing: Final = asyncio.Lock()
        self._last_slots: Final[dict[str, datetime]] = {}
        """The last slot of each account."""

    async def fill_slots(self) -> None:
        """Make several calls at once for one account: each must get a slot of its own."""
        account = self._draw.choice(self._world.accounts[:_QUEUED_ACCOUNTS])
        now = datetime.now(UTC)
        if self._last_slots.get(account.id, now) > now + _MAX_AHEAD:
            return
        async with self._replacing:  # no call may come before the first slots
            await self._replace_slots(now)
        await asyncio.gather(*(self._take_slot(account) for _ in range(self._draw.randrange(2, 5))))

    async def _replace_slots(self, now: datetime) -> None:
        """Give the queue a slot in each of the next minutes, unless it has them."""
        if self._slots_until is not None and now < self._slots_until - _REPLACED_BEFORE:
            return
        self._slots_until = now + _MAX_SLOTS * _SLOT_EVERY
        times = [now + number * _SLOT_EVERY for number in range(1, _MAX_SLOTS)]
        slots: list[JsonValue] = [{"weekday": f"{at:%a}".lower(), "time": f"{at:%H:%M}"} for at in times]
        response = await self._client.change(f"/v1/queues/{self._world.queue}", {"slots": slots})
        if not response.is_success:
            self._record.add_unexpected("new slots", response)

    async def _take_slot(self, account: Account) -> None:
        content = self._draw.choice(self._world.contents)
        wanted = self._targets.choose(content, [account], max_targets=1)
        if not wanted:
            return
        self._record.count("schedule in a queue")
        body: dict[str, JsonValue] = {"queue": self._world.queue, "targets": bodies_of(wanted)}
        response = await self._client.write(f"/v1/content/{content.id}/schedule", body)
        for post in await self._targets.accept(response, wanted):
            slot = read_instant(response.json()["scheduledFor"])
            self._record.slots[post] = slot
            self._last_slots[account.id] = max(slot, self._last_slots.get(account.id, slot))

    async def recur(self) -> None:
        """Let content recur on one account, each time with a caption of its own."""
        content = self._draw.choice(self._world.contents)
        chosen = self._targets.choose(content, self._world.accounts, max_targets=1)
        if not chosen or chosen[0].mode != "publish":
            return
        every, count = self._draw.choice(_RULES)
        captions = [f"No. {self._draw.getrandbits(64):016x}" for _ in range(count)]
        wanted = [replace(chosen[0], parts=())]
        body: dict[str, JsonValue] = {
            "rule": {"every": every, "unit": "day"},
            "time": f"{datetime.now(UTC) + _FIRST_AFTER:%H:%M}",
            "timezone": "UTC",
            "count": count,
            "targets": bodies_of(wanted, wanted[0].caption),
            "captions": [*captions],
        }
        self._record.count("recur")
        response = await self._client.write(f"/v1/content/{content.id}/recurrences", body)
        if await self._targets.is_refusal(response, wanted):
            return
        if response.status == 409:  # as many recur with this content as may
            self._record.refuse(response)
        elif response.is_success:
            found = response.json()
            self._record.recurrences[str(found["id"])] = RequestedRecurrence(
                wanted=wanted[0], captions=captions, every=timedelta(days=every), next_at=read_instant(found["nextAt"])
            )
        else:
            self._record.add_unexpected("recur", response)

    async def settle(self, pool: "asyncpg.Pool[asyncpg.Record]") -> Collection[str]:
        """Make posts in later slots due, wait until workers have made what recurs, and end that.

        The posts of recurrences are recorded as accepted. Returns the recurrences of which not all were to be made.
        """
        for post, slot in self._record.slots.items():
            if slot > datetime.now(UTC) + _SOON:
                body = {"scheduledFor": write_instant(datetime.now(UTC))}
                response = await self._client.write(f"/v1/scheduled-posts/{post}/reschedule", body)
                if response.is_success:
                    self._record.moved.add(post)
                elif response.status != 409:
                    self._record.add_unexpected("reschedule out of a slot", response)
        while await pool.fetchval(_ANY_TO_MAKE):  # noqa: ASYNC110  polled, as by the monitor
            await asyncio.sleep(_POLL_SECONDS)
        unmade = {public_id(RECURRENCE, row["id"]) for row in await pool.fetch(_REFUSED)}
        for name, one in self._record.recurrences.items():
            if one.next_at + (len(one.captions) - 1) * one.every > datetime.now(UTC) + HORIZON:
                unmade.add(name)  # its call took so long that it begins tomorrow
        for recurrence in self._record.recurrences:
            response = await self._client.delete(f"/v1/recurrences/{recurrence}")
            if not response.is_success:
                self._record.add_unexpected("end what recurs", response)
        names = {parse_id(RECURRENCE, name): one for name, one in self._record.recurrences.items()}
        for row in await pool.fetch(_RECURRING_POSTS, list(names)):
            wanted = replace(names[row["recurrence_id"]].wanted, caption=row["caption_override"])
            self._record.accepted[public_id(POST, row["id"])] = wanted
        return unmade


_ANY_TO_MAKE: Final = "SELECT EXISTS (SELECT FROM recurrences WHERE run_at < now() + interval '90 s' AND error IS NULL)"
_REFUSED: Final = "SELECT id FROM recurrences WHERE error IS NOT NULL"
_RECURRING_POSTS: Final = """
SELECT id, recurrence_id, caption_override FROM scheduled_posts WHERE recurrence_id = ANY($1::uuid[]) ORDER BY id
"""
