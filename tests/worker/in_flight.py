"""A service with a post in every state of its life, for tests that change something under it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg
from tests.worker.conftest import HurriedClock, WorkerWorld
from tests.worker.test_managed import dispatches, managed
from tests.worker.test_text_drafts import operator, texts

from presswork.core.timestamps import write_instant
from presswork.worker.main import open_worker

STOPS: Final = {
    "prepared": ("instagram", "publish", "after_prepare"),
    "unmade": ("instagram", "publish", "after_go_live"),
    "made": ("instagram", "publish", "after_call"),
    "live": ("instagram", "publish", "before_settle"),
    "unmade-photo": ("tiktok", "publish", "after_go_live"),
    "made-photo": ("tiktok", "publish", "after_call"),
    "made-text": ("instagram", "draft", "after_call"),
    "made-managed": ("tiktok", "managed", "after_call"),
}
"""Posts whose worker is gone: the platform, the mode, and the step at which it went."""
NOTICE_PHONE: Final = "+15551230009"
"""Whom content is texted to, without a post."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InFlight:
    """Posts in flight. Each goes to an account of the same name, except `behind`, which waits behind `snoozed`."""

    worker_world: WorkerWorld
    posts: Mapping[str, str]
    pending: str
    """A container that waits for approval, with a schedule call on it."""

    async def read(self, connect: str) -> dict[str, tuple[str, str | None]]:
        """Return each post's status and its error's code, as a database has them."""
        connection = await asyncpg.connect(connect)
        try:
            rows = await connection.fetch(
                "SELECT id, status, last_error::json ->> 'code' AS code FROM scheduled_posts ORDER BY id LIMIT 100"
            )
        finally:
            await connection.close()
        known = {row["id"]: (row["status"], row["code"]) for row in rows}
        return {name: known[UUID(post_id.removeprefix("sp_"))] for name, post_id in self.posts.items()}

    async def visible(self) -> dict[str, Any]:
        """Return what all the world sees: live posts with their comments, drafts, messages and dispatches."""
        world = self.worker_world.world
        live = [(post["handle"], post["externalId"], post["comments"]) for post in await world.live()]
        drafts = [(draft["handle"], draft["publishId"]) for draft in await world.drafts()]
        sent = [(text["to"], text["body"]) for text in await texts(self.worker_world)]
        handed = [(dispatch["handle"], dispatch["postId"]) for dispatch in await dispatches(self.worker_world)]
        return {"live": sorted(live), "drafts": sorted(drafts), "texts": sorted(sent), "dispatches": sorted(handed)}

    async def approve(self) -> list[str]:
        """Approve what waits for it, and return the posts that come of it."""
        answer = await self.worker_world.world.client.post(f"/v1/content/{self.pending}/approve", json={})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["pendingSchedulePromotion"]["scheduledPostIds"])

    async def bring_forward(self, post_id: str) -> None:
        """Have a post that is due later be due now."""
        body = {"scheduledFor": write_instant(datetime.now(UTC))}
        answer = await self.worker_world.world.client.post(f"/v1/scheduled-posts/{post_id}/reschedule", json=body)
        assert answer.status_code == 200, answer.text

    async def calm(self) -> None:
        """Let the platforms behave again."""
        browser = await self.worker_world.world.api.anonymous()
        await browser.delete("/sandbox/control/faults")


async def go_on(worker_world: WorkerWorld, *, ahead: timedelta = timedelta(minutes=3), **changes: Any) -> None:
    """Let another worker do all that is due, once the leases of the others have lapsed."""
    settings = worker_world.settings.model_copy(update=changes)
    database = settings.database_url
    async with open_worker(
        settings,
        dsn=worker_world.dsn if database is None else database.get_secret_value(),
        base_url=worker_world.world.api.base_url,
        clock=HurriedClock(ahead=ahead),
    ) as worker:
        await worker.work_until_idle()


