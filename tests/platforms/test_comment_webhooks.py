"""Webhooks about comments: signed by the secret of the operator's app, or refused; what they say of which post; and the checks of URLs."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import pytest
from pydantic import JsonValue

from presswork.platforms.graph.comment_webhooks import (
    MetaCommentReader,
    ReadChange,
    read_facebook,
    read_instagram,
    read_threads,
)
from presswork.platforms.inbound_webhooks import CommentHint, CommentWebhookReader, NotGenuine
from presswork.platforms.linkedin.comment_webhooks import LinkedInCommentReader

SECRET: Final = "app-secret"
TOKEN: Final = "chosen"
NOW: Final = datetime(2026, 12, 1, 8, tzinfo=UTC)


def meta(read_change: ReadChange, *, token: str | None = TOKEN) -> MetaCommentReader:
    """Return the reader of one of Meta's platforms."""
    return MetaCommentReader(lambda: ("former-secret", SECRET), verify_token=token, read_change=read_change)


def linkedin() -> LinkedInCommentReader:
    """Return the reader of LinkedIn."""
    return LinkedInCommentReader(lambda: (SECRET, "former-secret"))


def hex_of(text: bytes, secret: str = SECRET) -> str:
    """Return an HMAC-SHA256, as platforms write it."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def read_meta(read_change: ReadChange, document: JsonValue) -> Sequence[CommentHint]:
    """Return what a signed webhook of Meta says."""
    body = json.dumps(document).encode()
    return meta(read_change).read({"x-hub-signature-256": f"sha256={hex_of(body)}"}, body, now=NOW)


COMMENT: Final = {"id": "18011", "text": "Open?", "media": {"id": "17900", "media_product_type": "FEED"}}
REPLY: Final = {"id": "18055", "text": "Open?", "replied_to": {"id": "18000"}, "root_post": {"id": "17990"}}


@pytest.mark.parametrize(
    ("read_change", "document", "hints"),
    [
        (
            read_instagram,
            {"object": "instagram", "entry": [{"id": "1784", "time": 1, "field": "comments", "value": COMMENT}]},
            [("1784", ["17900"])],
        ),
        (
            read_instagram,
            {
                "object": "instagram",
                "entry": [
                    {
                        "id": "1784",
                        "changes": [
                            {"field": "comments", "value": COMMENT},
                            {"field": "comments", "value": COMMENT | {"id": "18012"}},
                            {"field": "mentions", "value": {"media_id": "1"}},
                        ],
                    },
                    {"id": 1785, "changes": [{"field": "comments", "value": {"comment_id": "1"}}]},
                ],
            },
            [("1784", ["17900"]), ("1785", [])],
        ),
        (
            read_facebook,
            {
                "object": "page",
                "entry": [
                    {
                        "id": "99",
                        "changes": [
                            {"field": "feed", "value": {"item": "comment", "verb": "add", "post_id": "99_71"}},
                            {"field": "feed", "value": {"item": "comment", "verb": "remove", "post_id": "99_72"}},
                            {"field": "feed", "value": {"item": "reaction", "verb": "add", "post_id": "99_73"}},
                            {"field": "feed", "value": {"item": "status", "verb": "add", "post_id": "99_74"}},
                        ],
                    }
                ],
            },
            [("99", ["99_71", "71"]), ("99", ["99_72", "72"])],
        ),
        (
            read_threads,
            {"app_id": "1", "topic": "moderate", "target_id": "66", "values": {"field": "replies", "value": REPLY}},
            [("66", ["17990", "18000"])],
        ),
        (read_threads, {"target_id": "66", "values": {"field": "mentions", "value": REPLY}}, []),
        (read_facebook, {"entry": [{"id": "99", "changes": "none"}, "nothing"]}, []),
        (read_instagram, [], []),
    ],
)
def test_what_meta_reports(
    read_change: ReadChange, document: JsonValue, hints: Sequence[tuple[str, Sequence[str]]]
) -> None:
    """Each comment names its account and its post, flat or nested, once; all else says nothing."""
    assert [(hint.account, list(hint.posts)) for hint in read_meta(read_change, document)] == list(hints)


def test_what_linkedin_reports() -> None:
    """Comments of pages name the page and the post; likes, and what members do elsewhere, say nothing."""
    page, post = "urn:li:organization:5512", "urn:li:share:71"
    notifications = [
        {"action": "COMMENT", "organizationalEntity": page, "sourcePost": post},
        {"action": "COMMENT_EDIT", "organizationalEntity": page, "sourcePost": post},
        {"action": "LIKE", "organizationalEntity": page, "sourcePost": "urn:li:share:72"},
        {"action": "COMMENT_DELETE", "organizationalEntity": page},
        {"action": "COMMENT", "organizationalEntity": "urn:li:person:1", "sourcePost": post},
    ]
    body = json.dumps({"type": "ORGANIZATION_SOCIAL_ACTION_NOTIFICATIONS", "notifications": notifications}).encode()
    for signed in (body, b"hmacsha256=" + body):
        hints = linkedin().read({"x-li-signature": f"hmacsha256={hex_of(signed)}"}, body, now=NOW)
        assert [(hint.account, list(hint.posts)) for hint in hints] == [(page, [post]), (page, [])]


READERS: Final[Sequence[tuple[Callable[[], CommentWebhookReader], str, str]]] = (
    (lambda: meta(read_instagram), "x-hub-signature-256", "sha256="),
    (linkedin, "x-li-signature", "hmacsha256="),
)


@pytest.mark.parametrize(("open_reader", "header", "prefix"), READERS)
def test_a_webhook_needs_a_signature(open_reader: Callable[[], CommentWebhookReader], header: str, prefix: str) -> None:
    """Without a signature, with that of another body or secret, a webhook is refused; what is signed and broken says nothing."""
    reader = open_reader()
    for headers in (
        {},
        {header: ""},
        {header: prefix},
        {header: f"{prefix}{hex_of(b'another')}"},
        {header: f"{prefix}{hex_of(b'{}', 'another-secret')}"},
        {header: "sha1=é"},
    ):
        with pytest.raises(NotGenuine):
            reader.read(headers, b"{}", now=NOW)
    for body in (b"{}", b"no JSON", b"\xff", b"[[1]]"):
        for secret in (SECRET, "former-secret"):
            assert list(reader.read({header: prefix + hex_of(body, secret)}, body, now=NOW)) == []


@pytest.mark.parametrize(
    ("token", "query", "body"),
    [
        (
            "chosen",
            {"hub.mode": "subscribe", "hub.verify_token": "chosen", "hub.challenge": "1158201444"},
            "1158201444",
        ),
        ("chosen", {"hub.mode": "subscribe", "hub.verify_token": "other", "hub.challenge": "1"}, None),
        ("chosen", {"hub.mode": "unsubscribe", "hub.verify_token": "chosen", "hub.challenge": "1"}, None),
        ("chosen", {"hub.mode": "subscribe", "hub.verify_token": "chosen"}, None),
        ("", {"hub.mode": "subscribe", "hub.verify_token": "", "hub.challenge": "1"}, None),
        (None, {"hub.mode": "subscribe", "hub.verify_token": "any", "hub.challenge": "1"}, "1"),
        ("chosen", {}, None),
    ],
)
def test_meta_checks_the_url(token: str | None, query: Mapping[str, str], body: str | None) -> None:
    """The challenge returns only with the token that the operator chose; the sandbox may send any."""
    answer = meta(read_instagram, token=token).answer_challenge(query)
    assert (None if answer is None else answer.body) == body


def test_linkedin_checks_the_url() -> None:
    """The code returns with its signature by the client secret."""
    answer = linkedin().answer_challenge({"challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0"})
    assert answer is not None
    assert answer.content_type == "application/json"
    assert json.loads(answer.body) == {
        "challengeCode": "890e4665-4dfe-4ab1-b689-ed553bceeed0",
        "challengeResponse": hex_of(b"890e4665-4dfe-4ab1-b689-ed553bceeed0"),
    }
    assert linkedin().answer_challenge({}) is None
