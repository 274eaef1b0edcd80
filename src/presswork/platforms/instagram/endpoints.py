"""Instagram's addresses, from the settings of the environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses of Instagram's three hosts, or of the sandbox's equivalents."""

    graph: str
    """The Graph API, like https://graph.instagram.com."""
    api: str
    """The code exchange, like https://api.instagram.com."""
    www: str
    """The authorize page, like https://www.instagram.com."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FacebookEndpoints:
    """Base addresses of the three hosts used with Facebook Login."""

    graph: str
    """The Graph API and the code exchange, like https://graph.facebook.com."""
    www: str
    """The authorize page, like https://www.facebook.com."""
    upload: str
    """The upload host for videos, like https://rupload.facebook.com."""
