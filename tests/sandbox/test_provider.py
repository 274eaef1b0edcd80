"""The managed provider of the sandbox follows docs/provider-protocol.md; the client signs independently."""

import hashlib
import hmac
import json
import re
import time
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.every_row import every_row
from tests.sandbox.running_sandbox import JSON, Report, RunningSandbox, Sandboxes, WebhookReceiver, picture, polls

from presswork_sandbox.registry import PLATFORMS

BASE = "/sandbox/provider"
SECRET = "whsec_cHJlc3N3b3JrIHNhbmRib3gsIG5vdCBhIHNlY3JldCE="
POST = "sp_0199f0c2-7a51-7c3e-9d54-5a1f0c7e2b11"
PROTOCOL = Path(__file__).parents[2] / "docs" / "provider-protocol.md"


def signature(secret: str, message_id: str, stamp: int, body: bytes) -> str:
    """Return a Standard Webhooks signature."""
    key = b64decode(secret.removeprefix("whsec_"))
    content = f"{message_id}.{stamp}.".encode() + body
    return "v1," + b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def signed(message_id: str, body: bytes, secret: str = SECRET, age_seconds: int = 0) -> dict[str, str]:
    """Return the three headers of a signed request."""
    stamp = int(time.time()) - age_seconds
    value = signature(secret, message_id, stamp, body)
    return {"webhook-id": message_id, "webhook-timestamp": str(stamp), "webhook-signature": value}


def medium(url: str, data: bytes, kind: str = "image/jpeg", **changes: object) -> JSON:
    """Return a media item."""
    video = kind.startswith("video")
    return {
        "url": url,
        "contentType": kind,
        "sha256": hashlib.sha256(data).hexdigest(),
        "sizeBytes": len(data),
        "width": 1080,
        "height": 1080,
        "durationSeconds": 3.0 if video else None,
        **changes,
    }


def payload(sandbox: RunningSandbox, callback: str | None = None, **changes: object) -> JSON:
    """Return the body of a dispatch of one picture."""
    now = datetime.now(UTC)
    return {
        "postId": POST,
        "account": {"platform": "instagram", "handle": "luna", "externalId": None},
        "mediaType": "image",
        "media": [medium(sandbox.media.put("a.jpg", picture()) + "?signature=s3cret", picture())],
        "caption": "First snow",
        "firstComment": "More in the bio",
        "requestedAt": now.isoformat(),
        "deadline": (now + timedelta(hours=1)).isoformat(),
        "callbackUrl": callback,
        **changes,
    }


async def dispatch(sandbox: RunningSandbox, body: JSON, **headers: str) -> httpx2.Response:
    """POST a dispatch."""
    data = json.dumps(body).encode()
    return await sandbox.http.post(f"{BASE}/dispatches", content=data, headers=signed(body["postId"], data) | headers)


async def ask(sandbox: RunningSandbox, post_id: str = POST) -> httpx2.Response:
    """GET a dispatch, which advances it by one status."""
    return await sandbox.http.get(f"{BASE}/dispatches/{post_id}", headers=signed(post_id, b""))


async def cancel(sandbox: RunningSandbox, post_id: str = POST) -> httpx2.Response:
    """Cancel a dispatch."""
    data = json.dumps({"postId": post_id, "reason": "Changed our minds"}).encode()
    headers = signed(post_id, data)
    return await sandbox.http.post(f"{BASE}/dispatches/{post_id}/cancel", content=data, headers=headers)


async def end(sandbox: RunningSandbox, post_id: str = POST) -> JSON:
    """Poll until a dispatch is over."""
    found: JSON = {}
    async for _ in polls():
        found = (await ask(sandbox, post_id)).json()
        if found["status"] not in {"accepted", "working"}:
            break
    return found


