"""Canceling and rescheduling through the API: legal states, responses and timeline entries."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final
from uuid import uuid4

import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.posts.conftest import ReadyProject, bare
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
    """Return a post with a status."""
    return PostState(
        id=new_id(),
        status=status,
        live_call_at=NOW if is_asked else None,
        scheduled_for=NOW,
        canceled_at=None,
        updated_at=NOW,
    )


async def one_post(ready_project: ReadyProject) -> str:
    """Publish an image to TikTok and return the post's id."""
    response = await ready_project.publish(
        ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "publish"}
    )
    return str(response.json()["scheduledPostIds"][0])


async def set_state(ready_project: ReadyProject, post: str, status: Status, *, is_asked: bool) -> None:
    """Set the state of a post directly."""
    await ready_project.pool.execute(
        """UPDATE scheduled_posts SET status = $2, leased_until = CASE WHEN $2 = 'publishing' THEN now() END,
                  live_call_at = CASE WHEN $3 THEN now() END, canceled_at = CASE WHEN $2 = 'canceled' THEN now() END
            WHERE id = $1""",
        bare(post),
        status.value,
        is_asked,
    )


def test_the_model_follows_the_moves() -> None:
    """A post can be canceled where MOVES allows it, and rescheduled while queued, unless a live call has started."""
    for status, is_asked in product(Status, (False, True)):
        post = state(status, is_asked=is_asked)
        if Status.CANCELED in MOVES[status] and not is_asked:
            canceled = post.cancel(now=NOW + timedelta(seconds=1))
            assert (canceled.status, canceled.canceled_at) == (Status.CANCELED, NOW + timedelta(seconds=1))
        else:
            with pytest.raises(PostNotCancelable) as refused:
                post.cancel(now=NOW)
            assert refused.value.details["status"] == status.value
        if status is Status.QUEUED and not is_asked:
            assert post.reschedule(NOW + HORIZON, now=NOW).scheduled_for == NOW + HORIZON
        else:
            with pytest.raises(PostNotReschedulable):
                post.reschedule(NOW + HORIZON, now=NOW)


def test_the_bounds_of_an_instant_are_exact() -> None:
    """Thirty seconds ago and 365 days ahead are accepted; a millisecond beyond is not."""
    beyond = timedelta(milliseconds=1)
    for instant in (NOW - PAST_TOLERANCE, NOW + HORIZON):
        assert state(Status.QUEUED).reschedule(instant, now=NOW).scheduled_for == instant
    for instant in (NOW - PAST_TOLERANCE - beyond, NOW + HORIZON + beyond):
        with pytest.raises(Invalid):
            state(Status.QUEUED).reschedule(instant, now=NOW)


async def test_the_statements_agree_with_the_model(ready_project: ReadyProject) -> None:
    """In every state, with and without a started live call, the SQL of cancel and reschedule does what the model says."""
    for status, is_asked in product(Status, (False, True)):
        post = await one_post(ready_project)
        await set_state(ready_project, post, status, is_asked=is_asked)
        moved = await ready_project.client.post(
            f"/v1/scheduled-posts/{post}/reschedule",
            json={"scheduledFor": write_instant(ready_project.world.api.context.clock.now() + timedelta(hours=1))},
        )
        is_movable = status is Status.QUEUED and not is_asked
        assert (moved.status_code == 200) == is_movable, (status, is_asked)
        canceled = await ready_project.client.delete(f"/v1/scheduled-posts/{post}")
        is_legal = Status.CANCELED in MOVES[status] and not is_asked
        assert (canceled.status_code == 200) == is_legal, (status, is_asked)
        after = await ready_project.world.post(post)
        assert after["status"] == ("canceled" if is_legal else status.value)
        for response, is_fine in ((moved, is_movable), (canceled, is_legal)):
            if not is_fine:
                reported = "canceled" if status is Status.CANCELED else status.value
                assert (response.status_code, error(response)["code"]) == (409, "CONFLICT")
                assert error(response)["details"] == {"scheduledPostId": post, "status": reported}


async def test_a_queued_post_that_may_be_live_is_neither_canceled_nor_moved(ready_project: ReadyProject) -> None:
    """Only a restore leaves one; the errors say so, and the time of the post stays."""
    post = await one_post(ready_project)
    await set_state(ready_project, post, Status.QUEUED, is_asked=True)
    before = await ready_project.world.post(post)
    later = write_instant(ready_project.world.api.context.clock.now() + timedelta(hours=1))
    path = f"/v1/scheduled-posts/{post}"
    for response in (
        await ready_project.client.post(f"{path}/reschedule", json={"scheduledFor": later}),
        await ready_project.client.delete(path),
    ):
        assert (response.status_code, error(response)["details"]["status"]) == (409, "queued")
        assert "it may have gone live before Presswork was restored from a backup" in error(response)["message"]
    assert await ready_project.world.post(post) == before


async def test_a_canceled_post_shows_when_and_why(ready_project: ReadyProject) -> None:
    """The response, the post and its timeline agree; the reason is in the timeline."""
    post = await one_post(ready_project)
    response = await ready_project.client.request("DELETE", f"/v1/scheduled-posts/{post}", json={"reason": "Sold out."})
    read = await ready_project.world.post(post)
    assert response.json() == {"id": post, "status": "canceled", "canceledAt": read["canceledAt"]}
    last = (await ready_project.world.timeline(post))[-1]
    assert (last["event"], last["message"]) == ("canceled", "Canceled through the API: Sold out.")
    assert (last["detail"]["reason"], last["detail"]["by"][:4]) == ("Sold out.", "key_")
    again = await ready_project.client.delete(f"/v1/scheduled-posts/{post}")
    assert (again.status_code, error(again)["details"]["status"]) == (409, "canceled")


