"""One attempt at a post: prepare, make it live once, and reconcile with the platform if the outcome is unknown.

Each step is committed before the next one starts, so the worker that continues after a crash knows what may have happened:
without `live_call_at` nothing is live; with it, the worker asks the platform first; with `live_at` the post is live.
"""

import random
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import JsonValue

from presswork.accounts.model import AccountStatus
from presswork.core.enums import Mode
from presswork.core.ids import ACCOUNT, POST, public_id
from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import (
    CredentialInvalid,
    FailureCode,
    OutcomeUnknown,
    PlatformError,
    Rejected,
    TryLater,
)
from presswork.platforms.observed_calls import Recording, losing_response, recording
from presswork.platforms.port import (
    Absent,
    CanceledByPlatform,
    DeliveryChannel,
    Failed,
    Located,
    Present,
    Sighting,
    Thread,
    Unreadable,
)
from presswork.posts.model import RESTORED, TERMINAL, Event, Status
from presswork.posts.parts import PartOutcome, ThreadStatus, add_live
from presswork.posts.verification import Verification, forget, is_wanted
from presswork.telemetry import meters, tracing
from presswork.telemetry.origin import ORIGIN_KEYS, request_of
from presswork.worker import timeline_messages as messages
from presswork.worker.context import WorkerContext
from presswork.worker.error_window import count_error
from presswork.worker.follow_ups import FOLLOWED_FOR, comment_once, locate_once, settle_ended, wanted_extras
from presswork.worker.job import SPLIT, ActiveJob
from presswork.worker.reconciliation import Looks, Unknown, Wait, judge, stored_changes

log = structlog.get_logger()

INLINE_WAIT: Final = timedelta(seconds=20)
"""Longest wait that the worker spends on a leased post; for a longer one it snoozes the post."""
INLINE_LIMIT: Final = timedelta(seconds=5)
"""The same at a rate limit, which delays the account's other posts as well."""
COMMENT_WAIT: Final = timedelta(seconds=2)
"""Longest wait for a first comment before the post is settled and the comment becomes a follow-up."""
UNREAD_NOTED_EVERY: Final = 10
"""Of failed status calls in a row, the first and then each of this many more has a timeline entry."""
_PART_LISTED_WITHIN: Final = timedelta(minutes=2)
"""How long the id of a live part is looked for, if its response was lost. The next part replies to it."""
LIVE_CALLS: Final = 5
"""Maximum number of irreversible calls, each after the platform reported that the one before had no effect."""
_CALLS: Final = "liveCalls"
_PREPARED: Final = "prepared"
_LAST_END: Final = "keep_lastEnd"
"""What the platform reported after the last call without effect, and what to do about it."""
_OUTCOME_UNKNOWN: Final = "outcomeUnknown"
"""Stored while a post is snoozed after its call: true if the response was lost, false if the platform is still processing."""
_UNREAD: Final = "unreadStatuses"
"""How many status calls in a row have failed."""
_KEPT_FOR_NEXT_PART: Final = frozenset({*ORIGIN_KEYS, RESTORED, SPLIT})
"""What of the state of one part of a thread the next part has as well."""
_LOOKS: Final = "looks"
"""What the looks at the current call have shown, see `reconciliation.Looks`."""


class Snoozed(Exception):
    """The post is released until later: the attempt ends."""


