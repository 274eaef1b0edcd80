"""TikTok's webhooks: events, their triggers, signatures and retries."""

import hashlib
import hmac
import json
import time
from pathlib import Path

import httpx2
import pytest
from tests.sandbox.running_sandbox import JSON, Report, RunningSandbox, WebhookReceiver, picture, polls

from presswork_sandbox.callbacks import Callbacks
from presswork_sandbox.core import Sandbox
from presswork_sandbox.tiktok.webhooks import WebhookFormat

SECRET = "the-app's-secret"


async def listen(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, **more: object) -> None:
    """Subscribe the receiver to events."""
    body = {"platform": "tiktok", "url": webhook_receiver.address + "/tiktok", "clientSecret": SECRET, **more}
    answer = await sandbox.control("POST", "webhooks", body)
    assert answer.status_code == 200, answer.text
    assert SECRET not in answer.text


def checked(report: Report, secret: str = SECRET) -> JSON:
    """Check TikTok-Signature; return the event with its content parsed."""
    parts = dict(part.split("=", 1) for part in report.headers["tiktok-signature"].split(","))
    content = parts["t"].encode() + b"." + report.body
    assert hmac.new(secret.encode(), content, hashlib.sha256).hexdigest() == parts["s"]
    assert abs(time.time() - int(parts["t"])) < 60
    event = report.json
    assert isinstance(event["content"], str)
    return {**event, "content": json.loads(event["content"])}


def named(reports: list[Report]) -> list[str]:
    """Return the names of the events."""
    return [report.json["event"] for report in reports]


async def draft(sandbox: RunningSandbox, token: str, data: bytes) -> str:
    """Upload a draft and return its publish_id."""
    begun = await sandbox.video_init(token, len(data), inbox=True)
    assert (await sandbox.put(begun["upload_url"], data)).status_code == 201
    assert (await sandbox.over(token, begun["publish_id"]))["status"] == "SEND_TO_USER_INBOX"
    return str(begun["publish_id"])


async def test_direct_post_is_reported(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, reel: bytes) -> None:
    """`complete` is sent when the post is live, `publicly_available` after moderation, both once and signed."""
    await listen(sandbox, webhook_receiver)
    login = await sandbox.tiktok_login("luna")
    publish_id = await sandbox.post_clip(login["access_token"], reel, title="hi")
    await sandbox.advance(2)
    complete, public = [checked(report) for report in await webhook_receiver.until(lambda came: len(came) == 2)]
    (post,) = await sandbox.items("posts")
    assert complete["event"] == "post.publish.complete"
    assert complete["content"] == {"publish_id": publish_id, "publish_type": "DIRECT_POST"}
    assert (complete["client_key"], complete["user_openid"]) == ("k", login["open_id"])
    assert isinstance(complete["create_time"], int)
    assert public["event"] == "post.publish.publicly_available"
    assert public["content"] == {
        "publish_id": publish_id,
        "post_id": post["externalId"],
        "publish_type": "DIRECT_POST",
    }
    await sandbox.advance(60)
    await sandbox.status(login["access_token"], publish_id)
    assert len(await sandbox.items("deliveries?platform=tiktok&handle=luna")) == 2


@pytest.mark.exhaustive
@pytest.mark.usefixtures("running_clock")
async def test_events_are_sent_without_polls(
    sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, reel: bytes
) -> None:
    """Events are sent as time passes, without a status call."""
    await listen(sandbox, webhook_receiver)
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    begun = await sandbox.video_init(token, len(reel))
    await sandbox.put(begun["upload_url"], reel)
    assert named(await webhook_receiver.until(lambda came: len(came) == 2))[0] == "post.publish.complete"


