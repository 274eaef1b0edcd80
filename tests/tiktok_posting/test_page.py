"""The posting page beside TikTok's guideline: one post per link, frames, return URLs, errors, languages, links that end."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, expect
from tests.api_server import Api
from tests.browsers import findings_of_axe
from tests.clocks import MovableClock
from tests.tiktok_posting.conftest import Posting, posting_of
from tests.tiktok_posting.form_reader import PageForm
from tests.world import World

PUBLIC = {"privacy": "PUBLIC_TO_EVERYONE"}


@pytest.fixture
async def container(posting: Posting, picture: bytes) -> str:
    """A picture."""
    return await posting.world.content(posting.project, picture, caption="Bread")


@pytest.fixture
async def path(posting: Posting, container: str) -> str:
    """The page of a link to it."""
    return await posting.page_of(container, returnUrl="http://localhost/posted?draft=1")


async def posts_of(posting: Posting) -> list[dict[str, Any]]:
    """Return the posts of the project."""
    answer = await posting.world.client.get(f"/v1/projects/{posting.project}/scheduled-posts")
    return list(answer.json()["items"])


async def test_one_link_makes_one_post(posting: Posting, container: str, path: str) -> None:
    """Forms that are sent twice, at once and later, lead to the page of the one post; its consent is recorded once."""
    form = await posting.open(path)
    answers = await asyncio.gather(*(posting.send(path, form, **PUBLIC, caption=f"Text {n}") for n in range(4)))
    answers.append(await posting.send(path, form, **PUBLIC, caption="Later"))
    assert {(one.status_code, one.headers["location"]) for one in answers} == {(303, path)}
    (post,) = await posts_of(posting)
    (consent,) = await posting.consents()
    assert consent["detail"]["chosen"]["caption"] == post["captionOverride"]
    (link,) = await posting.links_of(container)
    assert (link["scheduledPostId"], post["id"]) == (post["id"], link["id"].replace("tpl_", "sp_"))


async def test_the_consent_says_what_was_shown(posting: Posting, path: str, container: str) -> None:
    """The record is about the form that the person saw, although TikTok answered otherwise when it was sent."""
    form = await posting.open(f"{path}?lang=de")
    await posting.creator(creator_nickname="Renamed", max_video_post_duration_sec=60)
    sent = await posting.browser.post(f"{path}?lang=de", data=form.filled(PUBLIC))
    assert sent.headers["location"] == f"{path}?lang=de"
    (entry,) = await posting.consents()
    (link,) = await posting.links_of(container)
    assert (entry["objectId"], entry["actor"]["kind"], entry["actor"]["linkId"]) == (
        link["id"],
        "tiktok_post_link",
        link["id"],
    )
    detail, media = entry["detail"], (await posting.world.client.get(f"/v1/content/{container}")).json()["media"]
    assert detail["shown"]["language"] == "de"
    assert detail["shown"]["creator"]["nickname"] == "Luna"
    assert detail["shown"]["mediaSha256"] == [one["sha256"] for one in media]
    assert detail["agreed"]["sentence"].startswith("Mit dem Posten stimmen Sie TikToks Bestätigung der Musiknutzung")
    assert detail["chosen"] == {
        "caption": "Bread",
        "title": None,
        "privacyLevel": "PUBLIC_TO_EVERYONE",
        "allowed": [],
        "disclosesAdvertising": False,
        "isYourBrand": False,
        "isBrandedContent": False,
        "label": None,
        "isAiGenerated": False,
    }


async def test_a_form_with_a_fault_keeps_everything(posting: Posting, path: str) -> None:
    """What was filled in comes back, with the reason beside its field and a list at the top; nothing is used up."""
    sent = await posting.send(
        path,
        caption="<b>Rolls</b>\r\nand more",
        title="T" * 91,
        allow_comment="on",
        disclosure="on",
        your_brand="on",
        ai_generated="on",
    )
    form = PageForm.of(sent.text)
    assert (sent.status_code, form.invalid) == (422, {"title", "privacy"})
    assert (form.values["caption"], form.values["title"]) == ("<b>Rolls</b>\nand more", "T" * 91)
    ticked = {name for name, box in form.boxes.items() if box.is_ticked}
    assert ticked == {"allow_comment", "disclosure", "your_brand", "ai_generated"}
    assert (await posting.send(path, form, **PUBLIC, title="T")).status_code == 303


async def test_a_long_caption_of_emoji_fits_the_form(posting: Posting, path: str) -> None:
    """2,000 characters of four bytes each are 24 KB in a form."""
    sent = await posting.send(path, **PUBLIC, caption="\N{BREAD}" * 2000)
    assert sent.status_code == 303, sent.text


async def test_nothing_is_lost_while_tiktok_does_not_answer(posting: Posting, path: str) -> None:
    """The form comes back as it was, and can be sent again."""
    form = await posting.open(path)
    await posting.world.fault(platform="tiktok", operation="creator_info", fault="http_500", times=-1)
    sent = await posting.send(path, form, **PUBLIC, caption="Mine")
    again = PageForm.of(sent.text)
    assert (sent.status_code, again.values["caption"]) == (503, "Mine")
    assert again.values["privacy"] == "PUBLIC_TO_EVERYONE"
    await posting.browser.request("DELETE", "/sandbox/control/faults")
    assert (await posting.send(path, again)).status_code == 303


async def test_a_form_of_another_page_posts_nothing(posting: Posting, container: str, path: str) -> None:
    """The token of another link is refused; without what was sealed, the form is shown again."""
    other = await posting.open(await posting.page_of(container))
    foreign = await posting.browser.post(path, data=other.filled(PUBLIC))
    assert foreign.status_code == 403, foreign.text
    form = await posting.open(path)
    for shown in ("", "nonsense", other.values["shown"]):
        sent = await posting.send(path, form, **PUBLIC, shown=shown)
        assert (sent.status_code, "open for too long" in sent.text) == (422, True)
    assert await posts_of(posting) == []


async def test_only_the_return_domains_may_frame_it(posting: Posting, container: str, api: Api) -> None:
    """Those of the key that made the link, and then without X-Frame-Options; without any, no site may."""
    framed = await posting.browser.get(await posting.page_of(container))
    assert "frame-ancestors http://localhost:*" in framed.headers["content-security-policy"]
    assert "x-frame-options" not in framed.headers
    bare = World(api=api, client=await api.client(return_domains=[]))
    closed = await posting.browser.get(await replace(posting, world=bare).page_of(container))
    assert "frame-ancestors 'none'" in closed.headers["content-security-policy"]
    assert closed.headers["x-frame-options"] == "DENY"


async def test_the_page_leads_back(posting: Posting, container: str, path: str) -> None:
    """Unchanged after a post, with an error for a person who leaves and for a post that is canceled."""
    form = await posting.open(path)
    assert 'href="http://localhost/posted?draft=1&amp;layers_oauth_error=access_denied"' in form.html
    await posting.send(path, form, **PUBLIC)
    assert 'href="http://localhost/posted?draft=1"' in (await posting.open(path)).html
    (post,) = await posts_of(posting)
    await posting.world.client.delete(f"/v1/scheduled-posts/{post['id']}")
    canceled = await posting.open(path)
    assert "The post was canceled" in canceled.text
    assert "layers_oauth_error=post_failed" in canceled.html
    refused = await posting.world.client.post(
        f"/v1/content/{container}/tiktok-post-links",
        json={"socialAccountId": posting.account, "expiresInMinutes": 5, "returnUrl": "https://evil.example/"},
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "RETURN_URL_NOT_ALLOWED")


async def test_a_link_ends_when_it_expires_and_shows_its_post_for_a_day(
    posting: Posting, container: str, path: str, clock: MovableClock
) -> None:
    """A link that has posted outlives its own time, so that a person who posts late sees the end."""
    unused = await posting.page_of(container)
    await posting.send(path, **PUBLIC)
    clock.advance(timedelta(minutes=61))
    await posting.open(unused, status=404)
    assert "Posting to TikTok" in (await posting.open(path)).text
    clock.advance(timedelta(days=1))
    await posting.open(path, status=404)


async def test_a_revoked_link_opens_nothing(posting: Posting, container: str, picture: bytes) -> None:
    """Neither the page nor a form that was open; only under its own content can it be revoked."""
    made = await posting.link(container)
    path = urlsplit(made["url"]).path
    form = await posting.open(path)
    other = await posting.world.content(posting.project, picture)
    elsewhere = await posting.world.client.delete(f"/v1/content/{other}/tiktok-post-links/{made['id']}")
    assert elsewhere.status_code == 404, elsewhere.text
    gone = await posting.world.client.delete(f"/v1/content/{container}/tiktok-post-links/{made['id']}")
    assert gone.json()["revokedAt"] is not None, gone.text
    await posting.open(path, status=404)
    assert (await posting.send(path, form, **PUBLIC)).status_code == 404
    assert await posts_of(posting) == []


async def test_visits_are_counted(posting: Posting, container: str, path: str) -> None:
    """Each opening of the form, but no link preview, and not the page that follows the post."""
    await posting.browser.head(path)
    form = await posting.open(path)
    await posting.open(path)
    await posting.send(path, form, **PUBLIC)
    await posting.open(path)
    (link,) = await posting.links_of(container)
    assert (link["visits"], link["revokedAt"]) == (2, None)


async def test_content_that_may_not_go_out_has_no_form(world: World, picture: bytes) -> None:
    """Pending content gets its form with the approval; covered texts are read-only, with the values of their variables;
    rejected content gets no link."""
    posting = await posting_of(world)
    policy = {"policy": "review_all", "covers": "content_and_text"}
    await world.client.patch(f"/v1/projects/{posting.project}/content-review-policy", json=policy)
    await world.client.patch(f"/v1/projects/{posting.project}", json={"variables": {"what": "Bread"}})
    container = await world.content(posting.project, picture, caption="{{what}}")
    path = await posting.page_of(container)
    page = await posting.open(path)
    assert (page.is_there, "This post still waits for approval" in page.text) == (False, True)
    await world.client.post(f"/v1/content/{container}/approve", json={})
    form = await posting.open(path)
    assert ("<textarea" in form.html, " readonly" in form.html, "title" in form.values) == (True, True, False)
    assert form.values["caption"] == "Bread"
    changed = await posting.send(path, form, **PUBLIC, caption="Rolls")
    assert (changed.status_code, "This text was approved as it is" in changed.text) == (422, True)
    assert (await posting.send(path, form, **PUBLIC)).status_code == 303
    (post,) = (await world.client.get("/v1/scheduled-posts")).json()["items"]
    assert (post["captionOverride"], post["texts"]["caption"]) == (None, "Bread")
    rejected = await world.content(posting.project, picture)
    page_of_rejected = await posting.page_of(rejected)
    await world.client.post(f"/v1/content/{rejected}/reject", json={"reason": "Blurred"})
    assert "This post was rejected" in (await posting.open(page_of_rejected)).text
    body = {"socialAccountId": posting.account, "expiresInMinutes": 5}
    again = await world.client.post(f"/v1/content/{rejected}/tiktok-post-links", json=body)
    assert again.json()["error"]["code"] == "CONTENT_REJECTED"


async def test_an_account_that_must_be_connected_again(posting: Posting, path: str) -> None:
    """The page says whom to ask; a disconnected account has none any more."""
    await posting.world.api.context.pool.execute("UPDATE social_accounts SET status = 'reauth_required'")
    assert "The connection to this TikTok account has ended" in (await posting.open(path)).text
    await posting.world.client.delete(f"/v1/social-accounts/{posting.account}")
    assert "has ended" in (await posting.open(path)).text


async def test_links_are_for_tiktok_accounts_of_the_project(posting: Posting, container: str) -> None:
    """Others are refused: of another platform, of another project; and so is content without media."""
    url = f"/v1/content/{container}/tiktok-post-links"
    instagram = await posting.world.account(posting.project, "instagram", "brand")
    answer = await posting.world.client.post(url, json={"socialAccountId": instagram, "expiresInMinutes": 5})
    assert (answer.status_code, answer.json()["error"]["details"]["issues"][0]["code"]) == (422, "non_tiktok_target")
    elsewhere = await posting.world.account(await posting.world.project("Other"), "tiktok", "other")
    answer = await posting.world.client.post(url, json={"socialAccountId": elsewhere, "expiresInMinutes": 5})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
    created = await posting.world.client.post(f"/v1/projects/{posting.project}/content", json={"text": "Bread"})
    url = f"/v1/content/{created.json()['id']}/tiktok-post-links"
    answer = await posting.world.client.post(url, json={"socialAccountId": posting.account, "expiresInMinutes": 5})
    assert (answer.status_code, answer.json()["error"]["details"]["mediaType"]) == (409, "text")


@pytest.mark.exhaustive
async def test_without_javascript_choices_show_what_they_mean(posting: Posting, video: bytes, browser: Browser) -> None:
    """Labels, sentences and buttons follow the choices by the stylesheet alone; nothing that axe finds, in any state."""
    path = await posting.page_of(await posting.world.content(posting.project, video, content_type="video/mp4"))
    context = await browser.new_context(
        java_script_enabled=False, base_url=posting.world.api.base_url, viewport={"width": 360, "height": 740}
    )
    page = await context.new_page()
    await page.goto(path)
    own, paid = page.get_by_text("labeled as “Promotional content”"), page.get_by_text("labeled as “Paid partnership”")
    button = page.locator("button.post")
    await expect(own).to_be_hidden()
    await page.get_by_text("Disclose video content").click()
    await expect(button).to_be_hidden()
    await expect(page.locator("button.post-off")).to_be_disabled()
    await page.locator("#your_brand").check()
    await expect(own).to_be_visible()
    await expect(button).to_be_visible()
    await page.locator("#branded_content").check()
    await expect(paid).to_be_visible()
    await expect(own).to_be_hidden()
    await expect(page.locator(".agree-branded")).to_be_visible()
    await expect(page.locator(".agree-music")).to_be_hidden()
    await page.locator("#branded_content").uncheck()
    await page.select_option("#privacy", "SELF_ONLY")
    await expect(page.locator("#branded_content")).to_be_hidden()
    await expect(page.locator(".branded-off input")).to_be_disabled()
    await button.click()
    await expect(page.get_by_role("heading", name="Posting to TikTok")).to_be_visible()
    await context.close()


async def test_axe_finds_nothing(posting: Posting, picture: bytes, browser: Browser) -> None:
    """The form, the form with faults, an obstacle, and the post: in both themes, and in German."""
    container = await posting.world.content(posting.project, picture, picture, caption="Bread")
    path = await posting.page_of(container)
    page = await browser.new_page(base_url=posting.world.api.base_url, viewport={"width": 360, "height": 740})
    await page.goto(path)
    assert await findings_of_axe(page) == []
    await page.goto(f"{path}?lang=de")
    await page.locator("#disclosure").check()
    assert await findings_of_axe(page) == []
    await page.locator("#your_brand").check()
    await page.evaluate("document.querySelector('#privacy').required = false")
    await page.get_by_role("button", name="Auf TikTok posten").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    assert await findings_of_axe(page) == []
    await page.select_option("#privacy", "PUBLIC_TO_EVERYONE")
    await page.get_by_role("button", name="Auf TikTok posten").click()
    await expect(page.get_by_role("heading", name="Wird auf TikTok gepostet")).to_be_visible()
    assert await findings_of_axe(page) == []
    await posting.world.fault(platform="tiktok", operation="creator_info", fault="http_500", times=-1)
    await page.goto(await posting.page_of(container))
    assert await findings_of_axe(page) == []
