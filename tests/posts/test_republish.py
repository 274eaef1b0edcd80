"""`POST /v1/scheduled-posts/:id/republish`: a new post from one that ended without going live, and never two."""

import asyncio
from itertools import product
from typing import Any

import httpx2
import pytest
from tests.api_server import Api
from tests.posts.conftest import ReadyProject, bare

from presswork.core.ids import new_id
from presswork.posts.model import PostNotRepublishable, Republishable, Status

CAPTION = {"captionOverride": "Only here", "firstCommentOverride": "From six"}


async def a_post(ready_project: ReadyProject, status: str = "failed", code: str | None = None, **target: object) -> str:
    """Publish an image to TikTok, end the post as asked for, and return its id."""
    response = await ready_project.publish(
        ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "publish", **target}
    )
    assert response.status_code == 200, response.text
    post = str(response.json()["scheduledPostIds"][0])
    await end(ready_project, post, status, code)
    return post


async def end(ready_project: ReadyProject, post: str, status: str, code: str | None = None) -> None:
    """Set the status of a post directly."""
    await ready_project.pool.execute(
        """UPDATE scheduled_posts SET status = $2, leased_until = CASE WHEN $2 = 'publishing' THEN now() END,
                  canceled_at = CASE WHEN $2 = 'canceled' THEN now() END,
                  last_error = CASE WHEN $3::text IS NOT NULL THEN json_build_object('code', $3::text, 'message', 'No.')::text END
            WHERE id = $1""",
        bare(post),
        status,
        code,
    )


async def republish(ready_project: ReadyProject, post: str, key: str | None = None, **body: Any) -> httpx2.Response:
    """Call the route."""
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"/v1/scheduled-posts/{post}/republish"
    return await ready_project.client.post(path, headers=headers, json=body or None)


def error(response: httpx2.Response) -> tuple[int, str, dict[str, Any]]:
    """Return status, code and details of a refusal."""
    refusal = response.json()["error"]
    return response.status_code, refusal["code"], dict(refusal.get("details", {}))


def new_post(response: httpx2.Response) -> str:
    """Return the id of the new post, the only field of the response."""
    assert (response.status_code, list(response.json())) == (201, ["scheduledPostId"]), response.text
    return str(response.json()["scheduledPostId"])


def conflict(response: httpx2.Response) -> dict[str, Any]:
    """Return the details of a 409."""
    status, code, details = error(response)
    assert (status, code) == (409, "CONFLICT"), response.text
    return dict(details)


def check(post: Republishable, *, confirm_not_live: bool) -> None:
    """Make both checks of a post that was not published again. Raises PostNotRepublishable."""
    post.require_ended()
    post.require(confirm_not_live=confirm_not_live)


def test_the_model_allows_it_after_a_failure_and_a_cancel_alone() -> None:
    """Only a failed or canceled post can be published again; one whose outcome is unknown must be confirmed."""
    for status, code, is_confirmed in product(Status, (None, "OUTCOME_UNKNOWN", "INTERNAL"), (False, True)):
        post_id = new_id()
        post = Republishable(id=post_id, asked_for=post_id, status=status, error_code=code)
        is_over = status in (Status.FAILED, Status.CANCELED)
        if is_over and (is_confirmed or code != "OUTCOME_UNKNOWN"):
            check(post, confirm_not_live=is_confirmed)
            continue
        with pytest.raises(PostNotRepublishable) as refused:
            check(post, confirm_not_live=is_confirmed)
        reasons = {Status.QUEUED: "not_ended", Status.PUBLISHING: "not_ended", Status.PUBLISHED: "delivered"}
        expected = reasons.get(status, "delivered" if status is Status.DRAFT else "outcome_unknown")
        assert (refused.value.details["reason"], refused.value.details["status"]) == (expected, status.value)


