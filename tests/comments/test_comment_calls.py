"""The worker's calls about comments: a reply at most once, and calls that may be repeated, against a platform in memory."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import pytest
from tests.comments.conftest import READ, CommentWorld
from tests.posts.conftest import bare

from presswork.jobs.runner import LeaseLost
from presswork.media.links import PageLinks
from presswork.platforms.errors import CredentialInvalid, Rejected, TryLater
from presswork.worker.comment_call_jobs import CommentCallJobs
from presswork.worker.comment_calls import CommentCallStore
from presswork.worker.context import WorkerContext
from presswork.worker.renditions import Renditions
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)


class Killed(BaseException):
    """The worker dies here."""


def jobs_of(world: CommentWorld, at_point: Any = lambda _point: None, worker_id: str = "w1") -> CommentCallJobs:
    """Return the job source of a worker."""
    context = world.ready_project.world.api.context
    worker = WorkerContext(
        pool=world.ready_project.pool,
        store=WorkStore(world.ready_project.pool, worker_id=worker_id),
        clock=world.clock,
        keyring=context.keyring,
        renditions=cast("Renditions", None),  # nothing here needs media or a page
        pages=cast("PageLinks", None),
        base_url="http://localhost",
        at_point=at_point,
    )
    store = CommentCallStore(world.ready_project.pool, worker_id=worker_id)
    return CommentCallJobs(worker, store, context.platforms, concurrency=10, lease=LEASE, leases=store)


async def work(world: CommentWorld, jobs: CommentCallJobs | None = None) -> int:
    """Make every call that is due; return how many were."""
    jobs = jobs or jobs_of(world)
    claimed = await jobs.claim(10)
    for job in claimed:
        await jobs.run(job)
    return len(claimed)


async def work_on(world: CommentWorld, *, hours: float, step: timedelta = timedelta(seconds=20)) -> None:
    """Work while that many hours pass."""
    until = world.clock.now() + timedelta(hours=hours)
    while world.clock.now() < until:
        await work(world)
        wait = await jobs_of(world).next_due()
        world.clock.advance(max(step, wait or step))


async def _reply(world: CommentWorld, text: str = "Yes") -> str:
    """Store a comment and ask for an answer to it; return the reply."""
    await world.receive(world.seen("c1", "first", minutes=5), is_complete=False)
    first = await world.one("first")
    return str((await world.call(first["id"], "reply", text=text))["id"])


async def _status(world: CommentWorld, reply: str) -> tuple[str, str | None]:
    found = await world.get(reply)
    return found["replyStatus"], found["externalId"]


def _writes(world: CommentWorld) -> list[str]:
    return [call for call in world.platform.calls if call.startswith("write")]


async def test_a_reply_is_written_and_announced(comment_world: CommentWorld) -> None:
    """Prepared, written once, stored with the platform's id, and one event says so."""
    reply = await _reply(comment_world)
    assert await work(comment_world) == 1
    assert await _status(comment_world, reply) == ("posted", "own-1")
    assert comment_world.platform.calls == ["prepare", "write Yes"]
    assert await comment_world.sent() == ["comment.received", "comment.replied"]
    assert await work(comment_world) == 0


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_response_never_answers_twice(comment_world: CommentWorld, when: str) -> None:
    """The platform is asked first. The reply is written again only after it was missing for as long as a call may last."""
    comment_world.platform.lost = when
    reply = await _reply(comment_world)
    await work(comment_world)
    assert await _status(comment_world, reply) == ("queued", None)
    await work_on(comment_world, hours=1)
    assert (await _status(comment_world, reply))[0] == "posted"
    assert list(comment_world.platform.comments.values()) == ["Yes"]
    assert len(_writes(comment_world)) == (1 if when == "after" else 2)
    assert await comment_world.sent() == ["comment.received", "comment.replied"]


