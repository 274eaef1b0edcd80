"""Canceling and rescheduling by a call: what is allowed when, what is answered, and what the timeline tells."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final
from uuid import uuid4

import pytest
from tests.conftest import Api, MovableClock
from tests.posts.conftest import Scene, bare
from tests.posts.test_publish import error, issues

from presswork.core.errors import Invalid
from presswork.core.ids import new_id
from presswork.core.timestamps import write_instant
from presswork.posts.model import (
    HORIZON,
    MOVES,
    PAST_TOLERANCE,
    PostNotCancelable,
    PostNotReschedulable,
    PostState,
    Status,
)

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)


def state(status: Status, *, is_asked: bool = False) -> PostState:
    """Return a post in a status."""
    return PostState(
        id=new_id(),
        status=status,
        live_call_at=NOW if is_asked else None,
        scheduled_for=NOW,
        canceled_at=None,
        updated_at=NOW,
    )


async def one_post(scene: Scene) -> str:
    """Publish a picture to TikTok and return the post's id."""
    answer = await scene.publish(scene.image, {"socialAccountId": scene.tiktok, "mode": "publish"})
    return str(answer.json()["scheduledPostIds"][0])


async def put_into(scene: Scene, post: str, status: Status, *, is_asked: bool) -> None:
    """Bring a post into a state, whatever led there."""
    await scene.pool.execute(
        """UPDATE scheduled_posts SET status = $2, leased_until = CASE WHEN $2 = 'publishing' THEN now() END,
                  live_call_at = CASE WHEN $3 THEN now() END, canceled_at = CASE WHEN $2 = 'canceled' THEN now() END
            WHERE id = $1""",
        bare(post),
        status.value,
        is_asked,
    )


def test_what_is_legal_is_what_the_moves_say() -> None:
    """A post can be canceled exactly where MOVES allows it and its platform was not asked; moved only while queued."""
    for status, is_asked in product(Status, (False, True)):
        post = state(status, is_asked=is_asked)
        if Status.CANCELED in MOVES[status] and not is_asked:
            canceled = post.cancel(now=NOW + timedelta(seconds=1))
            assert (canceled.status, canceled.canceled_at) == (Status.CANCELED, NOW + timedelta(seconds=1))
        else:
            with pytest.raises(PostNotCancelable) as refused:
                post.cancel(now=NOW)
            assert refused.value.details["status"] == status.value
        if status is Status.QUEUED:
            assert post.reschedule(NOW + HORIZON, now=NOW).scheduled_for == NOW + HORIZON
        else:
            with pytest.raises(PostNotReschedulable):
                post.reschedule(NOW + HORIZON, now=NOW)


def test_the_bounds_of_a_time_are_exact() -> None:
    """Thirty seconds ago and 365 days ahead are fine; a millisecond beyond either is not."""
    beyond = timedelta(milliseconds=1)
    for instant in (NOW - PAST_TOLERANCE, NOW + HORIZON):
        assert state(Status.QUEUED).reschedule(instant, now=NOW).scheduled_for == instant
    for instant in (NOW - PAST_TOLERANCE - beyond, NOW + HORIZON + beyond):
        with pytest.raises(Invalid):
            state(Status.QUEUED).reschedule(instant, now=NOW)


async def test_the_statements_move_what_the_rules_move(scene: Scene) -> None:
    """Over every state, with and without the call that makes it live: canceling and moving do what the pure rules say."""
    for status, is_asked in product(Status, (False, True)):
        post = await one_post(scene)
        await put_into(scene, post, status, is_asked=is_asked)
        moved = await scene.client.post(
            f"/v1/scheduled-posts/{post}/reschedule",
            json={"scheduledFor": write_instant(scene.stage.api.context.clock.now() + timedelta(hours=1))},
        )
        assert (moved.status_code == 200) == (status is Status.QUEUED), (status, is_asked)
        canceled = await scene.client.delete(f"/v1/scheduled-posts/{post}")
        is_legal = Status.CANCELED in MOVES[status] and not is_asked
        assert (canceled.status_code == 200) == is_legal, (status, is_asked)
        after = await scene.stage.post(post)
        assert after["status"] == ("canceled" if is_legal else status.value)
        for answer, is_fine in ((moved, status is Status.QUEUED), (canceled, is_legal)):
            if not is_fine:
                told = "canceled" if status is Status.CANCELED else status.value
                assert (answer.status_code, error(answer)["code"]) == (409, "CONFLICT")
                assert error(answer)["details"] == {"scheduledPostId": post, "status": told}


