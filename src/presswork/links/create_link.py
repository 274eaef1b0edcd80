"""Make a link to a page without a login."""

from datetime import datetime
from uuid import UUID

from presswork.audit.record import record_act
from presswork.callers.model import Principal
from presswork.core.ids import PROJECT, new_id, public_id
from presswork.db.pool import Connection
from presswork.links.model import NewLink, PageLink, action_of, new_token
from presswork.links.store import insert_link
from presswork.projects.model import ProjectNotFound
from presswork.projects.store import find_project


async def create_link(
    connection: Connection,
    new: NewLink,
    *,
    caller: Principal,
    now: datetime,
    named: tuple[UUID, str] | None = None,
) -> tuple[PageLink, str]:
    """Make a link in the caller's transaction and return it with its token, which is shown only once.

    `named` are its id and token, if they were computed before.

    Raises ProjectNotFound and ProjectArchived.
    """
    if not caller.may_see(new.project_id):
        raise ProjectNotFound
    project = await find_project(connection, new.project_id, visible_to=caller, lock="share")
    project.require_active()
    link_id, token = named or (new_id(), new_token())
    link = await insert_link(connection, new, token, link_id, caller=caller, now=now)
    detail = {"projectId": public_id(PROJECT, project.id), "expiresAt": link.expires_at.isoformat()}
    await record_act(connection, action_of(new.kind, "create"), link.public_id, by=caller, now=now, detail=detail)
    return link, token
