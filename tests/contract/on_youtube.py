"""YouTube for contract tests, and what a viewer sees of a video."""

from dataclasses import dataclass

from pydantic import JsonValue
from tests.contract.on_platform import OnPlatform

REDIRECT = "http://localhost:8000/oauth/callback/f"
CAPTION = "Fresh from the press\n— #paper, crème brûlée & 🗞️"
TITLE = "Fresh from the press"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnYouTube(OnPlatform):
    """The set-up of a test that publishes on the sandbox's YouTube."""

    name: str = "youtube"
    redirect_uri: str = REDIRECT
    caption: str = CAPTION

    async def videos(self, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the videos of a channel that the control surface lists."""
        return await self.sandbox.posts(self.name, handle or self.handle)

    async def live(self, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return those that someone else than the channel can see."""
        return [video for video in await self.videos(handle) if privacy_of(video) != "private"]


def part_of(video: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """Return the part `snippet` or `status` of what was sent."""
    params = video["params"]
    assert isinstance(params, dict)
    part = params[name]
    assert isinstance(part, dict)
    return part


def privacy_of(video: dict[str, JsonValue]) -> JsonValue:
    """Return the visibility of a listed video."""
    return part_of(video, "status")["privacyStatus"]
