"""Access to an account for reads. It never changes the account: a token that is refused here says nothing about publishing."""

from dataclasses import dataclass
from datetime import datetime

from presswork.accounts.tokens import reading_token
from presswork.core.clock import Clock
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Pool
from presswork.platforms.port import Platform, TargetAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadAccess:
    """The `AccountAccess` of a read."""

    pool: Pool
    keyring: Keyring
    clock: Clock
    platform: Platform
    account: TargetAccount

    async def access_token(self) -> str:
        """Return the stored token. Raises CredentialInvalid, TryLater."""
        return await reading_token(self.pool, self.keyring, self.platform, self.account.id, clock=self.clock)

    async def renew_token(self, refused: str) -> str:
        """Return the stored token if it is another one than the refused. Raises CredentialInvalid, TryLater."""
        return await reading_token(
            self.pool, self.keyring, self.platform, self.account.id, clock=self.clock, refused=refused
        )

    def now(self) -> datetime:
        """Return the current instant, UTC."""
        return self.clock.now()
