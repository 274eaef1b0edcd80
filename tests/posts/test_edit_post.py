"""`PATCH /v1/scheduled-posts/:id`: the texts and options of one queued post, with the checks of publishing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
from tests.clocks import MovableClock
from tests.databases import until_waiting
from tests.posts.conftest import ReadyProject, bare
from tests.posts.test_approval import approve, content, reject
from tests.posts.test_publish import error
from tests.posts.test_schedule import schedule, to

from presswork.worker.post_row import PostRow
from presswork.worker.store import WorkStore

LEASE: Final = timedelta(seconds=30)
ROUNDS: Final = 25


async def a_post(ready_project: ReadyProject, container: str, target: dict[str, object]) -> str:
    """Publish to one target and return the post's id."""
    response = await ready_project.publish(container, target)
    assert response.status_code == 200, response.text
    return str(response.json()["scheduledPostIds"][0])


async def change(ready_project: ReadyProject, post: str, if_match: str | None = None, **body: Any) -> httpx2.Response:
    """Call the route."""
    headers = {} if if_match is None else {"If-Match": if_match}
    return await ready_project.client.patch(f"/v1/scheduled-posts/{post}", json=body, headers=headers)


def edited(response: httpx2.Response) -> dict[str, Any]:
    """Return the post after an edit."""
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_an_edit_merges_by_field(ready_project: ReadyProject) -> None:
    """What is sent replaces, null removes, the rest stays; each edit that changes something is one revision and one entry."""
    settings = {"privacyLevel": "SELF_ONLY", "disableDuet": True}
    target = to(ready_project.tiktok, captionOverride="Secret words", tiktokPostSettings=settings)
    post = await a_post(ready_project, ready_project.image, target)
    before = await ready_project.world.post(post)
    assert before["revision"] == 1
    first = edited(await change(ready_project, post, firstCommentOverride="From six", tiktokMusic={"mode": "none"}))
    assert (first["captionOverride"], first["firstCommentOverride"], first["revision"]) == (
        "Secret words",
        "From six",
        2,
    )
    assert first["tiktokPostSettings"] == before["tiktokPostSettings"]
    second = edited(
        await change(
            ready_project, post, captionOverride=None, tiktokPostSettings={"disableComment": True}, tiktokMusic=None
        )
    )
    assert (second["captionOverride"], second["tiktokMusic"], second["revision"]) == (None, None, 3)
    assert second["tiktokPostSettings"]["disableComment"] is True
    assert second["tiktokPostSettings"]["privacyLevel"] is None  # the whole object is replaced
    same = edited(await change(ready_project, post, captionOverride=None, revision=3))
    assert same == second == await ready_project.world.post(post)
    assert edited(await change(ready_project, post)) == second
    timeline = await ready_project.world.timeline(post)
    assert [entry["event"] for entry in timeline] == ["queued", "edited", "edited"]
    assert timeline[1]["message"] == "Edited: the first comment and `tiktokMusic` changed."
    assert timeline[2]["detail"]["fields"] == ["captionOverride", "tiktokPostSettings", "tiktokMusic"]
    assert "Secret words" not in str(timeline)


async def test_the_last_reader_wins_nothing(ready_project: ReadyProject) -> None:
    """A stale `revision` or ETag is refused with the current one; the current ones, and `*`, are accepted; a replay is a replay."""
    post = await a_post(ready_project, ready_project.image, to(ready_project.tiktok))
    path = f"/v1/scheduled-posts/{post}"
    etag = (await ready_project.client.get(path)).headers["etag"]
    headers = {"Idempotency-Key": "edit-once"}
    body = {"captionOverride": "First", "revision": 1}
    for is_replay in (False, True):
        response = await ready_project.client.patch(path, json=body, headers=headers)
        assert edited(response)["revision"] == 2
        assert ("idempotent-replayed" in response.headers) is is_replay
    for stale in (
        await change(ready_project, post, captionOverride="Second", revision=1),
        await change(ready_project, post, captionOverride="First", revision=1),
        await change(ready_project, post, etag, captionOverride="Second"),
    ):
        assert (stale.status_code, error(stale)["code"]) == (409, "CONFLICT")
        assert error(stale)["details"] == {"reason": "stale_revision", "scheduledPostId": post, "revision": 2}
    fresh = (await ready_project.client.get(path)).headers["etag"]
    assert edited(await change(ready_project, post, f'"x", {fresh}', captionOverride="Second"))["revision"] == 3
    assert edited(await change(ready_project, post, "*", captionOverride="Third", revision=3))["revision"] == 4


