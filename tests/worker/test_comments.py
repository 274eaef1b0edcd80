"""Comments from end to end: a worker reads them from the sandbox, answers them there once, and hides, likes and deletes them."""

import asyncio
from typing import Any

import pytest
from tests.tiers import sampled
from tests.worker.conftest import WorkerWorld

from presswork.core.ids import parse_id
from presswork.live_reads.ask import ask_for_read
from presswork.live_reads.model import ReadKind

_REPLIES = {
    "bluesky": "create_record",
    "facebook": "comment_replies",
    "instagram": "comment_replies",
    "youtube": "comments_insert",
    "linkedin": "comments",
    "threads": "threads_publish",
}
"""The operation of each platform's fake that writes a reply."""


async def _control(world: WorkerWorld, **comment: object) -> dict[str, Any]:
    """Have someone comment in the platform's app."""
    answer = await world.world.client.post("/sandbox/control/comments", json=comment)
    assert answer.status_code in {200, 201}, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def _written(world: WorkerWorld, platform: str, handle: str) -> list[dict[str, Any]]:
    """Return the comments of the accounts' own in the sandbox."""
    answer = await world.world.client.get("/sandbox/control/comments", params={"platform": platform, "handle": handle})
    assert answer.status_code == 200, answer.text
    return [item for item in answer.json()["items"] if item["own"]]


async def _read(world: WorkerWorld, post: str, *, least: int) -> list[dict[str, Any]]:
    """Have the comments of a post read until there are so many, and return them: platforms show some of them late."""
    async with asyncio.timeout(60):
        while True:
            async with world.world.api.context.pool.acquire() as connection, connection.transaction():
                now = world.clock.database_now()
                await ask_for_read(connection, parse_id("sp", post), ReadKind.COMMENTS, now=now)
            await world.worker.work_until_idle()
            answer = await world.world.client.get(f"/v1/scheduled-posts/{post}/comments")
            assert answer.status_code == 200, answer.text
            items: list[dict[str, Any]] = answer.json()["items"]
            if len(items) >= least:
                return items
            await asyncio.sleep(0.1)


async def _follow(world: WorkerWorld, reply: str) -> dict[str, Any]:
    """Work until the outcome of a reply is known, and return it."""
    async with asyncio.timeout(60):
        while True:
            await world.worker.work_until_idle()
            found: dict[str, Any] = (await world.world.client.get(f"/v1/comments/{reply}")).json()
            if found["replyStatus"] != "queued":
                return found
            await asyncio.sleep(0.1)


@pytest.mark.parametrize("platform", sampled(sorted(_REPLIES), "instagram"))
async def test_a_comment_is_read_and_answered_once(
    worker_world: WorkerWorld, picture: bytes, video: bytes, platform: str
) -> None:
    """The response of the call that writes the reply is lost after its effect: one reply stands there, and is found."""
    client, world = worker_world.world.client, worker_world.world
    project = await world.project()
    account = await world.account(project, platform, "corner.bakery")
    content = await world.content(project, video if platform == "youtube" else picture)
    (post,) = await worker_world.deliver(content, account)
    assert post["status"] == "published", post
    where = {"platform": platform, "handle": "corner.bakery", "postId": post["externalId"]}
    await _control(worker_world, **where, text="Do you have rye bread?", author="ada")
    (comment,) = await _read(worker_world, post["id"], least=1)
    assert (comment["text"], comment["own"], comment["status"]) == ("Do you have rye bread?", False, "new")
    assert "reply" in comment["actions"]
    await world.fault(platform=platform, operation=_REPLIES[platform], fault="drop_after_effect", times=1)
    answer = await client.post(f"/v1/comments/{comment['id']}/reply", json={"text": "From seven."})
    assert answer.status_code == 201, answer.text
    reply = answer.json()["id"]
    found = await _follow(worker_world, reply)
    assert found["replyStatus"] == "posted", found
    written = await _written(worker_world, platform, "corner.bakery")
    assert [one["text"] for one in written].count("From seven.") == 1
    again = await _read(worker_world, post["id"], least=2)
    assert [(one["text"], one["own"], one["id"] == reply) for one in again] == [
        ("Do you have rye bread?", False, False),
        ("From seven.", True, True),
    ]


async def test_a_comment_arrives_by_webhook(worker_world: WorkerWorld, picture: bytes) -> None:
    """Instagram reports it, signed; the post is read at once, long before its turn."""
    client, world = worker_world.world.client, worker_world.world
    account = await world.account(await world.project(), "instagram", "corner.bakery")
    hook = {"platform": "instagram", "url": f"{world.api.base_url}/webhooks/instagram/test", "allAccounts": True}
    assert (await client.post("/sandbox/control/webhooks", json=hook)).status_code == 200
    content = await world.content((await client.get(f"/v1/social-accounts/{account}")).json()["projectId"], picture)
    (post,) = await worker_world.deliver(content, account)
    where = {"platform": "instagram", "handle": "corner.bakery", "postId": post["externalId"]}
    await _control(worker_world, **where, text="Rye?", author="ada")
    async with asyncio.timeout(30):
        while True:
            await worker_world.worker.work_until_idle()
            answer = await client.get("/v1/comments", params={"status": "new", "socialAccountId": account})
            if [item["text"] for item in answer.json()["items"]] == ["Rye?"]:
                break
            await asyncio.sleep(0.1)
