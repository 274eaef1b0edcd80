"""The calendar: dragging and keys across clock changes, slots of a week, refusals, busy months, and the phone's list."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect
from tests.console.flows.conftest import NewPerson, Person, choose, findings_of_axe, signed_in
from tests.console.flows.posting import new_content, read_post
from tests.sdk.world import connect, made
from tests.tiers import exhaustive

MORNING: Final = time(9, 30)
SHOWN_PER_DAY: Final = 3


def _project(client: httpx2.Client, name: str, zone: str) -> tuple[str, str]:
    """Return a new project in a zone, and an account of it."""
    project = made(client.post("/v1/projects", json={"name": name, "timezone": zone}))
    return project, connect(client, project, "instagram", name)


def _schedule(
    client: httpx2.Client, account: str, caption: str, *instants: datetime, also: Sequence[str] = ()
) -> list[str]:
    """Schedule content once for each instant, `also` for other accounts, and return the posts."""
    content = new_content(client, account, caption)
    targets = [{"socialAccountId": one, "mode": "publish"} for one in (account, *also)]
    posts = []
    for at in instants:
        body = {"targets": targets, "scheduledFor": at.astimezone(UTC).isoformat()}
        answer = client.post(f"/v1/content/{content}/schedule", json=body)
        assert answer.is_success, answer.text
        posts += answer.json()["scheduledPostIds"]
    return posts


def _due(client: httpx2.Client, post: str) -> datetime:
    return datetime.fromisoformat(str(read_post(client, post)["scheduledFor"]))


def _name(day: date) -> str:
    """Return how the calendar calls a day: "Sat 28 Mar 2026"."""
    month = "Sept" if day.month == 9 else f"{day:%b}"  # as British English has it
    return f"{day:%a} {day.day} {month} {day.year}"


def _days_ahead(first: int) -> Iterator[date]:
    today = datetime.now(UTC).date()
    return (today + timedelta(days=number) for number in range(first, 360))


def _clock_change(zone: ZoneInfo) -> date:
    """Return the next day on which the clocks of a zone change, and that a page of a month shows with its neighbours."""

    def offset(day: date) -> timedelta | None:
        return datetime.combine(day, time(12), zone).utcoffset()

    return next(day for day in _days_ahead(3) if day.day > 1 and offset(day) != offset(day - timedelta(days=1)))


def _cell(page: Page, day: date, hour: int | None = None) -> Locator:
    return page.get_by_role("gridcell", name=_name(day) + ("" if hour is None else f", {hour:02}:00"))


async def _drag(page: Page, post: Locator, to: Locator, *, part: float = 0.5) -> None:
    """Press the mouse on a post, and move it over a part of the height of a cell."""
    await to.scroll_into_view_if_needed()
    await post.hover()
    await page.mouse.down()
    box = await to.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * part, steps=4)


@pytest.mark.parametrize("zone", ["Europe/Berlin", *exhaustive(["America/New_York"])])
async def test_a_post_keeps_its_time_across_a_clock_change(
    admin: Person, client: httpx2.Client, unique: str, zone: str
) -> None:
    """Dragged over a clock change and taken back by keys, a post keeps 09:30, which is another instant in UTC."""
    page, change = admin.page, _clock_change(ZoneInfo(zone))
    day_before = change - timedelta(days=1)
    before, after = (datetime.combine(day, MORNING, ZoneInfo(zone)) for day in (day_before, change))
    assert after.astimezone(UTC) - before.astimezone(UTC) != timedelta(days=1)
    project, account = _project(client, f"clock{unique}", zone)
    (post,) = _schedule(client, account, f"Bread {unique}", before)
    await admin.open(f"/console/test/calendar?project={project}&at={change:%Y-%m}")

    await _drag(page, _cell(page, day_before).get_by_role("link", name=f"Bread {unique}"), _cell(page, change))
    await expect(page.get_by_text(f"{_name(change)}, 09:30, {zone}", exact=True)).to_be_visible()
    await page.mouse.up()
    await expect(page.get_by_text(f"Moved to {_name(change)}, 09:30, {zone}.")).to_be_visible()
    assert _due(client, post) == after

    await _cell(page, change).get_by_role("link", name=f"Bread {unique}").focus()
    await page.keyboard.press("m")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("status").get_by_text(f"{_name(day_before)}, 09:30, {zone}")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"Moved to {_name(day_before)}, 09:30, {zone}.")).to_be_visible()
    await expect(_cell(page, day_before)).to_be_focused()
    assert _due(client, post) == before


async def test_a_week_has_slots_and_a_move_can_be_undone(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A post that is dropped on a quarter of an hour of a week is due then; "Undo" takes it back to the second."""
    page, zone = admin.page, ZoneInfo("Europe/Berlin")
    day = next(_days_ahead(2))
    before = datetime.combine(day, time(10, 0, 42), zone)
    project, account = _project(client, f"week{unique}", zone.key)
    (post,) = _schedule(client, account, f"Rolls {unique}", before)
    await admin.open(f"/console/test/calendar?view=week&project={project}&at={day}")

    await _drag(page, _cell(page, day, 10).get_by_role("link", name=f"Rolls {unique}"), _cell(page, day, 14), part=0.6)
    await page.mouse.up()
    await expect(page.get_by_text(f"Moved to {_name(day)}, 14:30, {zone.key}.")).to_be_visible()
    assert _due(client, post) == datetime.combine(day, time(14, 30), zone)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Moved back to")).to_be_visible()
    await expect(_cell(page, day, 10).get_by_role("link", name=f"Rolls {unique}")).to_be_visible()
    assert _due(client, post) == before


