"""Verifies and parses TikTok's webhooks.

Sources: TikTok, "Webhooks: Overview", "Events" and "Verification", read 2026-11. The field `content` is JSON within a
string, and one event name is misspelled; the correct spelling is accepted too.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from presswork.platforms.inbound_webhooks import NotGenuine, ReportedEvent
from presswork.platforms.platform_text import clean, read_json
from presswork.platforms.port import AppCredentials, Mode

SIGNATURE: Final = "tiktok-signature"
MAX_CLOCK_SKEW: Final = timedelta(minutes=5)
"""How far ahead of our clock a signature's time may be."""
MAX_SIGNATURE_AGE: Final = timedelta(hours=72, minutes=5)
"""How old a signature may be: TikTok repeats an event for 72 hours, and does not document whether it signs each
repetition. Stored events are recognized by their bytes for longer than that, so a replay has no effect."""

COMPLETE: Final = "post.publish.complete"
FAILED: Final = "post.publish.failed"
INBOX: Final = "post.publish.inbox_delivered"
PUBLIC: Final = frozenset({"post.publish.publicly_available", "post.publish.publicaly_available"})
NOT_PUBLIC: Final = frozenset(
    {"post.publish.no_longer_publicaly_available", "post.publish.no_longer_publicly_available"}
)
REMOVED: Final = "authorization.removed"
_DELIVERED: Final = PUBLIC | {COMPLETE, INBOX}
_TYPE: Final = "publish_type"
_KINDS: Final = {Mode.PUBLISH: "DIRECT_POST", Mode.DRAFT: "INBOX_SHARE"}
_LONGEST: Final = 256
_KEPT: Final = (_TYPE, "post_id", "reason", "share_id")

_HEADER: Final = re.compile(r"t=(\d{1,12}),s=([0-9a-f]{64})", re.ASCII)
_MESSAGES: Final[Mapping[str, str]] = {
    COMPLETE: "TikTok reported that the post is published.",
    FAILED: "TikTok reported that the post failed; it is not live.",
    INBOX: "TikTok reported that the draft is in the creator's inbox.",
    **dict.fromkeys(PUBLIC, "TikTok reported that the post is public."),
    **dict.fromkeys(
        NOT_PUBLIC,
        "TikTok reported that the post is not visible any more: it was deleted or made private, or TikTok removed it. "
        "Check the account; the post's status does not change.",
    ),
}


class _Body(BaseModel):
    """The body of every event."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    event: str
    create_time: int
    user_openid: str = ""
    content: str | dict[str, JsonValue] = ""


_CONTENT: Final[TypeAdapter[dict[str, JsonValue]]] = TypeAdapter(dict[str, JsonValue])


class TikTokWebhookReader:
    """The port's `Notices` for TikTok."""

    def __init__(self, app: AppCredentials, secrets: Callable[[], Sequence[str]] | None = None) -> None:
        """Store the app, whose secret signs. `secrets` returns all that may sign, where there can be several."""
        self._secrets = secrets or (lambda: (app.client_secret,))

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> ReportedEvent | None:
        """Verify the signature over its time and the raw body, and parse the event. Raises NotGenuine."""
        self._check(headers.get(SIGNATURE, ""), body, now)
        try:
            payload = _Body.model_validate(read_json(body))
            occurred_at = datetime.fromtimestamp(payload.create_time, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        content = _content(payload.content)
        texts = {name: _text(content[name]) for name in _KEPT if isinstance(content.get(name), str | int)}
        reference = content.get("publish_id")
        message, reason = _MESSAGES.get(payload.event), texts.get("reason")
        return ReportedEvent(
            event=_text(payload.event),
            account=_text(payload.user_openid),
            reference=_text(reference) or None if isinstance(reference, str) else None,
            occurred_at=occurred_at,
            detail=texts,
            message=f"{message} Its reason: {reason}." if message and reason else message,
            is_news=payload.event == INBOX or payload.event in NOT_PUBLIC,
            is_public=payload.event in PUBLIC,
            ends_access=payload.event == REMOVED,
        )

    def _check(self, header: str, body: bytes, now: datetime) -> None:
        found = _HEADER.fullmatch(header.replace(" ", ""))
        if found is None:
            raise NotGenuine("This call carries no TikTok-Signature header of the form t=…,s=….")
        signed = b".".join((found[1].encode(), body))
        wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in self._secrets()]
        if not any(hmac.compare_digest(one, found[2]) for one in wanted):
            raise NotGenuine(
                "This call is not signed with the client secret of the TikTok app. Check PRESSWORK_TIKTOK_CLIENT_SECRET."
            )
        age = now.timestamp() - int(found[1])
        if not -MAX_CLOCK_SKEW.total_seconds() <= age <= MAX_SIGNATURE_AGE.total_seconds():
            raise NotGenuine("This call was signed too long ago, or by a clock that is ahead of this one.")


def reports_delivery(notice: ReportedEvent, mode: Mode) -> bool:
    """Whether the event reports the delivery of a post of that mode; older documentation omits the kind for direct posts."""
    kind = notice.detail.get(_TYPE)
    if notice.event not in _DELIVERED:
        return False
    return kind == _KINDS[mode] or (kind is None and (mode is Mode.DRAFT) == (notice.event == INBOX))


def _text(value: JsonValue) -> str:
    """Return clean text, truncated to the longest of TikTok's own names."""
    return clean(str(value), limit=_LONGEST)


def _content(value: str | Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """Parse `content`; empty where it is not an object."""
    if not isinstance(value, str):
        return value
    try:
        return _CONTENT.validate_python(read_json(value.encode()))
    except ValueError:
        return {}
