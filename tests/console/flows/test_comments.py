"""The comments: the inbox by keys and on a phone, replies and what became of them, saved replies, and what a role may do."""

import re

import httpx2
import pytest
from playwright.async_api import Locator, Page, Route, expect
from tests.cli.program import Up, until
from tests.console.flows.commenting import CommentedPost, commented_post
from tests.console.flows.conftest import Person, findings_of_axe

from presswork.platforms.live_support import CommentAction


@pytest.fixture
def post(client: httpx2.Client, up: Up, unique: str) -> CommentedPost:
    """A live post on a Facebook Page of a new project."""
    return commented_post(client, up.data_dir, f"page{unique}")


def _inbox(post: CommentedPost, **search: str) -> str:
    more = "".join(f"&{name}={value}" for name, value in search.items())
    return f"/console/test/comments?project={post.project}{more}"


def _rows(page: Page, view: str = "New") -> Locator:
    return page.get_by_role("region", name=f"Comments: {view}").get_by_role("listitem")


def _pane(page: Page) -> Locator:
    return page.get_by_role("article", name="Comment", exact=True)


@pytest.mark.exhaustive
async def test_the_inbox_is_worked_off_by_keys(admin: Person, post: CommentedPost) -> None:
    """J, L, H, A, N, R and E: the network shows each wish, and what is done leaves the view, until it is undone."""
    page = admin.page
    await post.say("Buy followers", "Do you have rye?", "Lovely")
    await admin.open(_inbox(post))
    pane = _pane(page)
    await expect(pane.get_by_role("heading", name="ada")).to_be_visible()
    await expect(pane).to_contain_text("Lovely")  # the newest one is open
    await expect(pane).to_contain_text("1 of 3")
    await expect(pane.get_by_role("complementary", name="The post")).to_contain_text(f"Rye {post.handle}")
    await page.keyboard.press("l")
    await expect(pane.get_by_text("Liked", exact=True)).to_be_visible()
    assert until(lambda: post.live("Lovely")[0]["liked"] is True)
    await page.keyboard.press("e")
    await expect(pane).to_contain_text("Do you have rye?")
    await expect(_rows(page)).to_have_count(2)
    await page.get_by_role("button", name="Undo").click()
    await expect(_rows(page)).to_have_count(3)
    await page.keyboard.press("j")
    await expect(pane).to_contain_text("3 of 3")
    await page.keyboard.press("h")
    await expect(pane.get_by_text("Hidden", exact=True)).to_be_visible()
    assert until(lambda: post.live("Buy followers")[0]["hidden"] is True)
    await page.keyboard.press("k")
    await expect(pane.get_by_role("button", name="Assigned to")).to_contain_text("Not assigned")
    await page.keyboard.press("a")
    await page.get_by_role("option", name="Me").press("Enter")
    await expect(_rows(page)).to_have_count(2)  # it is open now, and stays in sight
    await expect(pane).to_contain_text("Do you have rye?")
    await expect(page.get_by_role("listbox")).to_have_count(0)
    await page.keyboard.press("n")
    await page.keyboard.type("Ask the baker")
    await page.keyboard.press("Control+Enter")
    await expect(pane.get_by_role("region", name="Internal note")).to_contain_text("Ask the baker")
    await page.keyboard.press("r")
    await page.keyboard.type("Yes, from eight o'clock.")
    await page.keyboard.press("Control+Enter")
    reply = pane.get_by_role("list", name="Replies").get_by_role("listitem")
    await expect(reply).to_contain_text("Yes, from eight o'clock.")
    assert until(lambda: post.stored("Yes, from eight o'clock.")["replyStatus"] == "posted")
    await expect(reply.get_by_text("On its way")).to_have_count(0)
    assert len(post.live("Yes, from eight o'clock.")) == 1
    stored = post.stored("Do you have rye?")
    assert (stored["status"], stored["note"]) == ("done", "Ask the baker")
    await page.get_by_role("link", name=re.compile("^Done")).click()
    await expect(_rows(page, "Done")).to_contain_text("Do you have rye?")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_be_visible()


async def test_a_reply_whose_answer_was_lost_is_posted_once(admin: Person, post: CommentedPost) -> None:
    """The same text is sent under the same key, also after a reload."""
    page, text = admin.page, "From eight, every day."
    await post.say("When do you open?")
    await admin.open(_inbox(post))
    admin.expected += ["net::ERR_FAILED"]

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await page.route("**/v1/comments/*/reply", lose)
    await page.get_by_label("Reply", exact=True).fill(text)
    await page.get_by_role("button", name="Reply", exact=True).click()
    notice = page.get_by_text("It is not known whether this was sent")
    await expect(notice).to_be_visible()
    await page.unroute("**/v1/comments/*/reply")
    await page.reload()
    await expect(page.get_by_label("Reply", exact=True)).to_have_value(text)
    await expect(notice).to_be_visible()
    await page.get_by_role("button", name="Reply", exact=True).click()
    await expect(page.get_by_label("Reply", exact=True)).to_have_value("")
    await expect(notice).to_have_count(0)
    await expect(_pane(page).get_by_role("list", name="Replies").get_by_role("listitem")).to_have_count(1)
    assert until(lambda: post.stored(text)["replyStatus"] == "posted")
    assert len(post.live(text)) == 1


