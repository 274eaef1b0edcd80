"""How the errors of one platform behind Graph are read: its name, its table, and the errors of Presswork that follow."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.graph.error_table import Action, ErrorMeaning, ErrorTable
from presswork.platforms.graph.responses import GraphError, GraphResponse, JsonObject, UnreadableResponse
from presswork.platforms.port import Credentials
from presswork.platforms.transport import CallFailed

_BLOCKED_FOR: Final = timedelta(hours=4)
"""How long to stop after code 368, which says "for hours" without a number."""
_BLOCKED: Final = 368


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """One platform behind Graph."""

    name: str
    """As sentences name it, like Instagram."""
    errors: ErrorTable

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
        status = f", HTTP {error.status}" if error.status >= 500 else ""
        if not error.message:
            return f"{self.name} answered with the code {error.label}{status} and no message."
        stop = "" if error.message.endswith((".", "!", "?")) else "."
        return f"{self.name} answered (code {error.label}{status}): “{error.message}”{stop}"

    def explain(self, error: GraphError) -> str:
        """Quote the platform's error message and explain it."""
        meaning = self.meaning(error)
        if self.is_temporary(error) and meaning.action is Action.REJECT:
            return f"{self.quote(error)} The error is temporary."
        return f"{self.quote(error)} {meaning.sentence}"

    def refusal(self, error: GraphError, *, step: str) -> PlatformError:
        """Return the error for a refused call that is harmless to repeat (it has no public effect)."""
        meaning, what = self.meaning(error), self.explain(error)
        if meaning.action is Action.RECONNECT:
            return CredentialInvalid(what, advice=meaning.advice, step=step, **error.reported)
        if meaning.action in {Action.RECREATE, Action.RECREATE_LIMITED}:
            return TryLater(
                what, advice=meaning.advice, step=step, starts_over=True, failure=meaning.failure, **error.reported
            )
        if self.is_temporary(error):
            return TryLater(
                what,
                advice="" if meaning.action is Action.REJECT else meaning.advice,
                step=step,
                retry_after=error.wait or (_BLOCKED_FOR if error.code == _BLOCKED else None),
                is_throttled=meaning.action is Action.THROTTLE or error.status == 429,
                **error.reported,
            )
        return Rejected(what, advice=meaning.advice, step=step, failure=meaning.failure, **error.reported)

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

    def as_comment(self, failure: PlatformError) -> PlatformError:
        """Return a refusal of a comment with advice about the comment: the post is live, so "publish again" would be wrong."""
        if not isinstance(failure, Rejected):
            return failure
        return Rejected(
            failure.what,
            advice=f"Write this comment manually in the {self.name} app.",
            step=failure.step,
            failure=failure.failure,
            **failure.reported,
        )

    def comment_unknown(self, reason: str, *, step: str, error: GraphError | None = None) -> OutcomeUnknown:
        """Return the error for a comment that may have been written."""
        return self.outcome_unknown(reason, step=step, error=error, what="the comment was written")

    def no_response(self, failed: CallFailed, *, step: str) -> TryLater:
        """Return the error for a call without a response, where repeating it is harmless."""
        return TryLater(f"{self.name} did not answer: {failed.reason}.", step=step)

    async def renewed(self, account: Credentials, token: str, refused: GraphError, *, step: str) -> str:
        """Return another token than the refused one.

        Raises CredentialInvalid with the platform's first response: it explains more than the failed renewal.
        """
        try:
            return await account.renew_token(token)
        except CredentialInvalid as error:
            raise self.refusal(refused, step=step) from error
