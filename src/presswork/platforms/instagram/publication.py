"""The calls that make one container live, and their results: kept in the job's state, so that another worker can resume."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

from pydantic import JsonValue

from presswork.platforms.instagram.responses import GraphError
from presswork.platforms.port import Job

_KEY: Final = "publication"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An explicit response to media_publish that may or may not mean that nothing went live."""

    code: int
    subcode: int | None
    message: str
    status: int

    def as_error(self) -> GraphError:
        """Return the error that it was."""
        return GraphError(
            status=self.status,
            code=self.code,
            subcode=self.subcode,
            message=self.message,
            is_transient=False,
            wait=None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """The calls of media_publish for one container so far."""

    container_id: str
    media_id: str | None = None
    """The live post's id, once Instagram has returned it."""
    known: tuple[str, ...] | None = None
    """The account's newest posts before the first call, to distinguish this one from them; None: not read."""
    unsure: int = 0
    """Calls whose response did not show whether they succeeded."""
    not_found: int = 0
    """Calls that reported the container unknown while it could be read."""
    call_at: datetime | None = None
    """The call that `refusal` and `finished_at` belong to, by its `live_call_at`."""
    refusal: Refusal | None = None
    finished_at: datetime | None = None
    """When the container was first read as still FINISHED after that call, UTC."""

    def with_known_posts(self, known: tuple[str, ...] | None) -> Self:
        """Return a copy with these known posts, unless an earlier list is kept already."""
        return self if self.known is not None else replace(self, known=known)

    def of_call(self, call_at: datetime | None) -> Self:
        """Return a copy without what belongs to an earlier call."""
        if self.call_at == call_at:
            return self
        return replace(self, call_at=call_at, refusal=None, finished_at=None)

    async def save(self, job: Job) -> None:
        """Store it in the job's state."""
        refusal: JsonValue = None
        if self.refusal is not None:
            refusal = {
                "code": self.refusal.code,
                "subcode": self.refusal.subcode,
                "words": self.refusal.message,
                "status": self.refusal.status,
            }
        stored: dict[str, JsonValue] = {
            "containerId": self.container_id,
            "mediaId": self.media_id,
            "known": list(self.known) if self.known is not None else None,
            "unsure": self.unsure,
            "notFound": self.not_found,
            "callAt": self.call_at.isoformat() if self.call_at else None,
            "refusal": refusal,
            "finishedAt": self.finished_at.isoformat() if self.finished_at else None,
        }
        await job.save(**{_KEY: stored})

    @classmethod
    def load(cls, job: Job, container_id: str) -> Self:
        """Load what `save` stored for this container; empty for another one."""
        stored = job.state.get(_KEY)
        if not isinstance(stored, dict) or stored.get("containerId") != container_id:
            return cls(container_id=container_id)
        media_id = stored.get("mediaId")
        return cls(
            container_id=container_id,
            media_id=media_id if isinstance(media_id, str) else None,
            known=ids_in(stored.get("known")),
            unsure=_count(stored.get("unsure")),
            not_found=_count(stored.get("notFound")),
            call_at=_instant(stored.get("callAt")),
            refusal=_refusal(stored.get("refusal")),
            finished_at=_instant(stored.get("finishedAt")),
        )


def ids_in(stored: JsonValue) -> tuple[str, ...] | None:
    """Return a stored list of ids; None where there is none."""
    return tuple(item for item in stored if isinstance(item, str)) if isinstance(stored, list) else None


def _count(stored: JsonValue) -> int:
    return stored if isinstance(stored, int) else 0


def _instant(stored: JsonValue) -> datetime | None:
    return datetime.fromisoformat(stored) if isinstance(stored, str) else None


def _refusal(stored: JsonValue) -> Refusal | None:
    if not isinstance(stored, dict):
        return None
    subcode, message = stored.get("subcode"), stored.get("words")
    return Refusal(
        code=_count(stored.get("code")),
        subcode=subcode if isinstance(subcode, int) else None,
        message=message if isinstance(message, str) else "",
        status=_count(stored.get("status")),
    )
