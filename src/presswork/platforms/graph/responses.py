"""Parses Graph's responses: an object, an error in Graph's envelope, or nothing usable."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from presswork.platforms import json_values
from presswork.platforms.api_client import Brand
from presswork.platforms.api_client import JsonObject as JsonObject
from presswork.platforms.errors import Reported
from presswork.platforms.json_values import part_of
from presswork.platforms.platform_text import read_json
from presswork.platforms.transport import Reply

_GRAPH: Final = Brand(
    name="Graph",
    secrets=(
        # Access tokens, but no names of errors, such as THREADS_API__LINK_LIMIT_EXCEEDED.
        (re.compile(r"\b(?:IG|EA|TH(?!READS_))[\w-]{20,}"), "…"),
        (re.compile(r"(https?://[^\s?\"']+)\?[^\s\"']+"), r"\1?…"),
    ),
)
_USAGE: Final[TypeAdapter[dict[str, list[dict[str, JsonValue]]]]] = TypeAdapter(dict[str, list[dict[str, JsonValue]]])


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphError:
    """An error in Graph's envelope."""

    status: int
    code: int
    subcode: int | None
    message: Annotated[str, Field(alias="words")]
    """Graph's own message, without secrets. The alias is its name in the state of a post."""
    user_message: str = ""
    """What Graph wants to show to a person: it has the HTTP status with which a download was refused."""
    names: str = ""
    """What else Graph calls the error: its `type` and title. Some errors are recognized only by a name there."""
    is_transient: bool = False
    wait: timedelta | None = None
    """How long Graph asks to wait, from the usage headers."""
    offsets: tuple[int, int] | None = None
    """Where an upload in chunks is, by `error_data`: the first byte of the next chunk, and the byte after it."""
    trace_id: str | None = None
    """`fbtrace_id`, by which Meta's support finds the call."""

    @property
    def label(self) -> str:
        """The codes as Meta's pages write them, like 9007/2207027."""
        return str(self.code) if self.subcode is None else f"{self.code}/{self.subcode}"

    @property
    def reported(self) -> Reported:
        """The codes, the message and the trace id, for an error of Presswork."""
        return Reported(platform_code=self.label, platform_message=self.message or None, trace_id=self.trace_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableResponse:
    """A response without usable content: an error page, broken JSON, JSON of an unexpected shape."""

    status: int
    reason: str
    wait: timedelta | None = None


without_secrets: Final = _GRAPH.without_secrets
GraphResponse = JsonObject | GraphError | UnreadableResponse


def _whole(value: JsonValue) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    return None


def text_of(value: JsonValue) -> str | None:
    """Return an id or text as a string (Graph sends ids as strings or numbers); None where it is neither."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def first_of(body: JsonObject) -> JsonObject:
    """Return the object itself, or the only entry of `data` where the response is wrapped; the documentation shows both."""
    data = body.get("data")
    return data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else body


def items_of(body: JsonObject) -> list[JsonObject]:
    """Return the entries of a list response, skipping anything that is not an object."""
    return json_values.items_of(body, "data")


def next_page(body: JsonObject) -> str | None:
    """Return the cursor of the next page of a list response, None at its end."""
    return cursor_after(body) if "next" in part_of(body, "paging") else None


def cursor_after(body: JsonObject) -> str | None:
    """Return the cursor after the last item of a list response; there may be nothing behind it. None: the list has no cursors.

    Source: Meta, "Threads API: Reply retrieval", whose lists have no `next`, read 2026-12.
    """
    return text_of(part_of(body, "paging", "cursors").get("after"))


def wait_hint(reply: Reply) -> timedelta | None:
    """Return how long Graph asks to wait: the largest `estimated_time_to_regain_access` (minutes), or Retry-After
    (seconds); None where neither says. Source: Meta, "Rate Limits", X-Business-Use-Case-Usage, read 2026-11.
    """
    reported = reply.header("x-business-use-case-usage")
    if reported is None:
        return reply.retry_after
    try:
        usage = _USAGE.validate_json(reported)
    except ValidationError:
        usage = {}
    minutes = max(
        (_whole(entry.get("estimated_time_to_regain_access")) or 0 for entries in usage.values() for entry in entries),
        default=0,
    )
    if minutes > 0:
        return timedelta(minutes=min(minutes, 60 * 24))
    return reply.retry_after


def read_response(reply: Reply) -> GraphResponse:
    """Classify a reply: an object, a Graph error, or UnreadableResponse."""
    wait = wait_hint(reply)
    body = reply.json_object()
    if body is None:
        return UnreadableResponse(status=reply.status, reason=f"HTTP {reply.status} with an unreadable body", wait=wait)
    error = body.get("error")
    if isinstance(error, dict):
        return _graph_error(error, reply.status, wait)
    # Only the code exchange uses this format; a container of Threads has an `error_message` too.
    if "error_type" in body or ("error_message" in body and "code" in body):
        message = text_of(body.get("error_message")) or text_of(body.get("error_type")) or ""
        return GraphError(
            status=reply.status,
            code=_whole(body.get("code")) or reply.status,
            subcode=None,
            message=without_secrets(message),
            is_transient=False,
            wait=wait,
        )
    if reply.status >= 300:
        return UnreadableResponse(status=reply.status, reason=f"HTTP {reply.status} without a reason", wait=wait)
    return body


def _graph_error(error: JsonObject, status: int, wait: timedelta | None) -> GraphError:
    message = text_of(error.get("message")) or text_of(error.get("error_user_msg")) or ""
    code = _whole(error.get("code"))
    return GraphError(
        status=status,
        code=0 if code is None else code,
        subcode=_whole(error.get("error_subcode")),
        message=without_secrets(message),
        user_message=without_secrets(text_of(error.get("error_user_msg")) or ""),
        names=without_secrets(
            " ".join(text_of(error.get(name)) or "" for name in ("type", "error_user_title")).strip()
        ),
        is_transient=error.get("is_transient") is True,
        wait=wait,
        trace_id=text_of(error.get("fbtrace_id")),
        offsets=_offsets_in(error.get("error_data")),
    )


def _offsets_in(data: JsonValue) -> tuple[int, int] | None:
    """Return the offsets in `error_data`, which is an object, or one as a text."""
    if isinstance(data, str):
        try:
            data = read_json(data.encode())
        except ValueError:
            return None
    return offsets_of(data) if isinstance(data, dict) else None


def offsets_of(body: JsonObject) -> tuple[int, int] | None:
    """Return the next chunk of an upload: its first byte, and the byte after it. Graph sends them as texts."""
    start, end = _whole(body.get("start_offset")), _whole(body.get("end_offset"))
    return None if start is None or end is None else (start, end)