async def test_a_canceled_post_says_when_and_why(scene: Scene) -> None:
    """The answer, the post and its timeline agree; the reason is for whoever reads the timeline."""
    post = await one_post(scene)
    answer = await scene.client.request("DELETE", f"/v1/scheduled-posts/{post}", json={"reason": "Sold out."})
    read = await scene.stage.post(post)
    assert answer.json() == {"id": post, "status": "canceled", "canceledAt": read["canceledAt"]}
    last = (await scene.stage.timeline(post))[-1]
    assert (last["event"], last["message"]) == ("canceled", "Canceled through the API: Sold out.")
    assert (last["detail"]["reason"], last["detail"]["by"][:4]) == ("Sold out.", "key_")
    again = await scene.client.delete(f"/v1/scheduled-posts/{post}")
    assert (again.status_code, error(again)["details"]["status"]) == (409, "canceled")


async def test_a_reason_is_checked_and_may_be_left_out(scene: Scene) -> None:
    """A reason of 1,024 characters fits, one more does not, and neither does a field of another name."""
    post = await one_post(scene)
    path = f"/v1/scheduled-posts/{post}"
    long = await scene.client.request("DELETE", path, json={"reason": "x" * 1025})
    assert (long.status_code, issues(long)) == (422, {"reason": "string_too_long"})
    odd = await scene.client.request("DELETE", path, json={"why": "x"})
    assert issues(odd) == {"why": "extra_forbidden"}
    assert (await scene.client.request("DELETE", path, json={"reason": "x" * 1024})).status_code == 200


async def test_what_is_anothers_can_not_be_changed(api: Api, scene: Scene) -> None:
    """A key of another organization, and any key at an id that nobody has, get 404 and change nothing."""
    post = await one_post(scene)
    rival = await api.client(organization="Rival")
    body = {"scheduledFor": write_instant(api.context.clock.now())}
    for client, thing in ((rival, post), (scene.client, f"sp_{uuid4()}")):
        assert (await client.delete(f"/v1/scheduled-posts/{thing}")).status_code == 404
        assert (await client.post(f"/v1/scheduled-posts/{thing}/reschedule", json=body)).status_code == 404
    assert (await scene.stage.post(post))["status"] == "queued"


async def test_a_queued_post_gets_another_time(scene: Scene, clock: MovableClock) -> None:
    """The new time is answered, read and told; an instant just over is taken, and the post is due at once."""
    post = await one_post(scene)
    later = write_instant(clock.now() + timedelta(days=3))
    answer = await scene.client.post(f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": later})
    read = await scene.stage.post(post)
    assert answer.json() == {"id": post, "status": "queued", "scheduledFor": later, "updatedAt": read["updatedAt"]}
    assert read["scheduledFor"] == later
    entry = (await scene.stage.timeline(post))[-1]
    assert (entry["event"], entry["detail"]["scheduledFor"]) == ("rescheduled", later)
    just_over = write_instant(clock.now() - timedelta(seconds=30))
    answer = await scene.client.post(f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": just_over})
    assert answer.json()["scheduledFor"] == just_over
    assert await scene.pool.fetchval("SELECT run_at FROM scheduled_posts WHERE id = $1", bare(post)) == clock.now()


@pytest.mark.parametrize(
    ("away", "code"), [(timedelta(seconds=-31), "in_the_past"), (timedelta(days=365, seconds=1), "too_far_ahead")]
)
async def test_a_time_out_of_bounds_is_an_issue(scene: Scene, clock: MovableClock, away: timedelta, code: str) -> None:
    """An instant that is over, or more than a year away, is told at `scheduledFor`."""
    post = await one_post(scene)
    body = {"scheduledFor": write_instant(clock.now() + away)}
    answer = await scene.client.post(f"/v1/scheduled-posts/{post}/reschedule", json=body)
    assert (answer.status_code, issues(answer)) == (422, {"scheduledFor": code})


async def test_rescheduling_is_idempotent(scene: Scene, clock: MovableClock) -> None:
    """The same call under its key is replayed, even once its instant is over."""
    post = await one_post(scene)
    call = {
        "url": f"/v1/scheduled-posts/{post}/reschedule",
        "json": {"scheduledFor": write_instant(clock.now() + timedelta(minutes=1))},
        "headers": {"Idempotency-Key": "move"},
    }
    first = await scene.client.post(**call)  # type: ignore[arg-type]  # the names are those of the parameters
    clock.advance(timedelta(hours=1))
    second = await scene.client.post(**call)  # type: ignore[arg-type]  # as above
    assert (first.content, second.headers.get("Idempotent-Replayed")) == (second.content, "true")
    events = [entry["event"] for entry in await scene.stage.timeline(post)]
    assert events == ["queued", "rescheduled"]
