"""Callbacks of managed providers: a verified callback makes the worker query the provider; its content decides nothing."""

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
from presswork.posts.wake_post import wake_post


class CallbackResult(Enum):
    """How a callback was handled."""

    ACCEPTED = auto()  # the worker queries the provider now
    ALREADY_KNOWN = auto()  # the status is not newer than the stored one
    UNKNOWN_POST = auto()  # the post does not exist, or was never sent to a provider
    BAD_SIGNATURE = auto()
    BAD_BODY = auto()  # the body is not a dispatch, or belongs to another post
    POST_IS_OVER = auto()


async def handle_callback(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    *,
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> CallbackResult:
    """Verify a provider's callback and wake its post. Raises SealBroken.

    A callback may be duplicated, late, out of order or replayed: the provider is queried at most once for each new
    status.
    """
    holder = await holder_of_post(pool, keyring, post_id, sandbox=platforms.sandbox_provider, now=now)
    if holder is None:
        return CallbackResult.UNKNOWN_POST
    access = holder.access
    try:
        secrets = [] if access is None else [access.secret, *([access.former_secret] if access.former_secret else [])]
        verify(headers, body, secrets=secrets, now=now)
    except BadSignature:
        return CallbackResult.BAD_SIGNATURE
    report = read_report(body)
    if report is None or report.post_id != public_id(POST, post_id):
        return CallbackResult.BAD_BODY
    if holder.status in {status.value for status in TERMINAL}:
        return CallbackResult.POST_IS_OVER
    if holder.sequence is not None and report.sequence <= holder.sequence:
        return CallbackResult.ALREADY_KNOWN
    await wake_post(pool, post_id, now=now)
    return CallbackResult.ACCEPTED
