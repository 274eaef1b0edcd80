"""Late effects: the answer is lost at once, and the effect comes later on the sandbox's clock."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, RunningSandbox, Sandboxes, picture, polls

LOST: Final = (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError)
SECOND: Final = {"ms": 1000}


async def ready(sandbox: RunningSandbox, token: str, **params: object) -> str:
    """Create a picture container, wait until it is finished, and return its id."""
    url = sandbox.media.put("picture.jpg", picture())
    container = await sandbox.container(token, image_url=url, **params)
    assert await sandbox.finished(token, container) == ["FINISHED"]
    return container


async def publish_late(sandbox: RunningSandbox, token: str, value: JSON, **params: object) -> None:
    """Publish a picture whose post comes late."""
    container = await ready(sandbox, token, **params)
    await sandbox.fault("instagram", "media_publish", "late_effect", value=value)
    with pytest.raises(LOST):
        await sandbox.publish(token, container)


async def journal(sandbox: RunningSandbox, operation: str) -> list[tuple[int | None, str | None]]:
    """Return status and fault of the calls of an operation, oldest first."""
    return [(call["status"], call["fault"]) for call in await sandbox.calls(operation=operation)]


async def test_the_effect_follows_the_clock(sandbox: RunningSandbox) -> None:
    """The post is missing until the clock has passed the delay, and is there at its instant, in the journal too."""
    token = await sandbox.graph_login("brand")
    await publish_late(sandbox, token, SECOND)
    assert await sandbox.items("posts") == []
    await sandbox.advance(0.999)
    assert await sandbox.items("posts") == []
    assert await journal(sandbox, "media_publish") == [(None, "late_effect")]
    await sandbox.advance(0.001)
    assert len(await sandbox.items("posts")) == 1
    assert await journal(sandbox, "media_publish") == [(None, "late_effect"), (200, "late_effect")]
    first, second = await sandbox.calls(operation="media_publish")
    assert (first["response"], first["request"]) == (None, second["request"])
    assert second["response"]["id"]
    assert await sandbox.items("faults") == []


async def test_whatever_the_clock_passes_happens_at_its_time(sandbox: RunningSandbox) -> None:
    """An advance of a day over several effects leaves them in their order, each with the time that it was due at."""
    token = await sandbox.graph_login("brand")
    for caption, delay_ms in (("last", 900), ("first", 0), ("middle", 500)):
        await publish_late(sandbox, token, {"ms": delay_ms}, caption=caption)
    before = datetime.fromisoformat((await sandbox.control("GET", "clock")).json()["now"])
    await sandbox.advance(86_400)
    found = {
        post["caption"]: datetime.fromisoformat(post["createdAt"]) - before for post in await sandbox.items("posts")
    }
    assert list(found.items()) == [
        (caption, timedelta(milliseconds=delay_ms))
        for caption, delay_ms in (("first", 0), ("middle", 500), ("last", 900))
    ]
    after = datetime.fromisoformat((await sandbox.control("GET", "clock")).json()["now"])
    assert after - before == timedelta(days=1)


async def test_what_is_due_needs_no_request(sandbox: RunningSandbox) -> None:
    """A container that is due at once fetches its picture although the sandbox gets no further call."""
    token = await sandbox.graph_login("brand")
    url = sandbox.media.put("late.jpg", picture())
    await sandbox.fault("instagram", "media", "late_effect", value={"ms": 0})
    with pytest.raises(LOST):
        await sandbox.graph(token, "POST", "me/media", image_url=url)
    async for _ in polls():
        if sandbox.media.fetched == ["late.jpg"]:
            break
    assert sandbox.media.fetched == ["late.jpg"]


async def test_a_late_call_can_read_a_file_of_the_sandbox(sandbox: RunningSandbox) -> None:
    """The pages' pictures don't wait for late effects, so one of these may fetch one."""
    token = await sandbox.graph_login("brand")
    await sandbox.post_picture(token)
    [post] = await sandbox.items("feed")
    url = f"{sandbox.address}/sandbox/media/poster/{post['media'][0]['poster']}.jpg"
    await sandbox.fault("instagram", "media", "late_effect", value=SECOND)
    with pytest.raises(LOST):
        await sandbox.graph(token, "POST", "me/media", image_url=url)
    await sandbox.advance(1)
    assert (await journal(sandbox, "media"))[-1] == (200, "late_effect")


async def test_token_and_state_are_judged_when_the_effect_comes(sandbox: RunningSandbox) -> None:
    """A token that was revoked meanwhile, and a container that was published meanwhile, are refused then."""
    token, other = await sandbox.graph_login("brand"), await sandbox.graph_login("other")
    await publish_late(sandbox, token, SECOND)
    await sandbox.control("POST", "revoke", {"platform": "instagram", "handle": "brand"})
    container = await ready(sandbox, other)
    await sandbox.fault("instagram", "media_publish", "late_effect", value=SECOND)
    with pytest.raises(LOST):
        await sandbox.publish(other, container)
    assert (await sandbox.publish(other, container)).status_code == 200
    await sandbox.advance(1)
    calls = await sandbox.calls(operation="media_publish")
    assert [call["status"] for call in calls] == [None, None, 200, 400, 400]
    assert [call["response"]["error"]["code"] for call in calls[3:]] == [190, 24]
    assert [post["handle"] for post in await sandbox.items("posts")] == ["other"]


async def test_late_effects_have_skip_times_and_handle(sandbox: RunningSandbox) -> None:
    """The late call itself counts for no fault: not for a later one, nor for the one that postponed it."""
    mine, other = await sandbox.graph_login("mine"), await sandbox.graph_login("other")
    await sandbox.fault("instagram", "me", "late_effect", value=SECOND, handle="mine", skip=1, times=2)
    assert (await sandbox.graph(other, "GET", "me")).status_code == 200
    assert (await sandbox.graph(mine, "GET", "me")).status_code == 200
    for _ in range(2):
        with pytest.raises(LOST):
            await sandbox.graph(mine, "GET", "me")
    assert (await sandbox.graph(mine, "GET", "me")).status_code == 200
    await sandbox.fault("instagram", "me", "http_500")
    await sandbox.advance(1)
    late = [(None, "late_effect")] * 2
    assert await journal(sandbox, "me") == [(200, None)] * 2 + late + [(200, None)] + [(200, "late_effect")] * 2
    assert [fault["fired"] for fault in await sandbox.items("faults")] == [0]


async def test_clearing_faults_leaves_effects_and_a_reset_drops_them(sandbox: RunningSandbox) -> None:
    """DELETE faults ends the fault, not what it has postponed; after a reset nothing comes, and no body is left."""
    token = await sandbox.graph_login("brand")
    await publish_late(sandbox, token, SECOND)
    assert (await sandbox.control("DELETE", "faults")).json() == {"cleared": 0}
    await sandbox.advance(1)
    assert len(await sandbox.items("posts")) == 1
    await publish_late(sandbox, token, SECOND)
    bodies = sandbox.state_file.with_name(f"{sandbox.state_file.name}.media")
    assert len(list(bodies.glob("late-*"))) == 1
    await sandbox.reset()
    assert list(bodies.glob("late-*")) == []
    await sandbox.advance(60)
    assert [await sandbox.items(path) for path in ("posts", "requests")] == [[], []]


async def test_late_effects_survive_a_restart(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """A call that was postponed before a stop has its effect after it; a body without a call is deleted."""
    sandbox = await sandboxes.start(tmp_path / "state")
    token = await sandbox.graph_login("brand")
    await publish_late(sandbox, token, SECOND)
    await sandboxes.stop(sandbox)
    orphan = tmp_path / "state.media" / "late-99"
    orphan.write_bytes(b"{}")
    again = await sandboxes.start(tmp_path / "state")
    assert await again.items("posts") == []
    await again.advance(1)
    assert len(await again.items("posts")) == 1
    assert not orphan.exists()


async def test_the_limit_follows_republish_after(sandboxes: Sandboxes, tmp_path: Path) -> None:
    """A delay over republish_after minus a second is refused with that limit, and one set before it was lower is cut."""
    longer = await sandboxes.start(tmp_path / "longer", republish_after=timedelta(seconds=10))
    token = await longer.graph_login("brand")
    fault: JSON = {"platform": "instagram", "operation": "me", "fault": "late_effect"}
    with every_row() as row:
        for value in ({"ms": 9001}, {"ms": -1}, {"ms": True}, {"ms": "1"}, {}, None):
            with row(value):
                answer = await longer.control("POST", "faults", fault | {"value": value})
                assert answer.status_code == 400
                assert "late_effect" in answer.json()["error"]["message"]
    answer = await longer.control("POST", "faults", fault | {"value": {"ms": 9001}})
    assert "between 0 and 9000: " in answer.json()["error"]["message"]
    await longer.fault("instagram", "me", "late_effect", value={"ms": 9000})
    await sandboxes.stop(longer)
    usual = await sandboxes.start(tmp_path / "longer")
    answer = await usual.control("POST", "faults", fault | {"value": {"ms": 1001}})
    assert "between 0 and 1000: " in answer.json()["error"]["message"]
    with pytest.raises(LOST):
        await usual.graph(token, "GET", "me")
    await usual.advance(1)
    assert await journal(usual, "me") == [(None, "late_effect"), (200, "late_effect")]


async def test_a_fault_does_not_apply_to_a_call_that_has_begun(sandbox: RunningSandbox) -> None:
    """A call that arrived before the fault was set has its effect at once, and the fault waits for the next one."""
    token = await sandbox.graph_login("brand")
    body = json.dumps({"creation_id": await ready(sandbox, token)}).encode()
    place = urlsplit(sandbox.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    head = (
        "POST /sandbox/graph.instagram.com/v25.0/me/media_publish HTTP/1.1",
        f"Host: {place.netloc}",
        f"Authorization: Bearer {token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Expect: 100-continue",
    )
    writer.write("\r\n".join([*head, "", ""]).encode())
    assert b" 100 " in await reader.readline()  # the host waits for the body
    await reader.readline()
    await sandbox.fault("instagram", "media_publish", "late_effect", value=SECOND)
    writer.write(body)
    assert b" 200 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
    assert len(await sandbox.items("posts")) == 1
    assert [fault["fired"] for fault in await sandbox.items("faults")] == [0]


async def test_a_late_chunk_is_whole(sandbox: RunningSandbox, reel: bytes) -> None:
    """The bytes of an upload, which the host reads after the fault strikes, are stored later and make the post."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel))
    await sandbox.fault("tiktok", "upload", "late_effect", value=SECOND)
    with pytest.raises(LOST):
        await sandbox.put(begun["upload_url"], reel)
    assert (await sandbox.status(token, begun["publish_id"]))["uploaded_bytes"] == 0
    await sandbox.advance(1)
    assert await journal(sandbox, "upload") == [(None, "late_effect"), (201, "late_effect")]
    assert (await sandbox.over(token, begun["publish_id"]))["status"] == "PUBLISH_COMPLETE"


