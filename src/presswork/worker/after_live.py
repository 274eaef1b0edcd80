"""What follows once a post is live: its address and the first comment. None of it can change the outcome."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import structlog
from pydantic import JsonValue

from presswork.logs import redact
from presswork.platforms.errors import CredentialInvalid, OutcomeUnknown, PlatformError, Rejected, TryLater
from presswork.platforms.port import Platform
from presswork.posts.model import Event, FirstCommentStatus
from presswork.worker.job import ActiveJob, Bench
from presswork.worker.store import FollowUp

log = structlog.get_logger()

COMMENT_TRIES: Final = 8
"""How often a first comment is tried again after the post was settled."""
LONGEST_WAIT: Final = timedelta(minutes=30)
_COMMENT_CALLED: Final = "commentCalled"


async def locate_once(bench: Bench, job: ActiveJob, platform: Platform, prepared: Mapping[str, JsonValue]) -> bool:
    """Ask once for the post's id and address and store what is new. True: the address is known now."""
    post = job.post
    try:
        found = await platform.connector.locate(job, prepared, post.external_id)
    except PlatformError as error:
        log.info("address not told yet", post=f"sp_{post.id}", reason=error.message)
        return False
    external_id, external_url = found.external_id or post.external_id, found.external_url or post.external_url
    if (external_id, external_url) != (post.external_id, post.external_url):
        await bench.store.located(post, external_id=external_id, external_url=external_url, now=job.now())
    return external_url is not None


async def comment_once(bench: Bench, job: ActiveJob, platform: Platform) -> bool:
    """Try once to write the first comment; after a try whose answer was lost, look for it first. True: it is decided."""
    post = job.post
    if post.external_id is None or post.first_comment is None:
        return post.first_comment is None
    was_called = _COMMENT_CALLED in post.state
    if not was_called:
        await job.save(**{_COMMENT_CALLED: True})
    try:
        await platform.connector.comment(job, post.external_id, post.first_comment, may_be_there=was_called)
    except (Rejected, CredentialInvalid) as error:
        message = redact(f"The first comment could not be written: {error.message}")
        await bench.store.commented(post, FirstCommentStatus.FAILED, message, now=job.now())
        return True
    except (TryLater, OutcomeUnknown) as error:
        await job.note(
            Event.RETRYING,
            f"The first comment is not there yet: {error.message} It is looked for before it is tried again.",
        )
        return False
    await bench.store.commented(post, FirstCommentStatus.POSTED, "The first comment is there.", now=job.now())
    return True


async def follow_up(bench: Bench, job: ActiveJob, platform: Platform, left: FollowUp) -> None:
    """Do what is left for a published post; give up when its time is over."""
    prepared = job.post.state.get("prepared")
    known = prepared if isinstance(prepared, dict) else {}
    needs_location = left.needs_location and not await locate_once(bench, job, platform, known)
    needs_comment = left.needs_comment and not await comment_once(bench, job, platform)
    now = job.now()
    if needs_comment and (left.attempts >= COMMENT_TRIES or now >= left.gives_up_at):
        message = "The first comment could not be written: the platform did not take it in several tries."
        await bench.store.commented(job.post, FirstCommentStatus.FAILED, message, now=now)
        needs_comment = False
    if needs_location and now >= left.gives_up_at:
        await job.note(
            Event.PERMALINK, "The platform did not tell the post's address within a day; it is looked for no more."
        )
        needs_location = False
    if not needs_location and not needs_comment:
        await bench.store.end_follow_up(left.post_id)
        return
    wait = min(LONGEST_WAIT, platform.pace.poll_first * (1 << min(left.attempts, 16)))
    await bench.store.reschedule_follow_up(
        left.post_id, needs_location=needs_location, needs_comment=needs_comment, run_at=now + wait
    )
