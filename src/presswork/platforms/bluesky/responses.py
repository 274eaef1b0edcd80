"""Parses the responses of AT Protocol servers and translates their errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from presswork.core.timestamps import read_header_date
from presswork.platforms.bluesky.error_mapping import UNKNOWN, Action, ErrorMeaning, meaning_of
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Rejected, Reported, TryLater
from presswork.platforms.transport import Reply

JsonObject = Mapping[str, JsonValue]

_JWT: Final = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*){1,2}")
_TOKEN: Final = re.compile(r"\b(?:tok|ref|cod|req)-[0-9A-Za-z]{16,}")
_QUERY: Final = re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+")
_MESSAGE_LIMIT: Final = 500
_LONGEST_WAIT: Final = timedelta(days=1)
_NONCE: Final = "use_dpop_nonce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response of any of Bluesky's servers: a JSON object, an error, or nothing usable."""

    status: int
    body: JsonObject | None
    """None where the body is not a JSON object: an error page, for example."""
    error: str = ""
    """The error's name; empty where the response has none."""
    message: str = ""
    """The platform's own message, without secrets."""
    wait: timedelta | None = None
    """How long the server asks to wait."""
    wants_nonce: bool = False
    """Whether the request was refused for its nonce alone."""
    nonce: str | None = None
    """The nonce for the next proof at this server."""
    sent_at: datetime | None = None
    """When the server sent it, by its own clock, UTC; None where it succeeded or has no date."""

    @property
    def is_ok(self) -> bool:
        """Whether the call succeeded."""
        return 200 <= self.status < 300 and self.body is not None and not self.error

    @property
    def is_readable(self) -> bool:
        """Whether the server stated what happened: a success, or an error with a name."""
        return self.is_ok or bool(self.error)

    @property
    def meaning(self) -> ErrorMeaning:
        """The entry of the error table for this response."""
        return meaning_of(self.error, self.status, self.message)

    @property
    def label(self) -> str:
        """The error as a post reports it."""
        return self.error or f"HTTP {self.status}"

    @property
    def reported(self) -> Reported:
        """The error and the message, for an error of Presswork."""
        return Reported(platform_code=self.label, platform_message=self.message or None)

    @property
    def proves_nothing_written(self) -> bool:
        """Whether a refused putRecord certainly wrote nothing: the server named a reason that it finds before it writes."""
        is_refusal = 400 <= self.status < 500 and self.status != 408
        return is_refusal and bool(self.error) and self.meaning.proves_nothing_live

    def text(self, name: str) -> str | None:
        """Return a text of the body; None where there is none."""
        value = (self.body or {}).get(name)
        return value if isinstance(value, str) and value else None

    def object(self, name: str) -> JsonObject:
        """Return an object of the body; empty where there is none."""
        value = (self.body or {}).get(name)
        return value if isinstance(value, dict) else {}


def read_answer(reply: Reply, *, now: datetime) -> Answer:
    """Parse a response; `now` turns the end of a limit into a wait where the response has no date."""
    sent_at = None if reply.status < 400 else read_header_date(reply.header("date") or "")
    body = reply.json_object()
    name, message = _text(body, "error"), _text(body, "message") or _text(body, "error_description")
    if reply.status < 400:
        name = ""  # a job's state has a field of this name
    challenge = (reply.header("www-authenticate") or "").lower()
    return Answer(
        status=reply.status,
        body=body,
        error=name[:100],
        message=without_secrets(message),
        wait=_wait(reply, sent_at or now) if reply.status in (429, 503) or name == "RateLimitExceeded" else None,
        wants_nonce=reply.status in (400, 401) and (name == _NONCE or _NONCE in challenge),
        nonce=reply.header("dpop-nonce"),
        sent_at=sent_at,
    )


def without_secrets(message: str) -> str:
    """Return the platform's message without tokens and without the query of any URL."""
    return _QUERY.sub(r"\1?…", _TOKEN.sub("…", _JWT.sub("…", message)))[:_MESSAGE_LIMIT]


def quote(answer: Answer) -> str:
    """Quote Bluesky's error message with its name."""
    status = f", HTTP {answer.status}" if answer.status >= 500 and answer.error else ""
    if not answer.message:
        return f"Bluesky answered with {answer.label}{status} and no message."
    stop = "" if answer.message.endswith((".", "!", "?")) else "."
    return f"Bluesky answered ({answer.label}{status}): “{answer.message}”{stop}"


def explain(answer: Answer) -> str:
    """Quote Bluesky's error message and explain it."""
    return f"{quote(answer)} {answer.meaning.sentence}"


def refusal(answer: Answer, *, step: str) -> PlatformError:
    """Return the error for a call that did not succeed and is harmless to repeat."""
    meaning = answer.meaning
    what = explain(answer)
    match meaning.action:
        case Action.RECONNECT:
            return CredentialInvalid(what, advice=meaning.advice, step=step, **answer.reported)
        case Action.RETRY | Action.THROTTLE:
            return TryLater(
                what,
                advice=meaning.advice,
                step=step,
                retry_after=answer.wait,
                is_throttled=meaning.action is Action.THROTTLE,
                **answer.reported,
            )
        case Action.UPLOAD_AGAIN:
            return TryLater(what, advice=meaning.advice, step=step, starts_over=True, **answer.reported)
        case _:
            if meaning is UNKNOWN and (answer.status >= 500 or answer.body is None):
                return TryLater(what, step=step, **answer.reported)
            return Rejected(what, advice=meaning.advice, step=step, failure=meaning.failure, **answer.reported)


def outcome_unknown(reason: str, *, step: str, answer: Answer | None = None) -> OutcomeUnknown:
    """Return the error for a call with a public effect whose response does not show whether it happened."""
    unsure = "It is not certain whether it was published."
    if answer is not None and answer.error:
        return OutcomeUnknown(f"{quote(answer)} {unsure}", step=step, **answer.reported)
    return OutcomeUnknown(f"Bluesky was called, and its response was lost: {reason}. {unsure}", step=step)


def _text(body: JsonObject | None, name: str) -> str:
    value = (body or {}).get(name)
    return value if isinstance(value, str) else ""


def _wait(reply: Reply, now: datetime) -> timedelta | None:
    """Return how long a limit lasts: until `RateLimit-Reset` (a Unix time), or as Retry-After says."""
    text = reply.header("ratelimit-reset") or ""
    if text.isascii() and text.isdigit() and len(text) < 12:
        ends_at = datetime.fromtimestamp(int(text), UTC)
        return min(max(ends_at - now, timedelta(seconds=1)), _LONGEST_WAIT)
    return reply.retry_after
