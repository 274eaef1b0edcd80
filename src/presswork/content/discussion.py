"""The discussion of content: what its team and its reviewers write about it, about a place in a picture, or a time of a video."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

import asyncpg
from pydantic import JsonValue, TypeAdapter

from presswork.audit.model import Action
from presswork.audit.record import record_act
from presswork.callers.model import Principal, Scope
from presswork.content.model import Container, ContainerClosed, ContainerStatus
from presswork.content.store import find_container, lock_container
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode, NotFound
from presswork.core.ids import CONTAINER, CONTENT_COMMENT, new_id, public_id
from presswork.db.pool import Connection, Pool
from presswork.db.queries import load
from presswork.db.rows import FIRST, from_row
from presswork.media.model import ContentType, Kind, kind_of
from presswork.projects.store import find_project

_SQL: Final = load("presswork.content", "discussion.sql")
MAX_CHARACTERS: Final = 5_000
MAX_COMMENTS: Final = 1_000
"""The most comments on one container; the statement that inserts one counts them."""
MAX_MENTIONS: Final = 20
_MILLISECOND: Final = timedelta(milliseconds=1)


class Visibility(StrEnum):
    """Who sees a comment."""

    INTERNAL = "internal"  # keys and users of the organization
    EXTERNAL = "external"  # people at review links too


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What a comment points at: a place in a picture, a time of a video, or both of a place in a frame."""

    asset_id: UUID
    x: float | None = None  # 0 left – 1 right, of the picture as displayed
    y: float | None = None  # 0 top – 1 bottom
    ms: int | None = None  # from the beginning of the video


_ANCHOR: Final = TypeAdapter(Anchor)


class CommentNotFound(NotFound):
    """There is no such comment on the content."""

    sentence = "There is no such comment on this content. List them with GET /v1/content/{containerId}/comments."


