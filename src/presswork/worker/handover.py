"""What the ways of delivery need that do without the account's own token: a phone, a provider, a track, addresses."""

import asyncpg

from presswork.accounts.model import managed_lack
from presswork.ids import POST, public_id
from presswork.keyring import SealBroken
from presswork.platforms.errors import FailureCode, TryLater
from presswork.platforms.port import Handover, ProviderAccess, Track
from presswork.terms import Environment
from presswork.worker.bench import Bench
from presswork.worker.store import PostRow

SANDBOX_PROVIDER = "sandbox"
"""The provider that test projects always have."""


async def handover_of(bench: Bench, post: PostRow) -> Handover:
    """Return it as it is stored now. Raises TryLater where the provider's secret can't be opened, and LeaseLost."""
    row = await bench.store.handover(post.id)
    return Handover(
        operator_phone=row["operator_phone"],
        provider=_provider(bench, post, row),
        track=None
        if row["track_id"] is None
        else Track(id=row["track_id"], title=row["title"], author=row["author"], link=row["link"]),
        first_comment=post.first_comment,
        page_url=bench.pages.url_for(public_id(POST, post.id), now=bench.clock.now()),
        callback_url=f"{bench.base_url}/callbacks/{post.mode.value}/{public_id(POST, post.id)}",
    )


def _provider(bench: Bench, post: PostRow, row: asyncpg.Record) -> ProviderAccess | None:
    if managed_lack(row["template_id"], is_provider_known=True) is not None:
        return None
    if row["provider"] is not None:
        try:
            secret = bench.keyring.open(row["sealed_secret"]).decode()
        except SealBroken as error:
            raise TryLater(error.message, step="prepare", failure=FailureCode.INTERNAL) from error
        return ProviderAccess(name=row["provider"], base_url=row["base_url"], secret=secret)
    is_sandbox = post.environment is Environment.TEST and row["layer_provider"] == SANDBOX_PROVIDER
    return bench.sandbox_provider if is_sandbox else None
