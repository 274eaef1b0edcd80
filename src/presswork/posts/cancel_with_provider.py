"""Canceling a post that a provider already has: the provider is asked, and the post is canceled only if it agrees."""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.accounts.providers import holder_of_post
from presswork.core.enums import LoginName, Mode
from presswork.core.ids import KEY, public_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.orgs.model import Principal
from presswork.platforms.errors import TryLater
from presswork.platforms.port import SupportsProviderCancel
from presswork.platforms.registry import Platforms
from presswork.posts.cancel import cancel_post, record_cancel
from presswork.posts.model import PostNotCancelable, PostNotTakenBack, PostState, Status
from presswork.posts.read import read_state
from presswork.posts.wake_post import wake_post

_SQL: Final = load("presswork.posts")
_NO_REASON: Final = "Canceled by a call."


async def cancel_with_provider(
    call: IdempotentCall[PostState],
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    *,
    visible_to: Principal,
    reason: str | None,
    now: datetime,
) -> PostState:
    """Cancel a post and return it; one that a provider has is canceled if the provider gives it back for good.

    Raises Replayed, PostNotFound, PostNotCancelable, PostNotTakenBack, and Unavailable where a setting is missing.
    """
    try:
        return await call.run(
            lambda connection: cancel_post(connection, post_id, visible_to=visible_to, reason=reason, now=now)
        )
    except PostNotCancelable as refusal:
        if refusal.status is not Status.PUBLISHING:
            raise
        connector = await _cancelable(call.pool, platforms, post_id, visible_to)
        if connector is None:
            raise
    # Committed before the provider is asked: if this process dies, the worker knows that the cancel was requested.
    was_requested = await call.pool.fetchval(_SQL["request_cancel"], post_id, now)
    if was_requested:
        await _withdraw(call.pool, keyring, platforms, post_id, connector, reason=reason, now=now)

    async def settle(connection: Connection) -> PostState:
        if was_requested:
            detail = json.dumps({"by": public_id(KEY, visible_to.key_id), **({"reason": reason} if reason else {})})
            message = f"Canceled by a call{f': {reason}' if reason else ''}. Its provider has taken it back."
            await connection.fetchval(_SQL["cancel_with_provider"], post_id, now, message, detail)
        # Canceled by this call, or by the worker, which got the provider's answer first.
        state = await read_state(connection, post_id, visible_to=visible_to)
        if state.status is not Status.CANCELED:
            raise PostNotCancelable(post_id, state.status)
        if was_requested:
            await record_cancel(connection, post_id, by=visible_to, reason=reason, now=now)
        return state

    return await call.run(settle)


async def _cancelable(
    pool: Pool, platforms: Platforms, post_id: UUID, visible_to: Principal
) -> SupportsProviderCancel | None:
    """Return the connector that can withdraw a post from the other side, if its delivery has one."""
    row = await pool.fetchrow(_SQL["find_channel"], visible_to.organization_id, visible_to.environment.value, post_id)
    if row is None:
        return None
    channel = platforms.get(LoginName(row["login"]), visible_to.environment).channel(Mode(row["mode"]))
    return channel.connector if isinstance(channel.connector, SupportsProviderCancel) else None


async def _withdraw(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    connector: SupportsProviderCancel,
    *,
    reason: str | None,
    now: datetime,
) -> None:
    """Return once the provider has taken the post back. Raises PostNotTakenBack."""
    holder = await holder_of_post(pool, keyring, post_id, sandbox=platforms.sandbox_provider, now=now)
    if holder is None or holder.access is None:
        raise PostNotTakenBack(post_id, "provider_gone")
    try:
        is_back = await connector.cancel_with_provider(post_id, holder.access, reason=reason or _NO_REASON, now=now)
    except TryLater as error:
        # The provider may have received the request. The worker asks for the outcome.
        await wake_post(pool, post_id, now=now)
        raise PostNotTakenBack(post_id, "provider_unreachable") from error
    if not is_back:
        raise PostNotTakenBack(post_id, "provider_keeps_it")