async def test_content_moves_as_one_or_in_part(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Content for three accounts is one line. Dropped elsewhere, it asks whether all three move, which "Undo" takes back, or one."""
    page, (first, second, third) = admin.page, tuple(islice(_days_ahead(2), 3))
    if not first.month == second.month == third.month:  # all on one page
        first, second, third = (day + timedelta(days=3) for day in (first, second, third))
    at = datetime.combine(first, MORNING, UTC)
    project, account = _project(client, f"group{unique}", "UTC")
    also = [connect(client, project, "instagram", f"{name}{unique}") for name in ("bar", "cafe")]
    posts = _schedule(client, account, f"Scones {unique}", at, also=also)
    await admin.open(f"/console/test/calendar?project={project}&at={first:%Y-%m}")

    lines = page.get_by_role("grid").get_by_role("link", name=f"Scones {unique}")
    await expect(lines).to_have_count(1)
    await expect(lines).to_contain_text("3 queued")
    await _drag(page, lines, _cell(page, second))
    await page.mouse.up()
    dialog = page.get_by_role("dialog", name="Move these 3 posts")
    await expect(dialog).to_contain_text(f"They will be published on {_name(second)}, 09:30, UTC")
    assert f"move={'.'.join(posts)}" in page.url
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("button", name="Move all 3").click()
    await expect(page.get_by_text(f"Moved 3 posts to {_name(second)}, 09:30, UTC.")).to_be_visible()
    assert {_due(client, post) for post in posts} == {at + timedelta(days=1)}
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Moved 3 posts back to")).to_be_visible()
    await expect(_cell(page, first).get_by_role("link", name=f"Scones {unique}")).to_be_visible()
    assert {_due(client, post) for post in posts} == {at}

    await lines.focus()
    await page.keyboard.press("m")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await dialog.get_by_role("radio", name=f"@cafe{unique}").check(force=True)  # the label is over it
    await dialog.get_by_role("button", name="Move only this one").click()
    await expect(page.get_by_text(f"Moved to {_name(third)}, 09:30, UTC.")).to_be_visible()
    await expect(lines).to_have_count(2)
    assert sorted(_due(client, post) for post in posts) == [at, at, at + timedelta(days=2)]


async def test_a_day_or_an_hour_starts_a_post(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A click on the room of a day opens Compose with that day, C on an hour of a week with that hour; what is over opens nothing."""
    page, zone = admin.page, ZoneInfo("Asia/Tokyo")
    day = next(_days_ahead(3))
    project, _ = _project(client, f"room{unique}", zone.key)
    await admin.open(f"/console/test/calendar?project={project}&at={day:%Y-%m}")
    await _cell(page, day).click(position={"x": 40, "y": 80})
    await page.wait_for_url("**/compose**")
    month = f"{day:%b}".replace("Sep", "Sept")
    await expect(page.get_by_role("button", name=f"{day.day} {month}, 09:00")).to_be_visible()

    await admin.open(f"/console/test/calendar?view=week&project={project}&at={day}")
    await _cell(page, day, 14).focus()
    await page.keyboard.press("c")
    await page.wait_for_url("**/compose**")
    await expect(page.get_by_role("button", name=f"{day.day} {month}, 14:00")).to_be_visible()

    past = datetime.now(zone).date() - timedelta(days=32)
    await admin.open(f"/console/test/calendar?project={project}&at={past:%Y-%m}")
    await _cell(page, past).click(position={"x": 40, "y": 80})
    await expect(page.get_by_role("heading", name="Calendar")).to_be_visible()


@pytest.mark.exhaustive
async def test_a_week_opens_at_the_present_hour(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Empty nights are one row, which shows its hours; a post in the night keeps them."""
    page, today, day = admin.page, datetime.now(UTC).date(), next(_days_ahead(8))
    project, account = _project(client, f"night{unique}", "UTC")
    await page.clock.set_system_time(datetime.combine(today, time(22, 30), UTC))
    await admin.open(f"/console/test/calendar?view=week&project={project}")
    await expect(_cell(page, today, 22)).to_be_in_viewport()
    await expect(page.locator(".now-line")).to_be_in_viewport()
    await expect(page.locator('[data-hour-row="5"]')).to_have_count(0)
    await page.get_by_role("button", name="Nothing until 07:00. Show these hours").click()
    await expect(page.locator('[data-hour-row="5"]')).to_have_count(1)
    assert await findings_of_axe(page) == []

    _schedule(client, account, f"Early {unique}", datetime.combine(day, time(5, 39), UTC))
    await admin.open(f"/console/test/calendar?view=week&project={project}&at={day}")
    await expect(_cell(page, day, 5).get_by_role("link", name=f"Early {unique}")).to_be_in_viewport()
    await expect(page.locator(".now-line")).to_have_count(0)


@pytest.mark.exhaustive
async def test_what_is_refused_returns(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A day that is over is refused without a request. What the API refuses returns to its day, with the API's sentence."""
    page, asked = admin.page, []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/reschedule") else None)
    day = next(_days_ahead(1))
    last = datetime.now(UTC) + timedelta(days=362)
    project, account = _project(client, f"late{unique}", "UTC")
    first, _ = _schedule(client, account, f"Buns {unique}", datetime.combine(day, MORNING, UTC), last)

    await admin.open(f"/console/test/calendar?project={project}&at={day:%Y-%m}")
    await _cell(page, day).get_by_role("link", name=f"Buns {unique}").focus()
    await page.keyboard.press("m")
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_text("This is over; a post can't be moved there.")).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("is over. Choose a later day or time.")).to_be_visible()
    assert (asked, _due(client, first)) == ([], datetime.combine(day, MORNING, UTC))

    admin.expected += ["/reschedule", "400", "422"]
    await admin.open(f"/console/test/calendar?project={project}&at={last:%Y-%m}")
    await _cell(page, last.date()).get_by_role("link", name=f"Buns {unique}").focus()
    await page.keyboard.press("m")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The post was not moved.")).to_contain_text("365 days")
    await page.goto(f"/console/test/calendar?project={project}&at={last:%Y-%m}")
    await expect(_cell(page, last.date()).get_by_role("link", name=f"Buns {unique}")).to_be_visible()