async def test_private_posts_send_only_complete(
    sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, reel: bytes
) -> None:
    """A private post sends `complete` and no other event, even when it is removed."""
    await listen(sandbox, webhook_receiver)
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    await sandbox.post_clip(token, reel, privacy_level="SELF_ONLY")
    await sandbox.advance(3600)
    (post,) = await sandbox.items("posts")
    await sandbox.control("POST", f"posts/{post['externalId']}/remove")
    assert [one["event"] for one in await sandbox.items("deliveries")] == ["post.publish.complete"]


async def test_failures_are_reported(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """The event of a failed job has the reason."""
    await listen(sandbox, webhook_receiver)
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    begun = await sandbox.video_init(token, 9)
    await sandbox.put(begun["upload_url"], b"no video!")
    (report,) = await webhook_receiver.until(lambda came: len(came) == 1)
    event = checked(report)
    assert event["event"] == "post.publish.failed"
    assert event["content"] == {
        "publish_id": begun["publish_id"],
        "reason": "file_format_check_failed",
        "publish_type": "DIRECT_POST",
    }


async def test_creator_finishes_a_draft(
    sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, reel: bytes
) -> None:
    """A draft sends its inbox event; when the user posts it, it goes live, its status changes, and events follow."""
    await listen(sandbox, webhook_receiver)
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    publish_id = await draft(sandbox, token, reel)
    (report,) = await webhook_receiver.until(lambda came: len(came) == 1)
    event = checked(report)
    assert event["event"] == "post.publish.inbox_delivered"
    assert event["content"] == {"publish_id": publish_id, "publish_type": "INBOX_SHARE"}
    assert await sandbox.items("posts") == []
    answer = await sandbox.control("POST", f"drafts/{publish_id}/post")
    assert answer.status_code == 200
    await sandbox.advance(2)
    reports = await webhook_receiver.until(lambda came: len(came) == 3)
    assert named(reports)[1:] == ["post.publish.complete", "post.publish.publicly_available"]
    assert checked(reports[2])["content"]["post_id"] == answer.json()["externalId"]
    assert checked(reports[2])["content"]["publish_type"] == "INBOX_SHARE"
    assert (await sandbox.status(token, publish_id))["status"] == "PUBLISH_COMPLETE"
    (found,) = await sandbox.items("drafts")
    assert (found["status"], found["externalId"]) == ("PUBLISH_COMPLETE", answer.json()["externalId"])
    assert (await sandbox.control("POST", f"drafts/{publish_id}/post")).status_code == 400


async def test_creator_discards_a_draft(sandbox: RunningSandbox, reel: bytes) -> None:
    """A discarded draft keeps its status, because no other is documented, and can't be posted."""
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    publish_id = await draft(sandbox, token, reel)
    assert (await sandbox.control("POST", f"drafts/{publish_id}/discard")).status_code == 200
    assert (await sandbox.status(token, publish_id))["status"] == "SEND_TO_USER_INBOX"
    assert (await sandbox.items("drafts"))[0]["isDiscarded"] is True
    for path in ("post", "discard"):
        assert (await sandbox.control("POST", f"drafts/{publish_id}/{path}")).status_code == 400


async def test_at_most_five_drafts_are_pending(sandbox: RunningSandbox, reel: bytes) -> None:
    """The sixth unfinished draft of 24 hours is refused until the user posts one."""
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    waiting = []
    for _ in range(5):
        await sandbox.advance(61)  # six inits per minute
        waiting.append(await draft(sandbox, token, reel))
    source = {"source": "FILE_UPLOAD", "video_size": 9, "chunk_size": 9, "total_chunk_count": 1}

    async def init() -> httpx2.Response:
        return await sandbox.tiktok(token, "post/publish/inbox/video/init", {"source_info": source})

    refused = await init()
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "spam_risk_too_many_pending_share")
    await sandbox.control("POST", f"drafts/{waiting[0]}/post")
    assert (await init()).status_code == 200