@pytest.mark.parametrize("point", ["before_reply", "after_reply"])
async def test_a_worker_that_dies_after_the_intent_leaves_a_look(comment_world: CommentWorld, point: str) -> None:
    """The next worker looks. It never writes a reply whose call may have been made, before looks showed that it is missing."""

    def kill(at: str) -> None:
        if at == point:
            raise Killed

    reply = await _reply(comment_world)
    with pytest.raises(Killed):
        await work(comment_world, jobs_of(comment_world, kill, "w0"))
    assert await work(comment_world) == 0, "its lease is not over"
    comment_world.clock.advance(LEASE)
    comment_world.platform.calls.clear()
    await work(comment_world)
    assert comment_world.platform.calls[0] == "look"
    await work_on(comment_world, hours=1)
    assert (await _status(comment_world, reply))[0] == "posted"
    assert list(comment_world.platform.comments.values()) == ["Yes"]


async def test_a_reply_whose_preparation_is_lost_is_prepared_again(comment_world: CommentWorld) -> None:
    """A platform that has lost what was prepared can't have written it: the reply has not failed."""
    comment_world.platform.lost = "before"
    comment_world.platform.instead = TryLater("The container is lost.", step="reply", starts_over=True)
    reply = await _reply(comment_world)
    await work_on(comment_world, hours=1)
    assert (await _status(comment_world, reply))[0] == "posted"
    assert list(comment_world.platform.comments.values()) == ["Yes"]
    assert comment_world.platform.calls.count("prepare") == len(_writes(comment_world)) == 2


@pytest.mark.exhaustive
async def test_a_list_that_was_cut_off_ends_in_doubt(comment_world: CommentWorld) -> None:
    """A look that can't see whether the reply is there never leads to a second one: its outcome is unknown in the end."""
    comment_world.platform.lost = "before"
    comment_world.platform.is_readable = False
    reply = await _reply(comment_world)
    await work_on(comment_world, hours=26)
    found = await comment_world.get(reply)
    assert found["replyStatus"] == "outcome_unknown"
    assert found["error"].endswith("Look at the post on the platform before you answer again.")
    assert len(_writes(comment_world)) == 1
    assert await comment_world.sent() == ["comment.received", "comment.reply_failed"]


async def test_an_equal_comment_that_stood_there_is_not_the_reply(comment_world: CommentWorld) -> None:
    """Someone wrote the same text with the platform's app before: it is noted, and the lost reply is not taken for it."""
    comment_world.platform.comments["app"] = "Yes"
    comment_world.platform.lost = "before"
    reply = await _reply(comment_world)
    await work_on(comment_world, hours=1)
    assert (await _status(comment_world, reply))[1] == "own-1"
    assert sorted(comment_world.platform.comments) == ["app", "own-1"]


async def test_two_equal_replies_do_not_take_each_other_for_theirs(comment_world: CommentWorld) -> None:
    """Replies on one post wait for one whose outcome is not known, so each finds its own."""
    comment_world.platform.lost = "after"
    first = await _reply(comment_world)
    comment = await comment_world.one("first")
    second = str((await comment_world.call(comment["id"], "reply", text="Yes"))["id"])
    await work(comment_world)
    assert _writes(comment_world) == ["write Yes"], "the second waits"
    await work_on(comment_world, hours=1)
    assert await _status(comment_world, first) == ("posted", "own-1")
    assert await _status(comment_world, second) == ("posted", "own-2")
    assert await comment_world.ready_project.pool.fetchval("SELECT count(*) FROM comment_calls") == 0


async def test_the_copy_that_a_read_found_first_is_the_reply(comment_world: CommentWorld) -> None:
    """A read stores the account's comment before the worker knows its id: there is one comment in the end."""

    async def read() -> None:
        await comment_world.receive(
            comment_world.seen("own-1", "Yes", is_own=True, parent_external_id="c1"), is_complete=False
        )

    reply = await _reply(comment_world)
    await read()
    await work(comment_world)
    assert await _status(comment_world, reply) == ("posted", "own-1")
    await read()
    own = await comment_world.list(own="true")
    assert [(item["id"], item["externalId"], item["replyStatus"]) for item in own] == [(reply, "own-1", "posted")]


