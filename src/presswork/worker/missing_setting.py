"""Posts whose platform can't be called, since a setting of this service is missing: they wait for it, and not for ever."""

import json
from datetime import datetime, timedelta
from typing import Final

from presswork.core.enums import Mode
from presswork.core.errors import Unavailable
from presswork.core.timestamps import write_instant
from presswork.db.queries import load
from presswork.platforms.errors import FailureCode, OutcomeUnknown, PlatformError, Rejected
from presswork.posts.model import Event
from presswork.worker.context import WorkerContext
from presswork.worker.post_row import PostRow
from presswork.worker.store import LeaseLost
from presswork.worker.timeline_messages import last_error, looks_for_setting, never_set, not_known

_SQL: Final = load("presswork.worker", "missing_setting.sql")

LIMIT: Final = timedelta(hours=48)
"""How long a post waits for a setting: a weekend on which nobody looks after the service."""
SHORTEST: Final = timedelta(minutes=1)
"""First wait. Each one after it is as long as all before it together."""
LONGEST: Final = timedelta(hours=1)
FOLLOWED_FOR: Final = timedelta(days=1)
"""How long the address and the first comment of a post that is live wait for the setting."""


async def wait_for_setting(context: WorkerContext, post: PostRow, missing: Unavailable, *, now: datetime) -> None:
    """Let a post go for a while, with those behind it; end it where it can wait no longer. Raises LeaseLost.

    A post that is live for good is published at once: what is left to do for it can't change that.
    """
    if post.live_at is not None:
        await _settle(context, post, now=now)
        return
    if (why := post.why_canceled()) and post.live_call_at is None:
        await context.store.settle_canceled(post, why, now=now)
        return
    since = post.missing_since or now
    gives_up_at = since + LIMIT
    if now >= gives_up_at:
        error = _end(post, missing)
        await context.store.settle_failed(post, last_error(error, error.message, now), now=now)
        return
    wait = min(LONGEST, max(SHORTEST, now - since), gives_up_at - now)
    line = looks_for_setting(missing.message, at=now + wait, wait=wait, gives_up_at=gives_up_at)
    detail = {"nextAt": write_instant(now + wait), "givesUpAt": write_instant(gives_up_at)}
    version = await context.pool.fetchval(
        _SQL["wait_for_setting"],
        post.id,
        post.version,
        now,
        now + wait,
        since,
        post.lane,
        missing.message,
        Event.WAITING.value,
        line,
        json.dumps(detail),
    )
    if version is None:
        raise LeaseLost
    post.version = version


async def setting_is_there(context: WorkerContext, post: PostRow) -> None:
    """Forget that a post, and those behind it, waited for a setting. Raises LeaseLost."""
    if post.missing_since is None:
        return
    version = await context.pool.fetchval(_SQL["setting_is_there"], post.id, post.version, post.lane)
    if version is None:
        raise LeaseLost
    post.version, post.missing_since = version, None


def _end(post: PostRow, missing: Unavailable) -> PlatformError:
    """Return why a post that has waited for too long has failed."""
    if post.live_call_at is None:
        what, advice = never_set(missing.message, waited=LIMIT)
        return Rejected(what, advice=advice, step="settings", failure=FailureCode.INTERNAL)
    what, advice = not_known(missing.message)
    return OutcomeUnknown(what, advice=advice, step="settings")


async def _settle(context: WorkerContext, post: PostRow, *, now: datetime) -> None:
    await context.store.settle_published(
        post,
        needs_location=post.external_url is None,
        needs_comment=post.first_comment is not None and post.mode is Mode.PUBLISH,
        follow_up_at=now + SHORTEST,
        gives_up_at=now + FOLLOWED_FOR,
        now=now,
    )
