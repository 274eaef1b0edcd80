"""Follow-ups of a live post: its URL and the first comment. They never change the outcome."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import structlog
from pydantic import JsonValue

from presswork.core.backoff import backoff
from presswork.core.enums import Mode
from presswork.core.logging import redact
from presswork.core.timestamps import write_instant
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import CredentialInvalid, FailureCode, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.port import DeliveryChannel
from presswork.posts.model import COMMENT_CALLED, Event, FirstCommentStatus, Status
from presswork.posts.parts import ThreadStatus, end_parts
from presswork.worker.context import WorkerContext
from presswork.worker.error_window import limit_wait
from presswork.worker.job import ActiveJob
from presswork.worker.post_row import FollowUp, PostRow
from presswork.worker.timeline_messages import facts, format_instant, renewed

log = structlog.get_logger()

FOLLOWED_FOR: Final = timedelta(days=1)
"""How long Presswork asks for the URL of a live post, and whether a creator has posted a draft."""
COMMENT_TRIES: Final = 8
"""Attempts at a first comment after the post is settled, without those at a rate limit, which last up to FOLLOWED_FOR."""
LONGEST_WAIT: Final = timedelta(minutes=30)
_POSTED: Final = "postedAs"
_NEXT_AT: Final = "commentNextAt"
"""When the first comment is tried again: its post may be claimed earlier, for its URL."""
_ERRORS: Final = "commentErrors"
"""How many of COMMENT_TRIES have failed."""
_PARTS_STAY: Final = (
    "The parts before it stay live: add the missing ones manually, and do not publish all of them again."
)
_WRITE_MANUALLY: Final = "Check the post, and write the comment manually if it is missing."


async def settle_live(context: WorkerContext, post: PostRow, *, wait: timedelta, now: datetime) -> None:
    """Settle a live post as published without a call of its platform. What is missing is followed up after `wait`."""
    await context.store.settle_published(
        post,
        needs_location=post.external_url is None,
        needs_comment=post.first_comment is not None and post.mode is Mode.PUBLISH,
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
    """Try once to write the first comment. Return when to try again, or None if its result is final.

    After an attempt whose response was lost, the connector looks for the comment first, and only once the call must have
    arrived. The next try is after `wait`, or when the platform asks for it. From `gives_up_at` on, the try is the last one;
    where it is None, the post is not settled yet, and no error is counted. Raises LeaseLost when the lease ends before the comment is
    written: another worker may write it now.
    """
    post = job.post
    if post.first_comment is None:
        return None
    if not channel.connector.can_comment:
        message = "The platform has no API for comments, so the first comment was not posted. Write it manually."
        await context.store.commented(post, FirstCommentStatus.UNSUPPORTED, message, now=job.now())
        return None
    is_last = gives_up_at is not None and job.now() >= gives_up_at
    if post.external_id is None:  # a comment needs it
        if not is_last:
            return job.now() + wait
        why = f"The platform did not report the post's id. {_WRITE_MANUALLY}"
        await _comment_failed(context, post, why, {}, now=job.now())
        return None
    called = post.state.get(COMMENT_CALLED)
    if (not_before := _earliest_retry(post, channel, is_last=is_last)) is not None and job.now() < not_before:
        return not_before
    lease = post.leased_until  # as before the call that makes the post live: a later renewal must not count
    await job.save(**{COMMENT_CALLED: job.now().isoformat()})
    if lease is None or job.now() >= lease:
        raise LeaseLost("the lease ended before the comment")
    try:
        await _write_comment(job, channel, post.external_id, post.first_comment, may_be_there=bool(called))
    except (Rejected, CredentialInvalid) as error:
        await _comment_failed(context, post, error.message, facts(error), now=job.now())
        return None
    except (TryLater, OutcomeUnknown) as error:
        is_throttled = isinstance(error, TryLater) and error.is_throttled
        errors = _errors(post) + (gives_up_at is not None and not is_throttled)
        next_at = _next_try(post, channel, error, wait=wait, gives_up_at=gives_up_at, now=job.now())
        changes: dict[str, JsonValue] = {_NEXT_AT: next_at.isoformat(), _ERRORS: errors}
        if isinstance(error, TryLater) and not called:
            changes[COMMENT_CALLED] = None  # the call had no effect
        else:
            next_at = max(next_at, job.now() + channel.retry_policy.republish_after)
        await job.save(**changes)
        if is_last or errors >= COMMENT_TRIES:
            why = f"{error.what} Presswork tried several times. {_WRITE_MANUALLY}"
            await _comment_failed(context, post, why, facts(error), now=job.now())
            return None
        await job.note(
            Event.WAITING if is_throttled else Event.RETRYING,
            f"The post is live, but its first comment may be missing. {error.what} Presswork checks at "
            f"{format_instant(next_at)} and retries if the comment is missing.",
            **facts(error),
            nextAt=write_instant(next_at),
        )
        return next_at
    await context.store.commented(post, FirstCommentStatus.POSTED, "The first comment is posted.", now=job.now())
    return None


async def _write_comment(
    job: ActiveJob, channel: DeliveryChannel, external_id: str, text: str, *, may_be_there: bool
) -> None:
    """Write it while the lease holds. A refused token is final only once the account's access has ended, as for a post."""
    try:
        await job.while_leased(channel.connector.comment(job, external_id, text, may_be_there=may_be_there))
    except CredentialInvalid as refused:
        if await job.access_has_ended():
            raise
        raise renewed(refused) from refused


def _earliest_retry(post: PostRow, channel: DeliveryChannel, *, is_last: bool) -> datetime | None:
    """Return when the comment may be tried again: its last call must have arrived, and, except for the last try, its wait
    must be over, or None for at once."""
    called, next_at = post.state.get(COMMENT_CALLED), post.state.get(_NEXT_AT)
    arrived_at = (
        datetime.fromisoformat(called) + channel.retry_policy.republish_after if isinstance(called, str) else None
    )
    waited_at = datetime.fromisoformat(next_at) if isinstance(next_at, str) and not is_last else None
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
    if isinstance(error, TryLater) and error.is_throttled:
        wait = limit_wait(channel.retry_policy, error, lasted=now - (post.live_at or now))
    elif isinstance(error, TryLater) and error.retry_after is not None:
        wait = error.retry_after
    return now + wait if gives_up_at is None else min(now + wait, max(gives_up_at, now))


def _errors(post: PostRow) -> int:
    errors = post.state.get(_ERRORS)
    return errors if isinstance(errors, int) else 0


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
            run_at=min(now + LONGEST_WAIT, left.gives_up_at),
        )
        return
    if left.needs_comment:
        await _comment_failed(context, post, f"{why} {_WRITE_MANUALLY}", {}, now=now)
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
    now = job.now()
    if needs_location and now >= left.gives_up_at:
        if job.post.status is not Status.DRAFT:  # the creator of a draft may still post it
            await job.note(
                Event.PERMALINK,
                "The platform did not return the post's public URL within a day. Presswork stopped asking for it.",
            )
        needs_location = False
    next_at = [*([now + wait] if needs_location else []), *([] if comment_at is None else [comment_at])]
    if not next_at:
        await context.store.end_follow_up(left)
        return
    await context.store.reschedule_follow_up(
        left, needs_location=needs_location, needs_comment=comment_at is not None, run_at=min(next_at)
    )