async def test_what_a_refusal_proves_is_not_doubt(comment_world: CommentWorld) -> None:
    """A rejected reply has failed, with the platform's reason; one that was refused for a while is written later."""
    comment_world.platform.refusals = [TryLater("The platform is busy.", step="reply")]
    reply = await _reply(comment_world)
    await work_on(comment_world, hours=1)
    assert await _status(comment_world, reply) == ("posted", "own-1")
    assert (await comment_world.one("first"))["status"] == "done"
    assert "look" not in comment_world.platform.calls
    comment_world.platform.refusals = [Rejected("Comments are turned off.", step="reply")]
    comment = await comment_world.one("first")
    refused = str((await comment_world.call(comment["id"], "reply", text="And?"))["id"])
    await work(comment_world)
    found = await comment_world.get(refused)
    assert (found["replyStatus"], found["error"], found["externalId"]) == ("failed", "Comments are turned off.", None)
    assert (await comment_world.get(comment["id"]))["status"] == "open", "its answer is owed again"
    assert await comment_world.sent() == ["comment.received", "comment.replied", "comment.reply_failed"]


async def _set(world: CommentWorld, table: str, thing: str, changes: Mapping[str, object]) -> None:
    """Update columns of a row, all at once."""
    columns = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=2))
    statement = f"UPDATE {table} SET {columns} WHERE id = $1"  # noqa: S608  the names come from the test
    await world.ready_project.pool.execute(statement, bare(thing), *changes.values())


async def test_what_went_away_meanwhile_is_not_answered(comment_world: CommentWorld) -> None:
    """A comment that was deleted, a post that was taken down, an account that was disconnected: the reply has failed, with the reason."""
    project, now = comment_world.ready_project, comment_world.clock.now()
    ended = {
        "status": "disconnected",
        "sealed_tokens": None,
        "disconnected_at": now,
        "disconnected_reason": "user_requested",
    }
    for table, sentence, changes in (
        ("comments", "The comment does not exist any more", {"deleted_at": now}),
        ("scheduled_posts", "The post is not live any more", {"live_status": "taken_down"}),
        ("social_accounts", "The account is disconnected.", ended),
        ("social_accounts", "The account did not grant a permission", {"scopes": [READ]}),
    ):
        reply = await _reply(comment_world, f"Yes, {sentence}")
        comment = (await comment_world.get(reply))["parentId"]
        thing = {"comments": comment, "scheduled_posts": comment_world.post}.get(table, comment_world.account)
        row = await project.pool.fetchrow(f"SELECT * FROM {table} WHERE id = $1", bare(thing))  # noqa: S608  named above
        assert row is not None
        await _set(comment_world, table, thing, changes)
        await work(comment_world)
        found = await comment_world.get(reply)
        assert found["replyStatus"] == "failed", sentence
        assert found["error"].startswith(sentence)
        await _set(comment_world, table, thing, {name: row[name] for name in changes})
    assert _writes(comment_world) == []


async def test_a_refused_token_waits_for_the_account(comment_world: CommentWorld) -> None:
    """The account has to be connected again; then the reply goes out."""
    comment_world.platform.refusals = [CredentialInvalid("The token is invalid.", step="reply")]
    await comment_world.ready_project.change("social_accounts", comment_world.account, status="reauth_required")
    comment_world.platform.refusals = []
    with pytest.raises(AssertionError, match="SOCIAL_ACCOUNT_NOT_PUBLISH_READY"):
        await _reply(comment_world)
    await comment_world.ready_project.change("social_accounts", comment_world.account, status="connected")
    reply = await _reply(comment_world)
    await comment_world.ready_project.change("social_accounts", comment_world.account, status="reauth_required")
    await work(comment_world)
    assert await _status(comment_world, reply) == ("queued", None)
    await comment_world.ready_project.change("social_accounts", comment_world.account, status="connected")
    await work_on(comment_world, hours=0.2)
    assert await _status(comment_world, reply) == ("posted", "own-1")


