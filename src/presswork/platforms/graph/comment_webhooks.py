"""Reads Meta's webhooks about comments: of Instagram, of Facebook Pages, and of Threads.

Meta delivers an event at least once, in any order, several in one call, and repeats it for about 36 hours: so each is a hint, and the
comments are read. Instagram's are documented flat for Instagram Login, and nested in `changes` for Facebook Login; both are accepted.
Source: Meta, "Webhooks: Getting started", "Instagram Webhooks", "Webhooks Reference: Page" (v25) and "Threads Webhooks", read 2026-12.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.platforms.api_client import JsonObject
from presswork.platforms.graph.client import text_of
from presswork.platforms.inbound_webhooks import ChallengeResponse, CommentHint
from presswork.platforms.json_values import items_of, part_of
from presswork.platforms.platform_text import read_json
from presswork.platforms.webhook_signature import Secrets, require_signature

SIGNATURE: Final = "x-hub-signature-256"
_PREFIX: Final = "sha256="
_MAX_CHALLENGE: Final = 200

ReadChange = Callable[[str, str, JsonObject], CommentHint | None]
"""Returns what a change says about comments, by the id of the account, the name of the field and its value, or None."""


class MetaCommentReader:
    """The port's `CommentWebhookReader` for one of Meta's apps."""

    has_verify_token: Final = True

    def __init__(self, secrets: Secrets, *, verify_token: str | None, read_change: ReadChange) -> None:
        """Store what signs, the token with which Meta checks the URL (for the sandbox None, which accepts any), and how a change is read."""
        self._secrets: Final = secrets
        self._verify_token: Final = verify_token
        self._read_change: Final = read_change

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> Sequence[CommentHint]:  # noqa: ARG002  it has no time
        """Verify and parse a webhook. Raises NotGenuine."""
        signature = headers.get(SIGNATURE, "")
        require_signature(signature.removeprefix(_PREFIX), [body], self._secrets, header="X-Hub-Signature-256")
        try:
            document = read_json(body)
        except ValueError:
            return ()
        hints = (self._read_change(*change) for change in _list_changes(document))
        return _merge(hint for hint in hints if hint is not None)

    def answer_challenge(
        self, query: Mapping[str, str], *, verify_tokens: Sequence[str] | None = None
    ) -> ChallengeResponse | None:
        """Return the challenge, where the request has the token that the operator chose, or one of those of a customer's app."""
        challenge, token = query.get("hub.challenge", ""), query.get("hub.verify_token", "")
        if query.get("hub.mode") != "subscribe" or not challenge or len(challenge) > _MAX_CHALLENGE:
            return None
        if verify_tokens is None and self._verify_token is None:
            return ChallengeResponse(body=challenge)
        wanted = [self._verify_token or ""] if verify_tokens is None else verify_tokens
        is_ours = any(one and hmac.compare_digest(one.encode(), token.encode()) for one in wanted)
        return ChallengeResponse(body=challenge) if is_ours else None


def _list_changes(document: JsonValue) -> Iterator[tuple[str, str, JsonObject]]:
    """Yield the account, the field and the value of each change in a webhook."""
    if not isinstance(document, dict):
        return
    for entry in items_of(document, "entry"):
        account = text_of(entry.get("id")) or ""
        for change in (entry, *items_of(entry, "changes")):
            yield account, text_of(change.get("field")) or "", part_of(change, "value")
    values = document.get("values")
    for one in values if isinstance(values, list) else [values]:
        if isinstance(one, dict):
            yield text_of(document.get("target_id")) or "", text_of(one.get("field")) or "", part_of(one, "value")


def _merge(hints: Iterator[CommentHint]) -> Sequence[CommentHint]:
    """Return each hint once."""
    return list({(hint.account, tuple(hint.posts)): hint for hint in hints}.values())


def read_instagram(account: str, field: str, value: JsonObject) -> CommentHint | None:
    """Read a change of an Instagram account. `live_comments` have no posts that are stored."""
    if field != "comments" or not account:
        return None
    media_id = text_of(part_of(value, "media").get("id")) or text_of(value.get("media_id"))
    return CommentHint(account=account, posts=() if media_id is None else (media_id,))


def read_facebook(account: str, field: str, value: JsonObject) -> CommentHint | None:
    """Read a change of a Page: its feed also reports posts, likes and shares."""
    if field != "feed" or value.get("item") != "comment" or not account:
        return None
    post_id = text_of(value.get("post_id"))
    named = [text_of(value.get(name)) for name in ("video_id", "photo_id")]
    parts = [] if post_id is None else [post_id, post_id.rpartition("_")[2]]
    return CommentHint(account=account, posts=tuple(dict.fromkeys([*parts, *(one for one in named if one)])))


def read_threads(account: str, field: str, value: JsonObject) -> CommentHint | None:
    """Read a change of a Threads profile: a reply, or one that was deleted."""
    if field not in ("replies", "delete"):
        return None
    owner = text_of(part_of(value, "root_post").get("owner_id")) or account
    named = [text_of(part_of(value, name).get("id")) for name in ("root_post", "replied_to")]
    return CommentHint(account=owner, posts=tuple(dict.fromkeys(one for one in named if one))) if owner else None
