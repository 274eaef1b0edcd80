"""What the delivery channels need besides the account's token: a phone, a provider, a track, URLs."""

import asyncpg

from presswork.accounts.model import managed_not_ready
from presswork.accounts.providers import access_of
from presswork.core.ids import POST, public_id
from presswork.crypto.keyring import SealBroken
from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.port import DeliveryContext, ProviderAccess, Track
from presswork.worker.context import WorkerContext
from presswork.worker.post_row import PostRow


async def delivery_context_of(context: WorkerContext, post: PostRow) -> DeliveryContext:
    """Return the stored delivery context. Raises TryLater if the provider's secret can't be decrypted, and LeaseLost."""
    row = await context.store.delivery_context(post.id)
    return DeliveryContext(
        operator_phone=row["operator_phone"],
        provider=_provider(context, post, row),
        track=None
        if row["track_id"] is None
        else Track(id=row["track_id"], title=row["title"], author=row["author"], link=row["link"]),
        first_comment=post.first_comment,
        page_url=context.pages.url_for(public_id(POST, post.id), now=context.clock.now()),
        callback_url=f"{context.base_url}/callbacks/{post.mode.value}/{public_id(POST, post.id)}",
    )


def _provider(context: WorkerContext, post: PostRow, row: asyncpg.Record) -> ProviderAccess | None:
    name: str | None = row["holder"]
    if name is None:
        if managed_not_ready(row["template_id"], is_provider_known=True) is not None:
            return None
        name = row["layer_provider"]
    try:
        return access_of(
            name,
            row,
            context.keyring,
            environment=post.environment,
            sandbox=context.sandbox_provider,
            now=context.clock.now(),
        )
    except SealBroken as error:
        raise TryLater(error.message, step="prepare", failure=FailureCode.INTERNAL) from error