@pytest.mark.parametrize(("status", "code"), [("failed", "MEDIA_REJECTED"), ("canceled", None)])
async def test_a_new_post_has_the_same_target(ready_project: ReadyProject, status: str, code: str | None) -> None:
    """Account, mode, options and texts are those of the former post; it is due now, and the former one stays as it is."""
    settings = {"tiktokPostSettings": {"privacyLevel": "SELF_ONLY"}, "tiktokMusic": {"mode": "auto"}}
    former_id = await a_post(ready_project, status, code, **CAPTION, **settings)
    former = await ready_project.world.post(former_id)
    answer = await republish(ready_project, former_id)
    new_id = new_post(answer)
    assert new_id != former_id
    post = await ready_project.world.post(new_id)
    same = {
        "projectId",
        "containerId",
        "socialAccountId",
        "platform",
        "mode",
        "captionOverride",
        "firstCommentOverride",
    }
    same |= {"tiktokPostSettings", "tiktokMusic", "instagramPostSettings", "shareReelToFeed", "gateStatus"}
    assert {name: post[name] for name in same} == {name: former[name] for name in same}
    assert (post["status"], post["lastError"], post["canceledAt"]) == ("queued", None, None)
    assert post["scheduledFor"] == post["createdAt"]
    assert await ready_project.world.post(former_id) == former


async def test_the_timelines_and_the_audit_log_name_both_posts(ready_project: ReadyProject, api: Api) -> None:
    """A reader finds the new post from the former one, and the other way round."""
    former = await a_post(ready_project, "canceled")
    new = new_post(await republish(ready_project, former, confirmNotLive=True))
    (first,) = await ready_project.world.timeline(new)
    assert (first["event"], first["detail"]) == ("queued", {"republishOf": former})
    assert first["message"] == f"Published again from {former}, which was canceled. Due now."
    last = (await ready_project.world.timeline(former))[-1]
    assert (last["event"], last["detail"]) == ("queued", {"republishedAs": new})
    assert last["message"] == f"Published again as {new}. This post stays canceled."
    admin = await api.client(scopes=("org:admin",))
    (line,) = (await admin.get("/v1/audit-log", params={"action": "post.republish"})).json()["items"]
    assert (line["objectId"], line["detail"]) == (former, {"scheduledPostId": new, "confirmNotLive": True})


@pytest.mark.parametrize(
    ("status", "reason"),
    [("queued", "not_ended"), ("publishing", "not_ended"), ("published", "delivered"), ("draft", "delivered")],
)
async def test_other_states_are_a_conflict(ready_project: ReadyProject, status: str, reason: str) -> None:
    """A post that is under way or delivered is not published again, whatever is confirmed."""
    post = await a_post(ready_project, status)
    bodies: tuple[dict[str, Any], ...] = ({}, {"confirmNotLive": True})
    for body in bodies:
        answer = await republish(ready_project, post, **body)
        assert conflict(answer) == {"scheduledPostId": post, "status": status, "reason": reason}
    assert await ready_project.posts() == 1


async def test_an_unknown_outcome_must_be_confirmed(ready_project: ReadyProject) -> None:
    """The content may be live: only a person who looked at the account can say that it is not."""
    post = await a_post(ready_project, "failed", "OUTCOME_UNKNOWN")
    bodies: tuple[dict[str, Any], ...] = ({}, {"confirmNotLive": False})
    for body in bodies:
        refused = conflict(await republish(ready_project, post, **body))
        assert refused == {"scheduledPostId": post, "status": "failed", "reason": "outcome_unknown"}
    assert await ready_project.posts() == 1
    new_post(await republish(ready_project, post, confirmNotLive=True))


async def test_one_successor_is_open_or_delivered(ready_project: ReadyProject) -> None:
    """While one post is under way or delivered, none of those before it is published again; after its failure, each can be."""
    first = await a_post(ready_project)
    second = new_post(await republish(ready_project, first))
    refused = conflict(await republish(ready_project, first))
    assert refused == {"scheduledPostId": second, "status": "queued", "reason": "already_republished"}
    await end(ready_project, second, "failed", "PLATFORM_UNAVAILABLE")
    third = new_post(await republish(ready_project, second))
    for former in (first, second):
        assert conflict(await republish(ready_project, former))["scheduledPostId"] == third
    await end(ready_project, third, "canceled")
    fourth = new_post(await republish(ready_project, first))
    await end(ready_project, fourth, "published")
    for former in (first, second, third):
        refused = conflict(await republish(ready_project, former, confirmNotLive=True))
        assert refused == {"scheduledPostId": fourth, "status": "published", "reason": "already_republished"}
    assert await ready_project.posts() == 4


