"""Posts whose platform can't be called because a setting of this service is missing: they wait for it for a limited time."""

import json
from datetime import datetime, timedelta
from typing import Final

from presswork.core.errors import Unavailable
from presswork.core.timestamps import write_instant
from presswork.db.pool import Pool, fetchval_again
from presswork.db.queries import load
from presswork.jobs.runner import LeaseLost
from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected
from presswork.posts.model import Event
from presswork.worker.context import WorkerContext
from presswork.worker.follow_ups import settle_ended, settle_live
from presswork.worker.post_row import PostRow
from presswork.worker.timeline_messages import checks_setting_at, last_error, not_known, setting_missing

_SQL: Final = load("presswork.worker", "missing_setting.sql")

LIMIT: Final = timedelta(hours=48)
"""How long a post waits for a setting: a weekend without an operator."""
SHORTEST: Final = timedelta(minutes=1)
"""First wait. Each later one is as long as all waits before it together."""
LONGEST: Final = timedelta(hours=1)

_MAX_WOKEN: Final = 10_000


async def wait_for_setting(context: WorkerContext, post: PostRow, missing: Unavailable, *, now: datetime) -> None:
    """Snooze a post and the posts behind it; end it after LIMIT. Raises LeaseLost.

    A live post is settled as published at once: its follow-ups can't change the outcome.
    """
    if post.live_at is not None:
        await settle_live(context, post, wait=SHORTEST, now=now)
        return
    if (why := post.why_canceled()) and post.live_call_at is None and not post.live_parts:
        await context.store.settle_canceled(post, why, now=now)
        return
    since = post.missing_since or now
    gives_up_at = since + LIMIT
    if now >= gives_up_at:
        error = _end(post, missing)
        await settle_ended(context, post, last_error(error, error.message, now), wait=SHORTEST, now=now)
        return
    wait = min(LONGEST, max(SHORTEST, now - since), gives_up_at - now)
    message = checks_setting_at(missing.message, at=now + wait, wait=wait, gives_up_at=gives_up_at)
    detail = {"nextAt": write_instant(now + wait), "givesUpAt": write_instant(gives_up_at)}
    version = await fetchval_again(
        context.pool,
        _SQL["wait_for_setting"],
        post.id,
        post.version,
        now,
        now + wait,
        since,
        post.lane,
        missing.message,
        Event.WAITING.value,
        message,
        json.dumps(detail),
    )
    if version is None:
        raise LeaseLost
    post.version = version


async def wake_blocked_posts(pool: Pool, *, now: datetime | None) -> None:
    """Make posts that wait for a setting due now, because credentials of an app were stored.

    Those that wait for another setting wait again. `now` is None in production: the database's time.
    """
    await pool.execute(_SQL["wake_blocked"], now, _MAX_WOKEN)


async def setting_is_there(context: WorkerContext, post: PostRow) -> None:
    """Clear the wait of a post and of the posts behind it. Raises LeaseLost."""
    if post.missing_since is None:
        return
    version = await fetchval_again(context.pool, _SQL["setting_is_there"], post.id, post.version, post.lane)
    if version is None:
        raise LeaseLost
    post.version, post.missing_since = version, None


def _end(post: PostRow, missing: Unavailable) -> PlatformError:
    """Return the error of a post that has waited for LIMIT."""
    if post.live_call_at is None:
        what, advice = setting_missing(missing.message, waited=LIMIT)
        return Rejected(what, advice=advice, step="settings", failure=FailureCode.INTERNAL)
    what, advice = not_known(missing.message)
    return OutcomeUnknown(what, advice=advice, step="settings")
