"""Callbacks of managed providers: authentication, responses, and that their content decides nothing."""

import json
from datetime import timedelta
from typing import Any, Final

import httpx2
import pytest
from tests.api.wire import error
from tests.clocks import MovableClock
from tests.posts.conftest import ReadyProject, bare

from presswork.accounts.providers import new_secret
from presswork.core.ids import new_id
from presswork.crypto.webhook_signatures import signed_headers

SECRET: Final = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="
LATER: Final = timedelta(hours=5)


@pytest.fixture
async def post(ready_project: ReadyProject, clock: MovableClock) -> str:
    """A managed post that the sandbox's provider has, waiting for hours."""
    layer = await ready_project.client.post(
        f"/v1/projects/{ready_project.project}/layers",
        json={
            "templateId": "af058068-ad85-4fb8-92a1-f531b40bfcbc",
            "config": {"provider": "sandbox"},
            "socialAccountIds": [ready_project.tiktok],
        },
    )
    assert layer.status_code == 201
    response = await ready_project.publish(
        ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "managed"}
    )
    (post,) = response.json()["scheduledPostIds"]
    await ready_project.pool.execute(
        "UPDATE scheduled_posts SET status = 'publishing', live_call_at = $2, leased_until = $3, platform_state = $4"
        " WHERE id = $1",
        bare(post),
        clock.now(),
        clock.now() + LATER,
        json.dumps({"prepared": {"provider": "sandbox", "body": {}}, "sequence": 2}),
    )
    return str(post)


def dispatch_body(post: str, sequence: int = 3, **changes: Any) -> bytes:
    """Return a dispatch as the provider sends it."""
    reported = {"postId": post, "dispatchId": "d_1", "sequence": sequence, "status": "published", "error": None}
    return json.dumps({**reported, "externalId": "9", "externalUrl": None, **changes}).encode()


async def send_signed(
    ready_project: ReadyProject,
    clock: MovableClock,
    post: str,
    body: bytes,
    *,
    secret: str = SECRET,
    age: timedelta = timedelta(0),
) -> httpx2.Response:
    """Send a signed callback."""
    headers = signed_headers("d_1_3", body, secrets=[secret], now=clock.now() - age)
    return await send(ready_project, post, body, headers)


async def send(ready_project: ReadyProject, post: str, body: bytes, headers: dict[str, str]) -> httpx2.Response:
    """Send a callback with these headers."""
    anonymous = await ready_project.world.api.anonymous()
    return await anonymous.post(
        f"/callbacks/managed/{post}", content=body, headers={"content-type": "application/json", **headers}
    )


async def waits(ready_project: ReadyProject, clock: MovableClock) -> bool:
    """Whether the post still waits."""
    return bool(await ready_project.pool.fetchval("SELECT leased_until > $1 FROM scheduled_posts", clock.now()))


async def state(ready_project: ReadyProject) -> list[dict[str, Any]]:
    """Return the stored state of all posts, without the time of the wait."""
    rows = await ready_project.pool.fetch("SELECT * FROM scheduled_posts")
    events = await ready_project.pool.fetch("SELECT * FROM post_events ORDER BY id")
    return [{**dict(row), "leased_until": None} for row in rows] + [dict(event) for event in events]


async def test_a_callback_only_wakes_the_post(ready_project: ReadyProject, clock: MovableClock, post: str) -> None:
    """The post is due now; nothing of the callback's content is stored."""
    before = await state(ready_project)
    response = await send_signed(ready_project, clock, post, dispatch_body(post))
    assert (response.status_code, response.json()) == (200, {"status": "noted"})
    assert not await waits(ready_project, clock)
    assert await state(ready_project) == before


async def test_a_duplicate_callback_has_no_effect(ready_project: ReadyProject, clock: MovableClock, post: str) -> None:
    """Byte-for-byte duplicates and an older status return 200, and the provider is not queried for a known status."""
    body = dispatch_body(post, sequence=2)
    headers = signed_headers("d_1_2", body, secrets=[SECRET], now=clock.now())
    for _ in range(3):
        assert (await send(ready_project, post, body, headers)).status_code == 200
    assert (await send_signed(ready_project, clock, post, dispatch_body(post, sequence=1))).status_code == 200
    assert await waits(ready_project, clock)


