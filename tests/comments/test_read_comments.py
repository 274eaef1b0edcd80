"""Comments of live posts are read by age and by webhooks, and never more than is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast

import httpx2
import pytest
from tests.comments.conftest import REPLY, CommentWorld, insert_post
from tests.posts.conftest import bare

from presswork.comments.read_comments import MAX_READ_WHOLE, CommentsReader
from presswork.platforms.comment_port import CommentsRead
from presswork.platforms.errors import Rejected, TryLater
from presswork.platforms.inbound_webhooks import ChallengeResponse, CommentHint, NotGenuine
from presswork.platforms.names import LoginName
from presswork.platforms.port import Platform
from presswork.worker.read_jobs import ReadJobs

_HOOK = "/webhooks/linkedin/test"


def jobs_of(world: CommentWorld) -> ReadJobs:
    """Return the job source of a worker."""
    context, pool = world.ready_project.world.api.context, world.ready_project.pool
    reader = CommentsReader(pool=pool, keep=None)
    return ReadJobs(reader, context.platforms, context.keyring, world.clock, pool=pool, leases=pool, worker_id="reader")


async def read(world: CommentWorld) -> None:
    """Read what is due."""
    jobs = jobs_of(world)
    for job in await jobs.claim(10):
        await jobs.run(job)


async def read_for(world: CommentWorld, duration: timedelta, step: timedelta = timedelta(minutes=5)) -> None:
    """Read while time passes."""
    until = world.clock.now() + duration
    while world.clock.now() < until:
        world.clock.advance(step)
        await read(world)


def _lists(world: CommentWorld) -> list[str]:
    return [call for call in world.platform.calls if call.startswith("list")]


@dataclass(frozen=True)
class FakeWebhooks:
    """Reads webhooks whose body names a post."""

    account: str
    other: str = ""
    has_verify_token: bool = True

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[CommentHint]:
        """Return a hint about the post."""
        if headers.get("x-signature") != "right":
            raise NotGenuine("The signature is wrong.")
        posts = (body.decode(),) if body.startswith(b"ext") else ()
        return [CommentHint(account=self.other or self.account, posts=posts)]

    def answer_challenge(
        self, query: Mapping[str, str], *, verify_tokens: Sequence[str] | None = None
    ) -> ChallengeResponse | None:
        """Return the challenge."""
        return ChallengeResponse(body=query["challenge"]) if "challenge" in query else None


def _with_webhooks(world: CommentWorld, monkeypatch: pytest.MonkeyPatch, reader: FakeWebhooks) -> None:
    platforms = cast("dict[LoginName, Platform]", world.ready_project.world.api.context.platforms.described())
    changed = replace(platforms[LoginName.LINKEDIN], comment_webhook_reader=reader)
    monkeypatch.setitem(platforms, LoginName.LINKEDIN, changed)


async def _send(world: CommentWorld, body: bytes, signature: str = "right") -> httpx2.Response:
    client = await world.ready_project.world.api.anonymous()
    return await client.post(_HOOK, content=body, headers={"X-Signature": signature})


async def test_comments_are_read_by_the_age_of_the_post(comment_world: CommentWorld) -> None:
    """Every 15 minutes at first, with what is new stored and announced once."""
    world = comment_world
    await read(world)
    assert _lists(world) == []
    world.platform.reads = [CommentsRead(comments=[world.seen("c1", "first")], is_complete=True)] * 2
    await read_for(world, timedelta(minutes=35))
    assert _lists(world) == ["list ext-1 all"] * 2
    assert [item["text"] for item in await world.list()] == ["first"]
    assert await world.sent() == ["comment.received"]


async def test_a_post_with_many_comments_is_read_in_part(comment_world: CommentWorld) -> None:
    """Then only what is new is asked for, and what such a read does not show is not gone."""
    world = comment_world
    many = [world.seen(f"c{number}", f"comment {number}") for number in range(MAX_READ_WHOLE + 1)]
    world.platform.reads = [
        CommentsRead(comments=many, is_complete=True),
        CommentsRead(comments=[world.seen("new", "new")], is_complete=True),
    ]
    await read_for(world, timedelta(minutes=35))
    assert _lists(world)[:2] == ["list ext-1 all", "list ext-1 since"]
    count = await world.ready_project.pool.fetchval("SELECT count(*) FROM comments WHERE deleted_at IS NULL")
    assert count == MAX_READ_WHOLE + 2


async def test_an_error_of_one_post_concerns_no_other(comment_world: CommentWorld) -> None:
    """A rejected read leaves the others; an error of the platform postpones the account, and marks nothing."""
    world = comment_world
    await insert_post(world.ready_project, world.account, "ext-2", world.clock.now())
    world.platform.faults = [("before", Rejected("Comments are turned off.", step="list"))]
    world.platform.reads = [CommentsRead(comments=[world.seen("c1", "first")], is_complete=True)]
    await read_for(world, timedelta(minutes=20))
    assert [item["text"] for item in await world.list()] == ["first"]
    assert sorted(_lists(world)[:2]) == ["list ext-1 all", "list ext-2 all"]
    world.platform.faults = [("before", TryLater("The platform is down.", step="list"))]
    world.platform.calls.clear()
    await read_for(world, timedelta(minutes=10))
    assert len(_lists(world)) == 1
    account = await world.ready_project.pool.fetchrow(
        "SELECT status FROM social_accounts WHERE id = $1", bare(world.account)
    )
    assert account is not None
    assert account["status"] == "connected"


async def test_without_the_permission_nothing_is_asked(comment_world: CommentWorld) -> None:
    """A missing permission costs no call; once it is granted, reads continue."""
    world = comment_world
    await world.ready_project.change("social_accounts", world.account, scopes=[REPLY])
    await read_for(world, timedelta(minutes=35))
    assert _lists(world) == []
    await world.ready_project.change("social_accounts", world.account, scopes=[REPLY, "may.read"])
    await read_for(world, timedelta(hours=1))
    assert _lists(world) != []


async def test_a_webhook_has_the_post_read_soon(comment_world: CommentWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signed hint makes the post due; a repeated one, an unsigned one and one about another account do nothing."""
    world, pool = comment_world, comment_world.ready_project.pool
    external = str(await pool.fetchval("SELECT external_id FROM social_accounts WHERE id = $1", bare(world.account)))
    await insert_post(world.ready_project, world.account, "ext-2", world.clock.now())
    _with_webhooks(world, monkeypatch, FakeWebhooks(external))
    assert (await _send(world, b"ext-1", "wrong")).status_code == 401
    assert await pool.fetchval("SELECT count(*) FROM platform_notices") == 0
    for _ in range(2):
        assert (await _send(world, b"ext-1")).status_code == 200
    assert await pool.fetchval("SELECT count(*) FROM platform_notices") == 1
    await read(world)
    assert _lists(world) == ["list ext-1 all"]
    _with_webhooks(world, monkeypatch, FakeWebhooks(external, other="someone-else"))
    await _send(world, b"ext-2")
    await read(world)
    assert _lists(world) == ["list ext-1 all"]
    _with_webhooks(world, monkeypatch, FakeWebhooks(external))
    world.clock.advance(timedelta(seconds=31))
    await _send(world, b"which one it is, is not said")
    await read(world)
    assert sorted(_lists(world)) == ["list ext-1 all", "list ext-1 all", "list ext-2 all"]


