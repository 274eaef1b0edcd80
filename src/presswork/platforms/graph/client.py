"""Calls of the Graph API, their responses, and how the errors of one platform behind it are read.

A response is an object, an error in Graph's envelope, or nothing usable. The names of the platforms, their tables and the errors of
Presswork that follow are a `Brand` each.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import timedelta
from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from presswork.platforms import api_client, json_values
from presswork.platforms.api_client import Action, ApiError, ErrorMeaning, JsonObject
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Reported, TryLater
from presswork.platforms.graph.error_table import PERMISSION, ErrorTable
from presswork.platforms.json_values import part_of
from presswork.platforms.platform_text import read_json
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import Reply, Transport

_GRAPH: Final = api_client.Brand(
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


def _read_int(value: JsonValue) -> int | None:
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
    """Return the cursor after the last item of a list response; there may be nothing behind it. Return None if it has no cursors.

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
        (
            _read_int(entry.get("estimated_time_to_regain_access")) or 0
            for entries in usage.values()
            for entry in entries
        ),
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
        return _read_error(error, reply.status, wait)
    # Only the code exchange uses this format; a container of Threads has an `error_message` too.
    if "error_type" in body or ("error_message" in body and "code" in body):
        message = text_of(body.get("error_message")) or text_of(body.get("error_type")) or ""
        return GraphError(
            status=reply.status,
            code=_read_int(body.get("code")) or reply.status,
            subcode=None,
            message=without_secrets(message),
            is_transient=False,
            wait=wait,
        )
    if reply.status >= 300:
        return UnreadableResponse(status=reply.status, reason=f"HTTP {reply.status} without a reason", wait=wait)
    return body


def _read_error(error: JsonObject, status: int, wait: timedelta | None) -> GraphError:
    message = text_of(error.get("message")) or text_of(error.get("error_user_msg")) or ""
    code = _read_int(error.get("code"))
    return GraphError(
        status=status,
        code=0 if code is None else code,
        subcode=_read_int(error.get("error_subcode")),
        message=without_secrets(message),
        user_message=without_secrets(text_of(error.get("error_user_msg")) or ""),
        names=without_secrets(
            " ".join(text_of(error.get(name)) or "" for name in ("type", "error_user_title")).strip()
        ),
        is_transient=error.get("is_transient") is True,
        wait=wait,
        trace_id=text_of(error.get("fbtrace_id")),
        offsets=_read_offsets(error.get("error_data")),
    )


def _read_offsets(data: JsonValue) -> tuple[int, int] | None:
    """Return the offsets in `error_data`, which is an object, or one as a text."""
    if isinstance(data, str):
        try:
            data = read_json(data.encode())
        except ValueError:
            return None
    return offsets_of(data) if isinstance(data, dict) else None


def offsets_of(body: JsonObject) -> tuple[int, int] | None:
    """Return the next chunk of an upload: its first byte, and the byte after it. Graph sends them as texts."""
    start, end = _read_int(body.get("start_offset")), _read_int(body.get("end_offset"))
    return None if start is None or end is None else (start, end)


