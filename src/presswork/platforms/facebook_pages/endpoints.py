"""Facebook's addresses, from the settings of the environment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Base addresses of Facebook's four hosts, or of the sandbox's equivalents."""

    graph: str
    """The Graph API and the code exchange, like https://graph.facebook.com."""
    www: str
    """The authorize page and the posts, like https://www.facebook.com."""
    upload: str
    """The upload host for reels, like https://rupload.facebook.com."""
    video: str
    """The Graph API for uploads of videos, like https://graph-video.facebook.com."""
