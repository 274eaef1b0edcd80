"""Canceling a post that a provider already has: the post is canceled only if the provider confirms it."""

import json
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.accounts.providers import provider_of_post
from presswork.callers.model import Principal
from presswork.core.enums import Mode
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.idempotency.stored_replies import IdempotentCall
from presswork.platforms.errors import TryLater
from presswork.platforms.names import LoginName
from presswork.platforms.port import SupportsProviderCancel
from presswork.platforms.registry import Platforms
from presswork.posts.cancel import cancel_post, record_cancel
from presswork.posts.model import PostNotCancelable, PostNotCanceledByProvider, PostState, Status
from presswork.posts.read import read_state
from presswork.posts.wake_post import wake_post

_SQL: Final = load("presswork.posts")
_NO_REASON: Final = "Canceled through the API."


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
    """Cancel a post and return it. If a provider has it, the post is canceled only if the provider confirms the cancel.

    Raises Replayed, PostNotFound, PostNotCancelable, PostNotCanceledByProvider, and Unavailable if a setting is missing.
    """
    try:
        return await call.run(
            lambda connection: cancel_post(connection, post_id, visible_to=visible_to, reason=reason, now=now)
        )
    except PostNotCancelable as refusal:
        if refusal.status is not Status.PUBLISHING:
            raise
        connector = await _find_connector(call.pool, platforms, post_id, visible_to)
        if connector is None:
            raise
    # Committed before the provider is called: if this process dies, the worker knows that the cancel was requested.
    was_requested = await call.pool.fetchval(_SQL["request_cancel"], post_id, now)
    if was_requested:
        await _request_cancel(call.pool, keyring, platforms, post_id, connector, reason=reason, now=now)

    async def settle(connection: Connection) -> PostState:
        if was_requested:
            detail = json.dumps({"by": visible_to.public_id, **({"reason": reason} if reason else {})})
            message = f"Canceled through the API{f': {reason}' if reason else ''}. The provider confirmed the cancel."
            await connection.fetchval(_SQL["cancel_with_provider"], post_id, now, message, detail)
        # Canceled by this call, or by the worker, if the worker received the provider's reply first.
        state = await read_state(connection, post_id, visible_to=visible_to)
        if state.status is not Status.CANCELED:
            if not was_requested:  # the call that refused the cancel may have had no effect
                return await cancel_post(connection, post_id, visible_to=visible_to, reason=reason, now=now)
            raise PostNotCancelable(post_id, state.status)
        if was_requested:
            await record_cancel(connection, post_id, by=visible_to, reason=reason, now=now)
        return state

    return await call.run(settle)


async def _find_connector(
    pool: Pool, platforms: Platforms, post_id: UUID, visible_to: Principal
) -> SupportsProviderCancel | None:
    """Return the connector of a post's delivery channel, if it can cancel a delivery."""
    row = await pool.fetchrow(_SQL["find_channel"], visible_to.organization_id, visible_to.environment.value, post_id)
    if row is None:
        return None
    platform = await platforms.for_app(LoginName(row["login"]), visible_to.environment, row["app_id"])
    channel = platform.channel(Mode(row["mode"]))
    return channel.connector if isinstance(channel.connector, SupportsProviderCancel) else None


async def _request_cancel(
    pool: Pool,
    keyring: Keyring,
    platforms: Platforms,
    post_id: UUID,
    connector: SupportsProviderCancel,
    *,
    reason: str | None,
    now: datetime,
) -> None:
    """Return when the provider has confirmed the cancel. Raises PostNotCanceledByProvider."""
    holder = await provider_of_post(pool, keyring, post_id, sandbox=platforms.sandbox_provider, now=now)
    if holder is None or holder.access is None:
        raise PostNotCanceledByProvider(post_id, "provider_gone")
    try:
        is_canceled = await connector.cancel_with_provider(post_id, holder.access, reason=reason or _NO_REASON, now=now)
    except TryLater as error:
        # The provider may have received the request. The worker queries the outcome.
        await wake_post(pool, post_id, now=now)
        raise PostNotCanceledByProvider(post_id, "provider_unreachable") from error
    if not is_canceled:
        raise PostNotCanceledByProvider(post_id, "provider_keeps_it")
