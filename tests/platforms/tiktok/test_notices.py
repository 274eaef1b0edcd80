"""Verifying and parsing TikTok's webhooks."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue
from tests.platforms.rows import each_row

from presswork.platforms.inbound_webhooks import NotGenuine, ReportedEvent
from presswork.platforms.port import AppCredentials, Mode
from presswork.platforms.tiktok.inbound_webhooks import TikTokWebhookReader, reports_delivery

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECRET = "the-secret"
READER = TikTokWebhookReader(AppCredentials(client_id="the-key", client_secret=SECRET))


def body_of(event: str, content: JsonValue = None, *, raw: JsonValue = None) -> bytes:
    """Return an event as TikTok sends it: with its content as JSON in a string, or with other content unchanged."""
    body = {
        "client_key": "the-key",
        "event": event,
        "create_time": int(NOW.timestamp()),
        "user_openid": "open-id",
        "content": json.dumps({} if content is None else content) if raw is None else raw,
    }
    return json.dumps(body).encode()


def signature(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    """Return the header that TikTok sends, computed as documented."""
    stamp = str(int(at.timestamp()))
    return f"t={stamp},s={hmac.new(secret.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def read(body: bytes, *, now: datetime = NOW) -> ReportedEvent | None:
    """Parse a genuine webhook."""
    return READER.read({"tiktok-signature": signature(body)}, body, now=now)


PUBLIC = body_of(
    "post.publish.publicly_available",
    {"publish_id": "v_pub_file~v2-1.1", "post_id": "7412345123451234512", "publish_type": "DIRECT_POST"},
)


def test_an_event_is_read() -> None:
    """The names are TikTok's, the reference is its publish id, and the rest is kept as detail."""
    assert read(PUBLIC) == ReportedEvent(
        event="post.publish.publicly_available",
        account="open-id",
        reference="v_pub_file~v2-1.1",
        occurred_at=NOW,
        detail={"publish_type": "DIRECT_POST", "post_id": "7412345123451234512"},
        message="TikTok reported that the post is public.",
        is_public=True,
    )


@each_row(
    "header",
    [
        "",
        "t=1",
        "s=00",
        "nonsense",
        signature(PUBLIC, secret="another"),
        signature(PUBLIC + b" "),
        signature(PUBLIC).replace("t=", "t=1"),
        signature(PUBLIC).upper(),
        signature(PUBLIC)[:-1],
        signature(PUBLIC) + ",v=1",
        f"t={int(NOW.timestamp())},s=",
    ],
)
def test_a_webhook_without_tiktoks_signature_is_refused(header: str) -> None:
    """Another secret, another body, another time, no signature at all: the webhook is not TikTok's."""
    with pytest.raises(NotGenuine):
        READER.read({"tiktok-signature": header}, PUBLIC, now=NOW)


@each_row("age", [timedelta(minutes=-5), timedelta(), timedelta(hours=1), timedelta(hours=72)])
def test_a_late_repetition_is_accepted(age: timedelta) -> None:
    """TikTok repeats for 72 hours, perhaps under the first signature; a clock may be off by minutes."""
    assert read(PUBLIC, now=NOW + age) is not None


@pytest.mark.parametrize("age", [timedelta(minutes=-5, seconds=-1), timedelta(hours=72, minutes=6)])
def test_a_signature_too_old_or_in_the_future_is_refused(age: timedelta) -> None:
    """A recorded webhook can't be replayed for ever, nor can one be signed for the future."""
    with pytest.raises(NotGenuine):
        read(PUBLIC, now=NOW + age)


@each_row(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"event": "x"}',
        b'{"event": 1, "create_time": 1}',
        b'{"event": "x", "create_time": "soon"}',
        b'{"event": "x", "create_time": 99999999999999999}',
        b"\xff\xfe",
    ],
)
def test_an_unreadable_event_is_none(body: bytes) -> None:
    """It is genuine, so it must be acknowledged, or TikTok would repeat it."""
    assert read(body) is None


@each_row("content", ["", "{", "[]", "null", '"text"', {"publish_id": 7}, {"publish_id": ""}])
def test_content_without_a_delivery(content: JsonValue) -> None:
    """The event is parsed all the same."""
    notice = read(body_of("post.publish.complete", raw=content))
    assert notice is not None
    assert notice.reference is None


def test_content_may_be_an_object_and_its_text_is_sanitized() -> None:
    """Some senders use an object. NUL, which PostgreSQL does not store, becomes U+FFFD: no id turns into another one."""
    notice = read(body_of("post.publish.failed\x00", raw={"publish_id": "p\x001", "reason": "x" * 999}))
    assert notice is not None
    assert (notice.event, notice.reference, len(notice.detail["reason"])) == (
        "post.publish.failed\N{REPLACEMENT CHARACTER}",
        "p\N{REPLACEMENT CHARACTER}1",
        256,
    )


@each_row(
    ("event", "is_news", "is_public", "ends_access"),
    [
        ("post.publish.complete", False, False, False),
        ("post.publish.failed", False, False, False),
        ("post.publish.inbox_delivered", True, False, False),
        ("post.publish.publicly_available", False, True, False),
        ("post.publish.publicaly_available", False, True, False),
        ("post.publish.no_longer_publicaly_available", True, False, False),
        ("post.publish.no_longer_publicly_available", True, False, False),
        ("authorization.removed", False, False, True),
        ("video.upload.failed", False, False, False),
        ("event.of.tomorrow", False, False, False),
    ],
)
def test_what_each_event_means(event: str, *, is_news: bool, is_public: bool, ends_access: bool) -> None:
    """TikTok's own spellings and the correct ones; an unknown event has no effect."""
    notice = read(body_of(event, {"publish_id": "p1"}))
    assert notice is not None
    assert (notice.is_news, notice.is_public, notice.ends_access) == (is_news, is_public, ends_access)
    assert (notice.message is None) is (not event.startswith("post."))


@each_row(
    ("event", "kind", "publish", "draft"),
    [
        ("post.publish.complete", "DIRECT_POST", True, False),
        ("post.publish.complete", "INBOX_SHARE", False, True),
        ("post.publish.complete", None, True, False),
        ("post.publish.publicly_available", "DIRECT_POST", True, False),
        ("post.publish.inbox_delivered", "INBOX_SHARE", False, True),
        ("post.publish.inbox_delivered", None, False, True),
        ("post.publish.failed", "DIRECT_POST", False, False),
        ("post.publish.no_longer_publicaly_available", "DIRECT_POST", False, False),
        ("authorization.removed", None, False, False),
    ],
)
def test_which_events_report_a_delivery(event: str, kind: str | None, *, publish: bool, draft: bool) -> None:
    """Only successful deliveries, and only in the mode of the post."""
    content: dict[str, JsonValue] = {"publish_id": "p1"}
    notice = read(body_of(event, content if kind is None else {**content, "publish_type": kind}))
    assert notice is not None
    assert (reports_delivery(notice, Mode.PUBLISH), reports_delivery(notice, Mode.DRAFT)) == (publish, draft)
