"""The review policy of a project, and what a reviewer sees of its content."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from presswork.callers.model import Principal, Scope
from presswork.content.model import Container, Review, TextChange
from presswork.content.store import SQL, count_pending, find_container, list_reviews
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.db.pool import Connection, Pool
from presswork.people.model import ROLE_SCOPES, Role
from presswork.projects.model import Project, ReviewChanges
from presswork.projects.review_steps import ApprovalStep
from presswork.projects.store import find_project, set_review_policy


async def read_review_policy(pool: Pool, project_id: UUID, *, visible_to: Principal) -> tuple[Project, int]:
    """Return a project with its policy, and the number of its containers that wait. Raises ProjectNotFound."""
    async with pool.acquire() as connection:
        project = await find_project(connection, project_id, visible_to=visible_to)
        return project, await count_pending(connection, project.id)


async def change_review_policy(
    connection: Connection,
    project_id: UUID,
    changes: ReviewChanges,
    *,
    visible_to: Principal,
    now: datetime,
) -> tuple[Project, int]:
    """Set a project's policy in the caller's transaction, and return the same as `read_review_policy`.

    Existing content does not change. Raises ProjectNotFound, ProjectArchived, and Invalid for a user of a step who can't
    decide on content of the project.
    """
    project = await set_review_policy(connection, project_id, changes, visible_to=visible_to, now=now)
    await _require_deciders(connection, project, changes.get("steps", ()))
    return project, await count_pending(connection, project.id)


async def _require_deciders(connection: Connection, project: Project, steps: Sequence[ApprovalStep]) -> None:
    named = list({user_id for step in steps for user_id in step.user_ids})
    rows = await connection.fetch(SQL["roles_in_project"], named, project.organization_id, project.id) if named else ()
    deciders = {row["id"] for row in rows if Scope.CONTENT_APPROVE in ROLE_SCOPES[Role(row["role"])]}
    problem = (
        "is no user who sees this project and has a role that may approve. Send another, or change the user first."
    )
    if issues := [
        Issue.at(f"steps[{place}].userIds[{index}]", problem, IssueCode.INVALID_VALUE)
        for place, step in enumerate(steps)
        for index, user_id in enumerate(step.user_ids)
        if user_id not in deciders
    ]:
        raise Invalid(issues)


_MAX_REVIEWS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHistory:
    """A container with the decisions on it, oldest first, and the changes that no decision has covered."""

    container: Container
    reviews: Sequence[Review]
    changes: Sequence[TextChange]


async def read_review(pool: Pool, container_id: UUID, *, visible_to: Principal) -> ReviewHistory:
    """Return the review history of a container. Raises ContainerNotFound."""
    container = await find_container(pool, container_id, visible_to=visible_to)
    reviews = await list_reviews(pool, container_id, limit=_MAX_REVIEWS)
    return ReviewHistory(container=container, reviews=reviews, changes=changes_since_review(container))


def changes_since_review(container: Container) -> Sequence[TextChange]:
    """Return the texts of a container that were edited since the last decision or the creation."""
    if container.reviewed_texts is None:
        return ()
    before: dict[str, str | None] = json.loads(container.reviewed_texts)
    return [
        TextChange(field=field, before=before.get(field), after=text)
        for field, text in {**dict.fromkeys(before), **container.texts}.items()
        if before.get(field) != text
    ]
