"""Every fault, on the wire: what the client sees, and what really happened behind it."""

from typing import Literal

import httpx2
import pytest
from tests.sandbox.stage import JSON, Stage, Stages, picture


async def ready(stage: Stage, token: str, **params: object) -> str:
    """Return a picture container that is finished."""
    url = stage.media.put("picture.jpg", picture())
    container = await stage.container(token, image_url=url, **params)
    assert await stage.finished(token, container) == ["FINISHED"]
    return container


@pytest.mark.parametrize("http", ["httptools", "h11"])
@pytest.mark.parametrize(("fault", "posts"), [("drop_before_effect", 0), ("drop_after_effect", 1)])
async def test_dropped_connection_is_no_answer_at_all(
    stages: Stages, tmp_path_factory: pytest.TempPathFactory, http: Literal["httptools", "h11"], fault: str, posts: int
) -> None:
    """The client sees the connection end without a byte, before or after the post went live; no HTTP 500."""
    stage = await stages.start(tmp_path_factory.mktemp("drop") / "state", http)
    token = await stage.graph_login("brand")
    container = await ready(stage, token)
    await stage.fault("instagram", "media_publish", fault)
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        await stage.publish(token, container)
    assert len(await stage.items("posts")) == posts
    [call] = await stage.items("requests?operation=media_publish")
    assert (call["status"], call["fault"], call["response"]) == (None, fault, None)
    again = await stage.publish(token, container)
    assert again.status_code == (200 if posts == 0 else 400)
    assert len(await stage.items("posts")) == 1


@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_dropped_upload(
    stages: Stages, tmp_path_factory: pytest.TempPathFactory, http: Literal["httptools", "h11"], reel: bytes
) -> None:
    """The last chunk's answer is lost: before the effect nothing is stored, after it the post goes live."""
    stage = await stages.start(tmp_path_factory.mktemp("drop") / "state", http)
    token = (await stage.tiktok_login("brand"))["access_token"]
    begun = await stage.video_init(token, len(reel))
    await stage.fault("tiktok", "upload", "drop_before_effect")
    await stage.fault("tiktok", "upload", "drop_after_effect")
    for stored in (0, len(reel)):
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)):
            await stage.put(begun["upload_url"], reel)
        assert (await stage.status(token, begun["publish_id"]))["uploaded_bytes"] == stored
    assert (await stage.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"
    assert len(await stage.items("posts")) == 1


@pytest.mark.parametrize("http", ["httptools", "h11"])
async def test_drop_works_where_receive_is_wrapped(
    stages: Stages, tmp_path_factory: pytest.TempPathFactory, http: Literal["httptools", "h11"]
) -> None:
    """A middleware in front of the sandbox that wraps `receive` does not turn a cut connection into an answer."""
    stage = await stages.start(tmp_path_factory.mktemp("drop") / "state", http, wrapped=True)
    await stage.fault("tiktok", "token", "drop_before_effect")
    with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
        await stage.tiktok_token(grant_type="authorization_code")


@pytest.mark.parametrize(
    ("fault", "value", "status", "kind", "posts"),
    [
        ("http_500", {}, 500, "application/json", 0),
        ("http_500", {"afterEffect": True}, 500, "application/json", 1),
        ("html_502", {}, 502, "text/html", 0),
        ("platform_error", {"code": 4, "subcode": 2207051}, 400, "application/json", 0),
        ("platform_error", {"code": 4, "subcode": 2207051, "afterEffect": True}, 400, "application/json", 1),
        ("platform_error", {"code": 10}, 403, "application/json", 0),
    ],
)
async def test_wrong_answer_to_media_publish(
    stage: Stage, fault: str, value: JSON, status: int, kind: str, posts: int
) -> None:
    """Error answers come instead of the effect, unless they are told to come after it."""
    token = await stage.graph_login("brand")
    container = await ready(stage, token)
    await stage.fault("instagram", "media_publish", fault, value=value)
    answer = await stage.publish(token, container)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)
    assert len(await stage.items("posts")) == posts
    if "code" in value:
        error = answer.json()["error"]
        assert (error["code"], error.get("error_subcode")) == (value["code"], value.get("subcode"))
        assert error["fbtrace_id"]


async def test_malformed_json_comes_after_the_effect(stage: Stage) -> None:
    """The post is live, and the answer is JSON cut short."""
    token = await stage.graph_login("brand")
    container = await ready(stage, token)
    await stage.fault("instagram", "media_publish", "malformed_json")
    answer = await stage.publish(token, container)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"char \d+"):
        answer.json()
    assert len(await stage.items("posts")) == 1


