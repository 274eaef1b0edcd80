"""Review and portal links: at their pages, people without access to Presswork review content."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from pydantic import JsonValue

from presswork.audit.record import record_act
from presswork.callers.model import Principal, Scope
from presswork.content.approve import approve, reject, request_changes
from presswork.content.discussion import Anchor, Visibility, add_comment
from presswork.content.model import ApprovalNotPending, ContainerNotFound, ContentUnfinished, StaleRevision
from presswork.content.review_link_model import Outcome, ReviewDecision, ReviewSettings
from presswork.content.steps import AlreadyCounted, NotDecider
from presswork.content.store import SQL, lock_container
from presswork.core.enums import LinkKind
from presswork.core.errors import Invalid, Issue, IssueCode
from presswork.core.ids import CONTAINER, public_id
from presswork.db.pool import Connection, Pool, transaction_on
from presswork.links.model import NewLink, OpenedLink, PageLink, action_of
from presswork.links.page_links import create_link, require_unrevoked, use_link
from presswork.links.store import list_links
from presswork.platforms.registry import Platforms
from presswork.projects.store import find_project

SCOPES: Final = (Scope.CONTENT_READ, Scope.CONTENT_APPROVE)
"""What a person at the page may do, in the link's project."""


async def create_review_link(
    connection: Connection,
    container_ids: Sequence[UUID],
    settings: ReviewSettings,
    *,
    lifetime: timedelta,
    recipient_name: str | None,
    caller: Principal,
    now: datetime,
) -> tuple[PageLink, str]:
    """Make a review link in the caller's transaction; return it and its token, which is not stored.

    A repeated container is shown once. Raises ContainerNotFound, ProjectArchived, and Invalid for containers of several
    projects.
    """
    rows = await connection.fetch(
        SQL["places_of"], list(container_ids), caller.organization_id, caller.environment.value
    )
    places: Mapping[UUID, UUID] = {row["id"]: row["project_id"] for row in rows if caller.may_see(row["project_id"])}
    if any(container_id not in places for container_id in container_ids):
        raise ContainerNotFound
    project_id = places[container_ids[0]]
    _require_one_project([places[container_id] for container_id in container_ids])
    new = NewLink(
        kind=LinkKind.REVIEW,
        project_id=project_id,
        lifetime=lifetime,
        settings=settings.document,
        container_ids=tuple(dict.fromkeys(container_ids)),
        recipient_name=recipient_name,
    )
    return await create_link(connection, new, caller=caller, now=now)


async def create_portal_link(
    connection: Connection,
    project_id: UUID,
    settings: ReviewSettings,
    *,
    lifetime: timedelta | None,
    recipient_name: str | None,
    caller: Principal,
    now: datetime,
) -> tuple[PageLink, str]:
    """Make a portal link in the caller's transaction; return it and its token, which is not stored.

    Without a lifetime it stands until it is revoked. Raises ProjectNotFound and ProjectArchived.
    """
    new = NewLink(
        kind=LinkKind.PORTAL,
        project_id=project_id,
        lifetime=lifetime,
        settings=settings.document,
        recipient_name=recipient_name,
    )
    return await create_link(connection, new, caller=caller, now=now)


def _require_one_project(project_ids: Sequence[UUID]) -> None:
    problem = "belongs to another project than the first one. Make a link for each project."
    if issues := [
        Issue.at(f"containerIds[{index}]", problem, IssueCode.INVALID_VALUE)
        for index, project_id in enumerate(project_ids)
        if project_id != project_ids[0]
    ]:
        raise Invalid(issues)