async def test_a_reply_that_was_refused_can_be_written_again(
    admin: Person, client: httpx2.Client, post: CommentedPost
) -> None:
    """It says why and what to do, wherever the person is, and its text returns to the field."""
    page, text = admin.page, "Yes, in the back."
    fault = {"platform": "facebook", "operation": "comment_replies", "fault": "platform_error", "handle": post.handle}
    assert client.post("/sandbox/control/faults", json={**fault, "value": {"code": 100}, "times": 1}).is_success
    await post.say("Do you have tables?")
    await admin.open(_inbox(post))
    await page.get_by_label("Reply", exact=True).fill(text)
    await page.get_by_role("button", name="Reply", exact=True).click()
    await expect(page.get_by_text(f"“{text}” was not posted on Facebook")).to_be_visible()
    reply = _pane(page).get_by_role("list", name="Replies").get_by_role("listitem")
    await expect(reply.get_by_text("Not posted", exact=True)).to_be_visible()
    await expect(reply).to_contain_text("Nothing was posted")
    assert await findings_of_axe(page) == []
    await reply.get_by_role("button", name="Write it again").click()
    await expect(page.get_by_label("Reply", exact=True)).to_have_value(text)
    await page.keyboard.press("Control+Enter")
    assert until(lambda: len(post.live(text)) == 1)


async def test_saved_replies(admin: Person, post: CommentedPost) -> None:
    """What was typed becomes a saved reply, which is inserted, changed and deleted."""
    page = admin.page
    await post.say("When do you open?")
    await admin.open(_inbox(post))
    field = page.get_by_label("Reply", exact=True)
    await field.fill("We open at seven.")
    menu = page.get_by_role("button", name="Saved replies")
    await menu.click()
    await page.get_by_role("menuitem", name="Edit saved replies").click()
    dialog = page.get_by_role("dialog", name=f"Saved replies of {post.handle}")
    await dialog.get_by_role("button", name="New saved reply").click()
    await expect(dialog.get_by_label("Text")).to_have_value("We open at seven.")
    await dialog.get_by_label("Name").fill("Hours")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("listitem")).to_contain_text("Hours")
    await dialog.get_by_role("button", name="Edit Hours").click()
    await dialog.get_by_label("Text").fill("We open at eight.")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("listitem")).to_contain_text("at eight")
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("button", name="Close").last.click()
    await field.fill("")
    await menu.click()
    await page.get_by_role("menuitem", name="Hours").click()
    await expect(field).to_have_value("We open at eight.")
    await menu.click()
    await page.get_by_role("menuitem", name="Edit saved replies").click()
    await dialog.get_by_role("button", name="Delete Hours").click()
    await dialog.get_by_role("button", name="Delete", exact=True).click()
    await expect(dialog.get_by_role("listitem")).to_contain_text("None yet")


@pytest.mark.exhaustive
async def test_on_a_phone_the_list_and_a_comment_are_two_steps(admin: Person, post: CommentedPost) -> None:
    """Filters are in the address; a comment leads back to the list; what comes in appears by itself."""
    page = admin.page
    await page.set_viewport_size({"width": 360, "height": 800})
    await post.say("First", "Second")
    await admin.open(_inbox(post))
    await expect(_rows(page)).to_have_count(2)
    assert await findings_of_axe(page) == []
    await _rows(page).filter(has_text="First").click()
    await expect(_pane(page)).to_contain_text("2 of 2")
    await expect(_rows(page)).to_have_count(0)
    assert await findings_of_axe(page) == []
    await _pane(page).get_by_role("button", name="Comments").click()
    await post.say("Third")
    await expect(_rows(page).first).to_contain_text("Third")
    await page.get_by_role("button", name="Platform").press("Enter")
    await page.get_by_role("option", name="Bluesky").press("Enter")
    await page.wait_for_url("**platform=bluesky**")
    await expect(page.get_by_role("heading", name="No comment matches")).to_be_visible()
    await page.reload()
    await page.get_by_role("button", name="Clear the filters").click()
    await expect(page).not_to_have_url(re.compile("platform="))


async def test_only_what_is_possible_is_offered(admin: Person, viewer: Person, post: CommentedPost) -> None:
    """A comment that the network lets be answered only has no other action; a viewer reads, also on the page of the post."""
    page = admin.page
    await post.say("Hello there", actions=[CommentAction.REPLY])
    await admin.open(_inbox(post))
    await expect(page.get_by_role("button", name="Reply", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name=re.compile("^(Like|Hide|Delete)"))).to_have_count(0)
    await viewer.open(f"/console/test/posts/{post.post}")
    comments = viewer.page.get_by_role("region", name="Comments")
    await expect(comments).to_contain_text("Hello there")
    await comments.get_by_role("link", name="ada").click()
    await expect(_pane(viewer.page)).to_contain_text("Hello there")
    await expect(viewer.page.get_by_text("Your role can read comments, but not answer them")).to_be_visible()
    await expect(_pane(viewer.page).get_by_role("button", name=re.compile("Reply|Done|Note"))).to_have_count(0)
