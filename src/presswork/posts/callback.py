"""What a provider reports of a post: a hint to ask it, and never more."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from uuid import UUID

from presswork.accounts.providers import holder_of_post
from presswork.core.ids import POST, public_id
from presswork.crypto.keyring import Keyring
from presswork.crypto.webhook_signatures import BadSignature, verify
from presswork.db.pool import Pool
from presswork.platforms.registry import Platforms, read_report
from presswork.posts.model import TERMINAL
from presswork.posts.wake_post import nudge_post


class Verdict(Enum):
    """What becomes of a report."""

    NOTED = auto()  # the worker asks the provider now
    KNOWN = auto()  # nothing new in it
    UNKNOWN_POST = auto()  # no such post, or it was never handed over
    NOT_SIGNED = auto()
    NO_REPORT = auto()  # the body is not a dispatch, or another post's
    OVER = auto()  # the post has ended


async def hear(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> Verdict:
    """Verify a report and have the post looked at. Notify the workers when it was NOTED. Raises SealBroken.

    It may come twice, late or out of order, or be a copy that somebody sends again: the provider is asked, at most once
    for each status that is new.
    """
    holder = await holder_of_post(pool, keyring, post_id, sandbox=platforms.sandbox_provider, now=now)
    if holder is None:
        return Verdict.UNKNOWN_POST
    access = holder.access
    try:
        secrets = [] if access is None else [access.secret, *([access.former_secret] if access.former_secret else [])]
        verify(headers, body, secrets=secrets, now=now)
    except BadSignature:
        return Verdict.NOT_SIGNED
    report = read_report(body)
    if report is None or report.post_id != public_id(POST, post_id):
        return Verdict.NO_REPORT
    if holder.status in {status.value for status in TERMINAL}:
        return Verdict.OVER
    if holder.sequence is not None and report.sequence <= holder.sequence:
        return Verdict.KNOWN
    await nudge_post(pool, post_id, now=now)
    return Verdict.NOTED
