"""Canceling a post that the other side has already: it is asked to take it back, and only its yes counts."""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.accounts.providers import holder_of_post
from presswork.core.enums import LoginName, Mode
from presswork.core.ids import KEY, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool, transaction_on
from presswork.db.queries import load
from presswork.orgs.model import Principal
from presswork.platforms.errors import TryLater
from presswork.platforms.port import Withdrawing
from presswork.platforms.registry import Platforms
from presswork.posts.cancel import cancel_post, record_cancel
from presswork.posts.model import PostNotCancelable, PostNotTakenBack, PostState, Status
from presswork.posts.read import read_state
from presswork.posts.wake_post import nudge_post

_SQL: Final = load("presswork.posts")
_NO_REASON: Final = "Canceled by a call."


async def cancel_or_recall(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    *,
    visible_to: Principal,
    reason: str | None,
    now: datetime,
) -> PostState:
    """Cancel a post; one that a provider has, if the provider takes it back for good. Return it.

    Raises PostNotFound, PostNotCancelable, PostNotTakenBack, and Unavailable where a setting is missing.
    """
    try:
        return await cancel_post(pool, post_id, visible_to=visible_to, reason=reason, now=now)
    except PostNotCancelable as refusal:
        if refusal.status is not Status.PUBLISHING:
            raise
        row = await pool.fetchrow(_SQL["find_way"], visible_to.organization_id, visible_to.environment.value, post_id)
        if row is None:
            raise
        channel = platforms.get(LoginName(row["login"]), visible_to.environment).channel(Mode(row["mode"]))
        if not isinstance(channel.connector, Withdrawing):
            raise
        withdrawing = channel.connector
    # Committed first: should this process die, whoever asks the provider next knows that it was asked for.
    if await pool.fetchval(_SQL["ask_cancel"], post_id, now):
        await _take_back(pool, keyring, platforms, post_id, withdrawing, reason=reason, now=now)
        detail = json.dumps({"by": public_id(KEY, visible_to.key_id), **({"reason": reason} if reason else {})})
        message = f"Canceled by a call{f': {reason}' if reason else ''}. Its provider has taken it back."
        async with transaction_on(pool) as connection:
            await connection.fetchval(_SQL["cancel_withdrawn"], post_id, now, message, detail)
            # By this call, or by the worker, which heard of it from the provider first: it was this call that asked for it.
            if (await read_state(connection, post_id, visible_to=visible_to)).status is Status.CANCELED:
                await record_cancel(connection, post_id, by=visible_to, reason=reason, now=now)
    state = await read_state(pool, post_id, visible_to=visible_to)
    if state.status is Status.CANCELED:  # by this call, or by the worker, which heard of it from the provider first
        return state
    raise PostNotCancelable(post_id, state.status)


async def _take_back(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    withdrawing: Withdrawing,
    *,
    reason: str | None,
    now: datetime,
) -> None:
    """Return once the provider has taken the post back. Raises PostNotTakenBack."""
    holder = await holder_of_post(pool, keyring, post_id, sandbox=platforms.sandbox_provider, now=now)
    if holder is None or holder.access is None:
        raise PostNotTakenBack(post_id, "provider_gone")
    try:
        is_back = await withdrawing.withdraw(post_id, holder.access, reason=reason or _NO_REASON, now=now)
    except TryLater as error:
        # It may have heard the question all the same. The worker asks what became of it.
        await nudge_post(pool, post_id, now=now)
        raise PostNotTakenBack(post_id, "provider_unreachable") from error
    if not is_back:
        raise PostNotTakenBack(post_id, "provider_keeps_it")
