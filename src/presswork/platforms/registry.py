"""The platforms that there are. A new one is a folder with a `plugin` module and a line here; no other code names it."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import MappingProxyType, ModuleType
from typing import Final, Self

from presswork.errors import Unavailable
from presswork.platforms.instagram import plugin as instagram
from presswork.platforms.limits import LimitRow
from presswork.platforms.port import Environment, Platform, PlatformName
from presswork.platforms.setup import required
from presswork.platforms.tiktok import plugin as tiktok
from presswork.platforms.transport import Transport
from presswork.settings import Settings

_PLUGINS: Final[Mapping[PlatformName, ModuleType]] = MappingProxyType(
    {plugin.NAME: plugin for plugin in (instagram, tiktok)}
)


def limits() -> Mapping[PlatformName, Sequence[LimitRow]]:
    """Return the limits of each platform, as its rules have them, for the documents."""
    return {name: plugin.LIMITS for name, plugin in _PLUGINS.items()}


class Platforms:
    """Every platform in both environments, each with one HTTP client; opened and closed as an async context manager."""

    def __init__(self, settings: Settings, *, base_url: str) -> None:
        """Take the settings and this service's own address, under which the sandbox is unless it runs apart."""
        sandbox_url = (settings.sandbox_url or f"{base_url}/sandbox").rstrip("/")
        self._settings: Final = settings
        self._transports: Final = {name: Transport(name=name.value) for name in _PLUGINS}
        self._test: Final[Mapping[PlatformName, Platform]] = {
            name: plugin.open_test(settings, sandbox_url=sandbox_url, transport=self._transports[name])
            for name, plugin in _PLUGINS.items()
        }
        self._live: Final[dict[PlatformName, Platform | Unavailable]] = {
            name: self._open_live(name, plugin) for name, plugin in _PLUGINS.items()
        }
        self._open: Final = AsyncExitStack()

    def _open_live(self, name: PlatformName, plugin: ModuleType) -> Platform | Unavailable:
        try:
            required(self._settings.public_url, "PRESSWORK_PUBLIC_URL", name)
            platform: Platform = plugin.open_live(self._settings, transport=self._transports[name])
        except Unavailable as error:
            return error
        return platform

    async def __aenter__(self) -> Self:
        """Have every client closed at the end."""
        for transport in self._transports.values():
            await self._open.enter_async_context(transport)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close every client."""
        await self._open.aclose()

    def get(self, name: PlatformName, environment: Environment) -> Platform:
        """Return a platform. Raises Unavailable, naming the setting, where it can't be used in that environment."""
        found = self._find(name, environment)
        if isinstance(found, Unavailable):
            # a fresh one, since an exception that is raised twice drags its old trace along
            raise Unavailable(found.message, **found.details)
        return found

    def is_available(self, name: PlatformName, environment: Environment) -> bool:
        """Whether `get` would return it."""
        return isinstance(self._find(name, environment), Platform)

    def unavailable(self, environment: Environment) -> Mapping[PlatformName, Unavailable]:
        """Return why each platform that `get` refuses in that environment can't be used."""
        refusals = ((name, self._find(name, environment)) for name in _PLUGINS)
        return {
            name: Unavailable(found.message, **found.details)
            for name, found in refusals
            if isinstance(found, Unavailable)
        }

    def described(self) -> Mapping[PlatformName, Platform]:
        """Return each platform for what it says of itself (permissions, features), which every environment shares."""
        return self._test

    def _find(self, name: PlatformName, environment: Environment) -> Platform | Unavailable:
        if environment is Environment.LIVE:
            return self._live[name]
        if not self._settings.sandbox and self._settings.sandbox_url is None:
            return Unavailable(
                "Test projects need the sandbox, which is off. Start Presswork without --no-sandbox, "
                "or set PRESSWORK_SANDBOX_URL to one that runs apart.",
                setting="PRESSWORK_SANDBOX",
            )
        return self._test[name]