async def behave(sandbox: RunningSandbox, **body: object) -> JSON:
    """Set the behaviour of the provider."""
    answer = await sandbox.control("POST", "provider", body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def checked(report: Report) -> JSON:
    """Check the signature of a report and return its body."""
    given = report.headers
    wanted = signature(SECRET, given["webhook-id"], int(given["webhook-timestamp"]), report.body)
    assert given["webhook-signature"] == wanted
    assert abs(time.time() - int(given["webhook-timestamp"])) < 60
    return report.json


def test_document_and_sandbox_agree_on_the_vector() -> None:
    """The test vector of the protocol page is correct and uses the secret of the sandbox."""
    text = PROTOCOL.read_text(encoding="utf-8")
    names = ("secret", "id", "timestamp", "body", "signature")
    values = [re.search(rf"^{name} +(\S+)$", text, re.MULTILINE) for name in names]
    secret, message_id, stamp, body, wanted = (value.group(1) for value in values if value is not None)
    assert secret == SECRET
    assert signature(secret, message_id, int(stamp), body.encode()) == wanted


async def test_posts_for_mastodon_and_pinterest(sandbox: RunningSandbox) -> None:
    """A picture for Mastodon or Pinterest has a page at its URL; the server behind a handle of Mastodon names no other account."""
    for number, (platform, handle) in enumerate((("mastodon", "luna@social.example"), ("pinterest", "luna"))):
        account = {"platform": platform, "handle": handle, "externalId": None}
        body = payload(sandbox, postId=f"sp_{number}", account=account)
        assert (await dispatch(sandbox, body)).status_code == 201
        found = await end(sandbox, f"sp_{number}")
        [post] = await sandbox.items(f"posts?platform={platform}&handle=luna")
        assert (found["status"], found["externalUrl"]) == ("published", post["url"])
        page = await sandbox.http.get("/sandbox/" + post["url"].removeprefix("https://"))
        assert (page.status_code, "First snow" in page.text) == (200, True)
        assert (
            await sandbox.control("DELETE", f"posts?platform={platform}&externalId={post['externalId']}")
        ).is_success


async def test_post_is_published_once(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """A dispatch is accepted, processed and published, with reports in order; the feed has it once with its comment."""
    answer = await dispatch(sandbox, payload(sandbox, webhook_receiver.address + "/callback?k=1"))
    assert answer.status_code == 201
    first = answer.json()
    assert (first["postId"], first["status"], first["sequence"], first["error"]) == (POST, "accepted", 1, None)
    await sandbox.advance(1)
    reports = await webhook_receiver.until(lambda came: len(came) == 2)
    bodies = [checked(report) for report in reports]
    assert [(body["sequence"], body["status"]) for body in bodies] == [(2, "working"), (3, "published")]
    assert {body["dispatchId"] for body in bodies} == {first["dispatchId"]}
    assert len({report.headers["webhook-id"] for report in reports}) == 2
    (post,) = await sandbox.items("posts")
    assert (post["platform"], post["handle"], post["kind"]) == ("instagram", "luna", "feed_image")
    assert (post["externalId"], post["url"]) == (bodies[1]["externalId"], bodies[1]["externalUrl"])
    assert (post["caption"], post["comments"]) == ("First snow", ["More in the bio"])
    assert post["media"][0]["sha256"] == hashlib.sha256(picture()).hexdigest()
    assert "First snow" in (await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))).text
    assert (await ask(sandbox)).json() == bodies[1]
    (item,) = await sandbox.items("dispatches")
    assert (item["handle"], item["postId"], item["status"]) == ("luna", POST, "published")
    assert item["payload"]["caption"] == "First snow"


async def test_repeated_dispatch(sandbox: RunningSandbox) -> None:
    """The same content returns the same dispatch, even with new URLs and times; other content is a conflict."""
    body = payload(sandbox)
    first = await dispatch(sandbox, body)
    fresh = payload(sandbox, callback="http://127.0.0.1:1/x", deadline="2099-01-01T00:00:00Z")
    fresh["media"] = [{**body["media"][0], "url": body["media"][0]["url"] + "0"}]
    for again in (body, fresh):
        answer = await dispatch(sandbox, again)
        assert (answer.status_code, answer.json()["dispatchId"]) == (200, first.json()["dispatchId"])
    for change in ({"caption": "x"}, {"firstComment": None}, {"tiktokMusicLink": "https://x/y"}):
        answer = await dispatch(sandbox, {**body, **change})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "different_content")
    await end(sandbox)
    assert (await dispatch(sandbox, body)).json()["status"] == "published"
    assert len(await sandbox.items("posts")) == 1
    assert len(await sandbox.items("dispatches")) == 1