@pytest.mark.exhaustive
async def test_a_busy_month_reads_and_shows_a_few_posts_per_day(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """The numbers of a month are one request; each day of a busy week reads its first content, and opens as a paged list."""
    page, lists, summaries = admin.page, set(), Counter[str]()

    def note(url: str) -> None:
        if urlsplit(url).path == "/v1/scheduled-posts":
            lists.add(url)
        elif urlsplit(url).path == "/v1/scheduled-posts/summary":
            summaries[url] += 1

    page.on("request", lambda request: note(request.url))
    # The browser's weeks begin on Sunday. Posts of a busy week: content for two accounts, 9 times a day.
    sunday = next(day for day in _days_ahead(2) if day.weekday() == 6 and (day + timedelta(days=6)).month == day.month)
    midnight = datetime.combine(sunday, time(), UTC)
    instants = [midnight + timedelta(days=number // 9, hours=6 + number % 9) for number in range(7 * 9)]
    project, account = _project(client, f"busy{unique}", "UTC")
    _schedule(client, account, f"Loaf {unique}", *instants, also=[connect(client, project, "tiktok", f"busy{unique}")])

    await admin.open(f"/console/test/calendar?project={project}&at={sunday:%Y-%m}")
    grid = page.get_by_role("grid")
    await expect(grid.get_by_role("button", name="+12 posts")).to_have_count(7)
    await expect(grid.get_by_role("link")).to_have_count(7 * SHOWN_PER_DAY)
    assert (len(lists), len(summaries)) == (7, 1)
    assert summaries.total() <= 2  # what was read before the event stream was open is read once more
    await expect(_cell(page, sunday)).to_contain_text("18 posts: 18 queued")

    await _cell(page, sunday).get_by_role("button", name="+12 posts").click()
    panel = page.get_by_role("complementary", name=_name(sunday))
    await expect(panel.get_by_role("link")).to_have_count(9)
    assert f"day={sunday}" in page.url
    assert await findings_of_axe(page) == []


@pytest.mark.exhaustive
async def test_a_filter_leaves_no_post_of_another_account(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A week in which the chosen account has no post shows none, in the grid as in the numbers."""
    page = admin.page
    day = next(day for day in _days_ahead(2) if (day + timedelta(days=7)).month == day.month)
    later = day + timedelta(days=7)
    project, first = _project(client, f"first{unique}", "UTC")
    second = connect(client, project, "instagram", f"second{unique}")
    _schedule(client, first, f"Oats {unique}", datetime.combine(day, MORNING, UTC))
    _schedule(client, second, f"Rye {unique}", datetime.combine(later, MORNING, UTC))
    await admin.open(f"/console/test/calendar?project={project}&at={day:%Y-%m}")
    await expect(_cell(page, day).get_by_role("link", name=f"Oats {unique}")).to_be_visible()
    await choose(page, "Account", f"@second{unique}")
    await expect(_cell(page, later).get_by_role("link", name=f"Rye {unique}")).to_be_visible()
    await expect(_cell(page, day)).to_contain_text("no posts")
    await expect(page.get_by_role("grid").get_by_role("link")).to_have_count(1)


async def test_the_days_are_those_of_the_only_project(
    new_person: NewPerson, client: httpx2.Client, unique: str
) -> None:
    """A person who sees one project is not asked to choose its zone: a move keeps 09:30 there across a clock change."""
    zone = ZoneInfo("America/New_York")
    change = _clock_change(zone)
    day_before = change - timedelta(days=1)
    before, after = (datetime.combine(day, MORNING, zone) for day in (day_before, change))
    project, account = _project(client, f"only{unique}", zone.key)
    (post,) = _schedule(client, account, f"Tart {unique}", before)
    person = await signed_in(new_person, client, "publisher", f"{unique}@example.com", projectIds=[project])
    page = person.page
    await person.open(f"/console/test/calendar?at={change:%Y-%m}")
    await expect(page.get_by_role("button", name=f"{zone.key} Time zone")).to_be_visible()
    await _cell(page, day_before).get_by_role("link", name=f"Tart {unique}").focus()
    await page.keyboard.press("m")
    await page.keyboard.press("ArrowRight")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text(f"Moved to {_name(change)}, 09:30, {zone.key}.")).to_be_visible()
    assert _due(client, post) == after
    await choose(page, "Time zone", "(yours)")
    await expect(page).to_have_url(re.compile(r"[?&]zone=UTC"))
    await expect(_cell(page, change).get_by_role("link", name=f"Tart {unique}")).to_contain_text(
        f"{after.astimezone(UTC):%H:%M}"
    )
    await choose(page, "Time zone", zone.key)
    await expect(page).not_to_have_url(re.compile("zone="))


async def test_a_phone_lists_the_days(admin: Person, client: httpx2.Client, unique: str) -> None:
    """At 360 px, the calendar is a list of days, and a post is moved from its menu with a date field."""
    page, day = admin.page, next(_days_ahead(2))
    due = datetime.combine(day, time(10, 15), UTC)
    project, account = _project(client, f"phone{unique}", "UTC")
    (post,) = _schedule(client, account, f"Cake {unique}", due)
    await page.set_viewport_size({"width": 360, "height": 740})
    await admin.open(f"/console/test/calendar?project={project}&at={day:%Y-%m}")

    listed = page.get_by_role("region", name=f"{_name(day)}, 1 post: 1 queued")
    await expect(listed.get_by_role("link", name=f"Cake {unique}")).to_be_visible()
    assert await findings_of_axe(page) == []
    await listed.get_by_role("button", name=f"Actions for “Cake {unique}”").click()
    await page.get_by_role("menuitem", name="Move to…").click()
    dialog = page.get_by_role("dialog", name="Move this post")
    await dialog.get_by_role("spinbutton", name="minute").press("ArrowUp")
    await expect(dialog.get_by_text(f"{_name(day)}, 10:16, UTC")).to_be_visible()
    await dialog.get_by_role("button", name="Move", exact=True).click()
    await expect(page.get_by_text(f"Moved to {_name(day)}, 10:16, UTC.")).to_be_visible()
    assert _due(client, post) == due + timedelta(minutes=1)


async def test_a_post_in_a_repeated_hour_stays_there(admin: Person, client: httpx2.Client, unique: str) -> None:
    """ "Move" does nothing before another time is chosen: a post in the second of two equal hours is not moved to the first."""
    page = admin.page
    second, zone = min((_second_hour(ZoneInfo(name)), name) for name in ("Europe/Berlin", "Australia/Sydney"))
    project, account = _project(client, f"twice{unique}", zone)
    _schedule(client, account, f"Tart {unique}", second)
    await page.set_viewport_size({"width": 360, "height": 740})
    await admin.open(f"/console/test/calendar?project={project}&at={second.astimezone(ZoneInfo(zone)):%Y-%m}")
    await page.get_by_role("button", name=f"Actions for “Tart {unique}”").click()
    await page.get_by_role("menuitem", name="Move to…").click()
    dialog = page.get_by_role("dialog", name="Move this post")
    move = dialog.get_by_role("button", name="Move", exact=True)
    await expect(dialog.get_by_role("spinbutton", name="minute")).to_be_visible()
    await expect(move).to_be_disabled()
    await dialog.get_by_role("spinbutton", name="minute").press("ArrowUp")
    await expect(move).to_be_enabled()


def _second_hour(zone: ZoneInfo) -> datetime:
    """Return the middle of the next hour, in UTC, that the clocks of a zone show a second time."""
    hours = (datetime.combine(day, time(hour, 30), UTC) for day in _days_ahead(2) for hour in range(24))
    return next(at for at in hours if at.astimezone(zone).fold)
