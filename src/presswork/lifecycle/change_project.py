"""Change a project; archiving it cancels its queued posts."""

from datetime import datetime
from uuid import UUID

from presswork.callers.model import Principal
from presswork.db.pool import Connection
from presswork.posts.cancel import cancel_queued_posts
from presswork.projects import store
from presswork.projects.model import Project, ProjectChanges, ProjectStatus
from presswork.recurrences.end_recurrences import end_recurrences_of_project


async def change_project(
    connection: Connection, project_id: UUID, changes: ProjectChanges, *, visible_to: Principal, now: datetime
) -> Project:
    """Change a project as `projects.store` does, in the caller's transaction. Archiving it cancels its queued posts."""
    canceled = None
    if "status" in changes:
        project = await store.find_project(connection, project_id, visible_to=visible_to, lock="update")
        if project.status is not ProjectStatus.ARCHIVED:
            why = "The project was archived."
            await end_recurrences_of_project(connection, project.id, now=now)
            canceled = await cancel_queued_posts(connection, project_id=project.id, now=now, why=why)
    return await store.change_project(
        connection, project_id, changes, canceled_posts=canceled, visible_to=visible_to, now=now
    )