@pytest.mark.parametrize(
    ("platform", "media_type", "kind", "place"),
    [
        ("instagram", "video", "reel", "/reel/"),
        ("instagram", "multi", "carousel", "/p/"),
        ("tiktok", "video", "tiktok_video", "/video/"),
        ("tiktok", "image", "tiktok_photo", "/photo/"),
        ("tiktok", "multi", "tiktok_photo", "/photo/"),
    ],
)
async def test_kinds_of_posts(
    sandbox: RunningSandbox, reel: bytes, platform: str, media_type: str, kind: str, place: str
) -> None:
    """Each kind of post is in the feed of its account with its kind."""
    items = [medium(sandbox.media.put("a.jpg", picture()), picture())]
    if media_type == "video":
        items = [medium(sandbox.media.put("c.mp4", reel), reel, "video/mp4")]
    if media_type == "multi":
        items.append(medium(sandbox.media.put("b.jpg", picture(hue=10)), picture(hue=10)))
    account = {"platform": platform, "handle": "luna", "externalId": "1"}
    music = {"tiktokMusicLink": "https://www.tiktok.com/music/x-1"} if platform == "tiktok" else {}
    body = payload(sandbox, account=account, mediaType=media_type, media=items, **music)
    assert (await dispatch(sandbox, body)).status_code == 201
    assert (await end(sandbox))["status"] == "published"
    (post,) = await sandbox.items(f"posts?platform={platform}&handle=luna")
    assert (post["kind"], len(post["media"])) == (kind, len(items))
    assert place in post["url"]
    assert post["params"].get("tiktokMusicLink") == music.get("tiktokMusicLink")


@pytest.mark.parametrize("by", ["handle", "ending", "all"])
async def test_reject(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, by: str) -> None:
    """A rejecting provider reports a code and a sentence, and posts nothing."""
    handle = "luna.reject" if by == "ending" else "luna"
    if by != "ending":
        await behave(sandbox, behaviour="reject", **({"handle": "Luna"} if by == "handle" else {}))
    account = {"platform": "tiktok", "handle": handle, "externalId": None}
    body = payload(sandbox, webhook_receiver.address, account=account)
    assert (await dispatch(sandbox, body)).json()["status"] == "accepted"
    await sandbox.advance(1)
    (report,) = await webhook_receiver.until(lambda came: len(came) == 1)
    reported = checked(report)
    assert (reported["status"], reported["error"]["code"], reported["sequence"]) == ("rejected", "content_refused", 2)
    assert reported["error"]["message"]
    assert await sandbox.items("posts") == []


async def test_slow_and_silent(sandbox: RunningSandbox) -> None:
    """`slow` finishes after a minute of the sandbox clock, however often it is polled; `never_answers` never does."""
    await behave(sandbox, behaviour="slow")
    await behave(sandbox, behaviour="never_answers", handle="nova")
    behaviours = {item["handle"]: item["behaviour"] for item in await sandbox.items("provider")}
    assert behaviours == {None: "slow", "nova": "never_answers"}
    await dispatch(sandbox, payload(sandbox))
    silent = {"platform": "tiktok", "handle": "nova", "externalId": None}
    await dispatch(sandbox, payload(sandbox, postId="sp_2", account=silent))
    for _ in range(5):
        assert (await ask(sandbox)).json()["status"] == "accepted"
    await sandbox.advance(11)
    assert (await ask(sandbox)).json()["status"] == "working"
    assert await sandbox.items("posts") == []
    await sandbox.advance(60)
    assert (await end(sandbox))["status"] == "published"
    await sandbox.advance(3000)
    assert (await ask(sandbox, "sp_2")).json()["status"] == "accepted"


async def test_deadline(sandbox: RunningSandbox) -> None:
    """No dispatch starts after its deadline, counted from requestedAt; a started one continues."""
    now = datetime.now(UTC)
    late = {"requestedAt": now.isoformat(), "deadline": now.isoformat()}
    answer = await dispatch(sandbox, payload(sandbox, postId="sp_late", **late))
    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["error"]["code"]) == ("failed", "deadline_passed")
    await behave(sandbox, behaviour="slow")
    soon = {"requestedAt": now.isoformat(), "deadline": (now + timedelta(seconds=5)).isoformat()}
    await dispatch(sandbox, payload(sandbox, postId="sp_soon", **soon))
    then = {"requestedAt": now.isoformat(), "deadline": (now + timedelta(seconds=20)).isoformat()}
    await dispatch(sandbox, payload(sandbox, postId="sp_then", **then))
    await sandbox.advance(11)
    await ask(sandbox)
    assert (await ask(sandbox, "sp_soon")).json()["error"]["code"] == "deadline_passed"
    assert (await ask(sandbox, "sp_then")).json()["status"] == "working"
    await sandbox.advance(60)
    assert (await end(sandbox, "sp_then"))["status"] == "published"


