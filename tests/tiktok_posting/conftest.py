"""Fixtures: content, a TikTok account, links to the posting page, and a person without JavaScript at it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from tests.tiktok_posting.form_reader import PageForm
from tests.worker.conftest import worker_world
from tests.world import World

__all__ = ["worker_world"]
HANDLE = "luna"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A project with a TikTok account, and a browser without a session."""

    world: World
    browser: httpx2.AsyncClient
    project: str
    account: str

    async def link(self, container: str, **body: object) -> dict[str, Any]:
        """Make a link."""
        answer = await self.world.client.post(
            f"/v1/content/{container}/tiktok-post-links",
            json={"socialAccountId": self.account, "expiresInMinutes": 60, **body},
        )
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def page_of(self, container: str, **body: object) -> str:
        """Make a link and return the path of its page."""
        return urlsplit(str((await self.link(container, **body))["url"])).path

    async def links_of(self, container: str) -> list[dict[str, Any]]:
        """Return the links of content."""
        answer = await self.world.client.get(f"/v1/content/{container}/tiktok-post-links")
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])

    async def open(self, path: str, *, status: int = 200) -> PageForm:
        """Open a page and read it."""
        answer = await self.browser.get(path)
        assert answer.status_code == status, answer.text
        return PageForm.of(answer.text)

    async def send(self, path: str, form: PageForm | None = None, /, **changes: str) -> httpx2.Response:
        """Fill in the form of a page and send it, without following the redirect."""
        form = form or await self.open(path)
        return await self.browser.post(path, data=form.filled(changes))

    async def creator(self, **info: object) -> None:
        """Set what TikTok says of the account, by its own names."""
        body = {"platform": "tiktok", "handle": HANDLE, "creatorInfo": info}
        answer = await self.browser.post("/sandbox/control/accounts", json=body)
        assert answer.status_code < 300, answer.text

    async def consents(self) -> list[dict[str, Any]]:
        """Return the audit entries of posts that were made at pages, newest first."""
        admin = await self.world.api.client(scopes=["org:admin"])
        answer = await admin.get("/v1/audit-log", params={"action": "tiktok_post_link.publish"})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["items"])


async def posting_of(world: World) -> Posting:
    """Make a project and connect an account."""
    project = await world.project()
    account = await world.account(project, "tiktok", HANDLE)
    return Posting(world=world, browser=await world.api.anonymous(), project=project, account=account)


@pytest.fixture
async def posting(world: World) -> Posting:
    """A project with a TikTok account. No worker runs."""
    return await posting_of(world)