async def test_the_unknown_outcome_of_a_later_post_counts(ready_project: ReadyProject) -> None:
    """The first post failed for certain, but the one that was published from it may be live."""
    first = await a_post(ready_project, "failed", "MEDIA_REJECTED")
    second = new_post(await republish(ready_project, first))
    await end(ready_project, second, "failed", "OUTCOME_UNKNOWN")
    refused = conflict(await republish(ready_project, first))
    assert refused == {"scheduledPostId": second, "status": "failed", "reason": "outcome_unknown"}
    third = new_post(await republish(ready_project, first, confirmNotLive=True))
    await end(ready_project, third, "canceled")
    new_post(
        await republish(ready_project, second)
    )  # that the second is not live was confirmed when the third was made


async def test_concurrent_calls_create_one_post(ready_project: ReadyProject) -> None:
    """A double click posts once: one call creates the post, the others name it, whichever post they are about."""
    first = await a_post(ready_project)
    second = new_post(await republish(ready_project, first))
    await end(ready_project, second, "failed", "INTERNAL")
    answers = await asyncio.gather(*(republish(ready_project, post) for post in (first, second) * 5))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    for answer in answers:
        if answer not in made:
            refused = conflict(answer)
            assert (refused["reason"], refused["scheduledPostId"]) == ("already_republished", new_post(made[0]))
    assert await ready_project.posts() == 3


async def test_a_call_with_a_key_is_replayed(ready_project: ReadyProject) -> None:
    """Calls that repeat a key return the same post, also at the same time; another body is a conflict of the key."""
    post = await a_post(ready_project)
    answers = await asyncio.gather(*(republish(ready_project, post, "again") for _ in range(5)))
    assert {answer.content for answer in answers} == {answers[0].content}
    new_post(answers[0])
    assert sorted("idempotent-replayed" in answer.headers for answer in answers) == [False] + [True] * 4
    assert error(await republish(ready_project, post, "again", confirmNotLive=True))[1] == "IDEMPOTENCY_CONFLICT"
    assert await ready_project.posts() == 2


async def test_the_checks_of_publishing_apply(ready_project: ReadyProject) -> None:
    """Approval, the account's readiness and the project are checked as they are now; nothing is written."""
    post = await a_post(ready_project)
    checks: list[tuple[str, str, dict[str, object], int, str]] = [
        ("content_containers", ready_project.image, {"approval_status": "pending"}, 403, "APPROVAL_REQUIRED"),
        ("content_containers", ready_project.image, {"approval_status": "rejected"}, 409, "CONTENT_REJECTED"),
        ("content_containers", ready_project.image, {"approval_status": "not_required"}, 0, ""),
        (
            "social_accounts",
            ready_project.tiktok,
            {"status": "reauth_required"},
            422,
            "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
        ),
        (
            "social_accounts",
            ready_project.tiktok,
            {"status": "connected", "scopes": []},
            422,
            "SOCIAL_ACCOUNT_NOT_PUBLISH_READY",
        ),
    ]
    for table, thing, change, status, code in checks:
        await ready_project.change(table, thing, **change)
        if status:
            answer = await republish(ready_project, post)
            assert error(answer)[:2] == (status, code), change
            assert "targets" not in answer.json()["error"]["message"]
    await ready_project.client.patch(f"/v1/projects/{ready_project.project}", json={"status": "archived"})
    assert conflict(await republish(ready_project, post)) == {"projectStatus": "archived"}
    assert await ready_project.posts() == 1


