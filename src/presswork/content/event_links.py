"""Review links of events: a project may ask that its messages about pending content carry one."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from presswork.callers.model import Principal
from presswork.content.review_link_model import MAX_HOURS, ReviewSettings
from presswork.content.store import SQL
from presswork.core.enums import LinkKind
from presswork.core.ids import new_id
from presswork.crypto.keyring import Keyring
from presswork.db.pool import Connection
from presswork.links.derived_token import derived_token
from presswork.links.model import NewLink
from presswork.links.page_links import create_link
from presswork.projects.model import Project


async def make_event_link(
    connection: Connection, keyring: Keyring, container_id: UUID, project: Project, *, caller: Principal, now: datetime
) -> str | None:
    """Make the review link of content that becomes pending, in the caller's transaction; return what its event stores.

    The link acts for the key or the user that asked the project for such links; None if the project does not ask for them, or
    no endpoint listens.
    """
    if not project.review_links or not await connection.fetchval(
        SQL["is_heard"], project.organization_id, project.environment.value, project.id
    ):
        return None
    maker = replace(
        caller,
        key_id=project.review_links_by_key,
        user_id=project.review_links_by_user,
        user_name=None,
        session_id=None,
        operator_id=None,
    )
    link_id = new_id()
    token, stored = derived_token(keyring, link_id)
    new = NewLink(
        kind=LinkKind.REVIEW,
        project_id=project.id,
        lifetime=timedelta(hours=MAX_HOURS),
        settings=ReviewSettings(can_decide=True).document,
        container_ids=(container_id,),
    )
    await create_link(connection, new, caller=maker, now=now, named=(link_id, token))
    return stored
