"""The review policy of a project: which new content needs approval."""

from datetime import datetime
from uuid import UUID

from presswork.callers.model import Principal
from presswork.content.store import count_pending
from presswork.db.pool import Connection, Pool
from presswork.projects.model import Covers, Project, ReviewPolicy
from presswork.projects.store import find_project, set_review_policy


async def read_review_policy(pool: Pool, project_id: UUID, *, visible_to: Principal) -> tuple[Project, int]:
    """Return a project with its policy, and the number of its containers that wait. Raises ProjectNotFound."""
    async with pool.acquire() as connection:
        project = await find_project(connection, project_id, visible_to=visible_to)
        return project, await count_pending(connection, project.id)


async def change_review_policy(
    connection: Connection,
    project_id: UUID,
    policy: ReviewPolicy,
    *,
    first_n: int | None,
    covers: Covers | None,
    visible_to: Principal,
    now: datetime,
) -> tuple[Project, int]:
    """Set a project's policy in the caller's transaction, and return the same as `read_review_policy`.

    Existing content does not change. Raises ProjectNotFound, ProjectArchived.
    """
    project = await set_review_policy(
        connection, project_id, policy, first_n=first_n, covers=covers, visible_to=visible_to, now=now
    )
    return project, await count_pending(connection, project.id)
