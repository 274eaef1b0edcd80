"""Routes of review links: make, list and revoke."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.api.context import Ctx, Now
from presswork.api.http.auth import ContentApprove
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerRef, ProjectRef, ReviewLinkId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.review_links.schemas import CreatedReviewLink, NewReviewLink, ReviewLink
from presswork.content.review_links import create_review_link, list_review_links
from presswork.core.enums import LinkKind
from presswork.core.errors import Code
from presswork.links.model import page_path
from presswork.links.page_links import revoke_link

router: Final = APIRouter(tags=["Approval"])


@router.post(
    "/v1/content/review-links",
    response_model=CreatedReviewLink,
    status_code=201,
    responses=refusals(Code.NOT_FOUND, Code.CONFLICT),
    summary="Create a review link",
)
async def create_content_review_link(
    caller: ContentApprove,
    body: Annotated[NewReviewLink, body_of(NewReviewLink)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Return the URL of a page at which people see content and decide on it, without access to Presswork.

    The URL is returned only once; a retry with the same Idempotency-Key returns it again for 24 hours, and the response
    is stored encrypted until then.
    """
    public_url = (context.settings.public_url or context.base_url).rstrip("/")
    return await idempotent.run(
        lambda db: create_review_link(
            db,
            body.container_ids,
            body.settings,
            lifetime=body.lifetime,
            recipient_name=body.recipient_name,
            caller=caller,
            now=now,
        ),
        lambda made: CreatedReviewLink(
            id=made[0].id,
            url=f"{public_url}{page_path(LinkKind.REVIEW, made[1])}",
            expires_at=made[0].expiry,
        ),
        status=201,
        is_secret=True,
        headers={"Cache-Control": "no-store"},
    )


@router.get("/v1/content/review-links", response_model=Page[ReviewLink], summary="List review links")
async def list_content_review_links(
    caller: ContentApprove,
    page: Paging,
    context: Ctx,
    now: Now,
    project_id: Annotated[
        ProjectRef | None, Query(alias="projectId", description="Only links of this project.")
    ] = None,
    container_id: Annotated[
        ContainerRef | None, Query(alias="containerId", description="Only links that show this content.")
    ] = None,
) -> Response:
    """Return review links, newest first, with their visits and decisions; not their URLs."""
    found = await list_review_links(
        context.pool,
        project_id=project_id,
        container_id=container_id,
        visible_to=caller,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[ReviewLink], found, lambda link: ReviewLink.of(link, now=now)))


@router.delete("/v1/content/review-links/{reviewLinkId}", response_model=ReviewLink, summary="Revoke a review link")
async def revoke_content_review_link(
    caller: ContentApprove, link_id: ReviewLinkId, idempotent: Idempotent, now: Now
) -> Response:
    """Revoke a review link. Its page is gone at once; decisions that were made there stay.

    A second call returns the same result.
    """
    return await idempotent.run(
        lambda db: revoke_link(db, link_id, LinkKind.REVIEW, caller=caller, now=now),
        lambda link: ReviewLink.of(link, now=now),
    )