async def list_review_links(
    pool: Pool,
    *,
    project_id: UUID | None,
    container_id: UUID | None,
    visible_to: Principal,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[PageLink]:
    """Return review links, newest first: of a project, those that show a container, or all that are visible."""
    if container_id is not None:
        own = await pool.fetch(
            SQL["places_of"], [container_id], visible_to.organization_id, visible_to.environment.value
        )
        if not own or project_id not in (None, own[0]["project_id"]):
            return ()
        project_id = own[0]["project_id"]
    return await list_links(
        pool,
        LinkKind.REVIEW,
        visible_to=visible_to,
        project_id=project_id,
        container_id=container_id,
        after=after,
        limit=limit,
    )


async def decide_at_page(
    pool: Pool,
    platforms: Platforms,
    opened: OpenedLink,
    revisions: Mapping[UUID, int],
    decision: ReviewDecision,
    note: str | None,
    *,
    name: str,
    request_id: str,
    now: datetime,
) -> Mapping[UUID, Outcome]:
    """Decide on containers of a link, each in its own transaction and only on the revision that the person has seen.

    Return what became of each. A decision of another person stays as it is. Raises LinkUnknown if the link was revoked
    meanwhile: what came before stays decided.
    """
    caller = opened.principal(SCOPES, name=name, request_id=request_id)
    outcomes: dict[UUID, Outcome] = {}
    for container_id, revision in revisions.items():
        try:
            async with transaction_on(pool) as connection:
                # In the order of db/errors.py: the container, its project, the link.
                await lock_container(connection, container_id, visible_to=caller)
                await find_project(connection, opened.link.project_id, visible_to=caller, lock="share")
                await use_link(connection, opened.link)
                outcomes[container_id] = await _decide(
                    connection, platforms, container_id, decision, note, revision=revision, caller=caller, now=now
                )
                detail: dict[str, JsonValue] = {
                    "containerId": public_id(CONTAINER, container_id),
                    "decision": decision.value,
                    "revision": revision,
                }
                await record_act(
                    connection,
                    action_of(opened.link.kind, "decide"),
                    opened.link.public_id,
                    by=caller,
                    now=now,
                    detail=detail,
                )
        except ApprovalNotPending:
            outcomes[container_id] = Outcome.DECIDED
        except StaleRevision:
            outcomes[container_id] = Outcome.EDITED
        except (NotDecider, AlreadyCounted):
            outcomes[container_id] = Outcome.NOT_YOURS
        except (ContainerNotFound, ContentUnfinished):
            outcomes[container_id] = Outcome.GONE
    return outcomes


async def comment_at_page(
    pool: Pool,
    opened: OpenedLink,
    container_id: UUID,
    text: str,
    *,
    anchor: Anchor | None = None,
    name: str,
    request_id: str,
    now: datetime,
) -> None:
    """Write what a person at the page says about content of the link, for everyone who sees the content.

    Raises LinkUnknown if the link was revoked meanwhile, ContainerNotFound, ContainerClosed, ProjectArchived, TooManyComments,
    and Invalid for an anchor that the content does not have.
    """
    if container_id not in opened.link.container_ids:
        raise ContainerNotFound
    caller = opened.principal(SCOPES, name=name, request_id=request_id)
    async with transaction_on(pool) as connection:
        # In the order of db/errors.py: the container, its project, the link.
        await add_comment(connection, container_id, text, Visibility.EXTERNAL, anchor=anchor, author=caller, now=now)
        await require_unrevoked(connection, opened.link)
        await record_act(
            connection,
            action_of(opened.link.kind, "comment"),
            opened.link.public_id,
            by=caller,
            now=now,
            detail={"containerId": public_id(CONTAINER, container_id)},
        )


async def _decide(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    decision: ReviewDecision,
    note: str | None,
    *,
    revision: int,
    caller: Principal,
    now: datetime,
) -> Outcome:
    if decision is ReviewDecision.APPROVE:
        approval = await approve(connection, platforms, container_id, note, revision=revision, caller=caller, now=now)
        return Outcome.PARTLY if any(one.refusal is not None for one in approval.promotions) else Outcome.DONE
    decide = reject if decision is ReviewDecision.REJECT else request_changes
    await decide(connection, container_id, note or "", revision=revision, caller=caller, now=now)
    return Outcome.DONE