async def test_the_account_of_the_post_must_be_connected(ready_project: ReadyProject) -> None:
    """A disconnected account is not found, as for publish, and the message is about the post."""
    post = await a_post(ready_project)
    await ready_project.pool.execute(
        """UPDATE social_accounts SET status = 'disconnected', sealed_tokens = NULL, disconnected_at = now(),
                  disconnected_reason = 'x' WHERE id = $1""",
        bare(ready_project.tiktok),
    )
    answer = await republish(ready_project, post)
    assert error(answer) == (404, "NOT_FOUND", {"socialAccountId": ready_project.tiktok})
    assert answer.json()["error"]["message"].startswith("The account of this post is disconnected")


async def test_subscribers_receive_the_new_post(ready_project: ReadyProject) -> None:
    """The new post is scheduled, like one of a publish call; nothing is sent about the former one."""
    post = await a_post(ready_project)
    made = await ready_project.client.post(
        "/v1/webhook-endpoints", json={"url": "https://hooks.example.com/presswork", "events": ["post.scheduled"]}
    )
    assert made.status_code == 201, made.text
    new = new_post(await republish(ready_project, post))
    endpoint = made.json()["endpoint"]["id"]
    sent = await ready_project.client.get(f"/v1/webhook-endpoints/{endpoint}/deliveries")
    assert [item["eventType"] for item in sent.json()["items"]] == ["post.scheduled"]
    payload = await ready_project.pool.fetchval("SELECT data FROM webhook_deliveries")
    assert new in payload


async def test_a_track_that_is_gone_is_named_as_in_the_post(ready_project: ReadyProject) -> None:
    """The issue has the path of the option in the post: the call has no targets."""
    track = new_id()
    await ready_project.pool.execute(
        "INSERT INTO tiktok_tracks (id, title, user_count, is_commerce_music, updated_at) VALUES ($1, 'Song', 1, false, now())",
        track,
    )
    post = await a_post(ready_project, tiktokMusic={"mode": "manual", "trackId": str(track)})
    await ready_project.pool.execute("DELETE FROM tiktok_tracks")
    status, code, details = error(await republish(ready_project, post))
    assert (status, code) == (422, "VALIDATION")
    (issue,) = details["issues"]
    assert issue["path"] == "tiktokMusic.trackId"
    assert issue["message"].startswith("`tiktokMusic.trackId` is not in the catalogue")


async def test_only_approved_texts_are_published_again(ready_project: ReadyProject) -> None:
    """Where an approval covers the texts, those of the former post must be approved."""
    post = await a_post(ready_project, **CAPTION)
    await ready_project.change("content_containers", ready_project.image, approval_status="approved", is_covered=True)
    status, code, details = error(await republish(ready_project, post))
    assert (status, code, details["reason"]) == (403, "APPROVAL_REQUIRED", "text_not_approved")
    plain = await a_post(ready_project)
    new_post(await republish(ready_project, plain))


async def test_the_body_is_optional_and_strict(ready_project: ReadyProject) -> None:
    """Unknown fields and values that are not boolean are issues."""
    post = await a_post(ready_project, "failed", "OUTCOME_UNKNOWN")
    for body in ({"confirmNotLive": "true"}, {"confirmNotLive": None}, {"confirmNotLive": 1}, {"scheduledFor": "2026"}):
        status, code, details = error(await republish(ready_project, post, **body))
        assert (status, code, len(details["issues"])) == (422, "VALIDATION", 1), body


async def test_posts_of_others_do_not_exist(ready_project: ReadyProject, api: Api) -> None:
    """Another organization, the other environment and a malformed id get 404; the scope is publish:write."""
    post = await a_post(ready_project)
    path = f"/v1/scheduled-posts/{post}/republish"
    for stranger in (await api.client(organization="Other"), await api.client(environment="live")):
        assert error(await stranger.post(path))[:2] == (404, "NOT_FOUND")
    assert error(await ready_project.client.post("/v1/scheduled-posts/sp_x/republish"))[:2] == (404, "NOT_FOUND")
    denied = await (await api.client(scopes=("publish:read",))).post(path)
    assert error(denied) == (403, "FORBIDDEN_SCOPE", {"requiredScope": "publish:write"})
    assert await ready_project.posts() == 1
