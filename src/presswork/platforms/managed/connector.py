"""Handing posts to a provider, and finding out what it made of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.core.ids import POST, public_id
from presswork.crypto.webhook_signatures import signed_headers
from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.managed.answers import Dispatch, DispatchStatus, ProviderAnswer
from presswork.platforms.managed.payload import deadline_of, render, written
from presswork.platforms.port import (
    CannotTell,
    Credentials,
    Draft,
    Job,
    Live,
    Located,
    NotLive,
    Outcome,
    PlatformName,
    Processing,
    ProviderAccess,
    RetryPolicy,
    TargetAccount,
    Validator,
    Withdrawn,
)
from presswork.platforms.transport import CallFailed, Transport

STEP: Final = "dispatch"
ASK: Final = "dispatch_status"
TAKE_BACK: Final = "dispatch_cancel"
HAND_OVERS: Final = 5
"""How often a post is handed over in all, each time after the provider said that it never got it."""
KEPT: Final = "keep_dispatch"
"""What was handed over once, when the provider says that it did not arrive: it goes out again as it was."""
_MISSES: Final = "keep_misses"
_SEQUENCE: Final = "sequence"
_TAKING_BACK: Final = "takingBack"
_REFUSED: Final = frozenset(range(300, 500)) - {401, 408, 409, 422, 425, 429}
"""Statuses that say that the call was not carried out, whoever answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Handed:
    """What was handed over, and to whom."""

    provider: str
    body: Mapping[str, JsonValue]

    @classmethod
    def of(cls, prepared: Mapping[str, JsonValue]) -> "_Handed":
        body = prepared["body"]
        if not isinstance(body, dict):
            raise TypeError("a prepared dispatch has a body")
        return cls(provider=str(prepared["provider"]), body=body)

    @property
    def deadline(self) -> datetime:
        return deadline_of(self.body)