async def fill(worker_world: WorkerWorld, picture: bytes, *, later: timedelta = timedelta(hours=3)) -> InFlight:
    """Bring a post into every state, and stop; some are due only `later`."""
    world = worker_world.world
    await operator(worker_world)
    project = await world.project()
    container = await world.content(project, picture, comment="First!")
    posts: dict[str, str] = {}

    async def publish(name: str, platform: str = "instagram", *, mode: str = "publish") -> str:
        account = await world.account(project, platform, name)
        if mode == "managed":
            await managed(worker_world, project, account)
        (posts[name],) = await world.publish(container, account, mode=mode)
        return account

    for name, operation, value in (("snoozed", "media", 4), ("failed", "media", 100)):
        error = {"code": value, "message": "No."}
        await world.fault(
            platform="instagram", operation=operation, handle=name, fault="platform_error", value=error, times=-1
        )
    await world.fault(platform="instagram", operation="comments", handle="commented", fault="http_500", times=-1)
    await publish("canceled")
    assert (await world.client.delete(f"/v1/scheduled-posts/{posts['canceled']}")).status_code == 200
    lane = await publish("snoozed")
    for name, platform, mode in (
        ("published", "instagram", "publish"),
        ("failed", "instagram", "publish"),
        ("commented", "instagram", "publish"),
        ("draft", "tiktok", "draft"),
    ):
        await publish(name, platform, mode=mode)
    await worker_world.worker.work_until_idle()
    for name, (platform, mode, point) in STOPS.items():
        await publish(name, platform, mode=mode)
        await _stop_at(worker_world, point)
    (posts["behind"],) = await world.publish(container, lane)
    await _notify(worker_world, container)
    posts["later"] = await _schedule(worker_world, container, await world.account(project, "instagram", "later"), later)
    await publish("queued")
    return InFlight(worker_world=worker_world, posts=posts, pending=await _await_approval(worker_world, picture, later))


async def _stop_at(worker_world: WorkerWorld, point: str) -> None:
    """Have a worker begin what is due, and be gone at a point: the post stays as if it had been killed there."""

    def at_point(name: str) -> None:
        if name == point:
            raise asyncio.CancelledError

    await _work(worker_world, at_point)


async def _work(worker_world: WorkerWorld, at_point: Callable[[str], None]) -> None:
    async with open_worker(
        worker_world.settings,
        dsn=worker_world.dsn,
        base_url=worker_world.world.api.base_url,
        clock=HurriedClock(),
        at_point=at_point,
    ) as worker:
        with suppress(asyncio.CancelledError):
            await worker.work_until_idle()


async def _notify(worker_world: WorkerWorld, container: str) -> None:
    """Text content to a phone; the first of the three texts is about to be sent, and its worker is gone."""
    body = {"phoneNumber": NOTICE_PHONE}
    answer = await worker_world.world.client.post(f"/v1/content/{container}/notify-device", json=body)
    assert answer.status_code == 200, answer.text
    await _stop_at(worker_world, "sms_before_send")


async def _schedule(worker_world: WorkerWorld, container: str, account: str, later: timedelta) -> str:
    body = {
        "scheduledFor": write_instant(datetime.now(UTC) + later),
        "targets": [{"socialAccountId": account, "mode": "publish"}],
    }
    answer = await worker_world.world.client.post(f"/v1/content/{container}/schedule", json=body)
    assert answer.status_code in {200, 202}, answer.text
    return str((answer.json()["scheduledPostIds"] or [""])[0])


async def _await_approval(worker_world: WorkerWorld, picture: bytes, later: timedelta) -> str:
    project = await worker_world.world.project("Reviewed")
    policy = {"policy": "review_all"}
    answer = await worker_world.world.client.patch(f"/v1/projects/{project}/content-review-policy", json=policy)
    assert answer.status_code == 200, answer.text
    container = await worker_world.world.content(project, picture)
    account = await worker_world.world.account(project, "instagram", "approved")
    assert await _schedule(worker_world, container, account, later) == ""
    return container