@pytest.mark.parametrize("kind", ["unsigned", "wrong_secret", "old", "ahead", "other_body", "other_id", "garbage"])
async def test_a_wrong_signature_is_rejected(
    ready_project: ReadyProject, clock: MovableClock, post: str, kind: str
) -> None:
    """401, and the post keeps waiting."""
    body = dispatch_body(post)
    headers = signed_headers("d_1_3", body, secrets=[SECRET], now=clock.now())
    if kind == "unsigned":
        response = await send(ready_project, post, body, {})
    elif kind == "wrong_secret":
        response = await send_signed(ready_project, clock, post, body, secret=new_secret())
    elif kind == "old":
        response = await send_signed(ready_project, clock, post, body, age=timedelta(minutes=5, seconds=2))
    elif kind == "ahead":
        response = await send_signed(ready_project, clock, post, body, age=timedelta(minutes=-5, seconds=-2))
    elif kind == "other_body":
        response = await send(ready_project, post, body.replace(b"published", b"rejected "), headers)
    elif kind == "other_id":
        response = await send(ready_project, post, body, {**headers, "webhook-id": "d_1_4"})
    else:
        response = await send(
            ready_project, post, body, {**headers, "webhook-timestamp": "soon", "webhook-signature": "v1,= v0"}
        )
    assert (response.status_code, error(response)["code"]) == (401, "UNAUTHENTICATED")
    assert await waits(ready_project, clock)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"postId": 1}', b"\xff", b'{"status":"published","dispatchId":"d","sequence":3}']
)
async def test_a_body_that_is_not_a_dispatch_is_rejected(
    ready_project: ReadyProject, clock: MovableClock, post: str, body: bytes
) -> None:
    """400, so that the provider can fix its code."""
    response = await send_signed(ready_project, clock, post, body)
    assert (response.status_code, error(response)["code"], await waits(ready_project, clock)) == (
        400,
        "VALIDATION",
        True,
    )


async def test_a_callback_for_another_post_is_rejected(
    ready_project: ReadyProject, clock: MovableClock, post: str
) -> None:
    """A correctly signed callback to this post's URL with the dispatch of another post."""
    response = await send_signed(ready_project, clock, post, dispatch_body(f"sp_{new_id()}"))
    assert (response.status_code, await waits(ready_project, clock)) == (400, True)


async def test_posts_that_were_not_sent_to_a_provider_are_not_found(
    ready_project: ReadyProject, clock: MovableClock, post: str
) -> None:
    """Unknown, malformed, of another mode, or not sent yet: 404."""
    other = (
        await ready_project.publish(
            ready_project.image, {"socialAccountId": ready_project.instagram, "mode": "publish"}
        )
    ).json()
    queued = (
        await ready_project.publish(ready_project.image, {"socialAccountId": ready_project.tiktok, "mode": "managed"})
    ).json()
    for name in (f"sp_{new_id()}", "me", other["scheduledPostIds"][0], queued["scheduledPostIds"][0]):
        response = await send_signed(ready_project, clock, name, dispatch_body(name))
        assert (response.status_code, error(response)["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("status", ["published", "failed", "canceled"])
async def test_a_post_in_a_final_state_returns_410(
    ready_project: ReadyProject, clock: MovableClock, post: str, status: str
) -> None:
    """410, so that the provider stops reporting."""
    await ready_project.pool.execute(
        "UPDATE scheduled_posts SET status = $2, leased_until = NULL WHERE id = $1", bare(post), status
    )
    before = await state(ready_project)
    assert (await send_signed(ready_project, clock, post, dispatch_body(post))).status_code == 410
    assert await state(ready_project) == before


async def test_a_callback_of_a_removed_provider_is_rejected(
    ready_project: ReadyProject, clock: MovableClock, post: str
) -> None:
    """The signature can't be verified; the sandbox's secret is not accepted for another provider's post."""
    await ready_project.change(
        "scheduled_posts", post, platform_state=json.dumps({"prepared": {"provider": "acme"}, "sequence": 1})
    )
    assert (await send_signed(ready_project, clock, post, dispatch_body(post))).status_code == 401
    assert await waits(ready_project, clock)


async def test_the_sandboxs_secret_is_not_accepted_for_live_posts(
    ready_project: ReadyProject, clock: MovableClock, post: str
) -> None:
    """The sandbox's secret is public."""
    await ready_project.pool.execute("UPDATE scheduled_posts SET environment = 'live' WHERE id = $1", bare(post))
    assert (await send_signed(ready_project, clock, post, dispatch_body(post))).status_code == 401
