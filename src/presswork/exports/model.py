"""Exports of a project's data. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from presswork.core.errors import Conflict, NotFound
from presswork.core.ids import EXPORT, public_id

KEPT_FOR: Final = timedelta(days=3)
"""How long an export can be downloaded after its end. Then its file and its record are deleted."""
MAX_ATTEMPTS: Final = 8
"""How often an export is begun, at most, if each attempt fails or its worker dies."""


class ExportStatus(StrEnum):
    """How far an export is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ExportNotFound(NotFound):
    """There is no such export, or the caller does not see it."""

    sentence = "This export does not exist, or this key can't see it. An export is kept for three days after its end."


class ExportRunning(Conflict):
    """An export of the project is being made."""

    def __init__(self, export_id: UUID) -> None:
        text = public_id(EXPORT, export_id)
        super().__init__(
            f"{text} of this project is being made. Wait for it with GET /v1/exports/{text}, then start another one.",
            reason="export_running",
            exportId=text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export. Instants in UTC. `total` is None until the rows are counted; `expires_at` is set when it ends."""

    id: UUID
    project_id: UUID
    has_media: bool
    status: ExportStatus
    total: int | None
    done: int
    size_bytes: int | None
    error: str | None
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None


def object_key(export_id: UUID) -> str:
    """Return where the file of an export is in the media store. It is always the same, so that a second attempt replaces it."""
    return f"exports/{export_id}.zip"
