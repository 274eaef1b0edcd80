"""The issuer of OpenID Connect that this process is configured for."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Self

from presswork.platforms.settings import Settings

if TYPE_CHECKING:
    from presswork.people.oidc import IdentityProvider


@dataclass(frozen=True, slots=True)
class ConfiguredIssuer:
    """The configured issuer, if there is one."""

    provider: "IdentityProvider | None"

    @classmethod
    def of(cls, settings: Settings, base_url: str) -> Self:
        """Read the settings; the libraries of OpenID Connect are loaded only where an issuer is configured."""
        if settings.oidc_issuer is None:
            return cls(None)
        return cls(import_module("presswork.people.oidc").IdentityProvider.of(settings, base_url=base_url))
