"""What reads store: each comment once, edits and deletions, events, texts that expire, retention."""

import json
from datetime import timedelta

from tests.comments.conftest import CommentWorld

from presswork.api.webhooks.event_schemas import CommentEventData
from presswork.comments.receive import Received, delete_old_comments, forget_texts
from presswork.platforms.live_support import CommentAction


async def test_a_comment_is_received_once(comment_world: CommentWorld) -> None:
    """A second read has no news; the event has the fields that its schema promises."""
    world = comment_world
    read = [world.seen("c1", "first", minutes=2), world.seen("c2", "own", minutes=1, is_own=True)]
    assert await world.receive(*read) == Received(new=2, changed=0)
    assert await world.receive(*read) == Received(new=0, changed=0)
    assert await world.sent() == ["comment.received"]
    data = json.loads(await world.ready_project.pool.fetchval("SELECT data FROM event_outbox"))
    comment = await world.one("first")
    names = CommentEventData.model_json_schema(by_alias=True)["properties"]
    assert set(data) == set(names)
    same = set(data) & set(comment)
    assert {name: data[name] for name in same} == {name: comment[name] for name in same}


async def test_edits_and_deletions_are_seen(comment_world: CommentWorld) -> None:
    """A new text replaces the old one. What a complete read does not have is deleted, of a cut one it stays."""
    world = comment_world
    await world.receive(world.seen("c1", "first", minutes=2), world.seen("c2", "second", minutes=1))
    world.clock.advance(timedelta(minutes=1))
    assert await world.receive(world.seen("c1", "edited", minutes=3), is_complete=False) == Received(new=0, changed=1)
    assert [item["text"] for item in await world.list()] == ["second", "edited"]
    assert await world.receive(world.seen("c1", "edited", minutes=3)) == Received(new=0, changed=1)
    assert [item["text"] for item in await world.list()] == ["edited"]
    again = await world.receive(world.seen("c1", "edited", minutes=3), world.seen("c2", "second", minutes=2))
    assert again == Received(new=0, changed=1)
    assert await world.sent() == ["comment.received"] * 2


async def test_old_comments_of_a_first_read_are_no_news(comment_world: CommentWorld) -> None:
    """What was there a week before a post is read for the first time is done; the rest is new."""
    world = comment_world
    week = 7 * 24 * 60
    await world.receive(world.seen("c1", "old", minutes=week + 1), world.seen("c2", "recent"), is_first=True)
    await world.receive(world.seen("c3", "late", minutes=week + 1), is_complete=False)
    assert {item["text"]: item["status"] for item in await world.list()} == {
        "old": "done",
        "late": "new",
        "recent": "new",
    }
    assert await world.sent() == ["comment.received"] * 2


async def test_what_a_platform_does_not_show_stays_as_it_is(comment_world: CommentWorld) -> None:
    """A read that shows neither likes nor what is hidden takes nothing back; one that shows them does."""
    world = comment_world
    await world.receive(world.seen("c1", "first", is_hidden=True, is_liked=True))
    unshown = frozenset({CommentAction.HIDE, CommentAction.LIKE})
    await world.receive(world.seen("c1", "edited", unshown=unshown), world.seen("c2", "second", unshown=unshown))
    read = {item["text"]: (item["hidden"], item["liked"]) for item in await world.list()}
    assert read == {"edited": (True, True), "second": (False, False)}
    await world.receive(world.seen("c1", "edited"), world.seen("c2", "second"))
    found = await world.one("edited")
    assert (found["hidden"], found["liked"]) == (False, False)


async def test_a_reply_to_a_comment_of_an_earlier_read_joins_its_thread(comment_world: CommentWorld) -> None:
    """Threads stay together also where a read does not show their beginning."""
    world = comment_world
    await world.receive(world.seen("c1", "first", minutes=9), world.seen("c2", "second", minutes=8))
    await world.receive(world.seen("c3", "deep", minutes=1, parent_external_id="c1"), is_complete=False)
    await world.receive(world.seen("c4", "deeper", parent_external_id="c3"), is_complete=False)
    response = await world.ready_project.client.get(f"/v1/scheduled-posts/{world.post}/comments")
    assert [item["text"] for item in response.json()["items"]] == ["first", "deep", "deeper", "second"]


async def test_texts_that_must_not_be_kept_are_erased(comment_world: CommentWorld) -> None:
    """After the time that the platform allows, text and author of others are gone and the comment stays; a read brings them back."""
    world, pool = comment_world, comment_world.ready_project.pool
    read = [world.seen("c1", "first"), world.seen("c2", "own", is_own=True)]
    await world.receive(*read, max_text_age=timedelta(hours=48))
    world.clock.advance(timedelta(hours=47))
    assert await forget_texts(pool, now=world.clock.now(), limit=10) == 0
    world.clock.advance(timedelta(hours=2))
    assert await forget_texts(pool, now=world.clock.now(), limit=10) == 1
    assert [(item["text"], item["author"], item["own"]) for item in await world.list(own="false")] == [
        (None, None, False)
    ]
    assert [item["text"] for item in await world.list(own="true")] == ["own"]
    await world.receive(*read, max_text_age=timedelta(hours=48))
    assert [item["text"] for item in await world.list(own="false")] == ["first"]
    assert await world.sent() == ["comment.received"]


async def test_old_comments_are_deleted_but_not_under_a_call(comment_world: CommentWorld) -> None:
    """Retention removes comments and replies for good, and waits while a worker has something to do about one of them."""
    world, pool = comment_world, comment_world.ready_project.pool
    await world.receive(world.seen("c1", "first"), world.seen("c2", "second"))
    first = await world.one("first")
    await world.call(first["id"], "reply", text="Yes")
    world.clock.advance(timedelta(days=31))
    assert await delete_old_comments(pool, keep=timedelta(days=30), now=world.clock.now(), limit=10) == 1
    assert [item["text"] for item in await world.list()] == ["Yes", "first"]
    await pool.execute("DELETE FROM comment_calls")
    assert await delete_old_comments(pool, keep=timedelta(days=30), now=world.clock.now(), limit=10) == 2
    await world.receive(world.seen("c1", "first", minutes=31 * 24 * 60), keep=timedelta(days=30))
    assert await world.list() == [], "a read does not bring them back"