async def test_latency_acts_before_the_effect_and_beside_another_fault(stage: Stage) -> None:
    """A client that gives up during the delay has published all the same; latency does not use up other faults."""
    token = await stage.graph_login("brand")
    container = await ready(stage, token)
    await stage.fault("instagram", "media_publish", "latency", value={"ms": 150})
    with pytest.raises(httpx2.ReadTimeout):
        await stage.http.post(
            "/sandbox/graph.instagram.com/me/media_publish",
            data={"creation_id": container, "access_token": token},
            timeout=0.05,
        )
    while not await stage.items("requests?operation=media_publish"):
        assert len(await stage.items("posts")) in {0, 1}
    assert len(await stage.items("posts")) == 1
    await stage.fault("instagram", "me", "latency", value={"ms": 1}, times=-1)
    await stage.fault("instagram", "me", "http_500")
    assert [(await stage.graph(token, "GET", "me")).status_code for _ in range(2)] == [500, 200]
    assert [call["fault"] for call in await stage.items("requests?operation=me")] == ["http_500", "latency"]


async def test_skip_times_handle_and_order(stage: Stage) -> None:
    """Faults are counted per matching call, in the order they were set, for one handle or for all."""
    mine, other = await stage.graph_login("mine"), await stage.graph_login("other")
    await stage.fault("instagram", "me", "platform_error", value={"code": 1}, handle="@Mine", skip=1, times=2)
    await stage.fault("instagram", "me", "platform_error", value={"code": 2}, handle="mine", skip=1)

    async def codes(token: str, calls: int) -> list[int]:
        answers = [(await stage.graph(token, "GET", "me")).json() for _ in range(calls)]
        return [answer.get("error", {}).get("code", 0) for answer in answers]

    assert await codes(other, 2) == [0, 0]
    assert await codes(mine, 5) == [0, 1, 1, 2, 0]
    assert await stage.items("faults") == []
    await stage.fault("instagram", "me", "http_500", times=-1)
    assert await codes(mine, 3) == [2, 2, 2]
    assert (await stage.control("DELETE", "faults?platform=tiktok")).json() == {"cleared": 0}
    assert (await stage.control("DELETE", "faults")).json() == {"cleared": 1}
    assert await codes(mine, 1) == [0]


async def test_token_expired_on_instagram_is_dead_until_refreshed(stage: Stage) -> None:
    """The token is dead from that call on and a refresh gives a good one; where the refresh is hit, only a login helps."""
    token = await stage.graph_login("brand")
    await stage.advance(2 * 86_400)
    await stage.fault("instagram", "media", "token_expired", handle="brand")
    answer = await stage.graph(token, "POST", "me/media", image_url="http://x/y.jpg")
    assert (answer.json()["error"]["code"], answer.json()["error"]["error_subcode"]) == (190, 463)
    assert (await stage.graph(token, "GET", "me")).json()["error"]["code"] == 190
    refresh = await stage.graph(token, "GET", "refresh_access_token", grant_type="ig_refresh_token")
    assert (await stage.graph(refresh.json()["access_token"], "GET", "me")).status_code == 200
    await stage.fault("instagram", "refresh", "token_expired", handle="brand")
    for _ in range(2):
        refused = await stage.graph(token, "GET", "refresh_access_token", grant_type="ig_refresh_token")
        assert refused.json()["error"]["code"] == 190
    assert (await stage.graph(await stage.graph_login("brand"), "GET", "me")).status_code == 200


async def test_token_expired_on_tiktok_is_cured_by_a_refresh(stage: Stage) -> None:
    """The access token is dead until refreshed; on `refresh` it is the refresh token that is dead."""
    login = await stage.tiktok_login("brand")
    await stage.fault("tiktok", "creator_info", "token_expired")
    path = "post/publish/creator_info/query"
    for _ in range(2):
        answer = await stage.tiktok(login["access_token"], path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "access_token_invalid")
    fresh = (await stage.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])).json()
    assert (await stage.tiktok(fresh["access_token"], path)).status_code == 200
    await stage.fault("tiktok", "refresh", "token_expired")
    for _ in range(2):
        dead = await stage.tiktok_token(grant_type="refresh_token", refresh_token=fresh["refresh_token"])
        assert dead.json()["error"] == "invalid_grant"


@pytest.mark.parametrize("operation", ["media", "container_status"])
async def test_stuck_container(stage: Stage, operation: str) -> None:
    """A stuck container stays in progress until the fault is cleared, one container per `times`."""
    token = await stage.graph_login("brand")
    url = stage.media.put("picture.jpg", picture())
    await stage.fault("instagram", operation, "stuck_processing")
    stuck = await stage.container(token, image_url=url)
    assert await stage.finished(token, stuck, most=5) == ["IN_PROGRESS"] * 5
    free = await stage.container(token, image_url=url)
    assert await stage.finished(token, free) == ["FINISHED"]
    await stage.advance(600)
    assert (await stage.publish(token, stuck)).json()["error"]["code"] == 9007
    assert [fault["times"] for fault in await stage.items("faults")] == [0]
    await stage.control("DELETE", "faults")
    assert await stage.finished(token, stuck) == ["FINISHED"]


