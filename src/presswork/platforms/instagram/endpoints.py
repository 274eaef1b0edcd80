"""Where Instagram is, and who asks: addresses and app credentials, from the settings of the environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses of Instagram's three hosts; the sandbox's stand-ins look the same to all other code."""

    graph: str
    """The Graph API, like https://graph.instagram.com."""
    api: str
    """The code exchange, like https://api.instagram.com."""
    www: str
    """The authorize page, like https://www.instagram.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """The operator's Instagram app. The secret is never logged or shown."""

    client_id: str
    client_secret: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"AppCredentials(client_id={self.client_id!r})"
