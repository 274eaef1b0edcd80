"""The labels in use, with how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal
from presswork.content.store import SQL
from presswork.db.pool import Pool

MAX_COUNTED: Final = 100_000
"""The most containers that are read."""
MAX_LABELS_SHOWN: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UsedLabel:
    """A label and the number of containers that have it."""

    label: str
    content_count: int


async def list_labels(pool: Pool, project_id: UUID | None, *, visible_to: Principal) -> Sequence[UsedLabel]:
    """Return the labels of the content that the caller sees, the most frequent first; of one project, or of all."""
    projects = visible_to.project_ids
    if project_id is not None:
        projects = frozenset({project_id} if visible_to.may_see(project_id) else ())
    rows = await pool.fetch(
        SQL["used_labels"],
        visible_to.organization_id,
        visible_to.environment.value,
        None if projects is None else sorted(projects),
        MAX_COUNTED,
        MAX_LABELS_SHOWN,
    )
    return [UsedLabel(label=row["label"], content_count=row["content_count"]) for row in rows]
