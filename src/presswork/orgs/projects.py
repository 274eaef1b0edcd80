"""Projects: each groups the content and accounts of one customer."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final, Literal, Self, TypedDict
from uuid import UUID
from zoneinfo import available_timezones

import asyncpg
from pydantic import JsonValue
from pydantic.alias_generators import to_camel

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.content.model import Covers, ReviewPolicy
from presswork.core.enums import Environment
from presswork.core.errors import Conflict, FieldError, IssueCode, NotFound
from presswork.core.ids import PROJECT, new_id, public_id
from presswork.core.json_text import JSONText
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, LAST, from_row
from presswork.orgs.branding_model import Branding
from presswork.orgs.model import Principal, Scope
from presswork.posts.cancel import cancel_queued_posts

_SQL: Final = load("presswork.orgs", "project_queries.sql")

MAX_METADATA_BYTES: Final = 16 * 1024
"""Bound of the metadata as JSON without white space, in UTF-8."""

_NOT_ZONES: Final = frozenset({"Factory", "localtime"})
"""Names in the time zone database that are not places."""


class ProjectStatus(StrEnum):
    """Whether a project accepts content and posts. Archived is final."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class ProjectNotFound(NotFound):
    """The project does not exist, or the key can't see it."""

    sentence = "This project does not exist, or this key can't see it. List projects with GET /v1/projects."


class ProjectArchived(Conflict):
    """The project is archived, which is final."""

    def __init__(self, project_id: UUID) -> None:
        """Name the project and its status."""
        super().__init__(
            "This project is archived, which is final. Use another project, or create one.",
            projectId=public_id(PROJECT, project_id),
            status=ProjectStatus.ARCHIVED.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project. Instants in UTC."""

    id: UUID
    organization_id: UUID
    environment: Environment
    name: str
    timezone: str
    customer_external_id: str | None
    metadata: JSONText
    owner_email: str | None
    primary_language: str | None
    app_name: str | None
    app_description: str | None
    branding: Branding | None
    status: ProjectStatus
    review_links: bool  # whether events about content that waits for a decision carry a review link, asked for by
    review_links_by_key: UUID | None  # this key, or
    review_links_by_user: UUID | None  # this user
    review_policy: ReviewPolicy
    review_first_n: int | None
    review_covers: Covers
    review_updated_at: datetime | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @property
    def requires_approval(self) -> bool:
        """Whether new content may require approval."""
        return self.review_policy is not ReviewPolicy.AUTO_APPROVE

    def require_active(self) -> Self:
        """Return this project. Raises ProjectArchived."""
        if self.status is ProjectStatus.ARCHIVED:
            raise ProjectArchived(self.id)
        return self


class Profile(TypedDict, total=False):
    """What a client says about the customer of a project. It is stored and returned, and used for nothing else."""

    owner_email: str | None
    primary_language: str | None
    app_name: str | None
    app_description: str | None


class ProjectChanges(Profile, total=False):
    """Changes to a project."""

    name: str
    timezone: str
    customer_external_id: str | None
    metadata: JSONText
    branding: Branding | None
    review_links: bool
    status: Literal[ProjectStatus.ARCHIVED]


def is_timezone(name: str) -> bool:
    """Return whether this is the exact name of a place in the IANA time zone database."""
    return name in _zones()


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    # Cached: this reads about 600 files.
    return frozenset(available_timezones()) - _NOT_ZONES


def metadata_text(metadata: Mapping[str, JsonValue]) -> JSONText:
    """Return metadata as JSON text. Raises FieldError if it can't be stored.

    It is bounded by MAX_METADATA_BYTES. PostgreSQL stores no NUL characters and only finite numbers, and returns them
    without exponents: 1e300 has 301 digits.
    """
    try:
        text = json.dumps(metadata, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise FieldError("has NaN or a number beyond 1e308. Send such values as strings.") from error
    size_bytes = len(text.encode())
    if size_bytes > MAX_METADATA_BYTES:
        raise FieldError(
            f"has {size_bytes:,} bytes as JSON. Send at most {MAX_METADATA_BYTES:,} (16 KiB).", IssueCode.TOO_LARGE
        )
    leaves = list(_leaves(metadata))
    size_bytes += sum(_growth(leaf) for leaf in leaves if isinstance(leaf, float))
    if size_bytes > MAX_METADATA_BYTES:
        raise FieldError(
            f"has {size_bytes:,} bytes as JSON with its numbers written out (1e300 has 301 digits). "
            f"Send at most {MAX_METADATA_BYTES:,} (16 KiB).",
            IssueCode.TOO_LARGE,
        )
    if any(isinstance(leaf, str) and "\x00" in leaf for leaf in leaves):
        raise FieldError("contains a NUL character. Remove it.", IssueCode.INVALID_CHARACTER)
    return JSONText(text)


def _leaves(value: JsonValue | Mapping[str, JsonValue]) -> Iterator[str | float | None]:
    """Yield every key and every value of a JSON value that contains no other."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield value


def _growth(number: float) -> int:
    """Return by how many characters a number becomes longer without its exponent."""
    written = repr(number)
    return len(f"{Decimal(written):f}") - len(written) if "e" in written else 0


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
    connection: Connection, project_id: UUID, changes: ProjectChanges, *, visible_to: Principal, now: datetime
) -> Project:
    """Change a project, in the caller's transaction. Archiving it cancels its queued posts.

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
    changed = replace(project, **changes, archived_at=now if "status" in changes else project.archived_at)
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
        why = "The project was archived."
        detail["canceledScheduledPosts"] = await cancel_queued_posts(
            connection, project_id=project.id, now=now, why=why
        )
    await _record(connection, action, project, by=visible_to, now=now, detail=detail)
    return _project(row)


async def set_review_policy(
    connection: Connection,
    project_id: UUID,
    policy: ReviewPolicy,
    *,
    first_n: int | None,
    covers: Covers | None,
    visible_to: Principal,
    now: datetime,
) -> Project:
    """Set which new content requires approval, in the caller's transaction. Existing content is not affected.

    `first_n` is set for REVIEWFIRST_N only; without `covers`, that stays as it is. Raises ProjectNotFound and ProjectArchived.
    """
    project = await find_project(connection, project_id, visible_to=visible_to, lock="update")
    covers = covers or project.review_covers
    row = await connection.fetchrow(
        _SQL["set_review_policy"], project.require_active().id, policy.value, first_n, now, covers.value
    )
    detail: dict[str, JsonValue] = {
        "policy": policy.value,
        **({} if first_n is None else {"firstN": first_n}),
        "covers": covers.value,
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
    return from_row(Project, row, branding=Branding.parse(row["branding"]))
