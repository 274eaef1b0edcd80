"""Every fault on the wire: the response to the client, and the effect in the sandbox."""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncIterator
from typing import Final, Literal

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, MediaServer, RunningSandbox, SharedSandbox, picture, polls

from presswork_sandbox import calls


async def ready(sandbox: RunningSandbox, token: str, **params: object) -> str:
    """Create a picture container, wait until it is finished, and return its id."""
    url = sandbox.media.put("picture.jpg", picture())
    container = await sandbox.container(token, image_url=url, **params)
    assert await sandbox.finished(token, container) == ["FINISHED"]
    return container


@pytest.fixture(scope="module", params=["httptools", "h11", "httptools, wrapped", "h11, wrapped"])
async def shared_dropping_sandbox(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SharedSandbox]:
    """A sandbox behind each protocol of uvicorn, and behind a middleware that wraps `receive`."""
    http: Literal["httptools", "h11"] = "h11" if "h11" in request.param else "httptools"
    shared = SharedSandbox(tmp_path_factory.mktemp("drop"), http, wrapped="wrapped" in request.param)
    yield shared
    await shared.close()


@pytest.fixture
async def dropping(shared_dropping_sandbox: SharedSandbox, media: MediaServer) -> AsyncIterator[RunningSandbox]:
    """One of these sandboxes, without data."""
    async with shared_dropping_sandbox.lend(media) as sandbox:
        yield sandbox


async def test_dropped_connection_sends_no_byte(dropping: RunningSandbox) -> None:
    """The connection closes without a byte, whether the post goes live before, never or later; there is no HTTP 500."""
    token = await dropping.graph_login("brand")
    for fault, is_live in (("drop_before_effect", False), ("drop_after_effect", True), ("late_effect", False)):
        container = await ready(dropping, token)
        before = len(await dropping.items("posts"))
        await dropping.fault("instagram", "media_publish", fault, value={"ms": 500})
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            await dropping.publish(token, container)
        assert len(await dropping.items("posts")) == before + is_live
        *_, call = await dropping.calls(operation="media_publish")
        assert (call["status"], call["fault"], call["response"]) == (None, fault, None)
        again = await dropping.publish(token, container)
        assert again.status_code == (400 if is_live else 200)
        assert len(await dropping.items("posts")) == before + 1


async def test_dropped_upload(dropping: RunningSandbox, reel: bytes) -> None:
    """The response to the last chunk is dropped: before the effect nothing is stored, after it the post goes live."""
    token = (await dropping.tiktok_login("brand"))["access_token"]
    begun = await dropping.video_init(token, len(reel))
    await dropping.fault("tiktok", "upload", "drop_before_effect")
    await dropping.fault("tiktok", "upload", "drop_after_effect")
    for stored in (0, len(reel)):
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)):
            await dropping.put(begun["upload_url"], reel)
        assert (await dropping.status(token, begun["publish_id"]))["uploaded_bytes"] == stored
    assert (await dropping.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"
    assert len(await dropping.items("posts")) == 1


async def test_error_responses_to_media_publish(sandbox: RunningSandbox) -> None:
    """An error response replaces the effect, unless the fault is set to come after it."""
    rows: list[tuple[str, JSON, int, str, int]] = [
        ("http_500", {}, 500, "application/json", 0),
        ("http_500", {"afterEffect": True}, 500, "application/json", 1),
        ("html_502", {}, 502, "text/html", 0),
        ("platform_error", {"code": 4, "subcode": 2207051}, 400, "application/json", 0),
        ("platform_error", {"code": 4, "subcode": 2207051, "afterEffect": True}, 400, "application/json", 1),
        ("platform_error", {"code": 10}, 403, "application/json", 0),
    ]
    with every_row() as row:
        for fault, value, status, kind, posts in rows:
            with row(fault, value, status, kind, posts):
                await sandbox.reset()
                token = await sandbox.graph_login("brand")
                container = await ready(sandbox, token)
                await sandbox.fault("instagram", "media_publish", fault, value=value)
                answer = await sandbox.publish(token, container)
                assert answer.status_code == status
                assert answer.headers["content-type"].startswith(kind)
                assert len(await sandbox.items("posts")) == posts
                if "code" in value:
                    error = answer.json()["error"]
                    assert (error["code"], error.get("error_subcode")) == (value["code"], value.get("subcode"))
                    assert error["fbtrace_id"]


async def test_malformed_json_comes_after_the_effect(sandbox: RunningSandbox) -> None:
    """The post is live, and the response is truncated JSON."""
    token = await sandbox.graph_login("brand")
    container = await ready(sandbox, token)
    await sandbox.fault("instagram", "media_publish", "malformed_json")
    answer = await sandbox.publish(token, container)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"char \d+"):
        answer.json()
    assert len(await sandbox.items("posts")) == 1


