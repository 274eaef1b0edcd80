"""Routes of connect links: make, list and revoke."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.accounts import connect_links
from presswork.api.connect_links.schemas import MAX_USES, ConnectLink, CreatedConnectLink, NewConnectLink
from presswork.api.context import Ctx, Now
from presswork.api.http.auth import SocialWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ConnectLinkId, ProjectId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.core.enums import LinkKind
from presswork.core.errors import Code
from presswork.links.model import page_path
from presswork.links.page_links import revoke_link
from presswork.links.store import list_links
from presswork.projects.store import find_project

router: Final = APIRouter(tags=["Social accounts"])


@router.post(
    "/v1/projects/{projectId}/connect-links",
    response_model=CreatedConnectLink,
    status_code=201,
    responses=refusals(Code.RETURN_URL_NOT_ALLOWED, Code.CONFLICT, Code.UNAVAILABLE),
    summary="Create a connect link",
)
async def create_connect_link(
    caller: SocialWrite,
    project_id: ProjectId,
    body: Annotated[NewConnectLink, body_of(NewConnectLink)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Return the URL of a page at which people connect their accounts to the project, without access to Presswork.

    Each finished login is a use of the link. With `reconnect`, the page lists only accounts that must be connected again; if there are
    none now, 409 with `reason: "nothing_to_reconnect"`. The URL is returned only once; a retry with the same Idempotency-Key
    returns it again for 24 hours, and the response is stored encrypted until then.
    """
    public_url = (context.settings.public_url or context.base_url).rstrip("/")
    return await idempotent.run(
        lambda db: connect_links.create_connect_link(
            db,
            context.platforms,
            project_id,
            body.settings,
            lifetime=body.lifetime,
            max_uses=body.max_uses or MAX_USES,
            caller=caller,
            now=now,
        ),
        lambda made: CreatedConnectLink(
            id=made[0].id,
            url=f"{public_url}{page_path(LinkKind.CONNECT, made[1])}",
            expires_at=made[0].expiry,
        ),
        status=201,
        is_secret=True,
        headers={"Cache-Control": "no-store"},
    )


@router.get(
    "/v1/projects/{projectId}/connect-links",
    response_model=Page[ConnectLink],
    summary="List a project's connect links",
)
async def list_connect_links(
    caller: SocialWrite, project_id: ProjectId, page: Paging, context: Ctx, now: Now
) -> Response:
    """Return the connect links of a project, newest first, with their visits and uses; not their URLs."""
    await find_project(context.pool, project_id, visible_to=caller)
    found = await list_links(
        context.pool,
        LinkKind.CONNECT,
        visible_to=caller,
        project_id=project_id,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[ConnectLink], found, lambda link: ConnectLink.of(link, now=now)))


@router.delete(
    "/v1/projects/{projectId}/connect-links/{connectLinkId}",
    response_model=ConnectLink,
    summary="Revoke a connect link",
)
async def revoke_connect_link(
    caller: SocialWrite, project_id: ProjectId, link_id: ConnectLinkId, idempotent: Idempotent, now: Now
) -> Response:
    """Revoke a connect link. Its page is gone at once, and a login that began there fails with `link_revoked`.

    Accounts that it connected stay connected. A second call returns the same result.
    """
    return await idempotent.run(
        lambda db: revoke_link(db, link_id, LinkKind.CONNECT, project_id=project_id, caller=caller, now=now),
        lambda link: ConnectLink.of(link, now=now),
    )
