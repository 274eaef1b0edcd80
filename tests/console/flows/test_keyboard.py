"""The main flows with the keyboard alone: each control is reached with Tab, is in sight then, and leaves the focus somewhere."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect
from tests.console.flows.conftest import PASSWORD, NewPerson, Person
from tests.console.flows.posting import new_account, new_content, read_post, schedule
from tests.console.flows.reviewing import Project
from tests.console.flows.test_compose import picture
from tests.sdk.world import connect, made

SATURDAY: Final = 5
MAX_TABS: Final = 90
"""More than a person would press, and enough for each screen."""
_IS_FOCUSED: Final = "(one) => one === document.activeElement"
_IS_IN_SIGHT: Final = """() => {
  const { left, top, width, height } = document.activeElement.getBoundingClientRect();
  const over = document.elementFromPoint(left + Math.min(width, innerWidth) / 2, top + Math.min(height, 80) / 2);
  return over !== null && (document.activeElement.contains(over) || over.closest("label") !== null || over.contains(document.activeElement));
}"""


async def reach(page: Page, target: Locator, *, key: str = "Tab") -> None:
    """Press a key until a control has the focus, and check that nothing covers it."""
    await expect(target).to_be_visible()
    for _ in range(MAX_TABS):
        if await target.evaluate(_IS_FOCUSED):
            break
        await page.keyboard.press(key)
    await expect(target).to_be_focused()
    assert await page.evaluate(_IS_IN_SIGHT), "what has the focus is covered, or not on the screen"


async def keeps_focus(page: Page) -> None:
    """Assert that the next Tab continues from somewhere, and not from the start of the page."""
    await expect(page.locator(":focus")).to_have_count(1)


async def test_sign_in_and_go_to_a_screen(admin: Person, new_person: NewPerson) -> None:
    """The first field has the focus; the skip link leads past the navigation, and a screen that opens keeps the focus."""
    person = await new_person()
    page, press = person.page, person.page.keyboard.press
    await person.open("/console/sign-in")
    await reach(page, page.get_by_label("E-mail"))
    await page.keyboard.type("ada@example.com")
    await press("Tab")
    await page.keyboard.type(PASSWORD)
    await press("Enter")
    await page.wait_for_url("**/console/test**")
    await expect(page.get_by_role("heading", name="Home")).to_be_visible()
    await reach(page, page.get_by_role("link", name="Library"))
    await press("Enter")
    await expect(page.get_by_role("heading", name="Library")).to_be_visible()
    await keeps_focus(page)
    await page.reload()
    await reach(page, page.get_by_role("link", name="Skip to the screen"))
    await press("Enter")
    await reach(page, page.get_by_role("searchbox", name="Search captions"))


async def test_a_search_keeps_the_focus(admin: Person, client: httpx2.Client, unique: str) -> None:
    """What is typed is searched, and Escape clears: the field keeps the focus, and what is typed on. It follows the address."""
    page, press = admin.page, admin.page.keyboard.press
    schedule(client, new_account(client, f"find{unique}"), "To be found")
    await admin.open("/console/test/queue")
    field = page.get_by_role("searchbox", name="Search captions and handles")
    await reach(page, field)
    await page.keyboard.type(f"find{unique}")
    await page.wait_for_url(f"**q=find{unique}*")
    rows = page.get_by_role("list", name="Posts: Upcoming").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    await page.keyboard.type(" j")
    await page.wait_for_url(f"**q=find{unique}%20j*")
    await expect(rows).to_have_count(0)
    await expect(field).to_be_focused()
    await expect(field).to_have_value(f"find{unique} j")
    await press("Escape")
    await page.wait_for_url("**/queue?view=upcoming")
    await expect(field).to_be_focused()
    await expect(field).to_have_value("")
    await page.go_back()
    await expect(field).to_have_value(f"find{unique} j")


@pytest.mark.exhaustive
async def test_everything_is_found_from_everywhere(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Ctrl-K opens one field: what is typed finds an account, a post and actions; Escape leads back to where the focus was."""
    page, press = admin.page, admin.page.keyboard.press
    (post,) = schedule(client, new_account(client, f"find{unique}"), f"Caraway {unique}")
    await admin.open("/console/test/library")
    field = page.get_by_role("searchbox", name="Search captions")
    await reach(page, field)
    await press("Control+K")
    palette = page.get_by_role("dialog", name="Search everything")
    await expect(palette.get_by_role("searchbox")).to_be_focused()
    assert page.url.endswith("#find")
    await press("Escape")
    await expect(palette).to_have_count(0)
    await expect(field).to_be_focused()
    assert "#" not in page.url

    await press("Control+K")
    await page.keyboard.type(f"@find{unique}", delay=20)
    hits = palette.get_by_role("group", name="Posts").get_by_role("menuitem")
    await expect(hits).to_have_count(1)
    await expect(palette.get_by_role("status")).to_have_text("3 results")
    await press("ArrowDown")
    await press("Enter")
    await page.wait_for_url(f"**/test/posts/{post}")
    await expect(palette).to_have_count(0)

    await press("Control+K")
    await page.keyboard.type("swi li")
    await expect(palette.get_by_role("menuitem")).to_have_count(1)
    await press("Enter")
    await page.wait_for_url("**/live/queue**")
    await expect(page.get_by_role("button", name="Environment: Live")).to_be_visible()
    await press("Control+K")
    await page.keyboard.type("connect an acc")
    await press("Enter")
    await page.wait_for_url("**/live/accounts?open=connect")
    await keeps_focus(page)