class HeldDelays:
    """Replaces `asyncio.sleep` in the calls of a sandbox: a delay lasts until the test ends it, however slow the machine is."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._has_begun: Final = threading.Event()
        self._end: Final[concurrent.futures.Future[None]] = concurrent.futures.Future()

    async def sleep(self, seconds: float) -> None:
        """Sleep, on the event loop of the sandbox."""
        self.seconds.append(seconds)
        self._has_begun.set()
        await asyncio.wrap_future(self._end)

    async def begun(self) -> None:
        """Wait until a call sleeps."""
        assert await asyncio.to_thread(self._has_begun.wait, 30)

    def end(self) -> None:
        """End all delays, later ones too."""
        self._end.set_result(None)


async def test_latency_precedes_the_effect_and_combines_with_faults(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that hangs up during the delay has still published; latency does not consume other faults."""
    delays = HeldDelays()
    monkeypatch.setattr(calls, "asyncio", delays)
    token = await sandbox.graph_login("brand")
    container = await ready(sandbox, token)
    await sandbox.fault("instagram", "media_publish", "latency", value={"ms": 150})
    publishing = asyncio.create_task(sandbox.publish(token, container))
    await delays.begun()
    assert await sandbox.items("posts") == []
    publishing.cancel()
    await asyncio.wait([publishing])
    delays.end()
    async for _ in polls():
        if await sandbox.calls(operation="media_publish"):
            break
    assert len(await sandbox.items("posts")) == 1
    await sandbox.fault("instagram", "me", "latency", value={"ms": 1}, times=-1)
    await sandbox.fault("instagram", "me", "http_500")
    assert [(await sandbox.graph(token, "GET", "me")).status_code for _ in range(2)] == [500, 200]
    assert [call["fault"] for call in await sandbox.calls(operation="me")] == ["http_500", "latency"]
    assert delays.seconds == [0.15, 0.001, 0.001]


async def test_faults_have_skip_times_handle_and_order(sandbox: RunningSandbox) -> None:
    """Faults apply to matching calls in the order in which they were set, for one handle or for all."""
    mine, other = await sandbox.graph_login("mine"), await sandbox.graph_login("other")
    await sandbox.fault("instagram", "me", "platform_error", value={"code": 1}, handle="@Mine", skip=1, times=2)
    await sandbox.fault("instagram", "me", "platform_error", value={"code": 2}, handle="mine", skip=1)

    async def codes(token: str, calls: int) -> list[int]:
        answers = [(await sandbox.graph(token, "GET", "me")).json() for _ in range(calls)]
        return [answer.get("error", {}).get("code", 0) for answer in answers]

    assert await codes(other, 2) == [0, 0]
    assert await codes(mine, 5) == [0, 1, 1, 2, 0]
    assert await sandbox.items("faults") == []
    await sandbox.fault("instagram", "me", "http_500", times=-1)
    assert await codes(mine, 3) == [2, 2, 2]
    assert (await sandbox.control("DELETE", "faults?platform=tiktok")).json() == {"cleared": 0}
    assert (await sandbox.control("DELETE", "faults")).json() == {"cleared": 1}
    assert await codes(mine, 1) == [0]


