"""Actions of the tests of review links: make a link, open its page in a browser, decide there."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import httpx2
from tests.posts.conftest import ReadyProject, bare

Json = dict[str, Any]  # Any: nested JSON
LINKS = "/v1/content/review-links"


@dataclass(frozen=True, kw_only=True)
class ReviewFlow:
    """A project with content that waits for a decision, and people who open its links."""

    project: ReadyProject

    async def make(self, *containers: str, **more: object) -> Json:
        """Make a link that allows decisions for a week, unless `more` says otherwise."""
        body = {"containerIds": list(containers or [self.project.image]), "expiresInHours": 168, "canDecide": True}
        answer = await self.project.client.post(LINKS, json={**body, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def make_portal(self, **more: object) -> Json:
        """Make a portal link of the project."""
        answer = await self.project.client.post(f"/v1/projects/{self.project.project}/portal-links", json=more)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def listed(self, link: Json) -> Json:
        """Return a link as the list has it."""
        answer = await self.project.client.get(LINKS)
        assert answer.status_code == 200, answer.text
        (found,) = [one for one in answer.json()["items"] if one["id"] == link["id"]]
        return dict(found)

    async def person(self, link: Json) -> "Reviewer":
        """Return the browser of a person with the page of a link."""
        return await self.visitor(page_of(link))

    async def visitor(self, path: str) -> "Reviewer":
        """Return the browser of a person with a page."""
        reviewer = Reviewer(browser=await self.project.world.api.anonymous(), path=path)
        await reviewer.open()
        return reviewer

    async def content(self, container: str | None = None) -> Json:
        """Read a container."""
        answer = await self.project.client.get(f"/v1/content/{container or self.project.image}")
        return dict(answer.json())

    async def edit(self, container: str | None = None, **texts: object) -> None:
        """Change the texts of a container."""
        answer = await self.project.client.patch(f"/v1/content/{container or self.project.image}", json=texts)
        assert answer.status_code == 200, answer.text

    async def reviews(self, container: str | None = None) -> list[Json]:
        """Return the decisions on a container."""
        answer = await self.project.client.get(f"/v1/content/{container or self.project.image}/review")
        return list(answer.json()["items"])


@dataclass(kw_only=True)
class Reviewer:
    """A person at the page of a link."""

    browser: httpx2.AsyncClient
    path: str
    page: httpx2.Response | None = None

    @property
    def text(self) -> str:
        """What the person reads."""
        return text_of(self.shown)

    @property
    def shown(self) -> httpx2.Response:
        """The page as it was last loaded."""
        assert self.page is not None
        return self.page

    async def open(self, **headers: str) -> httpx2.Response:
        """Load the page."""
        self.page = await self.browser.get(self.path, headers=headers)
        return self.page

    async def write(self) -> None:
        """Load the page with the form for comments, where nothing is to be decided."""
        self.page = await self.browser.get(self.path, params={"write": "1"})

    async def decide(
        self, decision: str, container: str = "all", *, name: str = "Marta", note: str = "", **more: str
    ) -> httpx2.Response:
        """Press a button of the page as it was last loaded, as a browser does that sends no referrer."""
        key = container if container == "all" else str(bare(container))
        form = {
            **dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([\w:-]+)">', self.shown.text)),
            "name": name,
            f"note-{key}": note,
            "decide": f"{decision}:{key}",
            **more,
        }
        answer = await self.browser.post(
            self.path, data=form, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        )
        if answer.status_code == 303:
            await self.open()
        else:
            self.page = answer
        return answer

    async def comment(self, container: str, text: str, *, name: str, **more: str) -> httpx2.Response:
        """Send a comment on a container with the page as it was last loaded."""
        key = str(bare(container))
        return await self.decide("", container, name=name, decide="", comment=key, **{f"comment-{key}": text}, **more)

    async def mark(self, container: str, asset: str, text: str = "") -> None:
        """Ask for the form for a comment on a place or moment of a media file, with what was written so far."""
        key = bare(container)
        typed = {f"comment-{key}": text}
        await self.decide("", container, name="Marta", decide="", mark=f"{key}:{bare(asset)}", **typed)


def page_of(link: Json) -> str:
    """Return the path of a link's page."""
    return urlsplit(str(link["url"])).path


def text_of(page: httpx2.Response) -> str:
    """Return what a person reads on a page."""
    body = re.sub(r"<(style|head).*?</\1>", "", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))
