"""Planning: a queue with its slots in the calendar, a series of posts, a draft of two people, snippets and labels."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect
from tests.console.flows.conftest import NewPerson, Person, choose, findings_of_axe, signed_in
from tests.console.flows.posting import new_content, read_post, schedule
from tests.sdk.world import connect, made

BERLIN: Final = ZoneInfo("Europe/Berlin")


def _project(client: httpx2.Client, name: str) -> tuple[str, str]:
    """Return a new project and an account of it."""
    project = made(client.post("/v1/projects", json={"name": name, "timezone": BERLIN.key}))
    return project, connect(client, project, "instagram", name)


def _slot(day: date, hour: int) -> str:
    """Return a time of the day as the API writes it."""
    at = datetime(day.year, day.month, day.day, hour, tzinfo=BERLIN).astimezone(UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


async def _drag(page: Page, post: Locator, to: Locator) -> None:
    await post.hover()
    await page.mouse.down()
    box = await to.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=6)
    await page.mouse.up()


async def test_a_queue_gives_a_post_its_time_and_the_calendar_moves_it(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """A queue of three times a day is made, a post is added to it, and is dropped on a later slot of that day.

    A click on a free slot starts another post, which takes it.
    """
    page, handle = admin.page, f"shop{unique}"
    project, account = _project(client, handle)
    content = new_content(client, account, f"Bread {unique}")
    day = datetime.now(BERLIN).date() + timedelta(days=2)
    await admin.open(f"/console/test/accounts/projects/{project}/queues")
    await page.get_by_role("button", name="New queue").click()
    form = page.get_by_role("dialog", name="New queue")
    await form.get_by_label("Name").fill("Every day")
    await choose(form, "Days", "Every day")
    for time in ("08:00", "12:00", "20:00"):
        await form.get_by_label("Time to add").fill(time)
        await form.get_by_label("Time to add").press("Enter")
    await form.get_by_role("button", name="Take away Wednesday 12:00").click()
    await expect(form.get_by_role("button", name="Take away")).to_have_count(20)
    await choose(form, "Days", "Wednesday")
    await form.get_by_label("Time to add").fill("12:00")
    await form.get_by_role("button", name="Add", exact=True).click()
    await form.get_by_text("More", exact=True).click()
    await form.get_by_label("Paused until").fill(day.isoformat())
    assert await findings_of_axe(page) == []
    await form.get_by_role("button", name="Create the queue").click()
    await expect(page.get_by_role("list", name="Queues")).to_contain_text("21 times a week")

    await admin.open(f"/console/test/compose?content={content}")
    await page.get_by_role("button", name="Next slot").click()
    await expect(page.get_by_role("button", name="Next slot", pressed=True)).to_contain_text("08:00")
    await page.get_by_role("button", name="Add to the queue").click()
    row = page.get_by_role("region", name="What became of it").get_by_role("listitem")
    await expect(row).to_contain_text("08:00")
    (post,) = client.get("/v1/scheduled-posts", params={"containerId": content}).json()["items"]
    assert post["slotAt"] == _slot(day, 8)

    await admin.open(f"/console/test/calendar?project={project}&at={day:%Y-%m}")
    cell = page.locator(f"td[data-day='{day}']")
    await expect(cell.get_by_role("link")).to_contain_text("08:00")
    assert await findings_of_axe(page) == []
    await _drag(page, cell.get_by_role("link"), cell.get_by_role("button", name="20:00 Every day"))
    await expect(page.get_by_text("Moved to")).to_be_visible()
    moved = read_post(client, post["id"])
    assert (moved["slotAt"], moved["queueId"]) == (_slot(day, 20), post["queueId"])

    await admin.open(f"/console/test/posts/{post['id']}")
    await page.get_by_role("button", name="Move to a queue").click()
    choice = page.get_by_role("dialog", name="Move this post to a queue")
    await expect(choice).to_contain_text("at 08:00")
    assert await findings_of_axe(page) == []
    await choice.get_by_role("button", name="Move this post").click()
    await expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert read_post(client, post["id"])["slotAt"] == _slot(day, 8)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("20:00")).not_to_have_count(0)
    assert read_post(client, post["id"])["slotAt"] == _slot(day, 20)
    await admin.open(f"/console/test/calendar?project={project}&at={day:%Y-%m}")

    await cell.get_by_role("button", name="12:00 Every day").press("Enter")
    await expect(page.get_by_role("button", name="Slot:", pressed=True)).to_contain_text("12:00")
    await page.get_by_role("textbox", name="Text", exact=True).fill(f"Rolls {unique}")
    assert await findings_of_axe(page) == []


async def test_a_post_repeats_and_one_of_the_series_is_skipped(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """The rule is said in words with its first dates; one post is skipped, and the series ends with all that are queued."""
    page, handle = admin.page, f"shop{unique}"
    project, account = _project(client, handle)
    (first,) = schedule(client, account, f"Weekly {unique}")
    await admin.open(f"/console/test/posts/{first}")
    await page.get_by_role("button", name="Repeat…").click()
    form = page.get_by_role("dialog", name="Repeat this post")
    await choose(form, "Unit", "days")
    await form.get_by_label("Every").fill("3")
    await expect(form.get_by_role("status")).to_contain_text("Every 3 days at 09:00")
    assert await findings_of_axe(page) == []
    dates = form.get_by_role("status").get_by_role("listitem")
    second = await dates.nth(1).text_content()
    await form.get_by_role("button", name="Repeat it").click()
    await expect(page.get_by_text("It repeats: Every 3 days at 09:00.")).to_be_visible()

    def series() -> list[dict[str, Any]]:
        found = client.get("/v1/scheduled-posts", params={"projectId": project, "limit": 100}).json()["items"]
        return sorted((one for one in found if one["recurrenceId"]), key=lambda one: str(one["scheduledFor"]))

    skipped = series()[1]
    at = datetime.fromisoformat(skipped["scheduledFor"]).astimezone(BERLIN)
    assert f"{at:%A}, {at.day} {at:%B %Y} at 09:00" in str(second)
    await admin.open(f"/console/test/posts/{skipped['id']}")
    await expect(page.get_by_role("region", name="Series")).to_contain_text("Every 3 days at 09:00")
    await page.get_by_role("button", name="Skip this one").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Cancel this post").click()
    await expect(page.get_by_text("Canceled").first).to_be_visible()
    assert await findings_of_axe(page) == []

    await page.get_by_role("link", name="Recurring posts").click()
    await expect(page.get_by_role("list", name="Recurring posts")).to_contain_text("Every 3 days at 09:00")
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="End", exact=True).click()
    await page.get_by_role("button", name="End the series").click()
    await expect(page.get_by_text("Ended", exact=True)).to_be_visible()
    assert {one["status"] for one in series()} == {"canceled"}


@pytest.mark.exhaustive
async def test_two_people_see_what_the_other_writes_in_a_draft(
    admin: Person, new_person: NewPerson, client: httpx2.Client, unique: str
) -> None:
    """What one saves appears in the other's form, with a name, while that has nothing of its own that is not saved."""
    project, _ = _project(client, f"shop{unique}")
    colleague = await signed_in(new_person, client, "publisher", f"{unique}@example.com")
    texts = [person.page.get_by_role("textbox", name="Text", exact=True) for person in (admin, colleague)]
    await admin.open(f"/console/test/compose?project={project}")
    await texts[0].fill(f"Rye {unique}")
    await admin.page.get_by_role("button", name="Save draft").click()
    await admin.page.wait_for_url("**draft=drf_**")
    await expect(admin.page.get_by_text("Draft saved")).to_be_visible()
    await colleague.open(admin.page.url)
    await expect(texts[1]).to_have_value(f"Rye {unique}")
    await texts[1].fill(f"Rye bread {unique}")
    await expect(texts[0]).to_have_value(f"Rye bread {unique}")
    await expect(admin.page.get_by_text("Ines has changed this draft.")).to_be_visible()
    await texts[0].fill(f"Warm rye bread {unique}")
    await expect(texts[1]).to_have_value(f"Warm rye bread {unique}")


