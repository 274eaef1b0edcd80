"""Routes of TikTok posting links: make, list and revoke them."""

from typing import Annotated, Final

from fastapi import APIRouter
from starlette.responses import Response

from presswork.accounts.return_url import ReturnUrl
from presswork.api.context import Context, Ctx, Now
from presswork.api.http.auth import PublishWrite
from presswork.api.http.body import body_of
from presswork.api.http.idempotent import Idempotent
from presswork.api.http.ids import ContainerId, TikTokPostLinkId
from presswork.api.http.openapi import refusals
from presswork.api.http.paging import Page, Paging
from presswork.api.http.responses import respond
from presswork.api.tiktok_posting.schemas import CreatedTikTokPostLink, TikTokPostLink, TikTokPostLinkRequest
from presswork.content.store import find_container
from presswork.core.enums import LinkKind
from presswork.core.errors import Code
from presswork.db.pool import Connection
from presswork.links.model import LinkNotFound, PageLink, page_path
from presswork.links.page_links import revoke_link
from presswork.links.store import list_links
from presswork.tiktok_posting.post_from_page import create_posting_link

router: Final = APIRouter(tags=["Publishing"])


@router.post(
    "/v1/content/{containerId}/tiktok-post-links",
    status_code=201,
    response_model=CreatedTikTokPostLink,
    responses=refusals(Code.CONFLICT, Code.CONTENT_REJECTED, Code.RETURN_URL_NOT_ALLOWED),
    summary="Make a TikTok posting link",
)
async def create_tiktok_post_link(
    caller: PublishWrite,
    container_id: ContainerId,
    body: Annotated[TikTokPostLinkRequest, body_of(TikTokPostLinkRequest)],
    idempotent: Idempotent,
    context: Ctx,
    now: Now,
) -> Response:
    """Return the URL of a page on which a person posts this content to a TikTok account, as TikTok's guideline demands.

    The page asks for everything that a posting form must ask for: who sees the post, what viewers may do with it, whether it
    advertises. The person's consent is in the audit log with what was shown. A link makes one post; opened again, it shows
    that post. The return domains of the key may show the page in a frame, other sites may not.
    """
    return_url = None if body.return_url is None else ReturnUrl.parse(body.return_url)

    def created(made: tuple[PageLink, str]) -> CreatedTikTokPostLink:
        link, token = made
        return CreatedTikTokPostLink(id=link.id, url=_url(context, token), expires_at=link.expiry)

    return await idempotent.run(
        lambda db: create_posting_link(
            db,
            context.platforms,
            container_id,
            body.social_account_id,
            lifetime=body.lifetime,
            return_url=return_url,
            caller=caller,
            now=now,
        ),
        created,
        status=201,
        is_secret=True,
    )


@router.get(
    "/v1/content/{containerId}/tiktok-post-links",
    response_model=Page[TikTokPostLink],
    summary="List TikTok posting links",
)
async def list_tiktok_post_links(
    caller: PublishWrite, container_id: ContainerId, page: Paging, context: Ctx, now: Now
) -> Response:
    """Return the links of a content container, newest first, with their visits and their posts; not their URLs."""
    container = await find_container(context.pool, container_id, visible_to=caller)
    links = await list_links(
        context.pool,
        LinkKind.TIKTOK_POST,
        visible_to=caller,
        project_id=container.project_id,
        container_id=container.id,
        after=page.after,
        limit=page.limit + 1,
    )
    return respond(page.of(Page[TikTokPostLink], links, lambda link: TikTokPostLink.of(link, now=now)))


@router.delete(
    "/v1/content/{containerId}/tiktok-post-links/{tiktokPostLinkId}",
    response_model=TikTokPostLink,
    summary="Revoke a TikTok posting link",
)
async def revoke_tiktok_post_link(
    caller: PublishWrite, container_id: ContainerId, link_id: TikTokPostLinkId, idempotent: Idempotent, now: Now
) -> Response:
    """Make the page of a link unusable at once. A post that was made with it stays; cancel it as any other."""

    async def revoke(db: Connection) -> PageLink:
        link = await revoke_link(db, link_id, LinkKind.TIKTOK_POST, caller=caller, now=now)
        if container_id not in link.container_ids:
            raise LinkNotFound(LinkNotFound.sentence)
        return link

    return await idempotent.run(revoke, lambda link: TikTokPostLink.of(link, now=now))


def _url(context: Context, token: str) -> str:
    base = context.settings.public_url or context.base_url
    return f"{base}{page_path(LinkKind.TIKTOK_POST, token)}"