async def test_comments_are_hidden_liked_and_deleted(comment_world: CommentWorld) -> None:
    """The comment shows the wish at once; taking a like back gets what the like has stored."""
    await comment_world.receive(comment_world.seen("c1", "first"))
    comment = str((await comment_world.one("first"))["id"])
    for what, shown, calls in (
        ("hide", {"hidden": True}, ["hide c1"]),
        ("hide", {"hidden": True}, []),
        ("unhide", {"hidden": False}, ["unhide c1"]),
        ("like", {"liked": True}, ["like c1"]),
        ("unlike", {"liked": False}, ["unlike key-c1 c1"]),
        ("delete", {}, ["delete c1"]),
        ("delete", {}, []),
    ):
        comment_world.platform.calls.clear()
        answer = await comment_world.call(comment, what)
        assert {name: answer[name] for name in shown} == shown, what
        await work(comment_world)
        assert comment_world.platform.calls == calls, what
    assert await comment_world.list() == []
    assert (await comment_world.get(comment))["error"] is None
    assert comment_world.platform.deleted == {"c1"}


async def test_a_call_that_fails_is_taken_back_and_says_why(comment_world: CommentWorld) -> None:
    """The comment shows what it is on the platform again. A repeated call tries once more."""
    await comment_world.receive(comment_world.seen("c1", "first"))
    comment = str((await comment_world.one("first"))["id"])
    for what, shown in (("hide", "hidden"), ("like", "liked"), ("delete", "deletedAt")):
        comment_world.platform.faults = [("before", Rejected("It is not allowed.", step=what))]
        await comment_world.call(comment, what)
        await work(comment_world)
        found = await comment_world.get(comment)
        assert (bool(found[shown]), found["error"]) == (False, "It is not allowed."), what
    await comment_world.call(comment, "hide")
    await work(comment_world)
    found = await comment_world.get(comment)
    assert (found["hidden"], found["error"]) == (True, None)


async def test_the_newest_wish_wins(comment_world: CommentWorld) -> None:
    """A worker that is at an older one loses its lease, and the newer one is done after it."""
    await comment_world.receive(comment_world.seen("c1", "first"))
    comment = str((await comment_world.one("first"))["id"])
    await comment_world.call(comment, "hide")
    jobs = jobs_of(comment_world)
    (job,) = await jobs.claim(10)
    await comment_world.call(comment, "unhide")
    assert await work(comment_world) == 0, "it waits for the lease"
    with pytest.raises(LeaseLost):
        await jobs.run(job)
    await jobs.release([])
    await work(comment_world)
    assert comment_world.platform.calls == ["hide c1", "unhide c1"]
    assert (await comment_world.get(comment))["hidden"] is False


async def test_a_read_that_began_before_a_call_changes_nothing(comment_world: CommentWorld) -> None:
    """What a slow read shows of a comment that was hidden meanwhile is old; while a call is due, its wish stays."""
    await comment_world.receive(comment_world.seen("c1", "first", minutes=5))
    comment = str((await comment_world.one("first"))["id"])
    comment_world.clock.advance(timedelta(minutes=1))
    read_at: datetime = comment_world.clock.now()
    await comment_world.call(comment, "hide")
    await comment_world.receive(comment_world.seen("c1", "first", minutes=6))
    assert (await comment_world.get(comment))["hidden"] is True, "the call is due"
    comment_world.clock.advance(timedelta(seconds=5))
    await work(comment_world)
    await comment_world.receive(comment_world.seen("c1", "first", minutes=6), read_at=read_at)
    assert (await comment_world.get(comment))["hidden"] is True, "the read began before"
    comment_world.clock.advance(timedelta(minutes=1))
    await comment_world.receive(comment_world.seen("c1", "first", minutes=7))
    assert (await comment_world.get(comment))["hidden"] is False, "someone has shown it again"


async def test_only_the_worker_that_has_the_lease_renews_it(comment_world: CommentWorld) -> None:
    """A renewal keeps a call from other workers; a released call is due at once."""
    reply = await _reply(comment_world)
    jobs = jobs_of(comment_world)
    (job,) = await jobs.claim(10)
    comment_world.clock.advance(LEASE - timedelta(seconds=1))
    assert await jobs.renew([jobs.key_of(job)]) == set()
    comment_world.clock.advance(timedelta(seconds=5))
    assert await jobs_of(comment_world, worker_id="w2").claim(10) == []
    await jobs.release([])
    assert await jobs.renew([jobs.key_of(job)]) == {jobs.key_of(job)}
    (taken,) = await jobs_of(comment_world, worker_id="w2").claim(10)
    assert taken.call.comment_id == UUID(reply[4:])