@pytest.mark.exhaustive
async def test_a_snippet_is_inserted_and_its_variable_is_filled_in(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """By a slash and by keys alone; the preview shows the value, and a name without one is a problem with a jump."""
    page = admin.page
    project, account = _project(client, f"shop{unique}")
    content = new_content(client, account, "Warm bread.")
    await admin.open(f"/console/test/accounts/projects/{project}/texts")
    await page.get_by_role("button", name="Add a variable").click()
    await page.get_by_label("Name").fill("city")
    await page.get_by_label("Value of city").fill("Lisbon")
    await page.get_by_role("button", name="Save the variables").click()
    await expect(page.get_by_text("Posts that are planned keep the values")).to_be_visible()
    await page.get_by_role("button", name="New snippet").click()
    form = page.get_by_role("dialog", name="New snippet")
    await form.get_by_label("Name").fill("Where")
    await form.get_by_label("Text").fill("Only in {{city}}.")
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("list", name="Snippets")).to_contain_text("Only in {{city}}.")
    assert await findings_of_axe(page) == []

    await admin.open(f"/console/test/compose?content={content}")
    text = page.get_by_role("textbox", name="Text", exact=True)
    await expect(text).to_have_value("Warm bread.")
    await text.press("ControlOrMeta+End")
    await text.press_sequentially(" /")
    search = page.get_by_role("searchbox", name="Search snippets")
    await expect(search).to_be_focused()
    await expect(page.get_by_role("menuitem", name="Where")).to_be_visible()
    await search.press_sequentially("whe")
    await search.press("ArrowDown")
    await search.press("Enter")
    await expect(text).to_have_value("Warm bread. Only in {{city}}.")
    await expect(text).to_be_focused()
    await expect(page.get_by_label("Preview").get_by_text("Only in Lisbon.")).to_be_visible()
    await text.press_sequentially(" Not in {{town}}")
    await page.get_by_role("status").get_by_role("button", name="{{town}} has no value").click()
    await expect(text).to_be_focused()


