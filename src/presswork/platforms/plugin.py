"""What a platform's folder provides to the registry: one `Plugin` for each login of the platform."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from presswork.core.settings import Settings
from presswork.platforms.limits import LimitRow
from presswork.platforms.manual_posting import ManualInstructions
from presswork.platforms.port import LoginName, Platform, PlatformName
from presswork.platforms.transport import Transport


class OpenTest(Protocol):
    """Opens a platform for test projects: the sandbox's, which accepts any app."""

    def __call__(self, settings: Settings, *, sandbox_url: str, transport: Transport) -> Platform:
        """Return the platform; makes no call."""
        ...


class OpenLive(Protocol):
    """Opens the real platform from the settings."""

    def __call__(self, settings: Settings, *, transport: Transport) -> Platform:
        """Return the platform; makes no call. Raises Unavailable naming the setting that is missing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One platform with one login. A new platform is a folder with a plugin and a line in `registry.py`."""

    platform: PlatformName
    login: LoginName
    limits: Sequence[LimitRow]
    """The limits in the platform's rules, for the documentation."""
    manual_instructions: ManualInstructions
    """How a person posts with the platform's own app."""
    open_test: OpenTest
    open_live: OpenLive
