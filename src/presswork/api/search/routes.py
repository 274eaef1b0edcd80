"""Route of the search over everything: what a command palette shows while a person types."""

from typing import Annotated, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from presswork.accounts.model import AccountStatus
from presswork.api.context import Ctx
from presswork.api.http.auth import PublishRead
from presswork.api.http.body import Out, Text, with_examples
from presswork.api.http.ids import AccountRef, ContainerRef, PostRef, ProjectRef
from presswork.api.http.responses import response_of
from presswork.content.model import ContainerStatus
from presswork.core.enums import MediaType
from presswork.core.timestamps import Instant
from presswork.idempotency.stored_replies import Reply
from presswork.platforms.names import PlatformName
from presswork.posts.find_words import find_words
from presswork.posts.model import Status
from presswork.projects.model import ProjectStatus

router: Final = APIRouter(tags=["Publishing"])


class SearchedContent(Out):  # find_words.sql builds it, as those below
    """Content that was found."""

    id: ContainerRef
    project_id: ProjectRef
    caption: str
    """Its beginning."""
    media_type: MediaType
    status: ContainerStatus


class SearchedPost(Out):
    """A post of the content or of an account that was found."""

    id: PostRef
    project_id: ProjectRef
    container_id: ContainerRef
    social_account_id: AccountRef
    platform: PlatformName
    handle: str
    status: Status
    scheduled_for: Instant
    caption: str


class SearchedAccount(Out):
    """An account that was found."""

    id: AccountRef
    project_id: ProjectRef
    platform: PlatformName
    handle: str
    display_name: str | None
    avatar_url: str | None
    status: AccountStatus


class SearchedProject(Out):
    """A project that was found."""

    id: ProjectRef
    name: str
    status: ProjectStatus


class Searched(Out):
    """What was found, at most 10 of each, the latest first."""

    model_config = with_examples(
        {
            "content": [],
            "posts": [],
            "accounts": [],
            "projects": [
                {"id": "prj_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e57", "name": "Corner Bakery", "status": "active"}
            ],
        }
    )

    content: list[SearchedContent]
    posts: list[SearchedPost]
    accounts: list[SearchedAccount]
    projects: list[SearchedProject]


@router.get("/v1/search", response_model=Searched, summary="Search everything")
async def search_everything(
    caller: PublishRead,
    context: Ctx,
    q: Annotated[
        Text, Query(max_length=100, description="Words, or their beginnings. Without any, nothing is found.")
    ] = "",
) -> Response:
    """Find content by its caption, accounts by handle or name, projects by name, and the posts of that content and these accounts.

    Every word of `q` has to begin a word. Signs separate words: `corner.bak` finds `corner.bakery`, and so does `bak`.
    """
    return response_of(Reply(200, (await find_words(context.pool, q, visible_to=caller)).encode()))