async def test_a_body_that_breaks_off_is_late_too(sandbox: RunningSandbox, reel: bytes) -> None:
    """A client that hangs up in the middle of an upload has sent as little when the effect comes."""
    token = (await sandbox.tiktok_login("brand"))["access_token"]
    begun = await sandbox.video_init(token, len(reel))
    await sandbox.fault("tiktok", "upload", "late_effect", value=SECOND)
    place = urlsplit(begun["upload_url"])
    _, writer = await asyncio.open_connection(place.hostname, place.port)
    head = (
        f"PUT {place.path}?{place.query} HTTP/1.1",
        f"Host: {place.netloc}",
        "Content-Type: video/mp4",
        f"Content-Range: bytes 0-{len(reel) - 1}/{len(reel)}",
        f"Content-Length: {len(reel)}",
    )
    writer.write("\r\n".join([*head, "", ""]).encode() + reel[:100])
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async for _ in polls():
        if await journal(sandbox, "upload"):
            break
    await sandbox.advance(1)
    assert await journal(sandbox, "upload") == [(None, "late_effect"), (400, "late_effect")]


async def test_a_late_form_with_a_file(sandbox: RunningSandbox) -> None:
    """A form whose file the host has read before the fault strikes is read once more."""
    token = await sandbox.facebook_login("brand", scope="pages_show_list,pages_manage_posts,pages_read_engagement")
    [page] = (await sandbox.facebook(token, "GET", "me/accounts")).json()["data"]
    await sandbox.fault("facebook", "photos", "late_effect", value=SECOND)
    with pytest.raises(LOST):
        await sandbox.http.post(
            f"/sandbox/graph.facebook.com/v25.0/{page['id']}/photos",
            data={"access_token": page["access_token"], "caption": "Warm bread"},
            files={"source": ("a.jpg", picture(), "image/jpeg")},
        )
    assert await sandbox.items("posts") == []
    await sandbox.advance(1)
    [post] = await sandbox.items("posts")
    assert post["caption"] == "Warm bread"