@pytest.mark.parametrize("status", ["publishing", "published", "draft", "failed", "canceled", "queued"])
async def test_only_a_queued_post_is_edited(ready_project: ReadyProject, status: str) -> None:
    """Others are refused with their status, and so is a queued one that may be live: it was restored from a backup."""
    post = await a_post(ready_project, ready_project.image, to(ready_project.tiktok))
    await ready_project.pool.execute(
        """UPDATE scheduled_posts SET status = $2, leased_until = CASE WHEN $2 = 'publishing' THEN now() END,
                  canceled_at = CASE WHEN $2 = 'canceled' THEN now() END,
                  live_call_at = CASE WHEN $2 = 'queued' THEN now() END WHERE id = $1""",
        bare(post),
        status,
    )
    refused = await change(ready_project, post, captionOverride="Late")
    assert (refused.status_code, error(refused)["details"]) == (409, {"scheduledPostId": post, "status": status})
    assert (await ready_project.world.post(post))["captionOverride"] is None


async def test_the_checks_are_those_of_publishing(ready_project: ReadyProject) -> None:
    """Whatever publishing refuses of a target is refused of an edit, with the same code and details, and paths of the post."""
    unknown = "00000000-0000-4000-8000-000000000000"
    cases: list[tuple[str, str, str, dict[str, Any]]] = [
        (ready_project.image, ready_project.instagram, "publish", {"instagramPostSettings": {"audioName": "Our song"}}),
        (ready_project.image, ready_project.instagram, "publish", {"instagramPostSettings": {"placement": "story"}}),
        (ready_project.image, ready_project.tiktok, "publish", {"shareReelToFeed": False}),
        (ready_project.image, ready_project.tiktok, "publish", {"tiktokMusic": {"mode": "manual", "trackId": unknown}}),
        (ready_project.image, ready_project.tiktok, "draft", {"tiktokMusic": {"mode": "none"}}),
        (ready_project.video, ready_project.instagram, "publish", {"captionOverride": "x" * 4_001}),
        (ready_project.video, ready_project.instagram, "draft", {"shareReelToFeed": False}),
    ]
    await ready_project.change(
        "social_accounts", ready_project.tiktok, scopes=["user.info.basic", "video.publish", "video.upload"]
    )
    wrong = {}
    for container, account, mode, fields in cases:
        target: dict[str, object] = {"socialAccountId": account, "mode": mode}
        post = await a_post(ready_project, container, target)
        published = await ready_project.publish(container, {**target, **fields})
        refused = await change(ready_project, post, **fields)
        expected = published.json()["error"]
        details = str(expected["details"]).replace("targets[0].", "")
        found = refused.json()["error"]
        if (published.status_code, expected["code"]) != (refused.status_code, found["code"]) or str(
            found["details"]
        ) != details:
            wrong[str(fields)] = (published.text, refused.text)
        assert (await ready_project.world.post(post))["revision"] == 1
    assert not wrong, wrong


async def test_known_problems_are_warnings(ready_project: ReadyProject) -> None:
    """A text beyond the limit of the platform is accepted with the warning that publishing has; a shorter one has none."""
    post = await a_post(ready_project, ready_project.image, to(ready_project.instagram))
    long = to(ready_project.instagram, captionOverride="x" * 2_345)
    (warning,) = (await ready_project.publish(ready_project.image, long)).json()["warnings"]
    assert edited(await change(ready_project, post, captionOverride="x" * 2_345))["warnings"] == [warning]
    assert "warnings" not in edited(await change(ready_project, post, captionOverride="Short"))


