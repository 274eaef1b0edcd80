"""LinkedIn for contract tests, and what a viewer sees of a post."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from tests.contract.on_platform import OnPlatform

from presswork.platforms.linkedin.notation import is_organization
from presswork.platforms.port import Grant

REDIRECT = "http://localhost:8000/oauth/callback/g"
PERSON = "ana"
"""The member who signs in, and administers the pages that a test names."""
CAPTION = "Fresh (from the press) #paper — crème brûlée & 🗞️\n[1] *new* ~40 % <off> @you {a|b} C:\\d a_b"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnLinkedIn(OnPlatform):
    """The set-up of a test that publishes on the sandbox's LinkedIn, as a member or as a page."""

    name: str = "linkedin"
    redirect_uri: str = REDIRECT
    caption: str = CAPTION
    is_page: bool = False

    async def code(self, handle: str | None = None) -> str:
        """Approve a login on the real consent page and return the code."""
        url = self.platform.login.authorize_url(redirect_uri=self.redirect_uri, state="st_1", verifier=self.verifier)
        await self.sandbox.account(self.name, PERSON, tier="creator")
        return await self.sandbox.code(url, account=f"{PERSON},{handle or self.handle}")

    async def grants(self, handle: str | None = None) -> Sequence[Grant]:
        """Connect through the real consent page, and return the member's grant and those of the pages."""
        grant = await OnPlatform.connect(self, handle)
        return [grant, *grant.others]

    async def connect(self, handle: str | None = None) -> Grant:
        """Connect the member, or the page."""
        return next(grant for grant in await self.grants(handle) if is_organization(grant.external_id) is self.is_page)

    async def live(self, handle: str | None = None) -> list[dict[str, JsonValue]]:
        """Return the live posts of a handle; of all accounts where none is given."""
        return await self.sandbox.posts(self.name, handle)


def params_of(post: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what was sent, by LinkedIn's own names."""
    params = post["params"]
    assert isinstance(params, dict)
    return params


def content_of(post: dict[str, JsonValue], kind: str) -> dict[str, JsonValue]:
    """Return the part of the content that shows media."""
    content = params_of(post)["content"]
    assert isinstance(content, dict)
    part = content[kind]
    assert isinstance(part, dict)
    return part


def sha256_of(post: dict[str, JsonValue]) -> list[JsonValue]:
    """Return the digests of the media that a viewer sees, in order."""
    media = post["media"]
    assert isinstance(media, list)
    return [one["sha256"] for one in media if isinstance(one, dict)]
