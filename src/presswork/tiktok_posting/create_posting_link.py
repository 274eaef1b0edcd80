"""Make a link to the posting page of one content container and one TikTok account."""

from datetime import datetime, timedelta
from uuid import UUID

from presswork.accounts.model import AccountNotFound, AccountStatus
from presswork.accounts.return_url import ReturnUrl
from presswork.accounts.store import find_account
from presswork.callers.model import Principal
from presswork.content.model import ApprovalStatus, ContainerNotFound, ContainerStatus
from presswork.content.store import find_container
from presswork.core.enums import LinkKind
from presswork.core.errors import Conflict, Invalid, Issue, IssueCode
from presswork.core.ids import CONTAINER, public_id
from presswork.db.pool import Connection
from presswork.links.create_link import create_link
from presswork.links.model import NewLink, PageLink
from presswork.platforms.port import SupportsCreatorInfo
from presswork.platforms.registry import Platforms
from presswork.posts.model import ContentRejected
from presswork.tiktok_posting.read_page import LinkSettings


async def create_posting_link(
    connection: Connection,
    platforms: Platforms,
    container_id: UUID,
    account_id: UUID,
    *,
    lifetime: timedelta,
    return_url: ReturnUrl | None,
    caller: Principal,
    now: datetime,
) -> tuple[PageLink, str]:
    """Make the link in the caller's transaction, and return it with its token. It makes one post at most.

    Content that waits for approval may have a link: its page says so until then. Raises ContainerNotFound, Conflict,
    ContentRejected, AccountNotFound, Invalid for an account of another platform, ReturnUrlNotAllowed, ProjectArchived.
    """
    container = await find_container(connection, container_id, visible_to=caller)
    if not caller.may_see(container.project_id):
        raise ContainerNotFound
    if container.status is not ContainerStatus.COMPLETED:
        raise Conflict(
            f"This content is {container.status}, not completed. Finish its upload first.",
            status=container.status.value,
        )
    if container.approval_status is ApprovalStatus.REJECTED:
        raise ContentRejected(
            "This content was rejected in review. Create a new container and a link for it.",
            containerId=public_id(CONTAINER, container.id),
            approvalStatus=container.approval_status.value,
        )
    account = await find_account(connection, account_id, visible_to=caller)
    if account.project_id != container.project_id or account.status is AccountStatus.DISCONNECTED:
        raise AccountNotFound
    if not isinstance(platforms.described()[account.login].connector, SupportsCreatorInfo):
        problem = "is not an account of TikTok. Send one; publish to other platforms with POST /v1/content/{containerId}/publish."
        raise Invalid([Issue.at("socialAccountId", problem, IssueCode.NON_TIKTOK_TARGET)])
    if return_url is not None:
        return_url.require_allowed(caller.return_domains)
    settings = LinkSettings(account_id=account.id, return_url=None if return_url is None else return_url.text)
    new = NewLink(
        kind=LinkKind.TIKTOK_POST,
        project_id=container.project_id,
        lifetime=lifetime,
        settings=settings.as_json(),
        container_ids=(container.id,),
        max_uses=1,
    )
    return await create_link(connection, new, caller=caller, now=now)
