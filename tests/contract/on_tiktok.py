"""TikTok for contract tests."""

from dataclasses import dataclass

from pydantic import JsonValue
from tests.contract.on_platform import OnPlatform

REDIRECT = "http://localhost:8000/oauth/callback/c"
CAPTION = "Fresh from the press — #paper, crème brûlée & 🗞️"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTikTok(OnPlatform):
    """The set-up of a test that publishes on the sandbox's TikTok."""

    name: str = "tiktok"
    redirect_uri: str = REDIRECT
    caption: str = CAPTION

    async def drafts(self) -> list[dict[str, JsonValue]]:
        """Return the drafts that have reached the inbox."""
        return await self.sandbox.drafts(self.name, self.handle)