async def test_a_managed_post_whose_call_had_no_effect_is_canceled(ready_project: ReadyProject) -> None:
    """A worker clears the started call after the cancel was refused for it, and before the provider would be asked."""
    post = await one_post(ready_project)
    await set_state(ready_project, post, Status.PUBLISHING, is_asked=True)
    await ready_project.change("scheduled_posts", post, mode="managed")
    async with ready_project.pool.acquire() as connection, connection.transaction():
        await connection.execute("UPDATE scheduled_posts SET live_call_at = NULL WHERE id = $1", bare(post))
        call = asyncio.create_task(ready_project.client.delete(f"/v1/scheduled-posts/{post}"))
        await until_waiting(ready_project.pool)  # the cancel was refused
    response = await call
    assert (response.status_code, response.json()["status"]) == (200, "canceled"), response.text
    assert [entry["event"] for entry in await ready_project.world.timeline(post)] == ["queued", "canceled"]


async def test_a_reason_is_optional_and_validated(ready_project: ReadyProject) -> None:
    """A reason has at most 1,024 characters, and unknown fields are refused."""
    post = await one_post(ready_project)
    path = f"/v1/scheduled-posts/{post}"
    long = await ready_project.client.request("DELETE", path, json={"reason": "x" * 1025})
    assert (long.status_code, issues(long)) == (422, {"reason": "too_long"})
    odd = await ready_project.client.request("DELETE", path, json={"why": "x"})
    assert issues(odd) == {"why": "unknown_field"}
    assert (await ready_project.client.request("DELETE", path, json={"reason": "x" * 1024})).status_code == 200


async def test_posts_of_other_tenants_are_not_found(api: Api, ready_project: ReadyProject) -> None:
    """A key of another organization, and an unknown id, get 404 and change nothing."""
    post = await one_post(ready_project)
    rival = await api.client(organization="Rival")
    body = {"scheduledFor": write_instant(api.context.clock.now())}
    for client, thing in ((rival, post), (ready_project.client, f"sp_{uuid4()}")):
        assert (await client.delete(f"/v1/scheduled-posts/{thing}")).status_code == 404
        assert (await client.post(f"/v1/scheduled-posts/{thing}/reschedule", json=body)).status_code == 404
    assert (await ready_project.world.post(post))["status"] == "queued"


async def test_a_queued_post_can_be_rescheduled(ready_project: ReadyProject, clock: MovableClock) -> None:
    """The response, the post and the timeline show the new time; with a time just past, the post is due now."""
    post = await one_post(ready_project)
    later = write_instant(clock.now() + timedelta(days=3))
    response = await ready_project.client.post(f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": later})
    read = await ready_project.world.post(post)
    assert response.json() == {
        "id": post,
        "status": "queued",
        "scheduledFor": later,
        "updatedAt": read["updatedAt"],
        "scheduledPostIds": [post],
    }
    assert read["scheduledFor"] == later
    entry = (await ready_project.world.timeline(post))[-1]
    assert (entry["event"], entry["detail"]["scheduledFor"]) == ("rescheduled", later)
    just_over = write_instant(clock.now() - timedelta(seconds=30))
    response = await ready_project.client.post(
        f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": just_over}
    )
    assert response.json()["scheduledFor"] == just_over
    assert (
        await ready_project.pool.fetchval("SELECT run_at FROM scheduled_posts WHERE id = $1", bare(post)) == clock.now()
    )


@pytest.mark.parametrize(
    ("away", "code"), [(timedelta(seconds=-31), "in_the_past"), (timedelta(days=365, seconds=1), "too_far_ahead")]
)
async def test_a_time_out_of_bounds_is_an_issue(
    ready_project: ReadyProject, clock: MovableClock, away: timedelta, code: str
) -> None:
    """A time that is past, or more than a year ahead, is an issue at `scheduledFor`."""
    post = await one_post(ready_project)
    body = {"scheduledFor": write_instant(clock.now() + away)}
    response = await ready_project.client.post(f"/v1/scheduled-posts/{post}/reschedule", json=body)
    assert (response.status_code, issues(response)) == (422, {"scheduledFor": code})


async def test_rescheduling_is_idempotent(ready_project: ReadyProject, clock: MovableClock) -> None:
    """The same call with the same key is replayed, even after its time has passed."""
    post = await one_post(ready_project)
    call = {
        "url": f"/v1/scheduled-posts/{post}/reschedule",
        "json": {"scheduledFor": write_instant(clock.now() + timedelta(minutes=1))},
        "headers": {"Idempotency-Key": "move"},
    }
    first = await ready_project.client.post(**call)  # type: ignore[arg-type]  # the names are those of the parameters
    clock.advance(timedelta(hours=1))
    second = await ready_project.client.post(**call)  # type: ignore[arg-type]  # as above
    assert (first.content, second.headers.get("Idempotent-Replayed")) == (second.content, "true")
    events = [entry["event"] for entry in await ready_project.world.timeline(post)]
    assert events == ["queued", "rescheduled"]
