"""Routes of portal links: make, list and revoke."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ContentApprove
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import PortalLinkId, ProjectId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.portal_links.schemas import CreatedPortalLink, NewPortalLink, PortalLink
from presswork.content import review_links
from presswork.core.enums import LinkKind
from presswork.core.errors import Code
from presswork.links.model import page_path
from presswork.links.page_links import revoke_link
from presswork.links.store import list_links
from presswork.projects.store import find_project

router: Final = APIRouter(tags=["Approval"])


@router.post(
    "/v1/projects/{projectId}/portal-links",
    response_model=CreatedPortalLink,
    status_code=201,
    responses=refusals(Code.CONFLICT),
    summary="Create a portal link",
)
async def create_portal_link(
    caller: ContentApprove,
    project_id: ProjectId,
    body: Annotated[NewPortalLink, body_of(NewPortalLink)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Return the URL of a page that shows a customer the project: its calendar, what waits for a decision, and what is live.

    The URL is returned only once; a retry with the same Idempotency-Key returns it again for 24 hours, and the response
    is stored encrypted until then.
    """
    public_url = (context.settings.public_url or context.base_url).rstrip("/")
    return await idempotent.run(
        lambda db: review_links.create_portal_link(
            db,
            project_id,
            body.settings,
            lifetime=body.lifetime,
            recipient_name=body.recipient_name,
            caller=caller,
            now=now,
        ),
        lambda made: CreatedPortalLink(
            id=made[0].id,
            url=f"{public_url}{page_path(LinkKind.PORTAL, made[1])}",
            expires_at=made[0].expires_at,
        ),
        status=201,
        is_secret=True,
        headers={"Cache-Control": "no-store"},
    )


@router.get(
    "/v1/projects/{projectId}/portal-links",
    response_model=Page[PortalLink],
    summary="List a project's portal links",
)
async def list_portal_links(
    caller: ContentApprove, project_id: ProjectId, page: Paging, context: Ctx, now: Now
) -> Response:
    """Return the portal links of a project, newest first, with their visits and decisions; not their URLs."""
    await find_project(context.pool, project_id, visible_to=caller)
    found = await list_links(
        context.pool,
        LinkKind.PORTAL,
        visible_to=caller,
        project_id=project_id,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[PortalLink], found, lambda link: PortalLink.of(link, now=now)))


@router.delete(
    "/v1/projects/{projectId}/portal-links/{portalLinkId}",
    response_model=PortalLink,
    summary="Revoke a portal link",
)
async def revoke_portal_link(
    caller: ContentApprove, project_id: ProjectId, link_id: PortalLinkId, idempotent: Idempotent, now: Now
) -> Response:
    """Revoke a portal link. Its page is gone at once; decisions that were made there stay.

    A second call returns the same result.
    """
    return await idempotent.run(
        lambda db: revoke_link(db, link_id, LinkKind.PORTAL, project_id=project_id, caller=caller, now=now),
        lambda link: PortalLink.of(link, now=now),
    )