async def test_stuck_counts_jobs_and_not_their_polls(stage: Stage) -> None:
    """Set on the status call with times 2, it holds the first two containers that are asked about, however often."""
    token = await stage.graph_login("brand")
    url = stage.media.put("picture.jpg", picture())
    containers = [await stage.container(token, image_url=url) for _ in range(3)]
    await stage.fault("instagram", "container_status", "stuck_processing", times=2)
    for container in containers[:2]:
        assert await stage.finished(token, container, most=4) == ["IN_PROGRESS"] * 4
    assert await stage.finished(token, containers[2]) == ["FINISHED"]


@pytest.mark.parametrize("operation", ["video_init", "upload", "status_fetch"])
async def test_stuck_publish_job(stage: Stage, reel: bytes, operation: str) -> None:
    """A stuck publish job stays in processing, whatever the clock says, until the fault is cleared."""
    token = (await stage.tiktok_login("brand"))["access_token"]
    await stage.fault("tiktok", operation, "stuck_processing")
    begun = await stage.video_init(token, len(reel))
    await stage.put(begun["upload_url"], reel)
    for _ in range(5):
        await stage.advance(60)
        assert (await stage.status(token, begun["publish_id"]))["status"] == "PROCESSING_UPLOAD"
    assert await stage.items("posts") == []
    await stage.control("DELETE", "faults")
    assert (await stage.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"


@pytest.mark.parametrize("operation", ["media", "container_status"])
async def test_media_error_on_instagram(stage: Stage, operation: str) -> None:
    """Processing ends in ERROR, with the subcode in the status sentence, for good."""
    token = await stage.graph_login("brand")
    url = stage.media.put("picture.jpg", picture())
    await stage.fault("instagram", operation, "media_error", value={"subcode": 2207082})
    container = await stage.container(token, image_url=url)
    for _ in range(2):
        answer = (await stage.graph(token, "GET", container, fields="status_code,status")).json()
        assert answer["status_code"] == "ERROR"
        assert answer["status"] == "Error: Media upload has failed with error code 2207082"
    assert (await stage.publish(token, container)).json()["error"]["code"] == 9007


@pytest.mark.parametrize("operation", ["video_init", "upload", "status_fetch"])
async def test_media_error_on_tiktok(stage: Stage, reel: bytes, operation: str) -> None:
    """The job ends FAILED with the reason that the fault names, though HTTP and envelope are fine."""
    token = (await stage.tiktok_login("brand"))["access_token"]
    await stage.fault("tiktok", operation, "media_error", value={"code": "frame_rate_check_failed"})
    begun = await stage.video_init(token, len(reel))
    await stage.put(begun["upload_url"], reel)
    data = await stage.over(token, begun["publish_id"])
    assert (data["status"], data["fail_reason"]) == ("FAILED", "frame_rate_check_failed")
    assert await stage.items("posts") == []


async def test_platform_errors_of_tiktok_carry_their_status(stage: Stage) -> None:
    """Codes come with the status of TikTok's tables: 200 in creator_info, flat in the token endpoint, bare in uploads."""
    login = await stage.tiktok_login("brand")
    token = login["access_token"]
    code = {"code": "spam_risk_too_many_posts"}
    await stage.fault("tiktok", "creator_info", "platform_error", value=code)
    await stage.fault("tiktok", "video_init", "platform_error", value=code)
    await stage.fault("tiktok", "refresh", "platform_error", value={"code": "temporarily_unavailable", "status": 200})
    await stage.fault("tiktok", "upload", "platform_error", value={"code": 503})
    answer = await stage.tiktok(token, "post/publish/creator_info/query")
    assert (answer.status_code, answer.json()["error"]["code"]) == (200, "spam_risk_too_many_posts")
    answer = await stage.tiktok(token, "post/publish/video/init", {})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "spam_risk_too_many_posts")
    answer = await stage.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (200, "temporarily_unavailable")
    begun = await stage.video_init(token, 4)
    answer = await stage.put(begun["upload_url"], b"1234")
    assert (answer.status_code, answer.content) == (503, b"")


async def test_rate_limit_with_usage_header(stage: Stage) -> None:
    """80002 comes as HTTP 400 and with the header that says how many minutes to wait."""
    token = await stage.graph_login("brand")
    await stage.fault("instagram", "me", "platform_error", value={"code": 80002, "regainMinutes": 7})
    answer = await stage.graph(token, "GET", "me")
    assert answer.status_code == 400
    assert '"estimated_time_to_regain_access":7' in answer.headers["x-business-use-case-usage"]


async def test_error_envelope_of_the_code_exchange(stage: Stage) -> None:
    """api.instagram.com has an envelope of its own, for faults as well."""
    await stage.fault("instagram", "token", "platform_error", value={"code": 400, "message": "Nope"})
    answer = await stage.http.post("/sandbox/api.instagram.com/oauth/access_token", data={"code": "x"})
    assert answer.json() == {"error_type": "OAuthException", "code": 400, "error_message": "Nope"}