async def test_compose_and_publish(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A file, a caption and an account; what became of it is read out, and has the focus."""
    page, press = admin.page, admin.page.keyboard.press
    project = made(client.post("/v1/projects", json={"name": f"kb{unique}", "timezone": "UTC"}))
    for number in (1, 2):  # an only account would be chosen already
        connect(client, project, "instagram", f"kb{number}{unique}")
    await admin.open(f"/console/test/compose?project={project}")
    await reach(page, page.get_by_role("button", name=f"Instagram @kb1{unique}"))
    await press("Space")
    await reach(page, page.get_by_role("textbox", name="Text", exact=True))
    await page.keyboard.type(f"Typed {unique}")
    await reach(page, page.get_by_role("button", name="Choose files"))
    async with page.expect_file_chooser() as chooser:
        await press("Enter")
    await (await chooser.value).set_files(picture())
    publish = page.get_by_role("button", name="Publish now", exact=True)
    await expect(publish).to_be_enabled()
    await reach(page, publish)
    await press("Enter")
    await expect(page.get_by_role("listitem").filter(has_text=f"@kb1{unique}")).to_contain_text("Published")
    await keeps_focus(page)


@pytest.mark.exhaustive
async def test_cancel_from_the_menu_of_a_row(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The menu opens with Enter, its dialog asks, and the focus returns to the row."""
    page, press = admin.page, admin.page.keyboard.press
    (post,) = schedule(client, new_account(client, f"menu{unique}"), f"Menu {unique}")
    await admin.open(f"/console/test/queue?q={unique}")
    actions = page.get_by_role("button", name=f"Actions for Menu {unique}")
    await reach(page, actions)
    await press("Enter")
    await reach(page, page.get_by_role("menuitem", name="Cancel"), key="ArrowDown")
    await press("Enter")
    await reach(page, page.get_by_role("button", name="Cancel this post"))
    await press("Enter")
    await expect(page.get_by_text("The post is canceled.")).to_be_visible()
    await expect(page.get_by_role("listitem").filter(has_text=f"Menu {unique}")).to_contain_text("Canceled")
    await keeps_focus(page)
    assert read_post(client, post)["status"] == "canceled"


async def test_approve_and_come_to_the_next_item(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A row opens with Enter; after the approval, the next item has the focus. The list is one request."""
    page, press = admin.page, admin.page.keyboard.press
    account = new_account(client, f"box{unique}")
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    policy = {"policy": "review_all", "covers": "content_and_text"}
    assert client.patch(f"/v1/projects/{project}/content-review-policy", json=policy).is_success
    _, second, _ = (new_content(client, account, f"{name} {unique}") for name in ("First", "Second", "Third"))
    asked, both_are_asked = Counter[str](), asyncio.Event()

    def note(url: str) -> None:
        asked.update([url] if "/schedule-intents" in url else [])
        if len(asked) == 2:
            both_are_asked.set()

    page.on("request", lambda request: note(request.url))
    await admin.open(f"/console/test/approvals?project={project}")
    row = page.get_by_role("region", name="Inbox").get_by_role("link", name=f"Second {unique}")
    await page.wait_for_url("**content=*")  # the first item has opened
    await both_are_asked.wait()
    await reach(page, row)
    assert len(asked) == 2  # of the item that is shown and the next one, not of each row
    assert max(asked.values()) <= 2  # what was read before the event stream was open is read once more
    await press("Enter")
    await expect(page.get_by_text("2 of 3")).to_be_visible()
    await expect(page.locator("[data-pending]")).to_have_count(0)
    await press("a")
    await expect(page.get_by_role("alertdialog")).to_contain_text("Approved.")
    assert client.get(f"/v1/content/{second}").json()["approvalStatus"] == "approved"
    await expect(page.get_by_text("2 of 2")).to_be_visible()
    await keeps_focus(page)


async def test_the_first_item_takes_the_focus_from_no_row(admin: Person, project: Project) -> None:
    """The first item opens by itself once the window is wide enough; the row that a person has reached keeps the focus."""
    for caption in ("First", "Second"):
        project.content(caption)
    page = admin.page
    await page.set_viewport_size({"width": 800, "height": 780})
    await admin.open(project.inbox)
    row = page.get_by_role("region", name="Inbox").get_by_role("link", name="Second")
    await row.focus()
    await page.set_viewport_size({"width": 1280, "height": 780})
    await expect(page.get_by_role("article", name="Review").get_by_text("First", exact=True)).to_be_visible()
    await page.wait_for_url("**content=*")
    await expect(row).to_be_focused()


async def test_move_in_the_calendar(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Tab comes to today, arrows to the day, Tab to its post; M picks it up, and Enter drops it: also at the end of a month."""
    page, press = admin.page, admin.page.keyboard.press
    project = made(client.post("/v1/projects", json={"name": f"cal{unique}", "timezone": "UTC"}))
    account = connect(client, project, "instagram", f"cal{unique}")
    today = _day_before_another_page()
    tomorrow = today + timedelta(days=1)
    body = {
        "targets": [{"socialAccountId": account, "mode": "publish"}],
        "scheduledFor": datetime.combine(tomorrow, time(9, 30), UTC).isoformat(),
    }
    content = new_content(client, account, f"Moved {unique}")
    (post,) = client.post(f"/v1/content/{content}/schedule", json=body).json()["scheduledPostIds"]
    await page.clock.set_system_time(datetime.combine(today, time(12), UTC))
    await admin.open(f"/console/test/calendar?project={project}")
    await reach(page, page.locator('[role="gridcell"][aria-current="date"]'))
    await press("ArrowRight")
    link = page.get_by_role("link", name=f"Moved {unique}")
    await reach(page, link)
    await press("m")
    await press("ArrowRight")
    await press("Enter")
    await expect(page.get_by_text("Moved to")).to_be_visible()
    due = datetime.combine(tomorrow + timedelta(days=1), time(9, 30), UTC)
    assert datetime.fromisoformat(str(read_post(client, post)["scheduledFor"])) == due
    await reach(page, page.get_by_role("button", name="Undo"))
    await press("Enter")
    await expect(page.get_by_text("Moved back to")).to_be_visible()


@pytest.mark.exhaustive
async def test_create_a_key_and_invite_a_person(admin: Person, unique: str) -> None:
    """The first field of a dialog has the focus; the secret must be confirmed; the focus returns to the button."""
    page, press = admin.page, admin.page.keyboard.press
    await admin.open("/console/test/developers/keys")
    new = page.get_by_role("button", name="New key").first
    await reach(page, new)
    await press("Enter")
    await expect(page.get_by_label("Name")).to_be_focused()
    await page.keyboard.type(unique)
    await reach(page, page.get_by_role("button", name="Create the key"))
    await press("Enter")
    await reach(page, page.get_by_role("button", name="I have stored it"))
    await press("Enter")
    await expect(page.get_by_role("row").filter(has_text=unique)).to_be_visible()
    await expect(new).to_be_focused()

    await admin.open("/console/test/people")
    invite = page.get_by_role("button", name="Invite").first
    await reach(page, invite)
    await press("Enter")
    dialog = page.get_by_role("dialog")
    await reach(page, dialog.get_by_label("E-mail"))
    await page.keyboard.type(f"{unique}@example.com")
    await press("Enter")
    await reach(page, page.get_by_role("button", name="Done"))
    await press("Enter")
    await expect(page.get_by_role("row").filter(has_text=f"{unique}@example.com")).to_contain_text("invited")
    await expect(invite).to_be_focused()


def _day_before_another_page() -> date:
    """Return the end of a month that fills its last week, if there is one: the calendar shows the next day on another page."""
    today = datetime.now(UTC).date()
    days = (today + timedelta(days=number) for number in range(2, 360))
    month_ends = (day for day in days if (day + timedelta(days=1)).day == 1)
    return min(month_ends, key=lambda day: day.weekday() != SATURDAY)
