"""Dispatches posts to a provider, and reconciles them."""

from collections.abc import Mapping, Set
from dataclasses import KW_ONLY, dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.core.ids import POST, public_id
from presswork.crypto.webhook_signatures import signed_headers
from presswork.platforms.errors import FailureCode, OutcomeUnknown, Rejected, Reported, TryLater
from presswork.platforms.findings import Findings
from presswork.platforms.job_state import JobState
from presswork.platforms.managed.payload import render, serialize
from presswork.platforms.managed.responses import Dispatch, DispatchStatus, ProviderResponse
from presswork.platforms.port import (
    Absent,
    Ambiguous,
    CanceledByPlatform,
    Credentials,
    Draft,
    Failed,
    Job,
    Located,
    PlatformName,
    Present,
    Processing,
    ProviderAccess,
    RetryPolicy,
    Sighting,
    TargetAccount,
    Unreadable,
    Validator,
)
from presswork.platforms.transport import CallFailed, Transport

STEP: Final = "dispatch"
STATUS: Final = "dispatch_status"
CANCEL: Final = "dispatch_cancel"
MAX_DISPATCHES: Final = 5
"""How often a post is dispatched in total, each time after the provider reported that it never got it."""
_REFUSED: Final = frozenset(range(300, 500)) - {401, 408, 409, 422, 425, 429}
"""Statuses which mean that the call was not carried out, whatever host responded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Progress(JobState):
    """What is stored of a post at a provider."""

    sequence: int | None = None
    """The number of the last status that the provider reported."""
    taking_back: bool = False
    """Whether the provider was asked to cancel the dispatch."""
    keep_dispatch: dict[str, JsonValue] | None = None
    """What was dispatched before and did not arrive according to the provider: it is sent again unchanged."""
    keep_misses: int = 0
    """How often the provider reported that it never got it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _SentDispatch:
    """What was dispatched, and to which provider."""

    provider: str
    body: Mapping[str, JsonValue]

    @classmethod
    def of(cls, prepared: Mapping[str, JsonValue]) -> "_SentDispatch":
        body = prepared["body"]
        if not isinstance(body, dict):
            raise TypeError("a prepared dispatch has a body")
        return cls(provider=str(prepared["provider"]), body=body)

    @property
    def deadline(self) -> datetime:
        return datetime.fromisoformat(str(self.body["deadline"]))


