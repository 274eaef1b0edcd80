"""What is known about the call that publishes, in the state of its post."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pydantic import JsonValue

from presswork.platforms.json_values import number_of, text_of
from presswork.platforms.port import Job

MEDIA: Final = "media"
_POST: Final = "postUrn"
_REPEATS: Final = "repeats"
_DUPLICATE: Final = "isDuplicate"
_CONFLICT: Final = "hadConflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the calls returned so far."""

    urn: str | None = None
    """The post, which LinkedIn has confirmed, and may still process."""
    repeats: int = 0
    """Calls without a clear answer that were followed by another one, because the page did not list the post."""
    is_duplicate: bool = False
    """Whether LinkedIn refused that other one as a duplicate, so that the first one worked."""
    had_conflict: bool = False
    """Whether LinkedIn has asked for the same call once more."""

    @classmethod
    def load(cls, state: Mapping[str, JsonValue]) -> "Publication":
        """Load it from a job's state."""
        return cls(
            urn=text_of(state.get(_POST)),
            repeats=number_of(state.get(_REPEATS)) or 0,
            is_duplicate=state.get(_DUPLICATE) is True,
            had_conflict=state.get(_CONFLICT) is True,
        )

    def confirmed(self, urn: str) -> "Publication":
        """Return a copy with the post that LinkedIn confirmed."""
        return replace(self, urn=urn)

    def repeated(self) -> "Publication":
        """Return a copy before another call."""
        return replace(self, repeats=self.repeats + 1)

    def duplicate(self) -> "Publication":
        """Return a copy after a refusal as a duplicate of the earlier call."""
        return replace(self, is_duplicate=True)

    def conflicted(self) -> "Publication":
        """Return a copy after a conflict."""
        return replace(self, had_conflict=True)

    async def save(self, job: Job) -> None:
        """Store it."""
        await job.save(**self.as_state())

    def as_state(self) -> dict[str, JsonValue]:
        """Return the form that is stored; None removes a key."""
        return {
            _POST: self.urn,
            _REPEATS: self.repeats or None,
            _DUPLICATE: self.is_duplicate or None,
            _CONFLICT: self.had_conflict or None,
        }


def media_in(prepared: Mapping[str, JsonValue]) -> list[str]:
    """Return the URNs of the media that `prepare` returned. Raises KeyError on anything else."""
    media = prepared[MEDIA]
    urns = [urn for urn in media if isinstance(urn, str)] if isinstance(media, list) else []
    if not urns:
        raise KeyError(MEDIA)
    return urns