class TooManyComments(Conflict):
    """The content has as many comments as it may have."""

    def __init__(self) -> None:
        super().__init__(
            f"This content has {MAX_COMMENTS:,} comments, and no more are possible. Delete some.",
            reason="too_many_comments",
            limit=MAX_COMMENTS,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentComment:
    """A comment on content. Instants are UTC."""

    id: UUID
    container_id: UUID
    text: str
    visibility: Visibility
    anchor: Anchor | None
    mentions: Sequence[UUID]
    author: str
    """The public id of the key, of the user or of the review link."""
    author_name: str | None
    """Of the user, or what the person at the link gave."""
    created_at: datetime
    resolved_at: datetime | None = None


async def add_comment(
    connection: Connection,
    container_id: UUID,
    text: str,
    visibility: Visibility,
    *,
    anchor: Anchor | None = None,
    mentions: Sequence[UUID] = (),
    author: Principal,
    now: datetime,
) -> ContentComment:
    """Write a comment, in the caller's transaction.

    Raises ContainerNotFound, ContainerClosed, ProjectArchived, TooManyComments, and Invalid for an anchor that the content does
    not have, and for users who do not see the project.
    """
    container = await lock_container(connection, container_id, visible_to=author)
    if container.status is ContainerStatus.DELETED:
        raise ContainerClosed(container.id, container.status)
    project = await find_project(connection, container.project_id, visible_to=author, lock="share")
    project.require_active()
    _require_anchor(container, anchor)
    mentions = tuple(dict.fromkeys(mentions))
    await _require_seers(connection, mentions, organization_id=project.organization_id, project_id=project.id)
    comment = ContentComment(
        id=new_id(),
        container_id=container_id,
        text=text,
        visibility=visibility,
        anchor=anchor,
        mentions=mentions,
        author=author.public_id,
        author_name=author.given_name if author.link is not None else author.user_name,
        created_at=now,
    )
    rest = {
        "anchor": None if anchor is None else _ANCHOR.dump_json(anchor).decode(),
        "mentions": [str(user_id) for user_id in mentions],
        "author_name": comment.author_name,
    }
    is_inserted = await connection.fetchval(
        _SQL["insert_comment"],
        comment.id,
        container_id,
        project.id,
        project.organization_id,
        project.environment.value,
        text,
        visibility.value,
        now,
        comment.author,
        json.dumps(rest),
    )
    if is_inserted is None:
        raise TooManyComments
    await _record(connection, Action.CONTENT_COMMENT, comment, by=author, now=now)
    return comment


async def list_comments(
    pool: Pool,
    container_id: UUID,
    visibility: Visibility | None,
    *,
    visible_to: Principal,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[ContentComment]:
    """Return up to `limit` comments on a container, oldest first. Raises ContainerNotFound."""
    await find_container(pool, container_id, visible_to=visible_to)
    rows = await pool.fetch(
        _SQL["list_comments"],
        container_id,
        None if visibility is None else visibility.value,
        *(after or FIRST),
        limit,
    )
    return [_comment(row) for row in rows]


async def list_external_comments(pool: Pool, container_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[ContentComment]]:
    """Return what people at review links see of the discussion of each container, oldest first: never what is internal."""
    found: dict[UUID, list[ContentComment]] = {container_id: [] for container_id in container_ids}
    for row in await pool.fetch(_SQL["list_external_comments"], list(container_ids)):
        found[row["container_id"]].append(_comment(row))
    return found


async def resolve_comment(
    connection: Connection, container_id: UUID, comment_id: UUID, *, is_resolved: bool, caller: Principal, now: datetime
) -> ContentComment:
    """Mark a comment as resolved, or as open again, in the caller's transaction. Raises ContainerNotFound, CommentNotFound."""
    comment = await _lock_comment(connection, container_id, comment_id, visible_to=caller)
    if (comment.resolved_at is not None) is is_resolved:
        return comment
    comment = replace(comment, resolved_at=now if is_resolved else None)
    await connection.execute(_SQL["resolve_comment"], comment.id, comment.resolved_at)
    await _record(connection, Action.CONTENT_RESOLVE_COMMENT, comment, by=caller, now=now)
    return comment


async def delete_comment(
    connection: Connection, container_id: UUID, comment_id: UUID, *, caller: Principal, now: datetime
) -> ContentComment:
    """Delete a comment of the caller, in the caller's transaction; an administrator deletes any.

    Raises ContainerNotFound, CommentNotFound, ScopeMissing.
    """
    comment = await _lock_comment(connection, container_id, comment_id, visible_to=caller)
    if comment.author != caller.public_id:
        caller.require(Scope.ORG_ADMIN)
    await connection.execute(_SQL["delete_comment"], comment.id)
    await _record(connection, Action.CONTENT_DELETE_COMMENT, comment, by=caller, now=now)
    return comment


async def _lock_comment(
    connection: Connection, container_id: UUID, comment_id: UUID, *, visible_to: Principal
) -> ContentComment:
    """Lock the container of a comment, whose erasure waits, and return the comment."""
    container = await lock_container(connection, container_id, visible_to=visible_to)
    row = await connection.fetchrow(_SQL["find_comment"], container.id, comment_id)
    if row is None:
        raise CommentNotFound
    return _comment(row)


def _require_anchor(container: Container, anchor: Anchor | None) -> None:
    if anchor is None:
        return
    asset = next((one for one in container.media if one.id == anchor.asset_id), None)
    if asset is None or asset.content_type is None:
        problem = "is no media of this content. Send an id of its media."
        raise Invalid([Issue.at("anchor.assetId", problem, IssueCode.UNKNOWN_ASSET)])
    kind = kind_of(ContentType(asset.content_type))
    issues = []
    if kind is Kind.DOCUMENT:
        problem = "is a PDF, which has no places. Write which page you mean."
        issues.append(Issue.at("anchor.assetId", problem, IssueCode.INVALID_VALUE))
    elif kind is Kind.VIDEO and anchor.ms is None:
        problem = "is required for a video. Send the time in milliseconds."
        issues.append(Issue.at("anchor.ms", problem, IssueCode.REQUIRED))
    elif kind is Kind.IMAGE and anchor.ms is not None:
        problem = "goes with a video, and this is a picture. Send x and y."
        issues.append(Issue.at("anchor.ms", problem, IssueCode.CONFLICTING_OPTIONS))
    elif kind is Kind.IMAGE and anchor.x is None:
        problem = "is required for a picture, and y with it: fractions from 0 to 1."
        issues.append(Issue.at("anchor.x", problem, IssueCode.REQUIRED))
    elif anchor.ms is not None and asset.duration is not None and anchor.ms * _MILLISECOND > asset.duration:
        problem = f"is after the end of the video, at {asset.duration // _MILLISECOND} ms. Send an earlier time."
        issues.append(Issue.at("anchor.ms", problem, IssueCode.TOO_LARGE))
    if issues:
        raise Invalid(issues)


async def _require_seers(
    connection: Connection, mentions: Sequence[UUID], *, organization_id: UUID, project_id: UUID
) -> None:
    if not mentions:
        return
    rows = await connection.fetch(_SQL["seers"], list(mentions), organization_id, project_id)
    seers = {row["id"] for row in rows}
    problem = "is no active user who sees this project. List users with GET /v1/users."
    if issues := [
        Issue.at(f"mentions[{index}]", problem, IssueCode.INVALID_VALUE)
        for index, user_id in enumerate(mentions)
        if user_id not in seers
    ]:
        raise Invalid(issues)


async def _record(
    connection: Connection, action: Action, comment: ContentComment, *, by: Principal, now: datetime
) -> None:
    detail: dict[str, JsonValue] = {
        "commentId": public_id(CONTENT_COMMENT, comment.id),
        "visibility": comment.visibility.value,
    }
    if action is Action.CONTENT_RESOLVE_COMMENT:
        detail["resolved"] = comment.resolved_at is not None
    name = public_id(CONTAINER, comment.container_id)
    await record_act(connection, action, name, by=by, now=now, detail=detail)


def _comment(row: asyncpg.Record) -> ContentComment:
    anchor = None if row["anchor"] is None else _ANCHOR.validate_json(row["anchor"])
    return from_row(ContentComment, row, anchor=anchor)