async def test_an_account_or_project_that_is_gone_refuses_the_edit(ready_project: ReadyProject) -> None:
    """The readiness of the account and the state of the project count at the time of the edit, too."""
    post = await a_post(ready_project, ready_project.image, to(ready_project.tiktok))
    await ready_project.change("social_accounts", ready_project.tiktok, status="reauth_required")
    refused = await change(ready_project, post, captionOverride="New")
    assert (refused.status_code, error(refused)["details"]["reason"]) == (422, "reauth_required")
    await ready_project.pool.execute(
        "UPDATE social_accounts SET status = 'disconnected', sealed_tokens = NULL, disconnected_at = now() WHERE id = $1",
        bare(ready_project.tiktok),
    )
    refused = await change(ready_project, post, captionOverride="New")
    assert (refused.status_code, error(refused)["details"]) == (404, {"socialAccountId": ready_project.tiktok})
    assert "targets[0]" not in refused.text
    await ready_project.pool.execute("UPDATE projects SET status = 'archived', archived_at = now()")
    refused = await change(ready_project, post, captionOverride="New")
    assert (refused.status_code, error(refused)["details"]) == (409, {"projectStatus": "archived"})


@pytest.fixture
async def covered(ready_project: ReadyProject) -> ReadyProject:
    """A project whose image was approved with its texts."""
    await ready_project.change("content_containers", ready_project.image, approval_status="pending", is_covered=True)
    return ready_project


async def test_only_approved_texts_are_edited_in(covered: ReadyProject, clock: MovableClock) -> None:
    """The content's own text and an approved override are accepted, others are 403; what is no text is free."""
    at = clock.now() + timedelta(hours=1)
    own = to(covered.tiktok, captionOverride="For TikTok")
    assert (await schedule(covered, covered.image, at, own)).status_code == 202
    (post,) = (await approve(covered)).json()["pendingSchedulePromotion"]["scheduledPostIds"]
    for fields, names in (
        ({"captionOverride": "Other"}, ["captionOverride"]),
        ({"firstCommentOverride": "x"}, ["firstCommentOverride"]),
        ({"tiktokPostSettings": {"title": "New"}}, ["tiktokPostSettings.title"]),
    ):
        refused = await change(covered, post, **fields)
        details = {"reason": "text_not_approved", "socialAccountId": covered.tiktok, "fields": names}
        if "captionOverride" not in fields:
            assert set(names) <= set(error(refused)["details"]["fields"])
        else:
            assert error(refused)["details"] == details
        assert (refused.status_code, error(refused)["code"]) == (403, "APPROVAL_REQUIRED")
    assert edited(await change(covered, post, captionOverride=None))["revision"] == 2
    assert edited(await change(covered, post, captionOverride="For TikTok", revision=2))["revision"] == 3
    assert edited(await change(covered, post, tiktokPostSettings={"disableDuet": True}))["revision"] == 4


async def test_a_post_that_waits_waits_with_its_new_text(covered: ReadyProject, clock: MovableClock) -> None:
    """The content gets a new revision for new words only; the approval then covers them, and a rejection cancels the post."""
    await approve(covered)
    post = await a_post(covered, covered.image, to(covered.tiktok))
    other = await a_post(covered, covered.image, to(covered.instagram))
    await covered.client.patch(f"/v1/content/{covered.image}", json={"caption": "Changed"})
    seen = (await content(covered))["revision"]
    held = edited(await change(covered, post, captionOverride="Only here"))
    assert (held["gateStatus"], held["revision"]) == ("blocked_on_approval", 2)
    assert (await content(covered))["revision"] == seen + 1
    edited(await change(covered, post, tiktokPostSettings={"disableDuet": True}))
    assert (await content(covered))["revision"] == seen + 1
    store = WorkStore(covered.pool, worker_id="w")
    assert not await store.claim(lease=LEASE, limit=5, now=clock.now() + timedelta(days=1))
    stale = await approve(covered, revision=seen)
    assert (stale.status_code, error(stale)["details"]["reason"]) == (409, "stale_revision")
    assert (await approve(covered, revision=seen + 1)).status_code == 200
    assert edited(await change(covered, post, captionOverride="Only here"))["gateStatus"] is None
    claimed = await store.claim(lease=LEASE, limit=5, now=clock.now() + timedelta(days=1))
    assert {f"sp_{one.id}": one.caption for one in claimed} == {post: "Only here", other: "Changed"}


