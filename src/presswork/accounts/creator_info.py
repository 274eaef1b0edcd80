"""What the platform lets the owner of an account choose for a post now: for the form of a post. Always asked, never kept."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from presswork.accounts.platform_reads import PlatformRead
from presswork.accounts.store import find_account
from presswork.callers.model import Principal
from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.port import CreatorInfo, SupportsCreatorInfo
from presswork.platforms.registry import Platforms

_FETCH_TIMEOUT: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatorInfoReader:
    """Reads what accounts may choose."""

    pool: Pool
    keyring: Keyring
    platforms: Platforms
    clock: Clock

    async def read(self, account_id: UUID, *, visible_to: Principal) -> CreatorInfo | None:
        """Return what the owner may choose now; None where the platform reports nothing.

        Raises AccountNotFound, AccountNotReadable, ReadRefused, and Unavailable while the platform does not answer or is
        not configured.
        """
        account = await find_account(self.pool, account_id, visible_to=visible_to)
        if not isinstance(self.platforms.described()[account.login].connector, SupportsCreatorInfo):
            return None
        platform = self.platforms.get(account.login, account.environment)
        read = PlatformRead(pool=self.pool, keyring=self.keyring, clock=self.clock, what="posting options")
        read.require_access(account, platform)
        if not isinstance(platform.connector, SupportsCreatorInfo):
            return None
        return await read.call(account, platform, platform.connector.fetch_creator_info, timeout=_FETCH_TIMEOUT)
