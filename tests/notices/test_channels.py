"""Messages to chat rooms and browsers: their formats, failures and secrets."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwt
from joserfc.jwk import ECKey
from tests.notices.conftest import NoticeWorld
from tests.posts.conftest import bare
from tests.webhooks.conftest import Receiver

from presswork.db.queries import load
from presswork.doctor.checks.work import check_work
from presswork.notices.model import PAUSE_AFTER
from presswork.notices.push import BrowserSubscription, _derive, decode_base64url, encode_base64url
from presswork.platforms.settings import Settings

LANES = load("presswork.worker", "lanes.sql")
HOSTILE = "<!channel> *Rye* & [loaf](https://evil.example) @everyone"


async def test_each_service_gets_its_own_format(notices: NoticeWorld, receiver: Receiver) -> None:
    """What people wrote mentions no one and makes no link, and the URL of a room is shown to no one."""
    for kind in ("slack", "teams", "discord"):
        channel = await notices.channel(kind, "content.pending", url=f"{receiver.url}/{kind}-secret")
        assert channel["target"].endswith("/…cret")
        assert "hooks" not in channel["target"]
        assert "secret" not in json.dumps(channel)
    await notices.channel("slack", "post.failed", url=f"{receiver.url}/other")
    await notices.pending(HOSTILE)
    await notices.send()
    bodies: dict[str, Any] = {message.path.rpartition("/")[2]: message.json for message in receiver.got}
    assert sorted(bodies) == ["discord-secret", "slack-secret", "teams-secret"]
    header, section, actions = bodies["slack-secret"]["blocks"]
    assert header["text"]["text"] == "[Test] Content waits for approval"
    assert "&lt;!channel&gt;" in section["text"]["text"]
    url = f"https://press.example.com/console/test/content/cnt_{UUID(int=7)}"
    assert actions["elements"][0]["url"] == url
    (attachment,) = bodies["teams-secret"]["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert r"\[loaf\]\(" in attachment["content"]["body"][1]["text"]
    assert attachment["content"]["actions"][0]["url"] == url
    (embed,) = bodies["discord-secret"]["embeds"]
    assert r"\*Rye\*" in embed["description"]
    assert bodies["discord-secret"]["allowed_mentions"] == {"parse": []}


async def test_a_failing_room_is_paused_and_resumed(notices: NoticeWorld, receiver: Receiver) -> None:
    """It is retried with longer and longer waits, delays no other room, and says why it is paused; a test goes all the same."""
    receiver.respond = lambda message: 500 if message.path.endswith("broken") else 204
    broken = await notices.channel("slack", "content.pending", url=f"{receiver.url}/broken")
    await notices.channel("slack", "content.pending", url=f"{receiver.url}/sound")
    await notices.pending()
    for _ in range(PAUSE_AFTER):
        await notices.send()
        notices.clock.advance(timedelta(hours=2, minutes=30))
    assert len([message for message in receiver.got if message.path.endswith("sound")]) == 1
    client = notices.world.client
    shown = (await client.get(f"/v1/channels/{broken['id']}")).json()
    assert (shown["status"], shown["pausedReason"]) == ("paused", "too_many_failures")
    assert shown["lastError"] == "The service returned 500."
    assert ["1 channel(s) are paused" in line for line in await _found_by_doctor(notices)] == [True]
    await notices.send()
    attempts = len(receiver.got)
    assert attempts == PAUSE_AFTER + 1
    receiver.respond = lambda _message: 204
    assert (await client.post(f"/v1/channels/{broken['id']}/test")).status_code == 202
    await notices.send()
    assert "A test of this channel" in receiver.got[-1].json["text"]
    assert (await client.get(f"/v1/channels/{broken['id']}")).json()["status"] == "paused"
    resumed = await client.patch(f"/v1/channels/{broken['id']}", json={"status": "active"})
    assert (resumed.json()["status"], resumed.json()["pausedReason"]) == ("active", None)
    await notices.send()
    assert "Content waits" in receiver.got[-1].json["text"]


async def test_doctor_misses_a_mail_server_only_where_someone_waits_for_mail(notices: NoticeWorld) -> None:
    """A person who chose e-mails, or a channel with an address."""
    without = notices.settings.model_copy(update={"smtp_url": None})
    assert await _found_by_doctor(notices, without) == []
    channel = await notices.channel("email", "post.failed", address="desk@example.com")
    assert ["no mail server" in line for line in await _found_by_doctor(notices, without)] == [True]
    assert await _found_by_doctor(notices) == []
    await notices.world.client.delete(f"/v1/channels/{channel['id']}")
    await notices.prefer(await notices.people.signed_in("admin"), "post.failed", email=True)
    assert ["no mail server" in line for line in await _found_by_doctor(notices, without)] == [True]


async def _found_by_doctor(notices: NoticeWorld, settings: Settings | None = None) -> list[str]:
    async with notices.api.context.pool.acquire() as connection:
        found = await check_work(settings or notices.settings, connection)
    return [finding.message for finding in found if finding.name == "notices"]


async def test_a_room_that_is_gone_is_paused_at_once(notices: NoticeWorld, receiver: Receiver) -> None:
    """A 404 means that the webhook was deleted; its reason is shown."""
    receiver.respond = lambda _message: 404
    channel = await notices.channel("discord", "content.pending", url=f"{receiver.url}/gone")
    await notices.pending()
    await notices.send()
    shown = (await notices.world.client.get(f"/v1/channels/{channel['id']}")).json()
    assert (shown["status"], shown["pausedReason"]) == ("paused", "refused")
    deleted = await notices.world.client.delete(f"/v1/channels/{channel['id']}")
    assert deleted.status_code == 200
    pool = notices.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM notice_destinations") == 0


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"kind": "slack", "events": ["post.failed"]}, ["url"]),
        ({"kind": "email", "events": ["post.failed"], "address": "no address"}, ["address"]),
        ({"kind": "email", "events": ["post.failed"], "url": "https://example.com"}, ["url"]),
        ({"kind": "teams", "events": [], "url": "ftp://example.com"}, ["events"]),
        ({"kind": "discord", "events": ["post.scheduled"], "url": "https://example.com/a"}, ["events[0]"]),
    ],
)
async def test_wrong_channels_are_refused(notices: NoticeWorld, body: dict[str, object], paths: list[str]) -> None:
    """Each problem has its issue."""
    answer = await notices.world.client.post(f"/v1/projects/{notices.project}/channels", json=body)
    assert answer.status_code == 422
    assert [issue["path"] for issue in answer.json()["error"]["details"]["issues"]] == paths


def test_the_example_of_the_standard() -> None:
    """RFC 8291, appendix A: salt, keys and plain text make exactly this message."""
    sender = ec.derive_private_key(
        int.from_bytes(decode_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    subscription = BrowserSubscription(
        endpoint="https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
        p256dh="BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        auth="BTBZMqHH6r4Tts7J_aSIgg",
    )
    message = subscription.encrypt(
        b"When I grow up, I want to be a watermelon", salt=decode_base64url("DGv6ra1nlYgDCS1FRnbzlw"), sender=sender
    )
    assert encode_base64url(message) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


async def test_a_browser_reads_its_messages(notices: NoticeWorld, receiver: Receiver) -> None:
    """Only the browser's key opens the message, the service knows who sends it, and an ended subscription is removed."""
    admin = await notices.people.signed_in("admin")
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    auth = b"sixteen bytes !!"
    endpoint = f"{receiver.url}/browser"
    body = {
        "endpoint": endpoint,
        "expirationTime": None,
        "keys": {"p256dh": encode_base64url(point), "auth": encode_base64url(auth)},
    }
    for _ in range(2):
        answer = await admin.post("/v1/push/subscriptions", json=body)
        assert answer.status_code == 201, answer.text
    wrong = await admin.post("/v1/push/subscriptions", json={**body, "keys": {"p256dh": "A" * 87, "auth": "B" * 22}})
    assert wrong.json()["error"]["details"]["issues"][0]["path"] == "keys.p256dh"
    await notices.prefer(admin, "social_account.needs_reauth", push=True)
    await notices.needs_reauth()
    await notices.send()
    (message,) = receiver.got
    salt, size, sender = message.body[:16], message.body[20], message.body[21:86]
    assert size == len(sender)
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    secret = _derive(shared, auth, b"WebPush: info\x00" + point + sender, 32)
    content_key = _derive(secret, salt, b"Content-Encoding: aes128gcm\x00", 16)
    plain = AESGCM(content_key).decrypt(
        _derive(secret, salt, b"Content-Encoding: nonce\x00", 12), message.body[86:], None
    )
    shown = json.loads(plain.rstrip(b"\x02"))
    assert shown["title"] == "[Test] ada.bakes on TikTok must be connected again"
    assert shown["path"] == f"/console/test/accounts/sa_{UUID(int=8)}"
    public = (await admin.get("/v1/push/key")).json()["publicKey"]
    token, _, named = message.headers["authorization"].removeprefix("vapid t=").partition(", k=")
    assert named == public
    raw = decode_base64url(public)
    verified = ECKey.import_key(
        {"kty": "EC", "crv": "P-256", "x": encode_base64url(raw[1:33]), "y": encode_base64url(raw[33:])}
    )
    assert jwt.decode(token, verified).claims["aud"] == receiver.url.removesuffix("/hooks")
    receiver.respond = lambda _message: 410
    await notices.needs_reauth()
    await notices.send()
    pool = notices.api.context.pool
    assert await pool.fetchval("SELECT count(*) FROM push_subscriptions") == 0
    assert (await admin.request("DELETE", "/v1/push/subscriptions", json={"endpoint": endpoint})).json() == {
        "deleted": False
    }


async def test_a_paused_endpoint_is_noticed(notices: NoticeWorld) -> None:
    """The statement that pauses an endpoint writes the event; what listens besides gets it too."""
    admin = await notices.people.signed_in("admin")
    client = notices.world.client
    body = {"url": "https://example.com/hook", "events": ["webhook.paused"], "projectId": notices.project}
    endpoint = (await client.post("/v1/webhook-endpoints", json=body)).json()["endpoint"]["id"]
    ping = (await client.post(f"/v1/webhook-endpoints/{endpoint}/test")).json()["id"]
    pool, now = notices.api.context.pool, notices.clock.now()
    arguments = (bare(ping), bare(endpoint), now, "{}", 0, None, timedelta(), timedelta(), 3, 20, True)
    await pool.execute(LANES["not_delivered"], *arguments, "https://example.com/hook")
    await notices.send()
    (item,) = (await notices.list(admin))["items"]
    assert item["title"] == "The webhook endpoint at example.com was paused"
    assert item["path"] == f"/test/developers/webhooks/{endpoint}"
