"""Actions of the tests of connect links: make a link, open its page, press its buttons, answer the platform."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Final

import httpx2
from tests.accounts.login_flow import Json, LoginFlow

_WEEK_HOURS: Final = 168


@dataclass(frozen=True, kw_only=True)
class ConnectFlow:
    """A project whose links people use without an account of Presswork."""

    login: LoginFlow

    @property
    def path(self) -> str:
        """Path of the connect links of the project."""
        return f"/v1/projects/{self.login.project_id}/connect-links"

    async def make(self, **more: object) -> Json:
        """Make a link that serves a week and ten logins, unless `more` says otherwise."""
        body = {"expiresInHours": _WEEK_HOURS, "maxUses": 10, **more}
        answer = await self.login.client.post(self.path, json=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def listed(self, link: Json) -> Json:
        """Return a link as the list has it."""
        answer = await self.login.client.get(self.path)
        assert answer.status_code == 200, answer.text
        (found,) = [one for one in answer.json()["items"] if one["id"] == link["id"]]
        return dict(found)

    async def open(self, link: Json, **headers: str) -> httpx2.Response:
        """Open the page of a link."""
        return await self.login.browser.get(page_of(link), headers=headers)

    async def press(self, link: Json, **choice: str) -> httpx2.Response:
        """Open the page and press a button: of a platform, or of an account to reconnect."""
        page = await self.open(link)
        assert page.status_code == 200, page.text
        return await self.send(page_of(link), page, choice)

    async def send(self, path: str, page: httpx2.Response, fields: Mapping[str, str]) -> httpx2.Response:
        """Send a form of a page, as a browser sends it that may not send a referrer."""
        form = {"token": re.findall(r'name="token" value="(\w+)"', page.text)[0], **fields}
        return await self.login.browser.post(
            path, data=form, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        )

    async def begin(self, link: Json, **choice: str) -> Json:
        """Press a button; return the login that it began."""
        answer = await self.press(link, **choice)
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
        return {"authorizeUrl": address, "state": re.findall(r"state=(st_\w+)", address)[0]}

    async def end(self, login: Json, handle: str, *, decision: str = "approve") -> httpx2.Response:
        """Answer the platform's page, and return the page or redirect at which the login ends."""
        answer = await self.login.come_back(await self.login.decide(login, handle, decision=decision))
        assert answer.status_code == 302, answer.text
        location = answer.headers["location"]
        return await self.login.browser.get(location) if location.startswith("/connect/") else answer

    async def connect(self, link: Json, platform: str, handle: str) -> httpx2.Response:
        """Connect an account through a link; return the page at which it ends."""
        return await self.end(await self.begin(link, platform=platform), handle)


def page_of(link: Json) -> str:
    """Return the path of a link's page."""
    return "/connect/" + str(link["url"]).partition("/connect/")[2]


def text_of(page: httpx2.Response) -> str:
    """Return what a person reads on a page."""
    body = re.sub(r"<(style|head).*?</\1>", "", page.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))