async def test_expired_instagram_token_is_invalid_until_refreshed(sandbox: RunningSandbox) -> None:
    """The token is invalid from that call on, and a refresh returns a valid one; if the refresh fails, only a login does."""
    token = await sandbox.graph_login("brand")
    await sandbox.advance(2 * 86_400)
    await sandbox.fault("instagram", "media", "token_expired", handle="brand")
    answer = await sandbox.graph(token, "POST", "me/media", image_url="http://x/y.jpg")
    assert (answer.json()["error"]["code"], answer.json()["error"]["error_subcode"]) == (190, 463)
    assert (await sandbox.graph(token, "GET", "me")).json()["error"]["code"] == 190
    refresh = await sandbox.graph(token, "GET", "refresh_access_token", grant_type="ig_refresh_token")
    assert (await sandbox.graph(refresh.json()["access_token"], "GET", "me")).status_code == 200
    await sandbox.fault("instagram", "refresh", "token_expired", handle="brand")
    for _ in range(2):
        refused = await sandbox.graph(token, "GET", "refresh_access_token", grant_type="ig_refresh_token")
        assert refused.json()["error"]["code"] == 190
    assert (await sandbox.graph(await sandbox.graph_login("brand"), "GET", "me")).status_code == 200


async def test_expired_tiktok_token_is_invalid_until_refreshed(sandbox: RunningSandbox) -> None:
    """The access token is invalid until refreshed; a fault on `refresh` invalidates the refresh token."""
    login = await sandbox.tiktok_login("brand")
    await sandbox.fault("tiktok", "creator_info", "token_expired")
    path = "post/publish/creator_info/query"
    for _ in range(2):
        answer = await sandbox.tiktok(login["access_token"], path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access_token_invalid")
    fresh = (await sandbox.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])).json()
    assert (await sandbox.tiktok(fresh["access_token"], path)).status_code == 200
    await sandbox.fault("tiktok", "refresh", "token_expired")
    for _ in range(2):
        dead = await sandbox.tiktok_token(grant_type="refresh_token", refresh_token=fresh["refresh_token"])
        assert dead.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("operation", ["media", "container_status"])
async def test_stuck_container(sandbox: RunningSandbox, operation: str) -> None:
    """A stuck container stays in progress until the fault is cleared, one container per `times`."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    await sandbox.fault("instagram", operation, "stuck_processing")
    stuck = await sandbox.container(token, image_url=url)
    assert await sandbox.finished(token, stuck, max_count=5) == ["IN_PROGRESS"] * 5
    free = await sandbox.container(token, image_url=url)
    assert await sandbox.finished(token, free) == ["FINISHED"]
    await sandbox.advance(600)
    assert (await sandbox.publish(token, stuck)).json()["error"]["code"] == 9007
    assert [fault["times"] for fault in await sandbox.items("faults")] == [0]
    await sandbox.control("DELETE", "faults")
    assert await sandbox.finished(token, stuck) == ["FINISHED"]


async def test_stuck_counts_containers_instead_of_polls(sandbox: RunningSandbox) -> None:
    """Set on the status call with `times` 2, the fault holds the first two polled containers, however often they are polled."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    containers = [await sandbox.container(token, image_url=url) for _ in range(3)]
    await sandbox.fault("instagram", "container_status", "stuck_processing", times=2)
    for container in containers[:2]:
        assert await sandbox.finished(token, container, max_count=4) == ["IN_PROGRESS"] * 4
    assert await sandbox.finished(token, containers[2]) == ["FINISHED"]