@pytest.mark.parametrize(("version", "status"), [("31.7.9", 400), ("31.8", 200), ("40", 200), (None, 200)])
async def test_photo_drafts_need_a_recent_app(sandbox: RunningSandbox, version: str | None, status: int) -> None:
    """Photo drafts need version 31.8 of the user's app; direct posts do not."""
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    await sandbox.account("tiktok", "luna", appVersion=version)
    images = [sandbox.media.put("a.jpg", picture())]
    body = {
        "media_type": "PHOTO",
        "post_mode": "MEDIA_UPLOAD",
        "post_info": {"title": "hi"},
        "source_info": {"source": "PULL_FROM_URL", "photo_images": images, "photo_cover_index": 0},
    }
    answer = await sandbox.tiktok(token, "post/publish/content/init", body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == ("ok" if status == 200 else "app_version_check_failed")
    body |= {"post_mode": "DIRECT_POST", "post_info": {"privacy_level": "SELF_ONLY"}}
    assert (await sandbox.tiktok(token, "post/publish/content/init", body)).status_code == 200


async def test_user_revokes_access(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """All tokens become invalid, open jobs fail with auth_removed, and authorization.removed has the reason."""
    await listen(sandbox, webhook_receiver)
    login = await sandbox.tiktok_login("luna")
    other = await sandbox.tiktok_login("nova")
    begun = await sandbox.video_init(login["access_token"], 9)
    answer = await sandbox.control("POST", "revoke", {"platform": "tiktok", "handle": "luna", "reason": 4})
    assert answer.json() == {"killedTokens": 2}
    failed, removed = await webhook_receiver.until(lambda came: len(came) == 2)
    by_name = {report.json["event"]: checked(report) for report in (failed, removed)}
    assert by_name["authorization.removed"]["content"] == {"reason": 4}
    assert by_name["authorization.removed"]["user_openid"] == login["open_id"]
    assert by_name["post.publish.failed"]["content"]["reason"] == "auth_removed"
    assert by_name["post.publish.failed"]["content"]["publish_id"] == begun["publish_id"]
    dead = await sandbox.tiktok(login["access_token"], "post/publish/creator_info/query")
    assert (dead.status_code, dead.json()["error"]["code"]) == (401, "access_token_invalid")
    refresh = await sandbox.tiktok_token(grant_type="refresh_token", refresh_token=login["refresh_token"])
    assert refresh.json()["error"] == "invalid_grant"
    assert (await sandbox.tiktok(other["access_token"], "post/publish/creator_info/query")).status_code == 200


async def test_app_revokes_access(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """If the app revokes access, the reason is 5."""
    await listen(sandbox, webhook_receiver)
    login = await sandbox.tiktok_login("luna")
    form = {"client_key": "k", "client_secret": "x", "token": login["access_token"]}
    await sandbox.http.post("/sandbox/open.tiktokapis.com/v2/oauth/revoke/", data=form)
    (report,) = await webhook_receiver.until(lambda came: len(came) == 1)
    assert (checked(report)["event"], checked(report)["content"]) == ("authorization.removed", {"reason": 5})


async def test_instagram_can_be_revoked_too(sandbox: RunningSandbox) -> None:
    """Revoking an Instagram account invalidates the tokens of both logins."""
    instagram, facebook = await sandbox.graph_login("luna"), await sandbox.facebook_login("luna")
    answer = await sandbox.control("POST", "revoke", {"platform": "instagram", "handle": "luna"})
    assert answer.status_code == 200
    assert (await sandbox.graph(instagram, "GET", "me")).json()["error"]["error_subcode"] == 458
    assert (await sandbox.facebook(facebook, "GET", "me")).json()["error"]["error_subcode"] == 458


async def test_post_is_removed(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, reel: bytes) -> None:
    """A removed post is not in feed or status, sends an event, and still counts towards the daily limit."""
    await listen(sandbox, webhook_receiver)
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    publish_id = await sandbox.post_clip(token, reel)
    await sandbox.advance(2)
    await webhook_receiver.until(lambda came: len(came) == 2)
    (post,) = await sandbox.items("posts")
    answer = await sandbox.control("POST", f"posts/{post['externalId']}/remove")
    assert answer.json() == {"externalId": post["externalId"]}
    event = checked((await webhook_receiver.until(lambda came: len(came) == 3))[2])
    assert event["event"] == "post.publish.no_longer_publicaly_available"
    assert event["content"] == {
        "publish_id": publish_id,
        "post_id": post["externalId"],
        "publish_type": "DIRECT_POST",
    }
    assert await sandbox.items("posts") == []
    assert (await sandbox.status(token, publish_id))["publicaly_available_post_id"] == []
    assert (await sandbox.http.get(post["url"].replace("https://", "/sandbox/"))).status_code == 404
    assert (await sandbox.control("POST", f"posts/{post['externalId']}/remove")).status_code == 400
    instagram = await sandbox.graph_login("luna")
    media_id = await sandbox.post_picture(instagram)
    await sandbox.control("POST", f"posts/{media_id}/remove")
    assert (await sandbox.graph(instagram, "GET", media_id)).json()["error"]["error_subcode"] == 33
    limit = await sandbox.graph(instagram, "GET", "me/content_publishing_limit")
    assert limit.json()["data"][0]["quota_usage"] == 1
    assert (await sandbox.graph(instagram, "GET", "me/media")).json()["data"] == []


async def test_refused_events_are_retried(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """A response other than 200 is retried with backoff and a new signature for up to 72 hours."""
    await listen(sandbox, webhook_receiver)
    await sandbox.tiktok_login("luna")
    webhook_receiver.answers += [204, 500]
    await sandbox.control("POST", "webhooks/events", {"handle": "luna", "event": "first", "content": {"a": 1}})
    await webhook_receiver.until(lambda came: len(came) == 1)
    for number, wait in ((2, 6), (3, 31)):
        async for _ in polls():
            (one,) = await sandbox.items("deliveries?platform=tiktok")
            if one["attempts"] == number - 1:
                break
        await sandbox.advance(wait)
        await webhook_receiver.until(lambda came, number=number: len(came) == number)  # type: ignore[misc]  # bound early
    assert [checked(report)["content"] for report in webhook_receiver.reports] == [{"a": 1}] * 3
    webhook_receiver.answers += [500] * 100
    await sandbox.control("POST", "webhooks/events", {"handle": "luna", "event": "second"})
    last: JSON = {}
    async for _ in polls():
        last = (await sandbox.items("deliveries?platform=tiktok"))[-1]
        if last["state"] == "given_up":
            break
        await sandbox.advance(3600)
    assert (last["state"], last["status"]) == ("given_up", 500)
    assert last["attempts"] == 18


async def test_duplicates_and_disorder(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver, reel: bytes) -> None:
    """Held events are released in any order and number; duplicates and delays need no release."""
    await listen(sandbox, webhook_receiver, hold=True)
    token = (await sandbox.tiktok_login("luna"))["access_token"]
    await sandbox.post_clip(token, reel)
    await sandbox.advance(10)
    assert webhook_receiver.reports == []
    answer = await sandbox.control("POST", "webhooks/release", {"order": "newest_first", "copies": 2})
    assert answer.json() == {"released": 2}
    assert named(webhook_receiver.reports) == ["post.publish.publicly_available"] * 2 + ["post.publish.complete"] * 2
    assert (await sandbox.control("POST", "webhooks/release", {})).json() == {"released": 0}
    webhook_receiver.reports.clear()
    await listen(sandbox, webhook_receiver, copies=3, clientKey="another")
    await sandbox.control("POST", "webhooks/events", {"handle": "luna", "event": "thrice"})
    reports = await webhook_receiver.until(lambda came: len(came) == 3)
    assert len({report.body for report in reports}) == 1
    assert checked(reports[0])["client_key"] == "another"
    webhook_receiver.reports.clear()
    await listen(sandbox, webhook_receiver, delaySeconds=3600)
    await sandbox.control("POST", "webhooks/events", {"handle": "luna", "event": "late"})
    await listen(sandbox, webhook_receiver)
    await sandbox.control("POST", "webhooks/events", {"handle": "luna", "event": "early"})
    await webhook_receiver.until(lambda came: len(came) == 1)
    await sandbox.advance(3601)
    assert named(await webhook_receiver.until(lambda came: len(came) == 2)) == ["early", "late"]


async def test_settings(sandbox: RunningSandbox, webhook_receiver: WebhookReceiver) -> None:
    """Without a URL no event is stored; the secret is never shown; null disables events; invalid input is refused."""
    await sandbox.tiktok_login("luna")
    await sandbox.control("POST", "revoke", {"platform": "tiktok", "handle": "luna"})
    assert await sandbox.items("deliveries") == []
    assert await sandbox.items("webhooks") == []
    url = webhook_receiver.address + "/x"
    await sandbox.control("POST", "webhooks", {"platform": "tiktok", "url": url})
    (settings,) = await sandbox.items("webhooks?platform=tiktok")
    assert (settings["url"], settings["copies"], settings["hold"]) == (url, 1, False)
    assert await sandbox.items("webhooks?platform=sms") == []
    await sandbox.control("POST", "revoke", {"platform": "tiktok", "handle": "luna"})
    (report,) = await webhook_receiver.until(lambda came: len(came) == 1)
    assert checked(report, "x")["content"] == {"reason": 1}  # the secret that the app sent for its token
    await sandbox.control("POST", "webhooks", {"platform": "tiktok", "url": None})
    assert await sandbox.items("webhooks") == []
    right = {"platform": "tiktok", "url": url}
    bad: list[tuple[str, dict[str, object]]] = [
        ("webhooks", {"platform": "sms", "url": url}),
        ("webhooks", {**right, "url": "nowhere"}),
        ("webhooks", {**right, "copies": 0}),
        ("webhooks", {**right, "hold": 1}),
        ("webhooks", {**right, "delaySeconds": -1}),
        ("webhooks", {**right, "clientSecret": ""}),
        ("webhooks", {**right, "speed": 1}),
        ("webhooks/release", {"order": "random"}),
        ("webhooks/release", {"copies": 99}),
        ("webhooks/events", {"handle": "luna", "event": "x"}),
        ("webhooks/events", {"handle": "unknown", "event": "x"}),
        ("webhooks/events", {"handle": "luna", "event": 5}),
        ("revoke", {"platform": "tiktok", "handle": "unknown"}),
        ("revoke", {"platform": "tiktok", "handle": "luna", "reason": 6}),
        ("posts/123/remove", {}),
        ("accounts", {"platform": "tiktok", "handle": "luna", "appVersion": "new"}),
    ]
    for path, body in bad:
        answer = await sandbox.control("POST", path, body)
        assert (answer.status_code, bool(answer.json()["error"]["message"])) == (400, True), (path, body)


async def test_a_reset_frees_the_queues_of_callbacks(tmp_path: Path) -> None:
    """A reset can cancel the sending of a callback before it begins: later callbacks of its queue are sent all the same."""
    sandbox = Sandbox(tmp_path / "state")
    callbacks = Callbacks(sandbox)
    callbacks.add_format("tiktok", WebhookFormat())
    for _ in range(2):
        callbacks.post("tiktok", lane="tiktok luna", event="e", url="http://127.0.0.1:9/", body="{}", secret="s")
        callbacks.run_due()  # the task of the queue exists, and has not begun
        await sandbox.reset()
    callbacks.post("tiktok", lane="tiktok luna", event="e", url="http://127.0.0.1:9/", body="{}", secret="s")
    async for _ in polls():
        if [one.attempts for one in callbacks.listed("tiktok", None)] == [1]:
            break
    assert [one.attempts for one in callbacks.listed("tiktok", None)] == [1]
    await sandbox.close()