_BLOCKED_FOR: Final = timedelta(hours=4)
"""How long to stop after code 368, which says "for hours" without a number."""
_BLOCKED: Final = 368
_TEMPORARY: Final = ErrorMeaning(Action.RETRY, "The error is temporary.")

Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand(api_client.Brand):
    """One platform behind Graph."""

    errors: ErrorTable

    @property
    def place(self) -> str:
        """Where a person does manually what could not be done."""
        return f"in the {self.name} app"

    def meaning(self, error: GraphError) -> ErrorMeaning:
        """Return the entry of the error table for this error."""
        return self.errors.meaning_of(error.code, error.subcode, f"{error.message} {error.user_message} {error.names}")

    def is_token_invalid(self, error: GraphError) -> bool:
        """Whether the access token was refused."""
        return self.meaning(error).action is Action.RECONNECT

    def is_temporary(self, error: GraphError) -> bool:
        """Whether a retry may succeed: by the status, the error table, or Graph's flag where the table has no row."""
        meaning = self.meaning(error)
        if error.status >= 500 or error.status == 429 or meaning.action in {Action.RETRY, Action.THROTTLE}:
            return True
        return meaning is self.errors.unknown and error.is_transient

    def quote(self, error: GraphError) -> str:
        """Quote the platform's error message with its code."""
        label = f"{error.label}{f', HTTP {error.status}' if error.status >= 500 else ''}"
        return self.quotation(error.message, label=f"code {label}", unsaid=f"with the code {label} and no message")

    def read(self, error: GraphError) -> ApiError:
        """Return an error with the entry of the error table, and that of a temporary one where a retry may succeed."""
        meaning = self.meaning(error)
        if self.is_temporary(error):
            meaning = _TEMPORARY if meaning.action is Action.REJECT else meaning
            if error.status == 429 and meaning.action is Action.RETRY:
                meaning = replace(meaning, action=Action.THROTTLE)
        return ApiError(
            status=error.status,
            code=error.label,
            message=error.message,
            meaning=meaning,
            quoted=self.quote(error),
            wait=error.wait or (_BLOCKED_FOR if error.code == _BLOCKED else None),
            trace_id=error.trace_id,
        )

    def explain(self, error: GraphError) -> str:
        """Quote the platform's error message and explain it."""
        return self.read(error).explained

    def refusal(self, error: GraphError, *, step: str, known_as: ErrorMeaning | None = None) -> PlatformError:
        """Return the error for a refused call that is harmless to repeat. `known_as`: what the caller knows the error to mean."""
        return api_client.refusal(self.read(error), step=step, known_as=known_as)

    def object_of(self, response: GraphResponse, *, step: str) -> JsonObject:
        """Return the object in a response to a call that is harmless to repeat. Raises Rejected, TryLater,
        CredentialInvalid.
        """
        if isinstance(response, GraphError):
            raise self.refusal(response, step=step)
        if isinstance(response, UnreadableResponse):
            raise self.unreadable_error(response, step=step)
        return response

    def unreadable_error(self, unreadable: UnreadableResponse, *, step: str) -> TryLater:
        """Return the error for a response without content, where repeating the call is harmless."""
        return TryLater(
            f"{self.name} returned no usable answer ({unreadable.reason}).",
            step=step,
            retry_after=unreadable.wait,
            is_throttled=unreadable.status == 429,
        )

    def outcome_unknown(
        self, reason: str, *, step: str, error: GraphError | None = None, what: str = "the post went live"
    ) -> OutcomeUnknown:
        """Return the error for a call with a public effect whose response does not show whether it happened."""
        sentence = f"{self.name} was called, but it is not certain whether {what}: {reason}."
        return OutcomeUnknown(
            sentence if error is None else f"{self.quote(error)} It is not certain whether {what}.",
            step=step,
            **(error.reported if error else {}),
        )

    def publish_refusal(self, error: GraphError, *, step: str) -> PlatformError:
        """Return the error for a refused call that would have made a post live: OutcomeUnknown unless the response proves
        that nothing went live.

        A 5xx never proves it; neither do codes 1, 2, -1 and 4/2207051 (which were returned for posts that were live) and
        every code that is not documented for this call, "already published" among them.
        """
        if error.status < 500 and self.meaning(error).proves_nothing_live:
            return self.refusal(error, step=step)
        return self.outcome_unknown(f"it answered HTTP {error.status}, code {error.label}", step=step, error=error)

    def comment_refusal(self, error: GraphError, *, step: str) -> PlatformError:
        """Return the error for a refused comment: after a 5xx or an internal error code the comment may exist."""
        is_limit = self.meaning(error).action is Action.THROTTLE or error.status == 429
        is_unreadable = (error.code, error.subcode) == (100, 33)  # a new post that can't be addressed yet
        if error.status >= 500 or (self.is_temporary(error) and not is_limit and not is_unreadable):
            return self.comment_unknown(f"it answered HTTP {error.status}, code {error.label}", step=step, error=error)
        return self.as_comment(self.refusal(error, step=step))

    def comment_unknown(self, reason: str, *, step: str, error: GraphError | None = None) -> OutcomeUnknown:
        """Return the error for a comment that may have been written."""
        return self.outcome_unknown(reason, step=step, error=error, what="the comment was written")

    async def renewed(self, account: Credentials, token: str, refused: GraphError, *, step: str) -> str:
        """Return another token than the refused one.

        Raises CredentialInvalid with the platform's first response: it explains more than the failed renewal.
        """
        try:
            return await account.renew_token(token)
        except CredentialInvalid as error:
            raise self.refusal(refused, step=step) from error


