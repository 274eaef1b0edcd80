"""Every page in a real browser: on a phone, a tablet and a desktop, without an error in its console."""

import re
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Final

import pytest
from playwright.async_api import Browser, ConsoleMessage, Response
from tests.world import World

from presswork.media.links import PAGE_LIFETIME, PageLinks

WIDTHS: Final = (360, 768, 1280)
HEIGHT: Final = 800
AA: Final = 4.5
"""Least contrast of text by WCAG 2.2, level AA."""


async def _pages(world: World, picture: bytes) -> dict[str, int]:
    """Return the path of each kind of page with its status, with content on it."""
    project = await world.project()
    await world.account(project, "instagram", "brand")
    container = await world.content(project, picture, picture, caption="Warm bread", comment="First!")
    api = world.api
    link = PageLinks("", api.context.keyring, PAGE_LIFETIME).url_for(container, now=api.context.clock.now())
    login = await world.client.post(f"/v1/projects/{project}/social/oauth-url", json={"platform": "tiktok"})
    authorize = str(login.json()["authorizeUrl"]).removeprefix(api.base_url)
    code = await world.client.post(f"/v1/projects/{project}/social/oauth-url", json={"platform": "telegram"})
    return {
        f"/oauth/code/r?state={code.json()['state']}&missing=true": 200,
        "/docs": 200,
        "/errors": 200,
        "/errors/VALIDATION": 200,
        "/errors/INTERNAL": 200,
        "/missing": 404,
        "/sandbox/": 200,
        "/sandbox/phone": 200,
        "/sandbox/feed/instagram/brand": 200,
        "/sandbox/feed/instagram/missing": 404,
        "/sandbox/www.tiktok.com/v2/auth/authorize?client_key=1": 400,
        authorize: 200,
        "/oauth/callback/tiktok?state=st_1": 400,
        link: 200,
        link.replace("signature=", "signature=x"): 401,
    }


@pytest.mark.slow
@pytest.mark.timeout(300)  # /docs alone takes seconds of one core
async def test_pages_fit_every_screen(world: World, browser: Browser, picture: bytes) -> None:
    """No page has an error in its console, a resource that fails, or content wider than the screen."""
    page = await browser.new_page(base_url=world.api.base_url)
    seen = _Seen()
    page.on("console", seen.note_message)
    page.on("pageerror", lambda error: seen.problems.append(f"{seen.path}: {error}"))
    page.on("response", seen.note_response)
    for path, status in (await _pages(world, picture)).items():
        seen.path, seen.status = path, status
        await page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == status, path
        await page.wait_for_selector("h1")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": HEIGHT})
            extra = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if extra != 0:
                seen.problems.append(f"{path} is {extra} pixels too wide at {width}")
    assert seen.problems == []


@dataclass
class _Seen:
    """What the browser reports of the page that is open."""

    path: str = ""
    status: int = 200
    problems: list[str] = field(default_factory=list)

    def note_message(self, message: ConsoleMessage) -> None:
        """Note an error or a warning, but for the browser's own about the page's status."""
        is_of_page = message.location.get("url", "").endswith(self.path)
        if message.type in {"error", "warning"} and not (self.status != 200 and is_of_page):
            self.problems.append(f"{self.path}: {message.text}")

    def note_response(self, response: Response) -> None:
        """Note a resource that fails."""
        if response.status >= 400 and not response.url.endswith(self.path):
            self.problems.append(f"{self.path}: {response.status} for {response.url}")


def test_the_colours_have_enough_contrast() -> None:
    """Each pair of text and background in the stylesheet meets WCAG's level AA, in both themes."""
    text = (files("presswork.api.http") / "assets" / "presswork.css").read_text()
    themes = [
        dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+)", block))
        for block in re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    ]
    assert len(themes) == 2
    pairs = [(ink, paper) for ink in ("ink", "soft", "accent", "good", "bad") for paper in ("paper", "card")]
    for theme in themes:
        for ink, paper in [*pairs, ("on-accent", "accent"), ("ink", "field")]:
            assert _contrast(theme[ink], theme[paper]) >= AA, (ink, paper, theme[ink], theme[paper])


def _contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (source: WCAG 2.2, "contrast ratio", read 2026-11)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    parts = [digit * 2 for digit in digits] if len(digits) == 3 else [digits[at : at + 2] for at in (0, 2, 4)]
    shares = [int(part, 16) / 255 for part in parts]
    red, green, blue = (share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