GRAPH: Final = {"image_url": "http://127.0.0.1:9/a.jpg", "caption": "a", "access_token": "IGAAx"}
FORM: Final = {"grant_type": "authorization_code", "code": "x", "client_id": "1", "client_secret": "x"}
BASIC: Final = {"authorization": "Basic QUMxOnRva2Vu"}  # AC1:token
JPEG: Final = {"content-type": "image/jpeg"}
DISPATCH: Final = {"postId": "sp_1", "platform": "instagram", "handle": "brand"}
HOSTS: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("POST", "graph.instagram.com/v25.0/me/media", {"json": GRAPH}),
    ("POST", "api.instagram.com/oauth/access_token", {"data": FORM}),
    ("GET", "graph.facebook.com/v25.0/oauth/access_token", {"params": FORM}),
    ("POST", "rupload.facebook.com/ig-api-upload/v25.0/1", {"content": b"bytes", "headers": {"offset": "0"}}),
    ("POST", "open.tiktokapis.com/v2/oauth/token/", {"data": FORM}),
    ("POST", "open.tiktokapis.com/v2/post/publish/video/init/", {"json": {"post_info": {"title": "a"}}}),
    ("PUT", "open-upload.tiktokapis.com/video/", {"params": {"upload_id": "1"}, "content": b"bytes"}),
    ("POST", "graph.threads.net/v1.0/me/threads", {"data": {"text": "a"}}),
    ("POST", "oauth2.googleapis.com/token", {"data": FORM}),
    ("PUT", "www.googleapis.com/youtube/v3/videos?part=status", {"json": {"id": "x"}}),
    ("PUT", "www.googleapis.com/upload/youtube/v3/videos?upload_id=x", {"content": b"bytes"}),
    ("POST", "api.linkedin.com/rest/posts", {"json": {"author": "urn:li:person:x", "commentary": "a"}}),
    ("POST", "www.linkedin.com/oauth/v2/accessToken", {"data": FORM}),
    ("PUT", "www.linkedin.com/dms-uploads/x/uploaded-image/0", {"content": b"bytes"}),
    ("POST", "bsky.social/oauth/par", {"data": {"client_id": "http://localhost"}}),
    ("POST", "bsky.social/xrpc/com.atproto.server.createSession", {"json": {"identifier": "a", "password": "b"}}),
    ("POST", "bsky.social/xrpc/com.atproto.repo.uploadBlob", {"content": b"bytes", "headers": JPEG}),
    ("GET", "public.api.bsky.app/xrpc/com.atproto.identity.resolveHandle?handle=a.bsky.social", {}),
    ("GET", "plc.directory/did:plc:x", {}),
    ("POST", "api.x.com/2/oauth2/token", {"data": FORM}),
    ("POST", "api.telegram.org/bot1:a/sendMessage", {"json": {"chat_id": "@a", "text": "a"}}),
    ("POST", "api.x.com/2/tweets", {"json": {"text": "a"}}),
    ("POST", "api.x.com/2/media/upload/1/append", {"files": {"media": ("a", b"bytes", "image/jpeg")}}),
    (
        "POST",
        "api.twilio.com/2010-04-01/Accounts/AC1/Messages.json",
        {"data": {"To": "+15551230001", "From": "+15550006789", "Body": "Hello"}, "headers": BASIC},
    ),
    ("POST", "provider/dispatches", {"json": DISPATCH}),
]


async def test_calls_to_every_host_can_be_late(sandbox: RunningSandbox) -> None:
    """Whatever the host, the call is lost, and later has the status, and the body, that it has without the fault."""
    with every_row() as row:
        for method, path, what in HOSTS:
            with row(method, path):
                await sandbox.reset()
                status = (await sandbox.http.request(method, f"/sandbox/{path}", **what)).status_code
                [usual] = await sandbox.calls()
                assert (usual["status"], usual["operation"] == "unknown") == (status, False)
                await sandbox.reset()
                await sandbox.fault(usual["platform"], usual["operation"], "late_effect", value=SECOND)
                with pytest.raises(LOST):
                    await sandbox.http.request(method, f"/sandbox/{path}", **what)
                await sandbox.advance(1)
                lost, late = await sandbox.calls()
                assert (lost["status"], late["status"], late["fault"]) == (None, status, "late_effect")
                for shown in ("platform", "host", "method", "path", "operation", "handle", "request"):
                    assert lost[shown] == late[shown] == usual[shown]
