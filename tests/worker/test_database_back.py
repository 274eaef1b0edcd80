"""The database becomes unavailable under a worker and comes back: its posts continue at once."""

import asyncpg
import pytest
from tests.worker.conftest import WorkerWorld, poll_once

from presswork.worker.store import WorkStore


async def test_posts_in_hand_do_not_wait_for_their_lease_to_lapse(
    worker_world: WorkerWorld, picture: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be written to a post that is at work; once it can, the post is given back, taken again and published."""
    project = await worker_world.world.project()
    account = await worker_world.world.account(project, "instagram", "bakery")
    (post,) = await worker_world.world.publish(await worker_world.world.content(project, picture), account)

    async def gone(*_: object, **__: object) -> None:
        raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

    with monkeypatch.context() as away:
        away.setattr(WorkStore, "_move", gone)
        away.setattr(WorkStore, "_write", gone)
        await poll_once(worker_world.worker)
    assert (await worker_world.world.post(post))["status"] == "publishing"
    await worker_world.worker.work_until_idle()
    assert (await worker_world.world.post(post))["status"] == "published"
    assert len(await worker_world.world.live(platform="instagram", handle="bakery")) == 1
