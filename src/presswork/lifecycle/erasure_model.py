"""Erasures: a project of a customer is removed with all that belongs to it, and a receipt stays. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import PROJECT, public_id


class ErasureStatus(StrEnum):
    """How far an erasure is."""

    RUNNING = "running"
    DONE = "done"


class ErasureNotFound(NotFound):
    """There is no such erasure, or the caller does not see it."""

    sentence = "This erasure does not exist, or this key can't see it. List erasures with GET /v1/erasures."


class ErasureNotConfirmed(Invalid):
    """The caller did not say that it means it."""

    def __init__(self) -> None:
        problem = (
            "is missing. Send `erase=true` to confirm that everything of the project is erased, which can't be undone."
        )
        super().__init__([Issue.at("erase", problem, IssueCode.REQUIRED)])


class ProjectNotArchived(Conflict):
    """Only an archived project is erased: archiving cancels what is queued, and is the chance to think again."""

    def __init__(self, project_id: UUID) -> None:
        text = public_id(PROJECT, project_id)
        super().__init__(
            f'This project is active. Archive it first with PATCH /v1/projects/{text} {{"status": "archived"}}, which cancels its '
            "queued posts, then erase it.",
            reason="not_archived",
            projectId=text,
        )


class PostsInFlight(Conflict):
    """Posts of the project are being published, taken down or changed: what their platforms do has to be known first."""

    def __init__(self, project_id: UUID, count: int) -> None:
        super().__init__(
            f"{count} {'post' if count == 1 else 'posts'} of this project {'is' if count == 1 else 'are'} being published, taken down or "
            "changed. Wait until that has ended, then erase it.",
            reason="posts_in_flight",
            projectId=public_id(PROJECT, project_id),
            posts=count,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An erasure, and its receipt when it is done. `project_name` is None then. Instants in UTC."""

    id: UUID
    project_id: UUID
    project_name: str | None
    requested_by: str
    status: ErasureStatus
    total: int | None
    done: int
    counts: Mapping[str, int]
    error: str | None
    created_at: datetime
    ended_at: datetime | None
