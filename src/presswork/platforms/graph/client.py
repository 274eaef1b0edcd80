"""Calls to the Graph API, and how the errors of one platform behind it are read.

The names of the platforms, their tables and the errors of Presswork that follow are a `Brand` each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal

from presswork.platforms import api_client
from presswork.platforms.api_client import Action, ApiError, ErrorMeaning
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, TryLater
from presswork.platforms.graph.error_table import PERMISSION, ErrorTable
from presswork.platforms.graph.responses import GraphError, GraphResponse, JsonObject, UnreadableResponse, read_response
from presswork.platforms.port import Credentials, RetryPolicy
from presswork.platforms.transport import Transport

_BLOCKED_FOR: Final = timedelta(hours=4)
"""How long to stop after code 368, which says "for hours" without a number."""
_BLOCKED: Final = 368
_TEMPORARY: Final = ErrorMeaning(Action.RETRY, "The error is temporary.")

Method = Literal["GET", "POST"]


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

    def refusal(self, error: GraphError, *, step: str) -> PlatformError:
        """Return the error for a refused call that is harmless to repeat (it has no public effect)."""
        return api_client.refusal(self.read(error), step=step)

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


class Graph:
    """A platform's Graph API at one address and version. The token is sent in the Authorization header."""

    def __init__(
        self, brand: Brand, *, base: str, api_version: str, transport: Transport, retry_policy: RetryPolicy
    ) -> None:
        """Store the platform, the base address, a version like v27.0, and the retry policy."""
        self.brand: Final = brand
        self._root: Final = f"{base.rstrip('/')}/{api_version}"
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy

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
        """Make one call, once; a POST sends its parameters as a form. Raises CallFailed when no response arrived."""
        timeouts = self._retry_policy.timeouts
        reply = await self._transport.call(
            method,
            f"{self._root}/{path}",
            operation=step,
            timeout=(timeouts.live_call if is_live_call else None) or timeouts.call,
            token=token,
            params=parameters if method == "GET" else None,
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
                lasts_at_most=self._retry_policy.denied_limit,
                failure=meaning.failure,
                **response.reported,
            )
        return self.brand.object_of(response, step=step)
