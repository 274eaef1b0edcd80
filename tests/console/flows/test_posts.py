"""The queue and the page of a post, live."""

import contextlib
import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from playwright.async_api import Locator, Page, Route, expect
from tests.cli.program import until
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.posting import live_posts, new_account, publish, read_post, schedule


async def test_a_post_appears_by_itself_and_has_its_timeline(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A post that is published while the queue is open appears there without a reload, and its page says what happened."""
    await admin.open("/console/test/queue?view=done")
    await expect(admin.page.get_by_text("Updates by itself")).to_be_visible()
    publish(client, new_account(client, f"shop{unique}"), f"Bread for shop{unique}")
    row = admin.page.get_by_role("listitem").filter(has_text=f"@shop{unique}")
    await expect(row).to_contain_text("Published")
    await row.get_by_role("link", name=f"Bread for shop{unique}").click()
    await expect(admin.page.get_by_role("heading", name=re.compile(r"Went live (today|yesterday)"))).to_contain_text(
        f"@shop{unique}"
    )
    await expect(admin.page).to_have_title(f"Bread for shop{unique} · Post · Presswork")
    await expect(admin.page.get_by_role("link", name="Open in the sandbox")).to_have_attribute(
        "href", re.compile(r"/sandbox/www\.instagram\.com/p/")
    )
    await admin.page.get_by_text("Timeline", exact=True).click()
    timeline = admin.page.get_by_role("list").filter(has_text="Accepted. Due now.")
    await expect(timeline.get_by_role("listitem").first).to_contain_text("Published.")
    await expect(timeline.get_by_text("Publishing started.")).to_be_visible()
    await expect(timeline.get_by_text("Worker").first).to_be_hidden()
    assert await findings_of_axe(admin.page) == []


async def test_a_queued_post_leads_to_all_that_belongs_to_it(admin: Person, client: httpx2.Client, unique: str) -> None:
    """It says when and where it goes out, links content, account, project and the other post, and E leads to the content's texts."""
    account = new_account(client, f"links{unique}")
    first, second = schedule(client, account, f"Links {unique}", copies=2)
    post, page = client.get(f"/v1/scheduled-posts/{first}").json(), admin.page
    await admin.open(f"/console/test/posts/{first}")
    await expect(page.get_by_role("heading", name=re.compile(rf"^Goes out .* to .*@links{unique}$"))).to_be_visible()
    main = page.get_by_role("main")
    paths = {
        f"Instagram @links{unique}": f"accounts/{account}",
        "Open the content": f"content/{post['containerId']}",
        f"links{unique}": f"accounts/projects/{post['projectId']}",
    }
    for name, path in paths.items():
        link = main.get_by_role("link", name=name, exact=True)
        await expect(link).to_have_attribute("href", f"/console/test/{path}")
    siblings = page.get_by_role("list", name="Posts of the same content").get_by_role("link")
    await expect(siblings).to_have_count(2)
    await expect(siblings.first).to_have_attribute("aria-current", "page")
    await expect(siblings.last).to_have_attribute("href", f"/console/test/posts/{second}")
    await page.keyboard.press("e")
    await page.get_by_role("button", name="Edit the content for every account").click()
    dialog = page.get_by_role("dialog", name="Edit the texts")
    await expect(dialog).to_contain_text("The 2 posts that are queued will go out with the new texts.")
    assert await findings_of_axe(page) == []
    await dialog.get_by_label("Caption").fill(f"Corrected {unique}")
    await dialog.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("figure", name="Preview on Instagram")).to_contain_text(f"Corrected {unique}")


