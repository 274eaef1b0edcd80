"""What `presswork demo --keep` adds for the console: posts of the coming days, one that waits for review, and one that failed."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from presswork.cli.demo.context import LIVE_TIMEOUT, DemoContext, to_feed
from presswork.cli.demo.posts import FollowedPost, follow
from presswork.cli.demo.publish import HANDLES
from presswork.cli.demo.samples import Sample
from presswork.core.clock import SystemClock
from presswork.media.samples import sample_picture
from presswork_client import AsyncPresswork

_ZONE: Final = ZoneInfo("Europe/Lisbon")
_COMING: Final[Sequence[tuple[int, int, int, str, str]]] = (
    (1, 7, 30, "Rye", "Rye with caraway, from seven. #bakery"),
    (1, 17, 0, "Rolls", "The last warm rolls of the day. #bakery"),
    (2, 8, 0, "Seeds", "Five seeds, one loaf. #bakery"),
    (3, 7, 30, "Plum", "Plum cake until it is gone. #bakery"),
    (4, 12, 0, "Lunch", "Soup and a slice, every noon. #bakery"),
    (6, 9, 0, "Sunday", "Open on Sunday, from nine. #bakery"),
)
"""Days ahead, hour and minute, the title on the picture, and the caption."""
_RESTRICTED: Final = (25, 2207050)
"""Code and subcode with which Instagram refuses posts of an account that it has restricted."""


async def set_the_scene(demo: DemoContext) -> bool:
    """Create a project with a filled week; good if the post that has to fail failed."""
    client = await demo.caller("scene", "*", is_shown=False)
    project_id = await demo.create_project(client, "Corner Bakery")
    accounts = [await demo.connect(client, project_id, platform, names[0]) for platform, names in HANDLES.items()]
    to_all = {account: to_feed(account) for account in accounts}
    samples = await asyncio.to_thread(_draw, demo.settings.data_dir / "demo-samples")
    scheduled: list[str] = []
    today = SystemClock().now().astimezone(_ZONE)
    for (days, hour, minute, _, _), sample in zip(_COMING, samples, strict=True):
        container_id = await demo.upload(client, project_id, sample)
        targets = list((await demo.accepted(client, container_id, to_all)).values())
        answer = await client.publishing.schedule(
            container_id=container_id, scheduled_for=_local(today, days, hour, minute), targets=targets
        )
        scheduled += answer.scheduled_post_ids
    demo.screen.step(f"{len(scheduled)} posts scheduled for the coming days")
    has_failed = await _fail_one(demo, client, project_id)
    await client.approval.update_policy(project_id=project_id, policy="review_all")
    waiting_id = await demo.upload(client, project_id, demo.samples.picture)
    await client.publishing.schedule(
        container_id=waiting_id,
        scheduled_for=_local(today, 5, 10, 0),
        targets=list((await demo.accepted(client, waiting_id, to_all)).values()),
    )
    demo.screen.step("one picture waits for review")
    return has_failed


async def _fail_one(demo: DemoContext, client: AsyncPresswork, project_id: str) -> bool:
    account = await demo.connect(client, project_id, "instagram", HANDLES["instagram"][1])
    container_id = await demo.upload(client, project_id, demo.samples.slideshow)
    code, subcode = _RESTRICTED
    await demo.sandbox.fail_next(account, "media_publish", code=code, subcode=subcode)
    answer = await client.publishing.publish_now(container_id=container_id, targets=[to_feed(account)])
    (post_id,) = answer.scheduled_post_ids
    post = FollowedPost(id=post_id, label=demo.samples.slideshow.label, account=account, expected="failed")
    await follow(client, [post], timeout=LIVE_TIMEOUT, on_change=lambda _: None)
    if post.is_as_expected:
        demo.screen.step(f"one post failed: the sandbox restricted {account}")
    else:
        demo.screen.failure(f"A post that should fail is {post.status}.")
    return post.is_as_expected


def _draw(folder: Path) -> Sequence[Sample]:
    samples = []
    for number, (*_, title, caption) in enumerate(_COMING):
        path = folder / f"coming-{number}.jpg"
        path.write_bytes(sample_picture(1080, 1350, seed=number, title=title))
        samples.append(Sample(label="picture", caption=caption, files=[path]))
    return samples


def _local(today: datetime, days: int, hour: int, minute: int) -> datetime:
    """Return a time of day in the project's zone, some days ahead."""
    day = (today + timedelta(days=days)).date()
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=_ZONE)