class Attempt:
    """Works on one leased post until it is settled or snoozed, or its lease is lost."""

    def __init__(
        self,
        context: WorkerContext,
        job: ActiveJob,
        channel: DeliveryChannel,
        *,
        at_point: Callable[[str], None] = lambda _point: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`at_point` receives the name of each step when it is reached; `jitter` returns numbers in [0, 1)."""
        self._context: Final = context
        self._store: Final = context.store
        self._job: Final = job
        self._post: Final = job.post
        self._retry_policy: Final = channel.retry_policy
        self._channel: Final = channel
        self._connector: Final = channel.connector
        self._at_point: Final = at_point
        self._jitter: Final = jitter
        self._error: str | None = None
        self._retried: str | None = None
        self._is_outcome_unknown = False
        self._recording: Recording | None = None
        unread = self._post.state.get(_UNREAD)
        self._unread = unread if isinstance(unread, int) else 0

    async def run(self) -> None:
        """Settle or snooze the post. Raises LeaseLost if another worker has its lease, or it ended during the call."""
        began = self._job.now()
        is_recorded = is_wanted(self._post.state, Verification.RECORD)
        try:
            with recording() if is_recorded else nullcontext() as self._recording:
                while not await self._try_to_settle():
                    pass
            result = self._post.status.value
        except Snoozed:
            result = "snoozed"
        took, platform, environment = self._job.now() - began, self._post.platform.value, self._post.environment.value
        meters.attempts.labels(platform, environment, self._post.mode.value, result).inc()
        meters.attempt_seconds.labels(platform, environment).observe(took.total_seconds())
        tracing.annotate(
            is_failed=self._error is not None, **{"presswork.result": result, "presswork.error": self._error}
        )
        error = self._retried if result == "snoozed" else self._error
        (log.info if error is None else log.warning)(
            "attempt",
            post=public_id(POST, self._post.id),
            account=public_id(ACCOUNT, self._post.account.id),
            platform=platform,
            environment=environment,
            mode=self._post.mode.value,
            media=self._post.media_type.value,
            result=result,
            external_id=self._post.external_id,
            error=error,
            error_count=self._post.error_count,
            took_ms=round(took.total_seconds() * 1000),
            request=request_of(self._post.state),
        )

    async def _try_to_settle(self) -> bool:
        """Do as much as is possible now; True: the post has its final status."""
        try:
            if self._post.live_at is None:
                if self._post.live_call_at is None and (why := self._post.why_canceled()):
                    await self._end_canceled(why)
                    return True
                if self._post.live_call_at is None and self._post.account_status is AccountStatus.REAUTH_REQUIRED:
                    await self._fail(messages.access_ended())
                    return True
                live = await self._reach_live()
                if live is None:
                    return False
                if isinstance(live, CanceledByPlatform):
                    await self._settle_canceled_by_platform(live)
                    return True
                if self._post.mode is Mode.DRAFT:
                    await self._settle_drafted(live)
                    return True
                await self._record_live(live)
                self._at_point("after_live")
                if self._post.live_at is None:
                    await self._locate_parts()
                    return False  # the next part
            await self._finish()
        except TryLater as error:
            named = self._job.naming_app(error)
            await self._wait_after(named if isinstance(named, TryLater) else error)
            return self._post.status in TERMINAL
        except PlatformError as error:
            is_access = error.failure is FailureCode.CREDENTIAL_INVALID
            if is_access and not await self._job.access_has_ended() and self._post.live_call_at is None:
                await self._wait_after(messages.renewed(error))
                return self._post.status in TERMINAL
            await self._fail(self._job.naming_app(error))
        return True

    async def _end_canceled(self, why: str) -> None:
        """Settle the post as canceled. Raises Rejected where a part of its thread is live."""
        if self._post.live_parts:
            raise Rejected(why, step="prepare", failure=FailureCode.ACCOUNT_NOT_ELIGIBLE)
        await self._store.settle_canceled(self._post, why, now=self._job.now())

    async def _record_live(self, live: Present) -> None:
        """Store that the post is live, or which parts of its thread are."""
        if (thread := self._job.thread) is not None:
            await self._record_parts(thread, live)
            return
        await self._store.live(
            self._post,
            external_id=live.external_id,
            external_url=live.external_url,
            message=live.message or self._describe_live("the post"),
            now=self._job.now(),
        )

    def _describe_live(self, what: str) -> str:
        if self._is_outcome_unknown:
            return f"The platform confirmed that {what} is live."
        return f"{what[0].upper()}{what[1:]} is live."

    async def _record_parts(self, thread: Thread, live: Present) -> None:
        """Store which parts are live now; unless all are, the post continues with the next one."""
        located = live.parts or [Located(external_id=live.external_id, external_url=live.external_url)]
        is_over = len(thread.live_ids) + len(located) == len(thread.parts)
        if not is_over and located[0].external_id is None:
            located = [await self._find_part()]
        parts = self._post.parts
        if len(parts) != len(thread.parts):
            parts = [PartOutcome(index=index) for index in range(len(thread.parts))]
        parts = add_live(parts, located)
        what = (
            f"part {len(thread.live_ids) + 1} of {len(parts)}"
            if len(located) == 1
            else f"each of its {len(parts)} parts"
        )
        await self._store.part_live(
            self._post,
            self._post.state if is_over or located[0].external_id is None else self._state_of_next_part(),
            parts,
            root=Located(external_id=parts[0].external_id, external_url=parts[0].external_url),
            is_over=is_over,
            message=self._describe_live(what),
            detail={"part": len(thread.live_ids), "externalId": located[0].external_id},
            now=self._job.now(),
        )
        self._is_outcome_unknown, self._unread = False, 0

    def _require_next_part(self) -> None:
        """Check that the next part of a thread can be written. Raises Rejected, and OutcomeUnknown where it may be there already."""
        thread = self._job.thread
        if thread is None or not thread.is_begun:
            return
        if self._backup_time is not None:
            raise self._build_unknown(messages.restored(self._backup_time), step="restore")
        if thread.live_ids[-1] is None:
            what = f"The platform does not list part {thread.current}, and the next one has to reply to it."
            raise Rejected(what, advice="Write the missing parts manually.", step="locate")

    async def _find_part(self) -> Located:
        """Ask for the id of the part that is live, without which the next one can't be written; its place is empty if it can't be
        found.
        """
        wait = self._retry_policy.poll_first
        until = self._job.now() + min(self._retry_policy.unknown_after, _PART_LISTED_WITHIN)
        while True:
            try:
                found = await self._connector.locate(self._job, self._read_prepared(), None)
            except CredentialInvalid:
                raise
            except PlatformError as error:
                log.info("part not found yet", post=public_id(POST, self._post.id), reason=error.message)
                found = Located(external_id=None, external_url=None)
            if found.external_id is not None or self._job.now() >= until:
                return found
            await self._job.sleep(wait)
            wait = min(2 * wait, self._retry_policy.poll_max)

    def _state_of_next_part(self) -> dict[str, JsonValue]:
        """Return the state with which the next part starts: what is kept of the post, and nothing of the part before it."""
        return {name: value for name, value in self._post.state.items() if name in _KEPT_FOR_NEXT_PART}

    async def _locate_parts(self) -> None:
        """Ask once for each URL of a part that is not known; the next write stores them."""
        parts = []
        for part in self._post.parts:
            found = None
            if part.external_id is not None and part.external_url is None:
                try:
                    found = await self._connector.locate(self._job, {}, part.external_id)
                except PlatformError as error:
                    log.info("URL not available yet", post=public_id(POST, self._post.id), reason=error.message)
            parts.append(part if found is None else replace(part, external_url=found.external_url))
        self._post.parts = parts
        if parts and parts[0].external_url is not None:
            self._post.external_url = parts[0].external_url

    async def _reach_live(self) -> Present | CanceledByPlatform | None:
        """Return the outcome, or None if the call had no effect and the attempt starts again."""
        if self._post.live_call_at is None:
            self._require_next_part()
            self._at_point("before_prepare")
            prepared = await self._connector.prepare(self._job)
            self._at_point("after_prepare")
            outcome = await self._make_live(prepared)
        else:
            prepared = self._read_prepared()
            outcome = await self._resume(prepared)
        return await self._follow_outcome(prepared, outcome)

    async def _resume(self, prepared: Mapping[str, JsonValue]) -> Sighting:
        """Continue a post whose irreversible call was made, or was about to be, by another worker or before a snooze."""
        if self._backup_time is not None and _PREPARED not in self._post.state:
            raise self._build_unknown(
                messages.restored(self._backup_time), step="restore"
            )  # there is nothing to ask about
        if _OUTCOME_UNKNOWN in self._post.state:
            self._is_outcome_unknown = self._post.state[_OUTCOME_UNKNOWN] is True
            return await self._look_up(prepared)
        return await self._reconcile(prepared, "The post may be live: the previous worker may have made the call.")

    async def _make_live(self, prepared: Mapping[str, JsonValue]) -> Sighting:
        calls = self._calls()
        if calls >= LIVE_CALLS:
            last, advice = self._last_end()
            raise Rejected(
                f"Presswork called the platform {calls} times to make the post live, without effect. Nothing was posted. "
                f"The platform's last reason: {last}",
                advice=advice,
                step="make_live",
                failure=FailureCode.PLATFORM_UNAVAILABLE,
            )
        await self._job.settle_cost()
        # Committed as done before the call: however the worker ends, no second response is lost.
        is_lost = is_wanted(self._post.state, Verification.LOSE_RESPONSE)
        kept = forget(self._post.state, Verification.LOSE_RESPONSE) if is_lost else self._post.state
        state = {**kept, **self._job.keep_split(), _PREPARED: dict(prepared), _CALLS: calls + 1}
        # The lease before the commit: a later renewal must not count. `republish_after` is counted from live_call_at, so a
        # call that starts long after it could still arrive when "not live" is taken as final.
        lease = self._post.leased_until
        if lease is None or self._job.now() >= lease:
            raise LeaseLost("the lease ended before the call was announced")
        await self._store.go_live(self._post, state, "Asking the platform to make the post live.", now=self._job.now())
        self._at_point("after_go_live")
        if self._job.now() >= lease:
            # This process was suspended. Another worker may own the post now and make the call; this one did not.
            self._job.save_later(**{_CALLS: calls})
            return await self._reconcile(
                prepared, "The worker's lease ended before the call, so the worker did not make it."
            )
        try:
            with losing_response() if is_lost else nullcontext():
                outcome = await self._job.while_leased(self._connector.make_live(self._job, prepared))
        except OutcomeUnknown as error:
            self._at_point("after_call")
            return await self._reconcile(prepared, error.what, **messages.facts(error))
        except TryLater as error:
            # The platform refused the call, so it does not count. The entry about the wait gives the reason.
            await self._revert_call(None, starts_over=error.starts_over, calls=calls)
            raise
        except CredentialInvalid as error:
            if await self._job.access_has_ended():
                raise
            await self._revert_call(None, starts_over=False, calls=calls)
            raise messages.renewed(error) from error
        self._at_point("after_call")
        return outcome

    async def _reconcile(self, prepared: Mapping[str, JsonValue], why: str, **details: JsonValue) -> Sighting:
        self._is_outcome_unknown = True
        message = f"{why} Presswork asks the platform whether the post is live, and repeats nothing before it knows."
        await self._job.note(Event.RECONCILED, message, **details)
        return await self._look_up(prepared)

    async def _look_up(self, prepared: Mapping[str, JsonValue]) -> Sighting:
        try:
            return await self._connector.look_up(self._job, prepared)
        except PlatformError as error:
            return Unreadable(error=error)

    async def _follow_outcome(
        self, prepared: Mapping[str, JsonValue], seen: Sighting
    ) -> Present | CanceledByPlatform | None:
        """Look at the platform until the outcome of the call is decided, and return it, or None if the call had no effect."""
        now = self._job.now()
        looks = Looks.load(self._post.state.get(_LOOKS), call_at=self._post.live_call_at or now, now=now)
        while True:
            looks, verdict = judge(
                looks, seen, calls=self._calls(), retry_policy=self._retry_policy, now=self._job.now()
            )
            match verdict:
                case Present() | CanceledByPlatform():
                    return verdict
                case Unknown():
                    if isinstance(seen, Unreadable) and isinstance(seen.error, CredentialInvalid):
                        await self._job.access_has_ended()
                    raise self._build_unknown(verdict.message)
                case Absent() | Failed() if self._backup_time is not None and not _is_rejected(verdict):
                    raise self._build_unknown(messages.restored(self._backup_time), step="restore")
                case Failed():
                    await self._end_call(verdict)
                    return None
                case Absent():
                    message = f"The post is not live: {verdict.message} Presswork makes the call again."
                    await self._revert_call(replace(verdict, message=message), starts_over=False, calls=self._calls())
                    return None
                case Wait():
                    await self._wait_to_look(looks, verdict)
            self._at_point("before_look_up")
            seen = await self._look_up(prepared)

    async def _end_call(self, failed: Failed) -> None:
        """Start over after a call that the platform reports as failed. Raises the reason where the post ends, or waits for it."""
        reason = failed.reason
        if isinstance(reason, Rejected):
            raise reason
        last = Absent(message=reason.what, advice=reason.advice, changes=failed.changes)
        calls = max(0, self._calls() - reason.is_throttled)
        await self._revert_call(last, starts_over=reason.starts_over, calls=calls)
        if reason.is_throttled:
            raise reason

    def _build_unknown(self, message: str, *, step: str = "look_up") -> OutcomeUnknown:
        what, advice = messages.not_known(message)
        return OutcomeUnknown(what, advice=advice, step=step)

    @property
    def _backup_time(self) -> str | None:
        """When the backup was taken that this post was restored from, if it may be live since."""
        taken_at = self._post.state.get(RESTORED)
        return taken_at if isinstance(taken_at, str) else None

    async def _revert_call(self, result: Absent | None, *, starts_over: bool, calls: int) -> None:
        """Clear `live_call_at`. `result` is what the platform reported, or None if the call itself was refused."""
        self._is_outcome_unknown = False
        kept = {**(self._state_to_keep() if starts_over else self._post.state), _CALLS: calls}
        for name in (_PREPARED, _OUTCOME_UNKNOWN, _UNREAD, _LOOKS):
            kept.pop(name, None)
        self._unread = 0
        message = None if result is None else redact(result.message)
        if result is not None:
            kept = {**stored_changes(result.changes, kept), _LAST_END: [message, result.advice]}
        await self._store.not_live(self._post, kept, message, {"startsOver": starts_over}, now=self._job.now())
        self._at_point("after_not_live")

    async def _settle_drafted(self, live: Present) -> None:
        self._at_point("before_settle")
        now = self._job.now()
        state = dict(self._post.state)
        if not self._channel.follows_drafts:
            state.pop(_PREPARED, None)  # no later step needs it, and it has a message text and a phone number
        await self._store.settle_drafted(
            self._post,
            state,
            live.message or "The draft was delivered to its creator, who finishes it on a phone.",
            external_id=live.external_id,
            is_followed=self._channel.follows_drafts,
            follow_up_at=now + self._retry_policy.poll_first,
            gives_up_at=now + FOLLOWED_FOR,
            now=now,
        )

    async def _settle_canceled_by_platform(self, withdrawn: CanceledByPlatform) -> None:
        """End a post that the provider canceled: as canceled if a client requested it, else as failed."""
        self._at_point("before_settle")
        message = (
            f"{withdrawn.message} No client of Presswork requested this. Ask the provider why, then publish again."
        )
        unasked = withdrawn.why or Rejected(message, step="look_up", failure=FailureCode.CANCELED_BY_PLATFORM)
        now = self._job.now()
        stored = messages.last_error(unasked, unasked.message, now)
        await self._store.settle_canceled_by_platform(self._post, redact(withdrawn.message), stored, now=now)
        if self._post.status is Status.FAILED:
            self._error = unasked.failure.value

    async def _finish(self) -> None:
        """Fetch the URL and write the comment if that is possible now, then settle; the rest becomes a follow-up."""
        prepared = self._read_prepared()
        needs_location = await self._locate(prepared)
        needs_comment = await self._comment()
        self._note_recorded()
        self._at_point("before_settle")
        now = self._job.now()
        retry_policy = self._retry_policy
        if self._post.parts:
            await self._locate_parts()
            await self._store.settle_thread(
                self._post,
                self._post.parts,
                ThreadStatus.COMPLETE,
                last_error=None,
                message=f"Published in {len(self._post.parts)} parts.",
                needs_location=needs_location,
                needs_comment=needs_comment,
                follow_up_at=now + retry_policy.poll_first,
                gives_up_at=now + FOLLOWED_FOR,
                now=now,
            )
            return
        await self._store.settle_published(
            self._post,
            needs_location=needs_location,
            needs_comment=needs_comment,
            extras=wanted_extras(self._post),
            follow_up_at=now + retry_policy.poll_first,
            gives_up_at=now + FOLLOWED_FOR,
            now=now,
        )

    def _note_recorded(self) -> None:
        """Add the shapes of the platform's answers to the timeline, where they are wanted."""
        answers = [] if self._recording is None else self._recording.take()
        if answers:
            shapes: JsonValue = [dict(answer.as_json()) for answer in answers]
            self._job.note_later(Event.PLATFORM_NOTICE, messages.RECORDED, recorded=shapes)

    async def _locate(self, prepared: Mapping[str, JsonValue]) -> bool:
        """Ask for the URL a few times; True: it is still missing."""
        wait = self._retry_policy.poll_first
        for _ in range(4):
            if self._post.external_url is not None or await locate_once(
                self._context, self._job, self._channel, prepared, is_settled_next=not self._may_comment
            ):
                return False
            await self._job.sleep(min(wait, timedelta(seconds=2)))
            wait *= 2
        return True

    async def _comment(self) -> bool:
        """Try to write the first comment; True: it is still missing."""
        if not self._may_comment:
            return False
        wait = max(self._retry_policy.poll_first, min(self._retry_policy.republish_after, COMMENT_WAIT))
        for _ in range(3):
            next_at = await comment_once(self._context, self._job, self._channel, wait=wait, gives_up_at=None)
            if next_at is None:
                return False
            left = next_at - self._job.now()
            if left > wait:
                return True
            await self._job.sleep(left)
        return True

    @property
    def _may_comment(self) -> bool:
        """Whether it has a first comment; in other modes that is part of what the person or provider receives."""
        return self._post.first_comment is not None and self._post.mode is Mode.PUBLISH

    async def _wait_to_look(self, looks: Looks, verdict: Wait) -> None:
        """Wait before the next look-up. Of failed ones in a row, the first and every tenth has a timeline entry."""
        error, is_noted = verdict.error, True
        self._unread = 0 if error is None else self._unread + 1
        until = self._job.now() + verdict.duration
        if error is not None:
            is_noted = self._unread % UNREAD_NOTED_EVERY == 1
        if verdict.duration <= INLINE_WAIT:
            if error is not None and is_noted:  # a longer wait has a separate entry
                message = messages.asks_again_at(error, at=until, wait=verdict.duration, failed=self._unread)
                at = {"nextAt": write_instant(until)}
                await self._job.note(Event.RETRYING, redact(message), **messages.facts(error), **at)
            await self._job.sleep(verdict.duration)
            return
        if is_noted:
            message = messages.resumes_at(verdict.message, at=until, wait=verdict.duration)
            self._job.note_later(Event.WAITING, message, nextAt=write_instant(until))
        stored = {_OUTCOME_UNKNOWN: self._is_outcome_unknown, _UNREAD: self._unread, _LOOKS: looks.as_json()}
        await self._job.save(**stored)
        await self._snooze_until(until, verdict.message)

    async def _snooze_until(self, until: datetime, why: str) -> None:
        self._note_recorded()
        await self._store.snooze(self._post, until=until, reason=redact(why), now=self._job.now())
        raise Snoozed

    async def snooze(self, error: TryLater, *, retried_for: timedelta = timedelta()) -> None:
        """Count an unexpected error and snooze the post; the next attempt continues from the stored state.

        The post is retried for as long as after a platform's errors, and at least for `retried_for`.
        """
        try:
            wait = await self._count(error, retried_for=retried_for)
            if wait is not None:
                await self._snooze_until(self._error_stored_at() + wait, error.what)
        except OutcomeUnknown as unknown:
            await self._fail(unknown)
        except Snoozed:
            return

    async def _wait_after(self, error: TryLater) -> None:
        """Wait as long as the platform asks, or with backoff; fail the post after its error window."""
        wait = await self._count(error)
        if wait is None:
            return
        if error.starts_over and self._post.state:
            await self._store.save(self._post, {**self._state_to_keep(), _CALLS: self._calls()}, now=self._job.now())
        if wait <= (INLINE_LIMIT if error.is_throttled else INLINE_WAIT):
            await self._job.sleep(wait)
        else:
            await self._snooze_until(self._error_stored_at() + wait, error.what)

    def _error_stored_at(self) -> datetime:
        """Return when the error was stored: its wait starts there."""
        return self._post.last_error_at or self._job.now()

    async def _count(self, error: TryLater, *, retried_for: timedelta = timedelta()) -> timedelta | None:
        """Store a temporary error and return how long to wait, or None if its error window is over and the post has failed."""
        now = self._job.now()
        meters.faults.labels(self._post.platform.value, self._post.environment.value, error.failure.value).inc()
        counted = count_error(
            self._post, error, self._retry_policy, retried_for=retried_for, jitter=self._jitter(), now=now
        )
        wait = counted.wait
        if self._post.live_at is None and counted.is_over:
            if self._post.live_call_at is not None:
                raise self._build_unknown(error.what)
            if error.lasts_at_most is not None and error.failure is FailureCode.CREDENTIAL_INVALID:
                await self._job.end_access()
            await self._fail(error, messages.gave_up(error, lasted=counted.lasted, error_count=counted.error_count))
            return None
        self._retried = None if error.is_throttled else error.failure.value
        await self._store.record_error(
            self._post,
            error_count=counted.error_count,
            since=counted.since,
            state=counted.state,
            event=Event.WAITING if error.is_throttled else Event.RETRYING,
            message=redact(messages.retries_at(error, at=now + wait, wait=wait)),
            detail={**messages.facts(error), "nextAt": write_instant(now + wait), "try": counted.error_count},
            now=now,
        )
        return wait

    async def _fail(self, error: PlatformError, message: str | None = None) -> None:
        now: datetime = self._job.now()
        self._note_recorded()
        self._error = error.failure.value
        stored = messages.last_error(error, message or error.message, now)
        wait = self._retry_policy.poll_first
        await settle_ended(self._context, self._post, stored, wait=wait, trace_id=error.trace_id, now=now)

    def _read_prepared(self) -> Mapping[str, JsonValue]:
        prepared = self._post.state.get(_PREPARED)
        return prepared if isinstance(prepared, dict) else {}

    def _state_to_keep(self) -> dict[str, JsonValue]:
        """Return the state that a restart from the beginning keeps."""
        return {name: value for name, value in self._post.state.items() if name.startswith("keep_")}

    def _last_end(self) -> tuple[str, str]:
        """Return what the platform reported after the last call without effect, and what to do about it."""
        match self._post.state.get(_LAST_END):
            case [str(message), str(advice)]:
                return message, advice
            case _:
                return "none.", "Publish again later."

    def _calls(self) -> int:
        calls = self._post.state.get(_CALLS)
        return calls if isinstance(calls, int) else 0


def _is_rejected(verdict: Absent | Failed) -> bool:
    return isinstance(verdict, Failed) and isinstance(verdict.reason, Rejected)