@pytest.mark.parametrize("operation", ["video_init", "upload", "status_fetch"])
async def test_stuck_publish_job(sandbox: RunningSandbox, reel: bytes, operation: str) -> None:
    """A stuck publish job stays in processing, whatever the time, until the fault is cleared."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    await sandbox.fault("tiktok", operation, "stuck_processing")
    begun = await sandbox.video_init(token, len(reel))
    await sandbox.put(begun["upload_url"], reel)
    for _ in range(5):
        await sandbox.advance(60)
        assert (await sandbox.status(token, begun["publish_id"]))["status"] == "PROCESSING_UPLOAD"
    assert await sandbox.items("posts") == []
    await sandbox.control("DELETE", "faults")
    assert (await sandbox.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize("operation", ["media", "container_status"])
async def test_media_error_on_instagram(sandbox: RunningSandbox, operation: str) -> None:
    """Processing ends permanently in ERROR, with the subcode in the status text."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("picture.jpg", picture())
    await sandbox.fault("instagram", operation, "media_error", value={"subcode": 2207082})
    container = await sandbox.container(token, image_url=url)
    for _ in range(2):
        answer = (await sandbox.graph(token, "GET", container, fields="status_code,status")).json()
        assert answer["status_code"] == "ERROR"
        assert answer["status"] == "Error: Media upload has failed with error code 2207082"
    assert (await sandbox.publish(token, container)).json()["error"]["code"] == 9007


@pytest.mark.parametrize("operation", ["video_init", "upload", "status_fetch"])
async def test_media_error_on_tiktok(sandbox: RunningSandbox, reel: bytes, operation: str) -> None:
    """The job ends as FAILED with the reason of the fault; HTTP status and envelope report success."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    await sandbox.fault("tiktok", operation, "media_error", value={"code": "frame_rate_check_failed"})
    begun = await sandbox.video_init(token, len(reel))
    await sandbox.put(begun["upload_url"], reel)
    data = await sandbox.over(token, begun["publish_id"])
    assert (data["status"], data["fail_reason"]) == ("FAILED", "frame_rate_check_failed")
    assert await sandbox.items("posts") == []


async def test_platform_errors_of_tiktok_have_their_http_status(sandbox: RunningSandbox) -> None:
    """Codes have the HTTP status of TikTok's tables: 200 in creator_info, flat in the token endpoint, none in uploads."""
    login = await sandbox.tiktok_login("brand")
    token = login["access_token"]
    code = {"code": "spam_risk_too_many_posts"}
    await sandbox.fault("tiktok", "creator_info", "platform_error", value=code)
    await sandbox.fault("tiktok", "video_init", "platform_error", value=code)
    await sandbox.fault("tiktok", "refresh", "platform_error", value={"code": "temporarily_unavailable", "status": 200})
    await sandbox.fault("tiktok", "upload", "platform_error", value={"code": 503})
    answer = await sandbox.tiktok(token, "post/publish/creator_info/query")
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "spam_risk_too_many_posts")
    answer = await sandbox.tiktok(token, "post/publish/video/init", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "spam_risk_too_many_posts")
    answer = await sandbox.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (200, "temporarily_unavailable")
    begun = await sandbox.video_init(token, 4)
    answer = await sandbox.put(begun["upload_url"], b"1234")
    assert (answer.status_code, answer.content) == (503, b"")


async def test_rate_limit_with_usage_header(sandbox: RunningSandbox) -> None:
    """Code 80002 is an HTTP 400 with the header that has the minutes to wait."""
    token = await sandbox.graph_login("brand")
    await sandbox.fault("instagram", "me", "platform_error", value={"code": 80002, "regainMinutes": 7})
    answer = await sandbox.graph(token, "GET", "me")
    assert answer.status_code == 400
    assert '"estimated_time_to_regain_access":7' in answer.headers["x-business-use-case-usage"]


async def test_error_envelope_of_the_code_exchange(sandbox: RunningSandbox) -> None:
    """api.instagram.com has a different error envelope, for faults too."""
    await sandbox.fault("instagram", "token", "platform_error", value={"code": 400, "message": "Nope"})
    answer = await sandbox.http.post("/sandbox/api.instagram.com/oauth/access_token", data={"code": "x"})
    assert answer.json() == {"error_type": "OAuthException", "code": 400, "error_message": "Nope"}