@dataclass(frozen=True, slots=True)
class ManagedConnector:
    """The port's `Connector` for providers, on behalf of one platform. It needs no access token."""

    platform: PlatformName
    """That of the accounts."""
    transport: Transport
    retry_policy: RetryPolicy
    """`processing_limit` is the time until the deadline, `unknown_after` the time after it in which a provider has to report
    the result of what it had begun.
    """
    _: KW_ONLY
    accepts_music: bool
    """Whether a track may be sent with pictures."""
    options: Set[str]
    """The fields of a target that a provider gets."""

    @property
    def can_comment(self) -> bool:
        """The first comment is part of the dispatch, and the provider writes it."""
        return False

    def check(self, draft: Draft) -> Findings:  # noqa: ARG002  the port's form: a provider has its own limits
        """Return no findings: no fixed limits are known."""
        return Findings()

    async def fetch_constraints(self, account: TargetAccount, credentials: Credentials) -> Validator:  # noqa: ARG002  the port's form
        """Make no call: a provider reports its objections when it receives a post."""
        return lambda _draft: Findings()

    async def prepare(self, job: Job) -> Mapping[str, JsonValue]:
        """Render the dispatch; one that may have been sent before stays unchanged.

        Raises Rejected where there is no provider, no track, or no time left.
        """
        kept = _Progress.load(job.state).keep_dispatch
        if kept is not None:
            if job.now() >= _SentDispatch.of(kept).deadline:
                raise _reject_as_late(f"The provider {kept['provider']} did not receive this post by its deadline.")
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
        deadline = now + self.retry_policy.processing_limit
        body = await render(
            job,
            context,
            self.platform,
            accepts_music=self.accepts_music,
            options=self.options,
            requested_at=now,
            deadline=deadline,
            fetchable_until=deadline + self.retry_policy.unknown_after,
        )
        return {"provider": context.provider.name, "body": body}

    async def make_live(self, job: Job, prepared: Mapping[str, JsonValue]) -> Present | Processing:
        """Dispatch the post. See the port for the errors."""
        sent = _SentDispatch.of(prepared)
        provider = (await job.delivery_context()).provider
        if provider is None or provider.name != sent.provider:
            raise TryLater(
                f"The provider {sent.provider} was removed just now.",
                step=STEP,
                starts_over=True,
                failure=FailureCode.DELIVERY_FAILED,
            )
        try:
            response = await self._send_signed(
                provider, "POST", job.post_id, "/dispatches", serialize(sent.body), step=STEP, now=job.now()
            )
        except CallFailed as error:
            if not error.was_sent:
                raise _explain_no_response(provider, error) from error
            raise OutcomeUnknown(
                f"{provider.name} received the post, but its response was lost: {error.reason}.", step=STEP
            ) from error
        if response.dispatch is None:
            raise _explain_refusal(provider, response)
        seen = await self._note_status(job, sent, response.dispatch)
        if isinstance(seen, Present | Processing):
            return seen
        if isinstance(seen, Failed):
            raise seen.reason
        raise OutcomeUnknown(f"{provider.name} reports the status {response.dispatch.status}.", step=STEP)

    async def look_up(self, job: Job, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Fetch the dispatch. Raises TryLater where the provider can't be looked up here."""
        sent = _SentDispatch.of(prepared)
        provider = (await job.delivery_context()).provider
        if provider is None:
            return _report_doubt(
                sent, f"Its provider {sent.provider} is not configured here any more. Add it again under that name."
            )
        try:
            response = await self._fetch_dispatch(provider, job)
        except CallFailed as error:
            return Unreadable(error=_explain_no_response(provider, error, step=STATUS), until=sent.deadline)
        if response.dispatch is not None:
            seen = await self._note_status(job, sent, response.dispatch)
            is_overdue = isinstance(seen, Processing) and job.now() >= sent.deadline
            return await self._cancel_overdue(job, sent, provider) if is_overdue else seen
        if not _is_unknown(response):
            what = f"{provider.name} returned HTTP {response.status}{_quote_error(response)}."
            return Unreadable(error=TryLater(what, step=STATUS, **response.reported), until=sent.deadline)
        if _Progress.load(job.state).sequence is not None:
            return _report_doubt(sent, f"{provider.name} had the post, and now reports that it never received it.")
        return self._handle_missing(job, sent, provider, prepared)

    async def locate(self, job: Job, prepared: Mapping[str, JsonValue], external_id: str | None) -> Located:
        """Fetch the dispatch again for a missing id or URL. Raises TryLater."""
        provider = (await job.delivery_context()).provider if prepared else None
        if provider is None:
            return Located(external_id=external_id, external_url=None)
        try:
            response = await self._fetch_dispatch(provider, job)
        except CallFailed as error:
            raise _explain_no_response(provider, error, step=STATUS) from error
        if response.dispatch is None or response.dispatch.status is not DispatchStatus.PUBLISHED:
            raise TryLater(f"{provider.name} returned HTTP {response.status}.", step=STATUS)
        return Located(external_id=response.dispatch.known_id or external_id, external_url=response.dispatch.known_url)

    async def comment(self, job: Job, external_id: str, text: str, *, may_be_there: bool) -> None:  # noqa: ARG002  the port's form
        """Raise Rejected: the first comment is part of the dispatch."""
        raise Rejected("The provider writes the first comment, which it has received.", step="comments")

    async def cancel_with_provider(
        self, post_id: UUID, provider: ProviderAccess, *, reason: str, now: datetime
    ) -> bool:
        """Ask the provider to cancel the dispatch. True: it will not go live, for good. Raises TryLater.

        False where it is too late, and where the provider does not have the post: then it may still arrive there.
        """
        body = serialize({"postId": public_id(POST, post_id), "reason": reason, "requestedAt": now.isoformat()})
        path = f"/dispatches/{public_id(POST, post_id)}/cancel"
        try:
            response = await self._send_signed(provider, "POST", post_id, path, body, step=CANCEL, now=now)
        except CallFailed as error:
            raise _explain_no_response(provider, error, step=CANCEL) from error
        if response.dispatch is not None:
            return response.dispatch.status is DispatchStatus.CANCELED
        if response.status == 409 or _is_unknown(response):
            return False
        raise TryLater(f"{provider.name} returned HTTP {response.status}{_quote_error(response)}.", step=CANCEL)

    async def _fetch_dispatch(self, provider: ProviderAccess, job: Job) -> ProviderResponse:
        path = f"/dispatches/{public_id(POST, job.post_id)}"
        return await self._send_signed(provider, "GET", job.post_id, path, b"", step=STATUS, now=job.now())

    async def _send_signed(
        self, provider: ProviderAccess, method: str, post_id: UUID, path: str, body: bytes, *, step: str, now: datetime
    ) -> ProviderResponse:
        """Send one signed call. Raises CallFailed."""
        name = public_id(POST, post_id)
        secrets = [provider.secret, *([provider.former_secret] if provider.former_secret else [])]
        headers = signed_headers(name, body, secrets=secrets, now=now)
        reply = await self.transport.call(
            method,
            f"{provider.base_url}{path}",
            operation=step,
            timeout=self.retry_policy.timeouts.call,
            data=body or None,
            headers={**headers, "Content-Type": "application/json"} if body else headers,
        )
        return ProviderResponse.of(reply, post_id=name)

    async def _note_status(self, job: Job, sent: _SentDispatch, dispatch: Dispatch) -> Sighting:
        """Return what a dispatch's status shows, and note a change in the timeline."""
        progress = _Progress.load(job.state)
        known = progress.sequence
        if known is not None and dispatch.sequence < known:
            return self._poll_later(job, sent, f"{sent.provider} reported an older status than before.")
        if dispatch.sequence != known:
            if dispatch.status in {DispatchStatus.ACCEPTED, DispatchStatus.WORKING}:
                verb = "has accepted the post" if dispatch.status is DispatchStatus.ACCEPTED else "works on the post"
                job.note_later(
                    "going_live",
                    f"The provider {sent.provider} {verb}.",
                    provider=sent.provider,
                    dispatchId=dispatch.dispatch_id,
                )
            await replace(progress, sequence=dispatch.sequence).save(job)
        return self._read_status(job, sent, dispatch)

    def _read_status(self, job: Job, sent: _SentDispatch, dispatch: Dispatch) -> Sighting:
        error = dispatch.error
        code, message = (None, None) if error is None else (error.code, error.text)
        reported = Reported(platform_code=code, platform_message=message)
        match dispatch.status:
            case DispatchStatus.PUBLISHED:
                sentence = f"The provider {sent.provider} has published it."
                return Present(external_id=dispatch.known_id, external_url=dispatch.known_url, message=sentence)
            case DispatchStatus.CANCELED:
                is_ours = _Progress.load(job.state).taking_back
                return CanceledByPlatform(
                    message=f"The provider {sent.provider} has canceled the post; it will not go live.",
                    why=_explain_not_started(sent.provider) if is_ours else None,
                )
            case DispatchStatus.REJECTED:
                what = f"The provider {sent.provider} refused the post: {message or 'it gave no reason.'}"
                return Failed(reason=Rejected(what, step=STEP, failure=FailureCode.PROVIDER_REJECTED, **reported))
            case DispatchStatus.FAILED if code == "outcome_unknown":
                return Ambiguous(message=f"{sent.provider} reports: {message}", is_final=True)
            case DispatchStatus.FAILED:
                what = (
                    f"The provider {sent.provider} could not publish the post: {message or 'it gave no reason.'} "
                    "It is not live; fix the cause, then publish again."
                )
                return Failed(reason=Rejected(what, step=STEP, failure=FailureCode.DELIVERY_FAILED, **reported))
            case DispatchStatus.ACCEPTED | DispatchStatus.WORKING:
                return self._poll_later(job, sent, f"The provider {sent.provider} has not published it yet.")

    def _handle_missing(
        self, job: Job, sent: _SentDispatch, provider: ProviderAccess, prepared: Mapping[str, JsonValue]
    ) -> Absent:
        """Handle a provider that reports that it never got the dispatch: it may be sent again, a few times."""
        progress = _Progress.load(job.state)
        misses = progress.keep_misses + 1
        instead = None
        if job.now() >= sent.deadline:
            instead = _reject_as_late(f"The provider {provider.name} did not receive this post by its deadline.")
        elif misses >= MAX_DISPATCHES:
            instead = Rejected(
                f"The provider {provider.name} was sent the post {MAX_DISPATCHES} times and reports that it never received it. "
                "Ask its operator what is wrong, then publish again.",
                step=STEP,
                failure=FailureCode.DELIVERY_FAILED,
            )
        return Absent(
            message=f"The provider {provider.name} reports that it never received the post.",
            instead=instead,
            changes=replace(progress, keep_dispatch=dict(prepared), keep_misses=misses).as_state(),
        )

    async def _cancel_overdue(self, job: Job, sent: _SentDispatch, provider: ProviderAccess) -> Failed | Ambiguous:
        """Cancel what was not published by the deadline. Raises TryLater.

        The request is stored first, so that the reason is known even if the response is lost.
        """
        progress = _Progress.load(job.state)
        if not progress.taking_back:
            await replace(progress, taking_back=True).save(job)
        is_canceled = await self.cancel_with_provider(
            job.post_id, provider, reason="The deadline has passed.", now=job.now()
        )
        if is_canceled:
            return Failed(reason=_explain_not_started(provider.name))
        return _report_doubt(sent, f"{provider.name} has started and has not reported the result.")

    def _poll_later(self, job: Job, sent: _SentDispatch, message: str) -> Processing:
        """Poll again after half of the time since the call, and exactly at the deadline."""
        wait = self.retry_policy.poll_after(job.now() - (job.live_call_at or job.now()))
        return Processing(message=message, check_after=wait, until=sent.deadline)


def _report_doubt(sent: _SentDispatch, message: str) -> Ambiguous:
    """Return that the outcome is not known; it is asked for until long after the deadline."""
    return Ambiguous(message=message, until=sent.deadline)


def _explain_refusal(provider: ProviderAccess, response: ProviderResponse) -> Rejected | TryLater | OutcomeUnknown:
    """Return the error for a response to a dispatch call that contains no dispatch."""
    if response.status == 429:
        return TryLater(
            f"{provider.name} accepts no more posts for now.",
            step=STEP,
            retry_after=response.retry_after,
            is_throttled=True,
            **response.reported,
        )
    if response.status == 401:
        sentence = (
            f"The provider {provider.name} does not accept our signature. The operator of this service compares the secrets "
            "(`presswork provider rotate-secret` sets ours) and the clocks of both sides; then publish again."
        )
        failure = FailureCode.DELIVERY_FAILED
    elif response.error is not None and response.status in {400, 422}:
        sentence = f"The provider {provider.name} refused the post: {response.error.text}"
        failure = FailureCode.PROVIDER_REJECTED
    elif response.status in _REFUSED or response.status == 422:
        sentence = (
            f"There is no provider at the address of {provider.name} (HTTP {response.status}{_quote_error(response)}). The "
            "operator of this service compares it with `presswork provider list`; then publish again."
        )
        failure = FailureCode.DELIVERY_FAILED
    else:
        return OutcomeUnknown(
            f"{provider.name} received the post and returned an ambiguous response (HTTP {response.status}).",
            step=STEP,
            **response.reported,
        )
    return Rejected(sentence, step=STEP, failure=failure, **response.reported)


def _is_unknown(response: ProviderResponse) -> bool:
    """Whether the provider reports that it never got the post. A 404 of any other server proves nothing."""
    return response.status == 404 and response.code == "unknown_post"


def _explain_no_response(provider: ProviderAccess, error: CallFailed, *, step: str = STEP) -> TryLater:
    return TryLater(
        f"The provider {provider.name} {error.explained}",
        step=step,
        failure=FailureCode.DELIVERY_FAILED,
    )


def _explain_not_started(provider: str) -> Rejected:
    return _reject_as_late(
        f"The provider {provider} had not begun to publish at the deadline; the post was canceled there."
    )


def _reject_as_late(sentence: str) -> Rejected:
    return Rejected(
        f"{sentence} Nothing is live; publish again if you still want it.",
        step=STEP,
        failure=FailureCode.DELIVERY_FAILED,
    )


def _quote_error(response: ProviderResponse) -> str:
    return "" if response.error is None else f" ({response.error.code}: {response.error.text})"