async def test_cancel(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """A dispatch that has not started can be canceled repeatedly; later that is a conflict; an unknown one is 404."""
    assert ((await cancel(sandbox)).status_code, (await ask(sandbox)).status_code) == (404, 404)
    await behave(sandbox, behaviour="slow")
    await dispatch(sandbox, payload(sandbox, webhook_receiver.address))
    for _ in range(2):
        answer = await cancel(sandbox)
        assert (answer.status_code, answer.json()["status"], answer.json()["sequence"]) == (200, "canceled", 2)
    assert checked((await webhook_receiver.until(lambda came: len(came) == 1))[0])["status"] == "canceled"
    await sandbox.advance(3600)
    assert (await dispatch(sandbox, payload(sandbox, webhook_receiver.address))).json()["status"] == "canceled"
    assert await sandbox.items("posts") == []
    await dispatch(sandbox, payload(sandbox, postId="sp_2"))
    await sandbox.advance(11)
    answer = await cancel(sandbox, "sp_2")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_late")
    assert answer.json()["dispatch"]["status"] == "working"


async def test_signatures(sandbox: RunningSandbox) -> None:
    """Missing, wrong, old and foreign signatures return 401 on every path; one valid signature of several is enough."""
    body = payload(sandbox)
    data = json.dumps(body).encode()
    other = "whsec_" + b64encode(b"y" * 24).decode()
    bad: list[dict[str, str]] = [
        {},
        {name: value for name, value in signed(POST, data).items() if name != "webhook-timestamp"},
        signed(POST, data) | {"webhook-timestamp": "soon"},
        signed(POST, data) | {"webhook-signature": "v1,x"},
        signed(POST, data, other),
        signed(POST, data + b" "),
        signed(POST, data, age_seconds=301),
        signed(POST, data, age_seconds=-301),
        signed("sp_other", data),
    ]
    for headers in bad:
        answer = await sandbox.http.post(f"{BASE}/dispatches", content=data, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_signature")
    assert await sandbox.items("dispatches") == []
    assert (await sandbox.http.get(f"{BASE}/dispatches/{POST}")).status_code == 401
    assert (await sandbox.http.get(f"{BASE}/dispatches/{POST}", headers=signed("sp_2", b""))).status_code == 401
    several, foreign = signed(POST, data), signed(POST, data, other)["webhook-signature"]
    several["webhook-signature"] = f"v1a,abc {foreign} {several['webhook-signature']}"
    assert (await sandbox.http.post(f"{BASE}/dispatches", content=data, headers=several)).status_code == 201
    # The signature of a GET is invalid for a cancellation.
    assert (await sandbox.http.post(f"{BASE}/dispatches/{POST}/cancel", headers=signed(POST, b""))).status_code == 401


async def test_secret_and_tolerance_can_be_set(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """The control surface sets another secret for the provider and disables the age limit of signatures."""
    other = "whsec_" + b64encode(b"y" * 24).decode()
    settings = await behave(sandbox, secret=other, toleranceSeconds=None)
    assert (settings["secret"], settings["toleranceSeconds"]) == (other, None)
    data = json.dumps(payload(sandbox, webhook_receiver.address)).encode()
    url = f"{BASE}/dispatches"
    assert (await sandbox.http.post(url, content=data, headers=signed(POST, data))).status_code == 401
    old = signed(POST, data, other, age_seconds=10**6)
    assert (await sandbox.http.post(url, content=data, headers=old)).status_code == 201
    await sandbox.advance(1)
    (report, *_) = await webhook_receiver.until(bool)
    given = report.headers
    wanted = signature(other, given["webhook-id"], int(given["webhook-timestamp"]), report.body)
    assert given["webhook-signature"] == wanted
    assert (await behave(sandbox, secret=None, toleranceSeconds=300))["secret"] == SECRET
    for bad in ({"secret": "x"}, {"behaviour": "dance"}, {"handle": "luna"}, {"toleranceSeconds": "1"}, {"speed": 1}):
        assert (await sandbox.control("POST", "provider", bad)).status_code == 400


async def test_identity(sandbox: RunningSandbox) -> None:
    """The identity endpoint needs no signature; with one it reports whether it is valid."""
    answer = await sandbox.http.get(f"{BASE}/")
    assert answer.status_code == 200
    identity = {"name": "Presswork sandbox provider", "protocol": 1, "platforms": list(PLATFORMS)}
    assert answer.json() == identity | {"signature": "none"}
    right = await sandbox.http.get(f"{BASE}/", headers=signed("doctor", b""))
    assert right.json()["signature"] == "verified"
    wrong = await sandbox.http.get(f"{BASE}/", headers=signed("doctor", b"x"))
    assert wrong.status_code == 401


BAD: list[dict[str, Any]] = [
    {"postId": "post-1"},
    {"account": "luna"},
    {"account": {"platform": "instagram"}},
    {"account": {"platform": "instagram", "handle": "a b", "externalId": None}},
    {"mediaType": "story"},
    {"media": []},
    {"media": [5]},
    {"media": "x"},
    {"media": [{"url": "https://x/y"}]},
    {"media": [medium("nowhere", b"x")]},
    {"media": [medium("https://x/y", b"x", sha256="A" * 64)]},
    {"media": [medium("https://x/y", b"x", sizeBytes=0)]},
    {"media": [medium("https://x/y", b"x", durationSeconds="3")]},
    {"media": [medium("https://x/y", b"x")] * 2},
    {"caption": None},
    {"firstComment": 5},
    {"tiktokMusicLink": None},
    {"requestedAt": "yesterday"},
    {"deadline": "2099-01-01T00:00:00"},
    {"callbackUrl": "nowhere"},
]


async def test_invalid_bodies(sandbox: RunningSandbox) -> None:
    """Each field is validated, and the error names it."""
    with every_row() as row:
        for change in BAD:
            with row(change):
                answer = await dispatch(sandbox, {**payload(sandbox), **change})
                assert answer.status_code == 400, answer.text
                assert answer.json()["error"]["code"] == "invalid_body"
                assert next(iter(change)).removesuffix("Id") in answer.json()["error"]["message"]
                assert await sandbox.items("dispatches") == []


async def test_other_paths_platforms_and_bodies(sandbox: RunningSandbox) -> None:
    """An unknown path is 404, a body that is not JSON is 400, an unsupported platform is 422."""
    headers = signed(POST, b"{")
    assert (await sandbox.http.post(f"{BASE}/dispatches", content=b"{", headers=headers)).status_code == 400
    assert (await sandbox.http.get(f"{BASE}/nothing", headers=signed(POST, b""))).status_code == 404
    account = {"platform": "myspace", "handle": "luna", "externalId": None}
    answer = await dispatch(sandbox, payload(sandbox, account=account))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "account_unknown")


async def test_invalid_media_fails_the_dispatch(sandbox: RunningSandbox) -> None:
    """Media that is missing, differs from the announced media or is not media fails the dispatch; nothing is posted."""
    rows: list[tuple[tuple[str, bytes | None, bytes], str]] = [
        (("gone.jpg", None, picture()), "media_unreachable"),
        (("b.jpg", picture(hue=9), picture()), "media_mismatch"),
        (("b.jpg", picture() + bytes(5), picture()), "media_mismatch"),
        (("b.jpg", b"no picture", b"no picture"), "media_unsupported"),
    ]
    with every_row() as row:
        for file, code in rows:
            with row(file, code):
                await sandbox.reset()
                name, served, announced = file
                url = f"{sandbox.media.address}/{name}" if served is None else sandbox.media.put(name, served)
                item = medium(url, announced, sizeBytes=max(len(announced), 1000))
                await dispatch(sandbox, payload(sandbox, media=[item]))
                over = await end(sandbox)
                assert (over["status"], over["error"]["code"]) == ("failed", code)
                assert await sandbox.items("posts") == []


async def test_reports_are_repeated(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """A report without a 2xx is repeated on the sandbox clock, with the same id and a new signature."""
    webhook_receiver.answers += [500, 200, 302]
    await dispatch(sandbox, payload(sandbox, webhook_receiver.address))
    await sandbox.advance(1)
    await webhook_receiver.until(lambda came: len(came) == 2)
    async for _ in polls():
        states = [(one["state"], one["attempts"]) for one in await sandbox.items("deliveries?platform=provider")]
        if states == [("waiting", 1), ("delivered", 1)]:
            break
    await sandbox.advance(6)
    await webhook_receiver.until(lambda came: len(came) == 3)
    await sandbox.advance(31)
    reports = await webhook_receiver.until(lambda came: len(came) == 4)
    assert [checked(report)["sequence"] for report in reports] == [2, 3, 2, 2]
    assert reports[0].headers["webhook-id"] == reports[3].headers["webhook-id"]


async def test_gone_receiver_ends_the_attempts(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """A 404 or 410 from the receiver ends the attempts."""
    webhook_receiver.answers += [404, 410]
    await dispatch(sandbox, payload(sandbox, webhook_receiver.address))
    await sandbox.advance(1)
    await webhook_receiver.until(lambda came: len(came) == 2)
    await sandbox.advance(86_400)
    async for _ in polls():
        if {one["state"] for one in await sandbox.items("deliveries")} == {"delivered"}:
            break
    assert len(webhook_receiver.reports) == 2


@pytest.mark.parametrize("fault", ["drop_before_effect", "drop_after_effect"])
async def test_dropped_responses(sandbox: RunningSandbox, fault: str) -> None:
    """After a dropped response the dispatch can be polled or sent again; it is published once."""
    await sandbox.fault("provider", "dispatch", fault, handle="luna")
    body = payload(sandbox)
    with pytest.raises(httpx2.TransportError):
        await dispatch(sandbox, body)
    assert (await ask(sandbox)).status_code == (404 if fault == "drop_before_effect" else 200)
    again = await dispatch(sandbox, body)
    assert again.status_code == (201 if fault == "drop_before_effect" else 200)
    assert (await end(sandbox))["status"] == "published"
    assert len(await sandbox.items("posts")) == 1


async def test_faults(sandbox: RunningSandbox) -> None:
    """http_500, html_502, platform_error, stuck_processing and media_error apply to the calls that they are set for."""
    for fault in ("http_500", "html_502"):
        await sandbox.fault("provider", "dispatch", fault)
    await sandbox.fault("provider", "dispatch", "platform_error", value={"code": "rate_limited"})
    await sandbox.fault("provider", "dispatch", "platform_error", value={"code": "account_unavailable"})
    answers = [await dispatch(sandbox, payload(sandbox)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [500, 502, 429, 422]
    assert answers[2].headers["retry-after"]
    assert answers[3].json()["error"]["code"] == "account_unavailable"
    assert await sandbox.items("dispatches") == []
    await sandbox.fault("provider", "dispatch_cancel", "http_500")
    await sandbox.fault("provider", "dispatch_status", "http_500")
    await sandbox.fault("provider", "dispatch", "stuck_processing")
    await dispatch(sandbox, payload(sandbox))
    assert ((await cancel(sandbox)).status_code, (await ask(sandbox)).status_code) == (500, 500)
    await sandbox.advance(600)
    assert (await ask(sandbox)).json()["status"] == "accepted"
    await sandbox.control("DELETE", "faults")
    assert (await end(sandbox))["status"] == "published"
    await sandbox.fault("provider", "dispatch", "media_error", value={"code": "platform_refused"})
    await dispatch(sandbox, payload(sandbox, postId="sp_2"))
    assert (await end(sandbox, "sp_2"))["error"]["code"] == "platform_refused"
    refused = {"platform": "provider", "operation": "dispatch", "fault": "token_expired"}
    assert (await sandbox.control("POST", "faults", refused)).status_code == 400


async def test_dispatches_continue_after_a_restart(
    sandboxes: Sandboxes, tmp_path: Path, webhook_receiver: WebhookReceiver
) -> None:
    """A dispatch that was accepted before a restart is published once and reported after it."""
    first = await sandboxes.start(tmp_path / "state.sqlite3")
    await first.fault("provider", "dispatch", "stuck_processing", times=-1)
    await dispatch(first, payload(first, webhook_receiver.address))
    await sandboxes.stop(first)
    second = await sandboxes.start(tmp_path / "state.sqlite3")
    await second.control("DELETE", "faults")
    await second.advance(1)
    reports = await webhook_receiver.until(lambda came: len(came) == 2)
    assert checked(reports[-1])["status"] == "published"
    assert len(await second.items("posts")) == 1


async def test_journal_hides_signed_addresses(sandbox: RunningSandbox) -> None:
    """The journal has the calls with their handle, without the query of media and callback URLs."""
    await dispatch(sandbox, payload(sandbox, "http://127.0.0.1:1/callback?key=s3cret"))
    await ask(sandbox)
    calls = await sandbox.calls(platform="provider")
    assert [(call["operation"], call["handle"]) for call in calls] == [
        ("dispatch", "luna"),
        ("dispatch_status", "luna"),
    ]
    assert "s3cret" not in json.dumps(calls)
    assert await sandbox.items("dispatches?platform=tiktok") == []
    assert len(await sandbox.items("dispatches?platform=provider&handle=luna")) == 1