@pytest.mark.exhaustive
async def test_a_queued_post_is_edited_alone_and_with_the_others(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """From the menu of its row: the counter and the preview follow, what another person saved is shown and what was typed stays."""
    first, second = schedule(client, new_account(client, f"edit{unique}"), f"Edit {unique}", copies=2)
    page = admin.page
    await admin.open(f"/console/test/queue?q=edit{unique}")
    rows = page.get_by_role("listitem").filter(has_text=f"Edit {unique}")
    await rows.first.get_by_role("button", name=f"Actions for Edit {unique}").click()
    await page.get_by_role("menuitem", name="Edit").click()
    await page.wait_for_url(f"**/posts/{first}?edit=post")
    dialog = page.get_by_role("dialog", name="Edit this post")
    save, text = dialog.get_by_role("button", name="Save", exact=True), dialog.get_by_label("Text for Instagram")
    await expect(save).to_be_disabled()
    await text.fill(f"Mine {unique} {'bread ' * 400}")
    await expect(dialog.get_by_text("too many")).to_be_visible()
    await expect(dialog).to_contain_text("Instagram accepts 2,200. Shorten it")
    await text.fill(f"Mine {unique}")
    await expect(dialog.get_by_role("figure", name="Preview on Instagram")).to_contain_text(f"Mine {unique}")
    assert await findings_of_axe(page) == []
    theirs = client.patch(f"/v1/scheduled-posts/{first}", json={"captionOverride": f"Theirs {unique}"})
    assert theirs.json()["revision"] == 2
    await expect(dialog).to_contain_text("Someone else has edited this post meanwhile")
    await expect(dialog.get_by_role("status").filter(has_text="meanwhile")).to_contain_text(f"Theirs {unique}")
    await expect(text).to_have_value(f"Mine {unique}")
    assert await findings_of_axe(page) == []
    await save.click()
    await expect(dialog).to_have_count(0)
    read = [read_post(client, post) for post in (first, second)]
    assert [(post["captionOverride"], post["revision"]) for post in read] == [(f"Mine {unique}", 3), (None, 1)]
    await page.keyboard.press("e")
    await text.fill(f"Ours {unique}")
    await dialog.get_by_role("button", name="Which posts").click()
    await page.get_by_role("option", name="All 2 queued posts of this content").click()
    await dialog.get_by_role("button", name="Save 2 posts").click()
    await expect(page.get_by_role("alertdialog", name="2 posts edited")).to_be_visible()
    read = [read_post(client, post) for post in (first, second)]
    assert [(post["captionOverride"], post["revision"]) for post in read] == [
        (f"Ours {unique}", 4),
        (f"Ours {unique}", 2),
    ]


@pytest.mark.exhaustive
async def test_a_post_that_failed_by_its_text_is_edited_and_published_again(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """Its page says why in words of a person; to repeat it as it is has a warning; with a shorter text it goes live."""
    page, caption = admin.page, f"Long {unique} {'bread ' * 400}"
    post = publish(client, new_account(client, f"long{unique}"), caption)
    assert until(lambda: read_post(client, post)["status"] == "failed")
    await admin.open(f"/console/test/posts/{post}")
    cause = page.get_by_role("alert")
    await expect(cause).to_contain_text("Instagram accepts 2,200. Shorten it.")
    for word in ("PLATFORM_LIMIT", "captionOverride"):
        await expect(page.get_by_text(word).first).to_be_hidden()
    await page.get_by_role("button", name="Publish again", exact=True).click()
    await expect(page.get_by_role("dialog")).to_contain_text("It would fail again")
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Edit and publish again").click()
    dialog = page.get_by_role("dialog", name="Edit and publish again")
    await expect(dialog).to_contain_text("It would fail again")
    save = dialog.get_by_role("button", name="Save and publish again")
    await dialog.get_by_label("Caption").fill(f"Short {unique} {'bread ' * 390}")
    await expect(dialog).to_contain_text("It would fail again")
    await expect(save).to_be_disabled()
    await dialog.get_by_label("Caption").fill(f"Short {unique}")
    await save.click()
    await expect(page.get_by_text("This post repeats a former post")).to_be_visible()
    await expect(page.get_by_role("heading", name="Went live")).to_be_visible()
    await expect(page.get_by_role("figure", name="Preview on Instagram")).to_contain_text(f"Short {unique}")


async def test_a_live_post_is_changed_and_taken_down(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Its page has what is live in the fields, follows the change and the take-down by itself, and leads to no post afterwards."""
    page, name = admin.page, f"sale{unique}"
    (post,) = live_posts(client, name, "facebook")
    await admin.open(f"/console/test/posts/{post}")
    await page.get_by_role("button", name="Edit the live post").click()
    dialog = page.get_by_role("dialog", name="Edit the live post")
    change = dialog.get_by_role("button", name="Change it on Facebook")
    await expect(dialog.get_by_label("Text")).to_have_value(f"Sale {name}")
    await expect(dialog).to_contain_text("of 63,206")
    await expect(change).to_be_disabled()
    await dialog.get_by_label("Text").fill(f"Sold out {name}")
    assert await findings_of_axe(page) == []
    await change.click()
    await expect(page.get_by_text("The live post was changed on Facebook.")).to_be_visible()
    await expect(page.get_by_role("figure", name="Preview on Facebook")).to_contain_text(f"Sold out {name}")
    await page.keyboard.press("t")
    asked = page.get_by_role("alertdialog", name="Take this post down?")
    await expect(asked).to_contain_text("Removes the post from Facebook. Its likes, comments and numbers go with it.")
    assert await findings_of_axe(page) == []
    await asked.get_by_label("Reason").fill("It is sold out")
    await asked.get_by_role("button", name="Take this post down").click()
    await expect(page.get_by_role("heading", name=re.compile("^Taken down (today|yesterday)"))).to_be_visible()
    await expect(page.get_by_role("link", name="Open in the sandbox")).to_have_count(0)
    await expect(page.get_by_role("button", name="Take down")).to_have_count(0)
    await page.get_by_text("Timeline", exact=True).click()
    await expect(page.get_by_text("Presswork takes the post down: It is sold out")).to_be_visible()
    assert await findings_of_axe(page) == []


async def test_content_is_taken_down_everywhere(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A count says which posts a person must delete, each result follows its post, and Home and the library show them."""
    page, name = admin.page, f"gone{unique}"
    posts = live_posts(client, name, "facebook", "threads", "tiktok")
    await admin.open(f"/console/test/content/{read_post(client, posts[0])['containerId']}")
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Take it down everywhere").click()
    asked = page.get_by_role("alertdialog", name="Take it down everywhere?")
    await expect(asked).to_contain_text(
        "3 posts are live on 3 accounts. 1 of them, on TikTok, must be deleted by a person."
    )
    assert await findings_of_axe(page) == []
    await asked.get_by_role("button", name="Take 3 posts down").click()
    results = page.get_by_role("list", name="Results").get_by_role("listitem")
    await expect(results.filter(has_text="not taken down")).to_contain_text("tap ⋯ and choose Delete.")
    await expect(results.filter(has_text=re.compile(r": taken down$"))).to_have_count(2)
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("region", name="Posts")).to_contain_text("1 not taken down")
    await admin.open(f"/console/test/library?q={name}")
    await expect(page.get_by_role("listitem").filter(has_text=name)).to_contain_text("1 not taken down")
    await admin.open(f"/console/test/queue?view=done&q={name}&live=taken_down")
    await expect(page.get_by_role("button", name="Afterwards: Taken down")).to_be_visible()
    await expect(page.get_by_text("2 taken down", exact=True)).to_be_visible()
    await admin.open("/console/test")
    card = page.get_by_role("region", name=re.compile("not taken down"))
    await expect(card.get_by_role("listitem").filter(has_text=name)).to_contain_text("choose Delete.")
    await card.get_by_role("link", name=re.compile(name)).click()
    await expect(page.get_by_role("heading", name=re.compile("^Still live on"))).to_be_visible()
    await page.get_by_role("button", name="Take down").click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("TikTok does not let programs delete this post")
    await expect(page.get_by_role("button", name="Take this post down")).to_be_disabled()
    assert await findings_of_axe(page) == []


async def test_a_picture_is_not_loaded_again_with_new_facts(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A later answer of the API has another signed URL; the page keeps the first, so that a video does not stop."""
    (post,) = schedule(client, new_account(client, f"kept{unique}"), f"Kept {unique}")
    content = client.get(f"/v1/scheduled-posts/{post}").json()["containerId"]
    page = admin.page

    async def sign_again(route: Route) -> None:
        answer = await route.fetch()
        body = await answer.json()
        body["media"][0]["url"] += "&again"
        await route.fulfill(response=answer, json=body)

    await admin.open(f"/console/test/posts/{post}")
    part = page.get_by_role("region", name="Content")
    picture = part.get_by_role("img").first
    first = await picture.get_attribute("src")
    assert client.patch(f"/v1/content/{content}", json={"caption": f"Fresh {unique}"}).is_success
    await page.route(f"**/v1/content/{content}", sign_again)
    await page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=6))  # what was read is no longer new
    await page.evaluate("dispatchEvent(new Event('visibilitychange'))")
    await expect(part).to_contain_text(f"Fresh {unique}")
    assert await picture.get_attribute("src") == first


@pytest.mark.exhaustive
async def test_what_was_read_stays_when_it_cannot_be_read_again(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """The timeline of a post and the next posts of an account stay below the error of a later read."""
    account = new_account(client, f"stays{unique}")
    first, second = schedule(client, account, f"Stays {unique}", copies=2)
    page = admin.page
    for path, read, post, shown in (
        (f"posts/{first}", f"/v1/scheduled-posts/{first}/timeline", first, "Accepted"),
        (f"accounts/{account}", "/v1/scheduled-posts?**limit=5**", second, f"Stays {unique}"),
    ):
        await admin.open(f"/console/test/{path}")
        if path.startswith("posts/"):
            await page.get_by_text("Timeline", exact=True).click()
        await expect(page.get_by_text(shown).first).to_be_visible()
        await admin.refuse_reads(read)
        at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        assert client.post(f"/v1/scheduled-posts/{post}/reschedule", json={"scheduledFor": at}).is_success
        await expect(page.get_by_role("alert").filter(has_text="Not now.")).to_have_count(1)
        await expect(page.get_by_text(shown).first).to_be_visible()


async def test_search_is_part_of_the_address(admin: Person, client: httpx2.Client, unique: str) -> None:
    """What is searched for survives a reload, and another text finds nothing."""
    publish(client, new_account(client, f"found{unique}"), f"Bread for found{unique}")
    await admin.open("/console/test/queue?view=done")
    await admin.page.get_by_label("Search captions and handles").fill(f"found{unique}")
    await admin.page.keyboard.press("Enter")
    await admin.page.wait_for_url(f"**q=found{unique}**")
    await admin.page.reload()
    await expect(admin.page.get_by_role("listitem").filter(has_text=f"@found{unique}")).to_be_visible()
    await admin.open(f"/console/test/queue?view=done&q=no-{unique}")
    await expect(admin.page.get_by_role("heading", name="No post matches")).to_be_visible()


async def _after_a_minute(page: Page, shown: Locator) -> None:
    """Expect it after the next read; one that is under way at the full minute takes the place of that minute's."""
    await page.clock.fast_forward(61_000)
    with contextlib.suppress(AssertionError):
        await expect(shown).to_be_visible(timeout=5_000)
        return
    await page.clock.fast_forward(61_000)
    await expect(shown).to_be_visible()


async def test_a_wait_without_an_event_appears_after_a_minute(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """A wait writes no event: the queue and the page of a post that has not ended are read again each minute."""
    page, is_early = admin.page, True
    (post,) = schedule(client, new_account(client, f"wait{unique}"), f"Wait {unique}")

    async def no_post(route: Route) -> None:
        await (route.fulfill(json={"items": [], "nextCursor": None}) if is_early else route.fallback())

    async def timeline(route: Route) -> None:
        until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        waiting = None if is_early else {"reason": "rate_limit", "until": until, "behind": None}
        await route.fulfill(json={"items": [], "waiting": waiting})

    await page.route("**/v1/scheduled-posts?**", no_post)
    await page.route(f"**/v1/scheduled-posts/{post}/timeline", timeline)
    await page.clock.install()
    await admin.open(f"/console/test/queue?q={unique}")
    await expect(page.get_by_role("heading", name="No post matches")).to_be_visible()
    await expect(page.get_by_text("Updates by itself")).to_be_visible()
    is_early = False
    link = page.get_by_role("link", name=f"Wait {unique}")
    await _after_a_minute(page, link)
    is_early = True
    await link.click()
    await expect(page.get_by_text("Timeline", exact=True)).to_be_visible()
    await expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    await expect(page.get_by_text("This post waits")).to_have_count(0)
    is_early = False
    await _after_a_minute(page, page.get_by_text("Instagram allows no more for now."))