async def test_a_rejection_cancels_an_edited_post(covered: ReadyProject) -> None:
    """An edit does not free a post from the decision on its content."""
    await approve(covered)
    post = await a_post(covered, covered.image, to(covered.tiktok))
    await covered.client.patch(f"/v1/content/{covered.image}", json={"caption": "Changed"})
    edited(await change(covered, post, captionOverride="Only here"))
    assert (await reject(covered)).status_code == 200
    refused = await change(covered, post, captionOverride="Again")
    assert (refused.status_code, error(refused)["details"]["status"]) == (409, "canceled")


async def test_an_edit_waits_for_a_claim_and_loses(ready_project: ReadyProject) -> None:
    """A worker has the row but has not committed: the edit waits, and is refused once the claim is there."""
    post = await a_post(ready_project, ready_project.image, to(ready_project.tiktok))
    async with ready_project.pool.acquire() as worker:
        claim = worker.transaction()
        await claim.start()
        await worker.execute(
            """UPDATE scheduled_posts SET status = 'publishing', leased_by = 'w', leased_until = now() + interval '1 minute',
                      version = version + 1 WHERE id = $1""",
            bare(post),
        )
        call = asyncio.create_task(change(ready_project, post, captionOverride="Late"))
        await until_waiting(ready_project.pool)
        await claim.commit()
    refused = await call
    assert (refused.status_code, error(refused)["details"]["status"]) == (409, "publishing")


async def test_edits_race_with_claims(ready_project: ReadyProject, clock: MovableClock) -> None:
    """Over and over: what a worker has read is the text of the last edit that was accepted, whole, and never one from before."""
    store = WorkStore(ready_project.pool, worker_id="w")
    outcomes = set()
    for round_ in range(ROUNDS):
        post = await a_post(
            ready_project,
            ready_project.image,
            to(ready_project.tiktok, captionOverride="Old", firstCommentOverride="Old"),
        )
        new = {"captionOverride": "New", "firstCommentOverride": "New"}

        async def claim(delay: int) -> Sequence[PostRow]:
            for _ in range(delay):  # a little later in each round
                await ready_project.pool.fetchval("SELECT 1")
            return await store.claim(lease=LEASE, limit=1, now=clock.now())

        if round_ == 0:
            claimed, response = await claim(0), await change(ready_project, post, **new)
        elif round_ == ROUNDS - 1:
            response, claimed = await change(ready_project, post, **new), await claim(0)
        else:
            response, claimed = await asyncio.gather(change(ready_project, post, **new), claim(round_))
        if not claimed:  # the edit had the row
            assert response.status_code == 200
            claimed = await store.claim(lease=LEASE, limit=1, now=clock.now())
        (row,) = claimed
        expected = "New" if response.status_code == 200 else "Old"
        assert (f"sp_{row.id}", row.caption, row.first_comment) == (post, expected, expected)
        assert response.status_code in (200, 409)
        outcomes.add(response.status_code)
        await ready_project.pool.execute(
            "UPDATE scheduled_posts SET status = 'failed', leased_by = NULL, leased_until = NULL WHERE id = $1",
            bare(post),
        )
    assert outcomes == {200, 409}


async def test_two_edits_of_one_revision_do_not_both_win(ready_project: ReadyProject) -> None:
    """Of edits that name the same revision one is accepted, and the others learn the current one."""
    post = await a_post(ready_project, ready_project.image, to(ready_project.tiktok))
    answers = await asyncio.gather(
        *(change(ready_project, post, captionOverride=f"By {n}", revision=1) for n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    (winner,) = [edited(answer) for answer in answers if answer.status_code == 200]
    assert await ready_project.world.post(post) == winner