def proof_of(secret: str, token: str) -> Mapping[str, str]:
    """Return the parameter that proves that a call with a token comes from who has the app's secret. An app may require it of calls
    of graph.facebook.com. Source: Meta, "Secure Graph API Calls", read 2026-12.
    """
    return {"appsecret_proof": hmac.digest(secret.encode(), token.encode(), hashlib.sha256).hex()}


@dataclass(frozen=True, slots=True)
class Graph:
    """A platform's Graph API at one URL and version, like v27.0. The token is sent in the Authorization header."""

    brand: Brand
    _: KW_ONLY
    base: str
    api_version: str
    transport: Transport
    retry_policy: RetryPolicy
    app_secret: str | None = field(default=None, repr=False)
    """Proves each call, or None where the platform knows no proofs."""

    def prove(self, token: str) -> Mapping[str, str]:
        """Return the parameters of a proof, none where the platform knows no proofs."""
        return {} if self.app_secret is None else proof_of(self.app_secret, token)

    @property
    def root(self) -> str:
        """The URL of the API with its version, without a slash at the end."""
        return f"{self.base.rstrip('/')}/{self.api_version}"

    async def call(
        self,
        method: Method,
        path: str,
        parameters: Mapping[str, str],
        *,
        step: str,
        token: str,
        is_live_call: bool = False,
    ) -> GraphResponse:
        """Make one call, once; a POST sends its parameters as a form, the others in the URL. Raises CallFailed when no response arrived."""
        timeouts = self.retry_policy.timeouts
        parameters = {**parameters, **self.prove(token)}
        reply = await self.transport.call(
            method,
            f"{self.root}/{path}",
            operation=step,
            timeout=(timeouts.live_call if is_live_call else None) or timeouts.call,
            token=token,
            params=None if method == "POST" else parameters,
            form=parameters if method == "POST" else None,
        )
        return read_response(reply)

    async def send(
        self, account: Credentials, method: Method, path: str, parameters: Mapping[str, str], *, step: str
    ) -> GraphResponse:
        """Make a call that is harmless to repeat, as an account; a refused token is renewed, once.

        Raises TryLater when no response arrived, CredentialInvalid (with the message of the first response) when there
        is no other token.
        """
        token = await account.access_token()
        with self.brand.lost(step=step):
            response = await self.call(method, path, parameters, step=step, token=token)
            if isinstance(response, GraphError) and self.brand.is_token_invalid(response):
                token = await self.brand.renewed(account, token, response, step=step)
                response = await self.call(method, path, parameters, step=step, token=token)
        return response

    async def read(self, account: Credentials, path: str, parameters: Mapping[str, str], *, step: str) -> JsonObject:
        """Return the object at a path. Raises TryLater, Rejected, CredentialInvalid."""
        return self.object_read(await self.send(account, "GET", path, parameters, step=step), step=step)

    def object_read(self, response: GraphResponse, *, step: str) -> JsonObject:
        """Return the object in the response to a read. Raises TryLater, Rejected, CredentialInvalid.

        A missing permission is TryLater: during outages, Graph reports it about everything that it is asked to read.
        """
        if isinstance(response, GraphError) and response.code == PERMISSION:
            meaning = self.brand.meaning(response)
            raise TryLater(
                f"{self.brand.quote(response)} {meaning.sentence} {self.brand.name} also reports this during outages.",
                advice=meaning.advice,
                step=step,
                lasts_at_most=self.retry_policy.denied_limit,
                failure=meaning.failure,
                **response.reported,
            )
        return self.brand.object_of(response, step=step)
