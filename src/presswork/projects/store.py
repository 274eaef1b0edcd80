"""Projects: create, find, list and change them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal, cast
from uuid import UUID

import asyncpg
from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal, Scope
from presswork.core.ids import PROJECT, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, LAST, from_row
from presswork.projects.branding import Branding
from presswork.projects.model import (
    Budget,
    FillValues,
    PlainChanges,
    Profile,
    Project,
    ProjectArchived,
    ProjectChanges,
    ProjectNotFound,
    ProjectStatus,
    ReviewChanges,
    metadata_text,
)
from presswork.projects.review_steps import parse_reminder, parse_steps, serialize_reminder, serialize_steps

_SQL: Final = load("presswork.projects")
_SET_APART: Final = ("variables", "utm", "budgets")


async def create_project(
    connection: Connection,
    *,
    owner: Principal,
    name: str,
    timezone: str,
    customer_external_id: str | None,
    metadata: Mapping[str, JsonValue],
    now: datetime,
    profile: Profile | None = None,
) -> Project:
    """Create a project in the caller's organization and environment, in the caller's transaction."""
    row = await connection.fetchrow(
        _SQL["insert_project"],
        new_id(),
        owner.organization_id,
        owner.environment.value,
        name,
        timezone,
        customer_external_id,
        metadata_text(metadata),
        now,
        _profile_text(profile or {}),
    )
    project = _project(row)
    await _record(connection, Action.PROJECT_CREATE, project, by=owner, now=now, detail={"name": name})
    return project


async def find_project(
    connection: "Connection | Pool",
    project_id: UUID,
    *,
    visible_to: Principal,
    lock: Literal["none", "share", "update"] = "none",
) -> Project:
    """Return a project of the caller's organization and environment. Raises ProjectNotFound.

    `share` and `update` lock the row until the transaction ends, as FOR SHARE and FOR NO KEY UPDATE do.
    """
    statement = {"none": "find_project", "share": "share_project", "update": "lock_project"}[lock]
    row = await connection.fetchrow(
        _SQL[statement], project_id, visible_to.organization_id, visible_to.environment.value
    )
    if row is None:
        raise ProjectNotFound
    return _project(row)


async def list_projects(
    pool: Pool,
    *,
    visible_to: Principal,
    status: ProjectStatus | None,
    customer_external_id: str | None,
    order: Literal["desc", "asc"],
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Project]:
    """Return up to `limit` projects by age, after the (created_at, id) `after`."""
    statement, start = ("list_projects_down", LAST) if order == "desc" else ("list_projects_up", FIRST)
    rows = await pool.fetch(
        _SQL[statement],
        visible_to.organization_id,
        visible_to.environment.value,
        None if status is None else status.value,
        customer_external_id,
        *(after or start),
        limit,
        None if visible_to.project_ids is None else list(visible_to.project_ids),
    )
    return [_project(row) for row in rows]


async def change_project(
    connection: Connection,
    project_id: UUID,
    changes: ProjectChanges,
    *,
    canceled_posts: int | None = None,
    visible_to: Principal,
    now: datetime,
) -> Project:
    """Change a project, in the caller's transaction. `lifecycle/change_project.py` archives one with its queued posts, whose
    number the audit log gets as `canceled_posts`.

    Raises ProjectNotFound, ProjectArchived for any change of an archived project except archiving it again, and ScopeMissing
    if the caller asks for review links, with which people decide on content, but may not decide itself.
    """
    if changes.get("review_links"):
        visible_to.require(Scope.CONTENT_APPROVE)
    project = await find_project(connection, project_id, visible_to=visible_to, lock="update")
    if not changes:
        return project
    if project.status is ProjectStatus.ARCHIVED:
        if changes.keys() == {"status"}:
            return project
        raise ProjectArchived(project.id)
    fill = FillValues(
        variables=changes.get("variables", project.variables),
        utm=changes.get("utm", project.utm),
    )
    if fill != project.fill:
        await connection.execute(_SQL["set_fill"], project.id, fill.text())
    if "budgets" in changes:
        amounts = {name: budget.amount for name, budget in (changes["budgets"] or {}).items()}
        await connection.execute(_SQL["set_budgets"], project.id, json.dumps(amounts) if amounts else None)
    plain = cast("PlainChanges", {name: value for name, value in changes.items() if name not in _SET_APART})
    changed = replace(project, **plain, archived_at=now if "status" in changes else project.archived_at)
    if changed.review_links is not project.review_links:
        changed = replace(
            changed,
            review_links_by_key=visible_to.key_id if changed.review_links else None,
            review_links_by_user=visible_to.user_id if changed.review_links and visible_to.key_id is None else None,
        )
    row = await connection.fetchrow(
        _SQL["update_project"],
        changed.id,
        changed.name,
        changed.timezone,
        changed.customer_external_id,
        changed.metadata,
        changed.status.value,
        changed.archived_at,
        now,
        _profile_text({name: getattr(changed, name) for name in Profile.__annotations__}),
        None if changed.branding is None else changed.branding.text(),
        changed.review_links_by_key,
        changed.review_links_by_user,
    )
    detail: dict[str, JsonValue] = {"name": changed.name, "fields": [*sorted(map(to_camel, changes))]}
    action = Action.PROJECT_UPDATE
    if changed.status is ProjectStatus.ARCHIVED:
        action = Action.PROJECT_ARCHIVE
        detail["canceledScheduledPosts"] = canceled_posts
    await _record(connection, action, project, by=visible_to, now=now, detail=detail)
    return _project(row)


async def set_review_policy(
    connection: Connection,
    project_id: UUID,
    changes: ReviewChanges,
    *,
    visible_to: Principal,
    now: datetime,
) -> Project:
    """Set which new content requires approval, in the caller's transaction. Existing content is not affected.

    What the changes do not have stays as it is, but `first_n`. Raises ProjectNotFound and ProjectArchived.
    """
    project = await find_project(connection, project_id, visible_to=visible_to, lock="update")
    first_n, covers = changes.get("first_n"), changes.get("covers", project.review_covers)
    steps = changes.get("steps", project.review_steps)
    reminder = changes.get("reminder", project.review_reminder)
    row = await connection.fetchrow(
        _SQL["set_review_policy"],
        project.require_active().id,
        changes["policy"].value,
        first_n,
        now,
        covers.value,
        serialize_steps(steps),
        serialize_reminder(reminder),
    )
    detail: dict[str, JsonValue] = {
        "policy": changes["policy"].value,
        **({} if first_n is None else {"firstN": first_n}),
        "covers": covers.value,
        **({"steps": [step.name for step in steps]} if steps else {}),
    }
    await _record(connection, Action.PROJECT_SET_REVIEW_POLICY, project, by=visible_to, now=now, detail=detail)
    return _project(row)


async def organization_name(connection: "Connection | Pool", organization_id: UUID) -> str | None:
    """Return an organization's name."""
    name: str | None = await connection.fetchval(_SQL["organization_name"], organization_id)
    return name


async def _record(
    connection: Connection,
    action: Action,
    project: Project,
    *,
    by: Principal,
    now: datetime,
    detail: Mapping[str, JsonValue],
) -> None:
    await record_act(connection, action, public_id(PROJECT, project.id), by=by, now=now, detail=detail)


def _profile_text(profile: Mapping[str, object]) -> str:
    """Return the stored document of a profile."""
    return json.dumps({to_camel(name): value for name, value in profile.items() if value is not None})


def _project(row: asyncpg.Record | None) -> Project:
    if row is None:
        raise RuntimeError("the statement returned no project")
    return from_row(
        Project,
        row,
        branding=Branding.parse(row["branding"]),
        fill=FillValues.parse(row["fill"]),
        budgets=None
        if row["budgets"] is None
        else {name: Budget(amount=amount) for name, amount in json.loads(row["budgets"]).items()},
        review_steps=parse_steps(row["review_steps"]),
        review_reminder=parse_reminder(row["review_reminder"]),
    )
