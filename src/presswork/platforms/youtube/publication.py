"""What is known about the call that makes a video visible, in the state of its post."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from presswork.platforms.json_values import instant_of
from presswork.platforms.port import Job

AT_ONCE: Final = 2
"""Lost calls after which the next one is made at once; later ones wait until the lost call must have arrived, so that a post that
fails in the end can't become visible afterwards."""
_UNSURE: Final = "unsureCalls"
_SETTLED: Final = "unsureSettled"
_ANSWERED_AT: Final = "answeredAt"
_MISSING_AT: Final = "missingAt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the calls of `videos.update` returned so far."""

    unsure: int = 0
    """Calls whose response was lost or ambiguous."""
    is_settled: bool = True
    """Whether those calls are known to have had no effect, and can't have one any more."""
    answered_at: datetime | None = None
    """When YouTube first confirmed a call, UTC; None: it has confirmed none."""
    missing_at: datetime | None = None
    """Since when YouTube does not list the video, UTC."""

    @classmethod
    def load(cls, state: Mapping[str, JsonValue]) -> "Publication":
        """Load it from a job's state."""
        unsure = state.get(_UNSURE)
        return cls(
            unsure=unsure if isinstance(unsure, int) else 0,
            is_settled=state.get(_SETTLED) is not False,
            answered_at=instant_of(state.get(_ANSWERED_AT)),
            missing_at=instant_of(state.get(_MISSING_AT)),
        )

    def with_unsure_call(self) -> "Publication":
        """Return a copy with one more call without a clear response."""
        return replace(self, unsure=self.unsure + 1, is_settled=False)

    def with_refusal(self) -> "Publication":
        """Return a copy after a refusal that came while earlier calls may still arrive: those are waited for first."""
        return replace(self, unsure=max(self.unsure, AT_ONCE + 1))

    @property
    def may_repeat_at_once(self) -> bool:
        """Whether the next call need not wait for those without a clear response."""
        return self.unsure <= AT_ONCE

    def settled(self) -> "Publication":
        """Return a copy after the video was read as private, and the calls without a clear response must have arrived."""
        return replace(self, is_settled=True)

    def answered(self, at: datetime) -> "Publication":
        """Return a copy with a confirmed call."""
        return replace(self, answered_at=self.answered_at or at)

    def missing(self, at: datetime | None) -> "Publication":
        """Return a copy for a video that is not listed since then, or is listed (None)."""
        return replace(self, missing_at=at)

    async def save(self, job: Job) -> None:
        """Store it."""
        await job.save(**self._as_json())

    def save_later(self, job: Job) -> None:
        """Store it with the next write of the post."""
        job.save_later(**self._as_json())

    def _as_json(self) -> dict[str, JsonValue]:
        return {
            _UNSURE: self.unsure or None,
            _SETTLED: None if self.is_settled else False,
            _ANSWERED_AT: None if self.answered_at is None else self.answered_at.isoformat(),
            _MISSING_AT: None if self.missing_at is None else self.missing_at.isoformat(),
        }