class ManagedConnector:
    """The port's `Connector` for providers, on behalf of one platform. It needs no token of the account's."""

    def __init__(
        self, platform: PlatformName, transport: Transport, retry_policy: RetryPolicy, *, takes_music: bool
    ) -> None:
        """Take the platform that accounts are on, and whether a track may go with its pictures.

        `retry_policy.processing_limit` is the time until the deadline, `retry_policy.unknown_after` the time that a provider has after
        it to tell how what it had begun has ended.
        """
        self._platform: Final = platform
        self._transport: Final = transport
        self._retry_policy: Final = retry_policy
        self._takes_music: Final = takes_music

    @property
    def can_comment(self) -> bool:
        """The provider is told the first comment, and writes it."""
        return False

    def check(self, draft: Draft) -> Findings:  # noqa: ARG002  the port's form: what a provider takes is its own matter
        """Find nothing: no fixed limits are known."""
        return Findings()

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  the port's form
        """Ask nobody: a provider says what it thinks of a post when it gets it."""
        return lambda _draft: Findings()

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Render what the provider gets; what it may have been sent before goes out as it was.

        Raises Rejected where there is no provider, no track, or no time left.
        """
        kept = job.state.get(KEPT)
        if isinstance(kept, dict):
            if job.now() >= _Handed.of(kept).deadline:
                raise _too_late(f"The provider {kept['provider']} did not get this post until its deadline.")
            return kept
        context = await job.delivery_context()
        if context.provider is None:
            raise Rejected(
                "The account belongs to no layer with a managed provider any more. Put it into one (PATCH the layer's "
                "socialAccountIds or config.provider), then publish again.",
                step="prepare",
                failure=FailureCode.DELIVERY_FAILED,
            )
        now = job.now()
        deadline = now + self._retry_policy.processing_limit
        body = await render(
            job,
            context,
            self._platform,
            takes_music=self._takes_music,
            requested_at=now,
            deadline=deadline,
            fetchable_until=deadline + self._retry_policy.unknown_after,
        )
        return {"provider": context.provider.name, "body": body}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Live | Processing:
        """Hand the post over. See the port for the errors."""
        handed = _Handed.of(prepared)
        provider = (await job.delivery_context()).provider
        if provider is None or provider.name != handed.provider:
            raise TryLater(
                f"The provider {handed.provider} was removed just now.",
                step=STEP,
                starts_over=True,
                failure=FailureCode.DELIVERY_FAILED,
            )
        try:
            answer = await self._call(
                provider, "POST", job.post_id, "/dispatches", written(handed.body), step=STEP, now=job.now()
            )
        except CallFailed as error:
            if not error.was_sent:
                raise _unreachable(provider, error) from error
            raise OutcomeUnknown(
                f"{provider.name} was handed the post, and its answer is lost: {error.reason}.", step=STEP
            ) from error
        if answer.dispatch is None:
            raise _refusal(provider, answer)
        outcome = await self._told(job, handed, answer.dispatch)
        if isinstance(outcome, Live | Processing):
            return outcome
        raise OutcomeUnknown(f"{provider.name} says: {answer.dispatch.status}.", step=STEP)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Outcome:
        """Ask the provider. Raises Rejected when it says that the post failed for good, and nothing else."""
        handed = _Handed.of(prepared)
        try:
            provider = (await job.delivery_context()).provider
        except TryLater as error:
            return self._silent(job, handed, error.message)
        if provider is None:
            sentence = f"Its provider {handed.provider} is not configured here any more. Add it again under that name."
            return self._silent(job, handed, sentence)
        try:
            answer = await self._ask(provider, job)
        except CallFailed as error:
            return self._silent(job, handed, f"{provider.name} does not answer: {error.reason}.")
        if answer.dispatch is not None:
            outcome = await self._told(job, handed, answer.dispatch)
            is_overdue = isinstance(outcome, Processing) and job.now() >= handed.deadline
            return await self._end(job, handed, provider) if is_overdue else outcome
        if not _is_unknown(answer):
            return self._silent(job, handed, f"{provider.name} answers {answer.status}{_told_words(answer)}.")
        if _SEQUENCE in job.state:
            return self._silent(job, handed, f"{provider.name} had the post, and says now that it never got it.")
        return await self._missed(job, handed, provider, prepared)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Ask whether the provider knows more by now. Raises TryLater."""
        provider = (await job.delivery_context()).provider if prepared else None
        if provider is None:
            return Located(external_id=external_id, external_url=None)
        try:
            answer = await self._ask(provider, job)
        except CallFailed as error:
            raise _unreachable(provider, error, step=ASK) from error
        if answer.dispatch is None or answer.dispatch.status is not DispatchStatus.PUBLISHED:
            raise TryLater(f"{provider.name} answers {answer.status}.", step=ASK)
        return Located(external_id=answer.dispatch.known_id or external_id, external_url=answer.dispatch.known_url)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:  # noqa: ARG002  the port's form
        """Raise Rejected: the provider was told the comment with the post."""
        raise Rejected("The provider writes the first comment, which it has received.", step="comments")

    async def cancel_with_provider(
        self, post_id: UUID, provider: ProviderAccess, *, reason: str, now: datetime
    ) -> bool:
        """Ask the provider to take the post back. True: it won't go live, for good. Raises TryLater.

        False where it is too late, and where the provider does not have the post: then it may still be on its way.
        """
        body = written({"postId": public_id(POST, post_id), "reason": reason, "requestedAt": now.isoformat()})
        path = f"/dispatches/{public_id(POST, post_id)}/cancel"
        try:
            answer = await self._call(provider, "POST", post_id, path, body, step=TAKE_BACK, now=now)
        except CallFailed as error:
            raise _unreachable(provider, error, step=TAKE_BACK) from error
        if answer.dispatch is not None:
            return answer.dispatch.status is DispatchStatus.CANCELED
        if answer.status == 409 or _is_unknown(answer):
            return False
        raise TryLater(f"{provider.name} answers {answer.status}{_told_words(answer)}.", step=TAKE_BACK)

    async def _ask(self, provider: ProviderAccess, job: Job) -> ProviderAnswer:
        path = f"/dispatches/{public_id(POST, job.post_id)}"
        return await self._call(provider, "GET", job.post_id, path, b"", step=ASK, now=job.now())

    async def _call(
        self, provider: ProviderAccess, method: str, post_id: UUID, path: str, body: bytes, *, step: str, now: datetime
    ) -> ProviderAnswer:
        """Send one signed call. Raises CallFailed."""
        name = public_id(POST, post_id)
        secrets = [provider.secret, *([provider.former_secret] if provider.former_secret else [])]
        headers = signed_headers(name, body, secrets=secrets, now=now)
        reply = await self._transport.call(
            method,
            f"{provider.base_url}{path}",
            operation=step,
            timeout=self._retry_policy.timeouts.call,
            data=body or None,
            headers={**headers, "Content-Type": "application/json"} if body else headers,
        )
        return ProviderAnswer.of(reply, post_id=name)

    async def _told(self, job: Job, handed: _Handed, dispatch: Dispatch) -> Outcome:
        """Return what a dispatch's status means, and write a change of it down. Raises Rejected."""
        known = job.state.get(_SEQUENCE)
        if isinstance(known, int) and dispatch.sequence < known:
            return self._waits(job, handed, f"{handed.provider} reported an older status than before.")
        if dispatch.sequence != known:
            await job.save(**{_SEQUENCE: dispatch.sequence})
            if dispatch.status in {DispatchStatus.ACCEPTED, DispatchStatus.WORKING}:
                verb = "has taken the post over" if dispatch.status is DispatchStatus.ACCEPTED else "works on the post"
                await job.note(
                    "going_live",
                    f"The provider {handed.provider} {verb}.",
                    provider=handed.provider,
                    dispatchId=dispatch.dispatch_id,
                )
        return self._meaning(job, handed, dispatch)

    def _meaning(self, job: Job, handed: _Handed, dispatch: Dispatch) -> Outcome:
        told = dispatch.error
        code, words = (None, None) if told is None else (told.code, told.words)
        match dispatch.status:
            case DispatchStatus.PUBLISHED:
                sentence = f"The provider {handed.provider} has published it."
                return Live(external_id=dispatch.known_id, external_url=dispatch.known_url, message=sentence)
            case DispatchStatus.CANCELED:
                is_ours = job.state.get(_TAKING_BACK) is True
                return Withdrawn(
                    message=f"The provider {handed.provider} has taken the post back; it won't go live.",
                    why=_not_begun(handed.provider) if is_ours else None,
                )
            case DispatchStatus.REJECTED:
                raise Rejected(
                    f"The provider {handed.provider} refused the post: {words or 'it gave no reason.'}",
                    step=STEP,
                    failure=FailureCode.PROVIDER_REJECTED,
                    platform_code=code,
                    platform_message=words,
                )
            case DispatchStatus.FAILED if code == "outcome_unknown":
                return CannotTell(message=f"{handed.provider} says: {words}", check_after=None)
            case DispatchStatus.FAILED:
                raise Rejected(
                    f"The provider {handed.provider} could not publish the post: {words or 'it gave no reason.'} "
                    "It is not live; mend the cause, then publish again.",
                    step=STEP,
                    failure=FailureCode.DELIVERY_FAILED,
                    platform_code=code,
                    platform_message=words,
                )
            case DispatchStatus.ACCEPTED | DispatchStatus.WORKING:
                return self._waits(job, handed, f"The provider {handed.provider} has not published it yet.")

    async def _missed(
        self, job: Job, handed: _Handed, provider: ProviderAccess, prepared: Mapping[str, JsonValue]
    ) -> Outcome:
        """The provider says that it never got it. Long enough after the call, that is true, and it may be handed over again,
        later each time. Raises Rejected."""
        told, now = job.state.get(_MISSES), job.now()
        misses = told if isinstance(told, int) else 0
        is_late, is_last = now >= handed.deadline, misses + 1 >= HAND_OVERS
        # Until then the call may still be on its way, and what is canceled or failed meanwhile would be published.
        pause = self._retry_policy.republish_after
        if misses and not is_late and not is_last:
            pause = max(
                pause, min(self._retry_policy.backoff_max, self._retry_policy.backoff_first * (1 << (4 * misses)))
            )
        left = (job.live_call_at or now) + pause - now
        if left > timedelta(0):
            return Processing(
                message=f"The provider {provider.name} says that it did not get the post, which may still be on its way.",
                check_after=left,
            )
        if is_late:
            raise _too_late(f"The provider {provider.name} did not get this post until its deadline.")
        if is_last:
            raise Rejected(
                f"The provider {provider.name} was handed the post {HAND_OVERS} times and says that it never got it. "
                "Ask its operator what is wrong, then publish again.",
                step=STEP,
                failure=FailureCode.DELIVERY_FAILED,
            )
        kept: dict[str, JsonValue] = {KEPT: dict(prepared), _MISSES: misses + 1}
        await job.save(**kept)
        return NotLive(message=f"The provider {provider.name} says that it never got the post.", starts_over=False)

    async def _end(self, job: Job, handed: _Handed, provider: ProviderAccess) -> Outcome:
        """Take back what was not published until the deadline. Raises Rejected when that worked.

        That it is asked for is kept first, so that the reason is known even if the answer is lost.
        """
        if _TAKING_BACK not in job.state:
            await job.save(**{_TAKING_BACK: True})
        try:
            is_back = await self.cancel_with_provider(
                job.post_id, provider, reason="The deadline has passed.", now=job.now()
            )
        except TryLater as error:
            return self._silent(job, handed, error.message)
        if is_back:
            raise _not_begun(provider.name)
        return self._silent(job, handed, f"{provider.name} has started and has not reported the end.")

    def _silent(self, job: Job, handed: _Handed, why: str) -> Outcome:
        """Go on asking, until long after the deadline; then nobody can tell."""
        if job.now() >= handed.deadline + self._retry_policy.unknown_after:
            return CannotTell(message=why, check_after=None)
        return self._waits(job, handed, why)

    def _waits(self, job: Job, handed: _Handed, message: str) -> Processing:
        """Look again after half as long as it has taken by now, and at the deadline for sure."""
        now = job.now()
        wait = (now - (job.live_call_at or now)) / 2
        wait = min(self._retry_policy.poll_max, max(self._retry_policy.poll_first, wait))
        left = handed.deadline - now
        return Processing(message=message, check_after=left if timedelta(0) < left < wait else wait)


