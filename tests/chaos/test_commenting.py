"""The last reads of a run, by a real worker."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

import asyncpg
import pytest
from chaos.commenting import Hints, LastReads
from chaos.record import CallerRecord, WrittenComment
from chaos.world import Account
from tests.worker.conftest import WorkerWorld, poll_once
from tests.worker.conftest import worker_world as worker_world

_USED_UP: Final = """
INSERT INTO read_budgets (bucket, calls, granted, counted_at)
SELECT 'linkedin:' || environment || ':' || external_id, 0, 0, now() FROM social_accounts
"""


@pytest.mark.exhaustive
async def test_a_used_up_read_budget_leaves_no_commented_post_unread(worker_world: WorkerWorld) -> None:
    """On LinkedIn, an account has thirty reads a day, which a long run uses up."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "linkedin", "bakery.linkedin")
    made = await world.client.post(f"/v1/projects/{project}/content", json={"text": "Fresh bread"})
    (post,) = await worker_world.deliver(made.json()["id"], account)
    owner = Account(id=account, project=project, platform="linkedin", handle="bakery.linkedin", login="linkedin")
    record = CallerRecord(comments={"Nice": WrittenComment(id="1", text="Nice", post=post["id"], account=owner)})

    async def keep_polling() -> None:
        while True:
            await poll_once(worker_world.worker)
            await worker_world.clock.sleep(timedelta(seconds=1))

    polling = asyncio.create_task(keep_polling())
    async with asyncpg.create_pool(worker_world.dsn, min_size=1, max_size=2) as pool:
        await pool.execute(_USED_UP)
        reads = await Hints(pool, record).read_all()
    polling.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await polling
    assert reads == LastReads(read=frozenset({post["id"]}), unread=frozenset())
