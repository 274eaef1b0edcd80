"""Mastodon for contract tests: the connector against one server of the sandbox."""

from dataclasses import dataclass
from typing import Final

from tests.contract.on_platform import OnPlatform

from presswork.platforms.mastodon.login import MastodonLogin
from presswork.platforms.port import Grant, PushedRequest

HOST: Final = "mastodon.social"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMastodon(OnPlatform):
    """The set-up of a test that publishes on a Mastodon server of the sandbox."""

    name: str = "mastodon"
    redirect_uri: str = "http://127.0.0.1/oauth/callback/m"
    caption: str = "Fresh from the press: #paper, crème brûlée & 🗞️ https://example.com"

    @property
    def login(self) -> MastodonLogin:
        """The platform's login."""
        assert isinstance(self.platform.login, MastodonLogin)
        return self.platform.login

    async def begin(self, host: str = HOST) -> PushedRequest:
        """Begin a login at a server, as an app that is registered there."""
        app = await self.login.register_app(host, redirect_uri=self.redirect_uri)
        return self.login.begin_at(host, app, redirect_uri=self.redirect_uri, state="st_1", verifier=self.verifier)

    async def connect(self, handle: str | None = None, *, host: str = HOST) -> Grant:
        """Connect an account through the real authorize page of a server."""
        begun = await self.begin(host)
        code = await self.sandbox.code(begun.url, account=handle or self.handle)
        return await self.login.connect(
            code=code, redirect_uri=self.redirect_uri, verifier=begun.secret, now=self.clock.now()
        )