@pytest.mark.exhaustive
async def test_many_webhooks_about_one_post_do_not_use_up_the_budget(
    comment_world: CommentWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy post is read every half minute, however many webhooks arrive, and the last one is not missed."""
    world, pool = comment_world, comment_world.ready_project.pool
    external = str(await pool.fetchval("SELECT external_id FROM social_accounts WHERE id = $1", bare(world.account)))
    _with_webhooks(world, monkeypatch, FakeWebhooks(external))
    for number in range(60):
        await _send(world, b"which? " + str(number).encode())
        await read(world)
        world.clock.advance(timedelta(seconds=1))
    assert len(_lists(world)) == 2
    await read_for(world, timedelta(seconds=40), timedelta(seconds=10))
    assert len(_lists(world)) == 3


async def test_the_url_of_webhooks_is_checked(comment_world: CommentWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform's check is answered, another request is not found, and where nothing is checked only POST is accepted."""
    _with_webhooks(comment_world, monkeypatch, FakeWebhooks("x"))
    client: Any = await comment_world.ready_project.world.api.anonymous()
    answer = await client.get(_HOOK, params={"challenge": "1158201444"})
    assert (answer.status_code, answer.text) == (200, "1158201444")
    for path, status in ((_HOOK, 404), ("/webhooks/youtube/test", 405), ("/webhooks/nothing/test", 405)):
        assert (await client.get(path)).status_code == status, path
