"""The calls that make one container live, and their results: kept in the job's state, so that another worker can resume."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final, Self

from pydantic import JsonValue

from presswork.platforms.graph.responses import GraphError
from presswork.platforms.job_state import IN_CAMEL_CASE, as_stored, parse_stored
from presswork.platforms.port import Job

_KEY: Final = "publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The calls that publish one container so far."""

    __pydantic_config__: ClassVar = IN_CAMEL_CASE

    container_id: str
    media_id: str | None = None
    """The live post's id, once the platform has returned it."""
    known: tuple[str, ...] | None = None
    """The account's newest posts before the first call, to distinguish this one from them; None: not read."""
    unsure: int = 0
    """Calls whose response did not show whether they succeeded."""
    unsure_at: datetime | None = None
    """The last of these calls, by its `live_call_at`."""
    not_found: int = 0
    """Calls that reported the container unknown while it could be read."""
    call_at: datetime | None = None
    """The call that what follows belongs to, by its `live_call_at`."""
    refusal: GraphError | None = None
    """An explicit response to it that may or may not mean that nothing went live."""

    def with_known_posts(self, known: tuple[str, ...] | None) -> Self:
        """Return a copy with these known posts, unless an earlier list is kept already."""
        return self if self.known is not None else replace(self, known=known)

    def of_post(self, media_id: str | None) -> Self:
        """Return a copy for a container that is live as this post."""
        return replace(self, media_id=media_id)

    def of_call(self, call_at: datetime | None) -> Self:
        """Return a copy without what belongs to an earlier call."""
        if self.call_at == call_at:
            return self
        return replace(self, call_at=call_at, refusal=None)

    def of_unsure_call(self, call_at: datetime | None) -> Self:
        """Return a copy that counts a call whose response did not show its effect, or was not seen; each call once."""
        if call_at is not None and self.unsure_at == call_at:
            return self
        return replace(self.of_call(call_at), unsure=self.unsure + 1, unsure_at=call_at)

    async def save(self, job: Job) -> None:
        """Store it in the job's state."""
        await job.save(**{_KEY: as_stored(self)})

    def save_later(self, job: Job) -> None:
        """Store it with the next write of the post."""
        job.save_later(**{_KEY: as_stored(self)})

    @classmethod
    def load(cls, job: Job, container_id: str) -> "Publication":
        """Load what `save` stored for this container; empty for another one."""
        stored = cls.stored(job)
        return stored if stored is not None and stored.container_id == container_id else cls(container_id=container_id)

    @classmethod
    def stored(cls, job: Job) -> "Publication | None":
        """Load what `save` stored, for whichever container; None: no call was made."""
        return parse_stored(Publication, job.state.get(_KEY))


def ids_in(stored: JsonValue) -> tuple[str, ...] | None:
    """Return a stored list of ids; None where there is none."""
    return tuple(item for item in stored if isinstance(item, str)) if isinstance(stored, list) else None


def container_in(prepared: Mapping[str, JsonValue]) -> str:
    """Return the id of the container that `prepare` returned. Raises KeyError on anything else."""
    container_id = prepared["containerId"]
    if not isinstance(container_id, str):
        raise KeyError("containerId")
    return container_id


def known_in(prepared: Mapping[str, JsonValue]) -> tuple[str, ...] | None:
    """Return the posts that existed before; None where they could not be read."""
    return ids_in(prepared.get("knownPosts"))
