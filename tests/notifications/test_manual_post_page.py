"""The manual-post page: its content, its signed link, and its protection against script injection."""

import re
from datetime import timedelta

import httpx2
import pytest
from tests.api_server import Api
from tests.clocks import MovableClock
from tests.world import World

from presswork.api.http.pages import asset_url
from presswork.media.links import PAGE_LIFETIME, PageLinks

EVIL = '</pre><script>alert("x")</script><img src=x onerror=alert(1)> & "quotes"'


@pytest.fixture
async def browser(api: Api) -> httpx2.AsyncClient:
    """A phone's browser: a client without a key."""
    return await api.anonymous()


def link(api: Api, name: str, *, age: timedelta = timedelta(0)) -> str:
    """Return the signed address of a page, made a while ago."""
    pages = PageLinks(api.base_url, api.context.keyring, PAGE_LIFETIME)
    return pages.url_for(name, now=api.context.clock.now() - age)


async def test_a_containers_page(world: World, browser: httpx2.AsyncClient, picture: bytes) -> None:
    """The steps for each app that has such posts first, then every media file with a download button, and the texts with copy buttons."""
    container = await world.content(await world.project(), picture, picture, caption="Warm bread", comment="First!")
    page = await browser.get(link(world.api, container))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    addresses = re.findall(r'<a class="button wide" href="([^"]+)" download>', page.text)
    assert len(addresses) == page.text.count("<img ") == 2
    for address in addresses:
        saved = await browser.get(address.replace("&amp;", "&"))
        assert (saved.status_code, saved.content) == (200, picture)
    for part in ("Warm bread", "First!", "Copy the caption", "<h2>Instagram</h2>", "<h2>TikTok</h2>", "carousel"):
        assert part in page.text
    assert page.text.index("<h2>TikTok</h2>") < page.text.index("<img ")
    assert "YouTube" not in page.text


async def test_page_of_a_video_has_each_app(world: World, browser: httpx2.AsyncClient, video: bytes) -> None:
    """Videos can be posted with the apps of all platforms."""
    container = await world.content(await world.project(), video, content_type="video/mp4")
    page = await browser.get(link(world.api, container))
    titles = re.findall(r"<h2>([^<]+)</h2>", page.text)
    assert {"Instagram", "TikTok", "Threads", "Facebook", "YouTube", "LinkedIn", "Bluesky"} <= set(titles)


async def test_a_posts_page(world: World, browser: httpx2.AsyncClient, video: bytes) -> None:
    """A post's page has its own caption and comment, and the steps of its platform for its account."""
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    container = await world.content(project, video, content_type="video/mp4", caption="Not this", comment="Nor this")
    (post,) = await world.publish(container, account, mode="draft", captionOverride="But this", firstCommentOverride="")
    page = await browser.get(link(world.api, post))
    assert "<video " in page.text
    for part in ("But this", "as @brand", "Reel"):
        assert part in page.text
    for part in ("Not this", "Nor this", "first comment", "TikTok"):
        assert part not in page.text


async def test_pages_have_the_values_of_variables(world: World, browser: httpx2.AsyncClient, picture: bytes) -> None:
    """A post's are those of its creation, a container's the current ones; a text without a value stays as it is."""
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    utm = {"domains": ["shop.example"], "source": "{platform}"}
    await world.client.patch(f"/v1/projects/{project}", json={"variables": {"who": "Ana"}, "utm": utm})
    container = await world.content(project, picture, caption="By {{who}}: https://shop.example", comment="Ask {{who}}")
    (post,) = await world.publish(container, account, mode="draft")
    await world.client.patch(f"/v1/projects/{project}", json={"variables": {"who": "Bea"}})
    for name, who, source in ((post, "Ana", "instagram"), (container, "Bea", "phone")):
        page = await browser.get(link(world.api, name))
        for part in (f"By {who}: https://shop.example?utm_source={source}", f"Ask {who}"):
            assert part in page.text
    assert (
        await world.client.post(f"/v1/content/{container}/notify-device", json={"phoneNumber": "+351210000000"})
    ).is_success
    await world.client.patch(f"/v1/projects/{project}", json={"variables": {}})
    assert "By {{who}}" in (await browser.get(link(world.api, container))).text
    refused = await world.client.post(f"/v1/content/{container}/notify-device", json={"phoneNumber": "+351210000000"})
    assert refused.json()["error"]["details"]["reason"] == "unknown_variable"


async def test_texts_are_escaped(world: World, browser: httpx2.AsyncClient, picture: bytes) -> None:
    """Markup in a caption is shown and not executed, and the page allows only its own script."""
    container = await world.content(await world.project(), picture, caption=EVIL, comment=EVIL)
    page = await browser.get(link(world.api, container))
    assert "alert(" in page.text
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert re.findall(r"<script[^>]*>", page.text) == [f'<script src="{asset_url("copy.js")}" defer>']
    assert "noindex" in page.headers["x-robots-tag"]
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert "noindex" in page.text
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)


async def test_the_page_requires_a_valid_link(
    world: World, browser: httpx2.AsyncClient, picture: bytes, clock: MovableClock
) -> None:
    """A changed, missing or expired signature shows nothing; a valid one for an unknown object is 404."""
    project = await world.project()
    container, other = [await world.content(project, picture) for _ in range(2)]
    good = link(world.api, container)
    for bad in (good.partition("?")[0], good.replace(container, other), f"{good}x", f"{good}&a=b"):
        page = await browser.get(bad)
        assert (page.status_code, "Hello" in page.text, "Page not found" in page.text) == (401, False, True)
    assert (await browser.get(link(world.api, container, age=PAGE_LIFETIME))).status_code == 401
    assert (await browser.get(link(world.api, "cnt_0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e55"))).status_code == 404
    assert (await browser.get(link(world.api, "prj_1"))).status_code == 404
    clock.advance(PAGE_LIFETIME - timedelta(seconds=1))
    late = await browser.get(good)
    assert late.status_code == 200
    (address,) = re.findall(r'href="([^"]+)" download', late.text)
    assert (await browser.get(address.replace("&amp;", "&"))).status_code == 200


async def test_pending_content_is_not_shown(world: World, browser: httpx2.AsyncClient, picture: bytes) -> None:
    """The page of a container that is not approved is 404."""
    container = await world.content(await world.project(), picture)
    for status, expected in (("pending", 404), ("rejected", 404), ("approved", 200)):
        await world.api.context.pool.execute("UPDATE content_containers SET approval_status = $1", status)
        assert (await browser.get(link(world.api, container))).status_code == expected


async def test_archived_projects_have_no_pages(world: World, browser: httpx2.AsyncClient, picture: bytes) -> None:
    """The pages of a container and of a post are 404 as soon as their project is archived."""
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    container = await world.content(project, picture)
    (post,) = await world.publish(container, account, mode="draft")
    links = [link(world.api, container), link(world.api, post)]
    assert [(await browser.get(one)).status_code for one in links] == [200, 200]
    archived = await world.client.patch(f"/v1/projects/{project}", json={"status": "archived"})
    assert archived.status_code == 200, archived.text
    pages = [await browser.get(one) for one in links]
    assert [(page.status_code, "Page not found" in page.text) for page in pages] == [(404, True)] * 2