def _refusal(provider: ProviderAccess, answer: ProviderAnswer) -> Rejected | TryLater | OutcomeUnknown:
    """Return what an answer to a dispatch means that holds no dispatch."""
    if answer.status == 429:
        return TryLater(
            f"{provider.name} accepts no more posts for now.",
            step=STEP,
            retry_after=answer.retry_after,
            is_throttled=True,
            platform_code=answer.code,
            platform_message=answer.words,
        )
    if answer.status == 401:
        sentence = (
            f"The provider {provider.name} does not take our signature. The operator of this service compares the secrets "
            "(`presswork provider rotate-secret` sets ours) and the clocks of both sides; then publish again."
        )
        failure = FailureCode.DELIVERY_FAILED
    elif answer.error is not None and answer.status in {400, 422}:
        sentence = f"The provider {provider.name} refused the post: {answer.error.words}"
        failure = FailureCode.PROVIDER_REJECTED
    elif answer.status in _REFUSED or answer.status == 422:
        sentence = (
            f"There is no provider at the address of {provider.name} (HTTP {answer.status}{_told_words(answer)}). The "
            "operator of this service compares it with `presswork provider list`; then publish again."
        )
        failure = FailureCode.DELIVERY_FAILED
    else:
        return OutcomeUnknown(
            f"{provider.name} was handed the post and answered in a way that leaves it open (HTTP {answer.status}).",
            step=STEP,
            platform_code=answer.code,
            platform_message=answer.words,
        )
    return Rejected(sentence, step=STEP, failure=failure, platform_code=answer.code, platform_message=answer.words)


def _is_unknown(answer: ProviderAnswer) -> bool:
    """Whether the provider says that it never got the post. A 404 of anything else at its address says nothing of it."""
    return answer.status == 404 and answer.code == "unknown_post"


def _unreachable(provider: ProviderAccess, error: CallFailed, *, step: str = STEP) -> TryLater:
    return TryLater(
        f"The provider {provider.name} could not be reached: {error.reason}.",
        step=step,
        failure=FailureCode.DELIVERY_FAILED,
    )


def _not_begun(provider: str) -> Rejected:
    return _too_late(f"The provider {provider} had not begun to publish at the deadline; it was taken back.")


def _too_late(sentence: str) -> Rejected:
    return Rejected(
        f"{sentence} Nothing is live; publish again if you still want it.",
        step=STEP,
        failure=FailureCode.DELIVERY_FAILED,
    )


def _told_words(answer: ProviderAnswer) -> str:
    return "" if answer.error is None else f" ({answer.error.code}: {answer.error.words})"
