"""Fixtures of the tests of pages without a login."""

import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from tests.api_server import Api, Servers
from tests.clocks import MovableClock
from tests.content.conftest import files
from tests.links.review_flow import ReviewFlow
from tests.posts.conftest import ReadyProject, ready_project

from presswork.api.app import create_routes
from presswork.api.context import Ctx, Now
from presswork.api.http.link_pages import LinkPages, link_page, open_page, read_act, record_visit
from presswork.api.http.pages import READ
from presswork.callers.model import Principal
from presswork.core.enums import LinkKind
from presswork.core.ids import PROJECT, parse_id
from presswork.links.model import NewLink, PageLink
from presswork.links.page_links import create_link
from presswork.orgs.keys import KeyCache, find_caller
from presswork.platforms.settings import Settings

__all__ = ["files", "ready_project"]

KINDS = tuple(LinkKind)
_PAGES = LinkPages("tests.links")
router = APIRouter(include_in_schema=False)


@router.api_route("/links/{kind}/{token}", methods=READ)
@link_page
async def show(request: Request, kind: LinkKind, token: str, context: Ctx, now: Now) -> Response:
    """Show a page with a form."""
    opened = await open_page(request, context, token, kind, now=now)
    await record_visit(request, context, opened, now=now)
    return _PAGES.response(request, context, opened, "link_test.html", {}, now=now)


@router.post("/links/{kind}/{token}")
@link_page
async def act(request: Request, kind: LinkKind, token: str, context: Ctx, now: Now) -> Response:
    """Read the form."""
    opened = await open_page(request, context, token, kind, now=now)
    await read_act(request, context, opened, now=now)
    return _PAGES.redirect(request, opened, "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes links of a project, and opens their pages as a browser without a session does."""

    api: Api
    owner: httpx2.AsyncClient
    browser: httpx2.AsyncClient
    project_id: str

    async def principal(self) -> Principal:
        """Return the key that makes the links."""
        token = self.owner.headers["authorization"].removeprefix("Bearer ")
        context = self.api.context
        caller, _ = await find_caller(context.part(KeyCache), token, message="", now=context.clock.now())
        return caller

    async def make(self, kind: LinkKind, **fields: Any) -> tuple[PageLink, str]:
        """Make a link that lives an hour, and return it with its token."""
        new = NewLink(
            **{
                "kind": kind,
                "project_id": UUID(str(parse_id(PROJECT, self.project_id))),
                "lifetime": timedelta(hours=1),
                "settings": {},
                **fields,
            }
        )
        context = self.api.context
        async with context.pool.acquire() as connection, connection.transaction():
            return await create_link(connection, new, caller=await self.principal(), now=context.clock.now())

    async def open(self, kind: LinkKind, token: str, **headers: str) -> httpx2.Response:
        """Open the page."""
        return await self.browser.get(f"/links/{kind.value}/{token}", headers=headers)

    async def audit(self) -> list[tuple[str, str, str | None, str | None]]:
        """Return action, kind of actor, link and name of all entries about links, oldest first."""
        admin = await self.api.client(scopes=["org:admin"])
        entries = (await admin.get("/v1/audit-log")).json()["items"]
        return [
            (one["action"], one["actor"]["kind"], one["actor"]["linkId"], one["actor"]["name"])
            for one in reversed(entries)
            if "_link." in one["action"]
        ]


@functools.cache
def _routes_with_test_pages() -> FastAPI:
    routes = create_routes()
    routes.include_router(router)
    return routes


@pytest.fixture
async def links(servers: Servers, settings: Settings, dsn: str, clock: MovableClock) -> AsyncIterator[Links]:
    """The API with a test page for each kind of link, and a project."""
    async with servers.lend(settings, dsn=dsn, clock=clock, routes=_routes_with_test_pages()) as api:
        owner = await api.client(return_domains=["app.example.com"])
        made = await owner.post("/v1/projects", json={"name": "Corner Bakery"})
        yield Links(api=api, owner=owner, browser=await api.anonymous(), project_id=made.json()["id"])


@pytest.fixture
async def flow(ready_project: ReadyProject) -> ReviewFlow:
    """A project whose image, video and slideshow wait for a decision."""
    for container in (ready_project.image, ready_project.video, ready_project.slideshow):
        await ready_project.change("content_containers", container, approval_status="pending")
    return ReviewFlow(project=ready_project)
