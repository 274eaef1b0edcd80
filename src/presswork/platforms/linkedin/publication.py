"""What is known about the call that publishes, in the state of its post."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from presswork.platforms.job_state import JobState

MEDIA: Final = "media"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication(JobState):
    """What the calls returned so far."""

    post_urn: str | None = None
    """The post, which LinkedIn has confirmed, and may still process."""
    repeats: int = 0
    """Calls without a clear answer that were followed by another one, because the page did not list the post."""
    is_duplicate: bool = False
    """Whether LinkedIn refused that other one as a duplicate, so that the first one worked."""
    had_conflict: bool = False
    """Whether LinkedIn has asked for the same call once more."""


def media_in(prepared: Mapping[str, JsonValue]) -> list[str]:
    """Return the URNs of the media that `prepare` returned. Raises KeyError on anything else."""
    media = prepared[MEDIA]
    urns = [urn for urn in media if isinstance(urn, str)] if isinstance(media, list) else []
    if not urns:
        raise KeyError(MEDIA)
    return urns
