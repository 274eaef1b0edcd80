"""The database becomes unavailable under a worker and comes back: its posts continue at once."""

import asyncio

import asyncpg
import pytest
from tests.worker.conftest import Works

from presswork.worker.store import WorkStore


async def test_posts_in_hand_do_not_wait_for_their_lease_to_lapse(
    works: Works, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be written to a post that is at work; once it can, the post is given back, taken again and published."""
    project = await works.stage.project()
    account = await works.stage.account(project, "instagram", "bakery")
    (post,) = await works.stage.publish(await works.stage.content(project, picture), account)

    async def gone(*_: object, **__: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    with monkeypatch.context() as away:
        away.setattr(WorkStore, "_move", gone)
        away.setattr(WorkStore, "note", gone)
        await works.worker.poll()
        while tasks := works.worker.runner.tasks:
            await asyncio.wait(tasks)
    assert (await works.stage.post(post))["status"] == "publishing"
    await works.worker.work_until_idle()
    assert (await works.stage.post(post))["status"] == "published"
    assert len(await works.stage.live(platform="instagram", handle="bakery")) == 1