@pytest.mark.exhaustive
async def test_labels_are_chips_and_filters(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A label is typed where a post is written, is shown in the library, and narrows it and the queue."""
    page = admin.page
    project, account = _project(client, f"shop{unique}")
    schedule(client, account, f"Plain {unique}")
    content = new_content(client, account, f"Labelled {unique}")
    await admin.open(f"/console/test/content/{content}?edit=true")
    form = page.get_by_role("dialog", name="Edit the texts")
    await form.get_by_label("Labels").press_sequentially(f"autumn {unique},bread,")
    await form.get_by_role("button", name="Take the label bread away").click()
    assert await findings_of_axe(page) == []
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("list", name="Labels")).to_have_text(f"autumn {unique}")
    await admin.open(f"/console/test/library?project={project}")
    await expect(page.get_by_role("link", name="unique")).to_have_count(0)
    await page.get_by_role("button", name="Label", exact=True).click()
    await page.get_by_role("menuitemcheckbox", name=f"autumn {unique}").click()
    await page.keyboard.press("Escape")
    await expect(page.get_by_text(f"Labelled {unique}")).to_be_visible()
    await expect(page.get_by_text(f"Plain {unique}")).to_have_count(0)
    await admin.open(f'/console/test/queue?project={project}&label=["autumn {unique}"]')
    await expect(page.get_by_role("button", name=f"Label: autumn {unique}")).to_be_visible()
    await expect(page.get_by_text(f"Plain {unique}")).to_have_count(0)
