"""Follow-ups of a live post: its URL, the first comment and its extras. They never change the outcome."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

import structlog
from pydantic import JsonValue

from presswork.core.backoff import backoff
from presswork.core.enums import Mode
from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.option_registry import extras_of
from presswork.platforms.port import Added, DeliveryChannel, Extra, SupportsExtras
from presswork.posts.model import (
    COMMENT_CALLED,
    EXTRA_CALLS,
    EXTRAS_MAY_EXIST,
    Event,
    ExtraStatus,
    FirstCommentStatus,
    PostExtra,
    Status,
)
from presswork.posts.parts import ThreadStatus, end_parts
from presswork.worker.context import WorkerContext
from presswork.worker.error_window import wait_after
from presswork.worker.job import ActiveJob
from presswork.worker.post_row import FollowUp, PostRow
from presswork.worker.timeline_messages import facts, format_instant, renewed

log = structlog.get_logger()

FOLLOWED_FOR: Final = timedelta(days=1)
"""How long Presswork asks for the URL of a live post, and whether a creator has posted a draft."""
MAX_TRIES: Final = 8
"""Attempts at a first comment or an extra after the post is settled, without those at a rate limit, which last up to FOLLOWED_FOR."""
LONGEST_WAIT: Final = timedelta(minutes=30)
_POSTED: Final = "postedAs"
_NEXT_AT: Final = "commentNextAt"
"""When the first comment is tried again: its post may be claimed earlier, for its URL."""
_ERRORS: Final = "commentErrors"
"""How many of MAX_TRIES have failed."""
_PARTS_STAY: Final = (
    "The parts before it stay live: add the missing ones manually, and do not publish all of them again."
)
_WRITE_MANUALLY: Final = "Check the post, and write the comment manually if it is missing."
_ADD_MANUALLY: Final = "Check the post, and add what is missing manually."
_NO_ID: Final = "The platform did not report the post's id."

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Write(Generic[Result]):
    """What a live post gets once, and what is known of the calls for it."""

    what: str
    """As a sentence names it, like “its first comment”."""
    manually: str
    """What a person does if it is missing."""
    call: Callable[[str, bool], Coroutine[Any, Any, Result]]  # Any: as asyncio's own
    """Make the call for the post's id; the flag says that an earlier one may have had an effect."""
    store: Callable[["Calls"], Awaitable[None]]
    """Store what is known of the calls."""
    calls: "Calls"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """What is known of the calls for one write."""

    called_at: datetime | None = None
    """When a call that may have had an effect was announced, UTC."""
    may_exist: bool = False
    """Whether the platform may have it, also where `called_at` is not known."""
    next_at: datetime | None = None
    errors: int = 0
    """How many of MAX_TRIES have failed."""

    @classmethod
    def load(cls, called: JsonValue, next_at: JsonValue, errors: JsonValue, *, may_exist: bool = False) -> "Calls":
        """Read what was stored; `called` may also be true."""
        called_at = datetime.fromisoformat(called) if isinstance(called, str) else None
        return cls(
            called_at=called_at,
            may_exist=may_exist or bool(called),
            next_at=datetime.fromisoformat(next_at) if isinstance(next_at, str) else None,
            errors=errors if isinstance(errors, int) else 0,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a write has failed for good."""

    message: str
    details: Mapping[str, JsonValue]


async def settle_live(context: WorkerContext, post: PostRow, *, wait: timedelta, now: datetime) -> None:
    """Settle a live post as published without a call of its platform. What is missing is followed up after `wait`."""
    await context.store.settle_published(
        post,
        needs_location=post.external_url is None,
        needs_comment=post.first_comment is not None and post.mode is Mode.PUBLISH,
        extras=wanted_extras(post),
        follow_up_at=now + wait,
        gives_up_at=now + FOLLOWED_FOR,
        now=now,
    )


async def settle_ended(
    context: WorkerContext,
    post: PostRow,
    last_error: Mapping[str, str | None],
    *,
    wait: timedelta,
    trace_id: str | None = None,
    now: datetime,
) -> None:
    """Settle a post that can't go on: as failed, or as published where a part of its thread is live, which no retry may write again.

    What is missing of the parts that are live is followed up after `wait`. `trace_id` is that of `WorkStore.settle_failed`.
    """
    if not post.live_parts:
        await context.store.settle_failed(post, last_error, trace_id=trace_id, now=now)
        return
    is_unknown = last_error["code"] == FailureCode.OUTCOME_UNKNOWN.value
    parts = end_parts(post.parts, is_unknown=is_unknown)
    part = f"part {post.live_parts + 1} of {len(parts)}"
    what = f"It is not known whether {part} is live" if is_unknown else f"{part.capitalize()} is not live"
    message = f"{what}, and the thread ends here: {last_error['message']} {_PARTS_STAY}"
    last_error = {**last_error, "message": message}
    await context.store.settle_thread(
        post,
        parts,
        ThreadStatus.UNKNOWN if is_unknown else ThreadStatus.PARTIAL,
        last_error=last_error,
        message=f"Published in part. {message}",
        needs_location=post.external_url is None,
        needs_comment=post.first_comment is not None,
        follow_up_at=now + wait,
        gives_up_at=now + FOLLOWED_FOR,
        now=now,
    )


def wanted_extras(post: PostRow) -> Sequence[PostExtra]:
    """Return what a post gets once it is live."""
    return [
        PostExtra(kind=extra.kind, subject=extra.subject, status=ExtraStatus.PENDING, message=None)
        for extra in extras_of(post.options, platform=post.platform, mode=post.mode)
    ]


async def locate_once(
    context: WorkerContext,
    job: ActiveJob,
    channel: DeliveryChannel,
    prepared: Mapping[str, JsonValue],
    *,
    is_settled_next: bool = False,
) -> bool:
    """Ask once for the post's id and URL and store what is new. True: the URL is known.

    With `is_settled_next`, the write that settles the post stores it.
    """
    post = job.post
    try:
        found = await channel.connector.locate(job, prepared, post.external_id)
    except PlatformError as error:
        log.info("URL not available yet", post=f"sp_{post.id}", reason=error.message)
        return False
    external_id, external_url = found.external_id or post.external_id, found.external_url or post.external_url
    if (external_id, external_url) != (post.external_id, post.external_url):
        if is_settled_next and external_url is not None:
            post.add_location(external_id, external_url, at=job.now())
        else:
            await context.store.located(post, external_id=external_id, external_url=external_url, now=job.now())
    return external_url is not None


async def notice_once(
    context: WorkerContext, job: ActiveJob, channel: DeliveryChannel, prepared: Mapping[str, JsonValue]
) -> bool:
    """Ask once whether a creator has posted a draft, and add a timeline entry if so. True: posted."""
    try:
        found = await channel.connector.locate(job, prepared, None)
    except PlatformError as error:
        log.info("draft not looked up", post=f"sp_{job.post.id}", reason=error.message)
        return False
    if found.external_id is None:
        return False
    if job.post.state.get(_POSTED) != found.external_id:
        await context.store.draft_posted(
            job.post,
            {**job.post.state, _POSTED: found.external_id},
            "The creator posted the draft on the platform. This post keeps the status draft.",
            {"externalId": found.external_id, "externalUrl": found.external_url},
            now=job.now(),
        )
    return True


async def comment_once(
    context: WorkerContext, job: ActiveJob, channel: DeliveryChannel, *, wait: timedelta, gives_up_at: datetime | None
) -> datetime | None:
    """Try once to write the first comment. Return when to try again, or None if its result is final. See `write_once`."""
    post = job.post
    text = post.first_comment
    if text is None:
        return None
    if not channel.connector.can_comment:
        message = "The platform has no API for comments, so the first comment was not posted. Write it manually."
        await context.store.commented(post, FirstCommentStatus.UNSUPPORTED, message, now=job.now())
        return None

    async def store(calls: Calls) -> None:
        called = _instant(calls.called_at) or calls.may_exist or None
        next_at = _instant(calls.next_at)
        await job.save(**{COMMENT_CALLED: called, _NEXT_AT: next_at, _ERRORS: calls.errors or None})

    state = post.state
    write = Write(
        what="its first comment",
        manually=_WRITE_MANUALLY,
        call=lambda external_id, may_be_there: channel.connector.comment(
            job, external_id, text, may_be_there=may_be_there
        ),
        store=store,
        calls=Calls.load(state.get(COMMENT_CALLED), state.get(_NEXT_AT), state.get(_ERRORS)),
    )
    result = await write_once(context, job, channel, write, wait=wait, gives_up_at=gives_up_at)
    if isinstance(result, datetime):
        return result
    if isinstance(result, Failure):
        await _comment_failed(context, post, result.message, result.details, now=job.now())
        return None
    await context.store.commented(post, FirstCommentStatus.POSTED, "The first comment is posted.", now=job.now())
    return None


async def add_extras(
    context: WorkerContext, job: ActiveJob, channel: DeliveryChannel, *, wait: timedelta, gives_up_at: datetime
) -> datetime | None:
    """Try once to add each extra that is pending: one that fails leaves the others alone. Return when to try again, or None.

    See `write_once`.
    """
    next_at = [
        await _add_extra(context, job, channel, place, wait=wait, gives_up_at=gives_up_at)
        for place, extra in enumerate(job.post.extras)
        if extra.status is ExtraStatus.PENDING
    ]
    return min((at for at in next_at if at is not None), default=None)


async def _add_extra(
    context: WorkerContext,
    job: ActiveJob,
    channel: DeliveryChannel,
    place: int,
    *,
    wait: timedelta,
    gives_up_at: datetime,
) -> datetime | None:
    post, connector = job.post, channel.connector
    extra = Extra(kind=post.extras[place].kind, subject=post.extras[place].subject)
    if not isinstance(connector, SupportsExtras):
        message = f"The platform has no {extra.kind}. {_ADD_MANUALLY}"
        await _settle_extra(context, post, place, ExtraStatus.FAILED, message, {}, now=job.now())
        return None

    async def store(calls: Calls) -> None:
        stored: JsonValue = [_instant(calls.called_at), _instant(calls.next_at), calls.errors]
        await job.save(**{EXTRA_CALLS: {**_extra_calls(post), extra.key: stored}})

    called, next_at, errors = _extra_calls(post).get(extra.key, [None, None, 0])
    write: Write[Added] = Write(
        what=f"its {extra.key}",
        manually=_ADD_MANUALLY,
        call=lambda external_id, may_be_there: connector.add_extra(job, external_id, extra, may_be_there=may_be_there),
        store=store,
        calls=Calls.load(called, next_at, errors, may_exist=bool(post.state.get(EXTRAS_MAY_EXIST))),
    )
    result = await write_once(context, job, channel, write, wait=wait, gives_up_at=gives_up_at)
    if isinstance(result, datetime):
        return result
    if isinstance(result, Failure):
        await _settle_extra(context, post, place, ExtraStatus.FAILED, result.message, result.details, now=job.now())
        return None
    details = {"externalId": result.external_id}
    await _settle_extra(context, post, place, ExtraStatus.DONE, result.message, details, now=job.now())
    return None


def _extra_calls(post: PostRow) -> Mapping[str, list[JsonValue]]:
    """Return what is stored of the calls for extras: when one was announced, when the next one is due, and how many failed."""
    stored = post.state.get(EXTRA_CALLS)
    return {key: calls for key, calls in stored.items() if isinstance(calls, list)} if isinstance(stored, dict) else {}


async def _settle_extra(
    context: WorkerContext,
    post: PostRow,
    place: int,
    status: ExtraStatus,
    message: str,
    details: Mapping[str, JsonValue],
    *,
    now: datetime,
) -> None:
    """Store the outcome of one extra."""
    extras = list(post.extras)
    extras[place] = replace(extras[place], status=status, message=redact(message))
    detail = {"kind": extras[place].kind, "subject": extras[place].subject, "status": status.value, **details}
    entry = redact(
        message if status is ExtraStatus.DONE else f"The post is live without its {_name(extras[place])}. {message}"
    )
    await context.store.settle_extras(post, extras, entry, detail, now=now)


def _name(extra: PostExtra) -> str:
    return Extra(kind=extra.kind, subject=extra.subject).key


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


async def write_once(
    context: WorkerContext,
    job: ActiveJob,
    channel: DeliveryChannel,
    write: Write[Result],
    *,
    wait: timedelta,
    gives_up_at: datetime | None,
) -> Result | Failure | datetime:
    """Try once to make a call that must have its effect once. Return its result, or when to try again.

    After an attempt whose response was lost, the connector looks for the effect first, and only once the call must have
    arrived. The next try is after `wait`, or when the platform asks for it. From `gives_up_at` on, the try is the last one;
    where it is None, the post is not settled yet, and no error is counted. Raises LeaseLost when the lease ends before the
    call: another worker may make it now.
    """
    post, calls = job.post, write.calls
    is_last = gives_up_at is not None and job.now() >= gives_up_at
    if post.external_id is None:  # the call needs it
        return Failure(f"{_NO_ID} {write.manually}", {}) if is_last else job.now() + wait
    not_before = _earliest_retry(calls, channel, is_last=is_last)
    if not_before is not None and job.now() < not_before:
        return not_before
    lease = post.leased_until  # as before the call that makes the post live: a later renewal must not count
    announced = replace(calls, called_at=job.now())
    await write.store(announced)
    context.at_point("before_write")
    if lease is None or job.now() >= lease:
        raise LeaseLost(f"the lease ended before {write.what}")
    try:
        result = await _while_leased(job, write.call(post.external_id, calls.may_exist))
    except (Rejected, CredentialInvalid) as error:
        return Failure(error.message, facts(error))
    except (TryLater, OutcomeUnknown) as error:
        is_throttled = isinstance(error, TryLater) and error.is_throttled
        errors = calls.errors + (gives_up_at is not None and not is_throttled)
        next_at = _next_try(post, channel, error, wait=wait, gives_up_at=gives_up_at, now=job.now())
        failed = replace(announced, next_at=next_at, errors=errors, may_exist=True)
        if isinstance(error, TryLater) and not calls.may_exist:
            failed = replace(failed, called_at=None, may_exist=False)  # the call had no effect
        else:
            next_at = max(next_at, job.now() + channel.retry_policy.republish_after)
        await write.store(failed)
        if is_last or errors >= MAX_TRIES:
            return Failure(f"{error.what} Presswork tried several times. {write.manually}", facts(error))
        await job.note(
            Event.WAITING if is_throttled else Event.RETRYING,
            f"The post is live, but {write.what} may be missing. {error.what} Presswork checks at "
            f"{format_instant(next_at)} and retries if it is missing.",
            **facts(error),
            nextAt=write_instant(next_at),
        )
        return next_at
    context.at_point("after_write")
    return result


async def _while_leased(job: ActiveJob, call: Coroutine[Any, Any, Result]) -> Result:  # Any: as asyncio's own
    """Make the call while the lease holds. A refused token is final only once the account's access has ended, as for a post."""
    try:
        return await job.while_leased(call)
    except CredentialInvalid as refused:
        if await job.access_has_ended():
            raise
        raise renewed(refused) from refused


def _earliest_retry(calls: Calls, channel: DeliveryChannel, *, is_last: bool) -> datetime | None:
    """Return when the call may be made again: the last one must have arrived, and, except for the last try, its wait must be
    over, or None for at once."""
    arrived_at = None if calls.called_at is None else calls.called_at + channel.retry_policy.republish_after
    waited_at = None if is_last else calls.next_at
    return max((at for at in (arrived_at, waited_at) if at is not None), default=None)


def _next_try(
    post: PostRow,
    channel: DeliveryChannel,
    error: PlatformError,
    *,
    wait: timedelta,
    gives_up_at: datetime | None,
    now: datetime,
) -> datetime:
    """Return when an error may be over: as a post waits, but at `gives_up_at` there is one more try."""
    wait = wait_after(channel.retry_policy, error, lasted=now - (post.live_at or now), otherwise=wait)
    return now + wait if gives_up_at is None else min(now + wait, max(gives_up_at, now))


async def _comment_failed(
    context: WorkerContext, post: PostRow, why: str, details: Mapping[str, JsonValue], *, now: datetime
) -> None:
    message = redact(f"The post is live, but its first comment was not posted. {why}")
    await context.store.commented(post, FirstCommentStatus.FAILED, message, details, now=now)


async def follow_up_later(context: WorkerContext, post: PostRow, left: FollowUp, why: str, *, now: datetime) -> None:
    """Snooze the follow-up of a post whose platform can't be called; end it after its time limit."""
    if now < left.gives_up_at:
        await context.store.reschedule_follow_up(
            left,
            needs_location=left.needs_location,
            needs_comment=left.needs_comment,
            needs_extras=left.needs_extras,
            run_at=min(now + LONGEST_WAIT, left.gives_up_at),
        )
        return
    if left.needs_comment:
        await _comment_failed(context, post, f"{why} {_WRITE_MANUALLY}", {}, now=now)
    for place, extra in enumerate(post.extras):
        if extra.status is ExtraStatus.PENDING:
            await _settle_extra(context, post, place, ExtraStatus.FAILED, f"{why} {_ADD_MANUALLY}", {}, now=now)
    if left.needs_location and post.status is not Status.DRAFT:
        message = f"{why} Presswork stopped asking for the post's public URL."
        await context.store.note(post, Event.PERMALINK, message, {}, now=now)
    await context.store.end_follow_up(left)


async def follow_up(context: WorkerContext, job: ActiveJob, channel: DeliveryChannel, left: FollowUp) -> None:
    """Do what is missing for a published post; end the follow-up after its time limit."""
    prepared = job.post.state.get("prepared")
    known = prepared if isinstance(prepared, dict) else {}
    wait = backoff(channel.retry_policy.poll_first, LONGEST_WAIT, failures=left.attempts)
    ask = notice_once if job.post.status is Status.DRAFT else locate_once
    needs_location = left.needs_location and not await ask(context, job, channel, known)
    comment_at = (
        await comment_once(context, job, channel, wait=wait, gives_up_at=left.gives_up_at)
        if left.needs_comment
        else None
    )
    extras_at = (
        await add_extras(context, job, channel, wait=wait, gives_up_at=left.gives_up_at) if left.needs_extras else None
    )
    now = job.now()
    if needs_location and now >= left.gives_up_at:
        if job.post.status is not Status.DRAFT:  # the creator of a draft may still post it
            await job.note(
                Event.PERMALINK,
                "The platform did not return the post's public URL within a day. Presswork stopped asking for it.",
            )
        needs_location = False
    next_at = [at for at in (now + wait if needs_location else None, comment_at, extras_at) if at is not None]
    if not next_at:
        await context.store.end_follow_up(left)
        return
    await context.store.reschedule_follow_up(
        left,
        needs_location=needs_location,
        needs_comment=comment_at is not None,
        needs_extras=extras_at is not None,
        run_at=min(next_at),
    )
