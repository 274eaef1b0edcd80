"""The queue: filters, lanes, selection, actions on many posts, the keyboard, and a server that goes away."""

import asyncio
import re
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.async_api import Route, expect
from tests.cli.program import Up, until
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.posting import (
    live_posts,
    new_account,
    new_content,
    publish,
    publish_content,
    read_post,
    schedule,
)
from tests.console.flows.test_keyboard import reach
from tests.sdk.world import connect

_AWAY: Final = "net::ERR_"
"""What the browser reports while the server is away."""

_LEAVE: Final = """() => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }))"""
"""Whether the page asks before its tab is closed or reloaded."""

_HIDE: Final = """() => {
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def _times(client: httpx2.Client, posts: list[str]) -> list[datetime]:
    return [datetime.fromisoformat(str(read_post(client, post)["scheduledFor"])) for post in posts]


def _schedule_to(client: httpx2.Client, accounts: list[str], caption: str) -> list[str]:
    """Schedule content for noon of the day after tomorrow to accounts of one project, and return the posts."""
    at = datetime.combine(datetime.now(UTC).date() + timedelta(days=2), time(12), UTC)
    body = {
        "targets": [{"socialAccountId": account, "mode": "publish"} for account in accounts],
        "scheduledFor": at.isoformat(),
    }
    answer = client.post(f"/v1/content/{new_content(client, accounts[0], caption)}/schedule", json=body)
    assert answer.is_success, answer.text
    return list(answer.json()["scheduledPostIds"])


async def test_filters_and_lanes_are_part_of_the_address(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A filter survives a reload and can be cleared; a lane shows the posts of one account, also on a phone."""
    page = admin.page
    for name in ("oak", "elm"):
        schedule(client, new_account(client, f"{name}{unique}"), f"Under the {name} {unique}")
    await admin.open(f"/console/test/queue?q={unique}")
    rows = page.get_by_role("list", name="Posts: Upcoming").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="Account", exact=True).click()
    await page.get_by_role("menuitemradio", name=f"@oak{unique}").click()
    await page.wait_for_url("**account=sa_**")
    await expect(rows).to_have_count(1)
    await page.reload()
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text(f"Under the oak {unique}")
    await page.get_by_role("button", name="Accounts").click()
    await page.wait_for_url("**by=account**")
    await page.set_viewport_size({"width": 360, "height": 800})
    lane = page.get_by_role("list", name="Accounts").get_by_role("listitem").filter(has_text=f"@oak{unique}").first
    await expect(lane).to_contain_text("1 post")
    await expect(lane.get_by_role("link", name=f"Under the oak {unique}")).to_be_visible()
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Clear").click()
    await expect(page.get_by_role("button", name="Account", exact=True)).to_be_visible()
    assert "account=sa_" not in page.url


async def test_moving_many_posts_can_be_undone(admin: Person, client: httpx2.Client, unique: str) -> None:
    """All posts are moved by a day after a dialog that names their number, and moved back to where they were."""
    page = admin.page
    posts = schedule(client, new_account(client, f"late{unique}"), f"Fair {unique}", copies=3)
    before = _times(client, posts)
    await admin.open(f"/console/test/queue?q={unique}")
    await page.get_by_role("checkbox", name="Select all 3").click()
    await page.get_by_role("region", name="Selected posts").get_by_role("button", name="Move").click()
    dialog = page.get_by_role("dialog", name="Move 3 posts")
    await expect(dialog).to_contain_text("The first of 3 posts is then due on")
    await dialog.get_by_role("button", name="Move 3 posts").click()
    results = page.get_by_role("alertdialog", name="3 posts moved")
    await expect(results.get_by_role("listitem")).to_have_count(3)
    zone = ZoneInfo("Europe/Berlin")  # where a day may have another length than 24 hours
    assert _times(client, posts) == [(then.astimezone(zone) + timedelta(days=1)).astimezone(UTC) for then in before]
    await results.get_by_role("button", name="Undo: move 3 posts back").click()
    await expect(page.get_by_role("alertdialog", name="3 posts moved back")).to_be_visible()
    assert _times(client, posts) == before


@pytest.mark.exhaustive
async def test_canceling_many_posts_names_what_it_skips(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A dialog says how many posts are canceled, and which not and why; a post whose call fails stays selected."""
    page = admin.page
    posts = schedule(client, new_account(client, f"many{unique}"), f"Sale {unique}", copies=4)
    await admin.open(f"/console/test/queue?q={unique}")
    boxes = page.get_by_role("checkbox", name=f"Select Sale {unique}")
    await boxes.nth(0).click()
    await boxes.nth(3).click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected posts")
    await expect(bar).to_contain_text("4 selected")
    assert client.request("DELETE", f"/v1/scheduled-posts/{posts[1]}").is_success
    await bar.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("alertdialog", name="Cancel 3 posts?")
    await expect(dialog).to_contain_text("1 post will be skipped")
    await expect(dialog).to_contain_text("it is already canceled")
    assert await findings_of_axe(page) == []

    async def be_late(route: Route) -> None:
        assert client.request("DELETE", f"/v1/scheduled-posts/{posts[3]}").is_success
        await route.continue_()

    await page.route("**/v1/scheduled-posts/bulk", be_late)
    await dialog.get_by_role("button", name="Cancel 3 posts").click()
    results = page.get_by_role("alertdialog", name="2 posts canceled")
    await expect(results).to_contain_text("1 post failed and stays selected.")
    await expect(results.get_by_role("listitem").first).to_contain_text("canceled")
    await expect(results.get_by_role("listitem").first).to_have_class("result bad")
    await results.get_by_role("button", name="Done").click()
    await expect(bar).to_contain_text("1 selected")
    assert f"selected={posts[3]}" in page.url
    assert {read_post(client, post)["status"] for post in posts} == {"canceled"}


@pytest.mark.exhaustive
async def test_many_posts_are_taken_down(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Selected ones with a result for each, and all that match, which says how many it skips."""
    page, names = admin.page, (f"one{unique}", f"two{unique}")
    (canceled,) = schedule(client, new_account(client, f"three{unique}"), f"Sale three{unique}")
    assert client.request("DELETE", f"/v1/scheduled-posts/{canceled}").is_success
    first, second = (live_posts(client, name, "threads")[0] for name in names)
    await admin.open(f"/console/test/queue?view=done&q={unique}")
    await page.get_by_role("checkbox", name=f"Select Sale {names[0]}").click(force=True)
    await page.get_by_role("checkbox", name=f"Select Sale three{unique}").click(force=True)
    bar = page.get_by_role("region", name="Selected posts")
    await bar.get_by_role("button", name="Take down").click()
    dialog = page.get_by_role("alertdialog", name="Take 1 post down?")
    await expect(dialog).to_contain_text("it is already canceled")
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("button", name="Take 1 post down").click()
    results = page.get_by_role("alertdialog", name="Taking 1 post down")
    await expect(results.get_by_role("listitem")).to_contain_text(re.compile(": taken down$"))
    await results.get_by_role("button", name="Done").click()
    row = page.get_by_role("listitem").filter(has_text=f"Sale {names[0]}")
    await expect(row).to_contain_text("Taken down")
    await admin.open(f"/console/test/queue?view=done&q={unique}&selected=all")
    await bar.get_by_role("button", name="Take down").click()
    dialog = page.get_by_role("alertdialog", name="Take all 1 post down?")
    await expect(dialog).to_contain_text("2 posts will be skipped: not live.")
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("button", name="Take all 1 post down").click()
    await expect(page.get_by_role("list", name="Results")).to_contain_text(re.compile(": taken down$"))
    assert [read_post(client, post)["liveStatus"] for post in (first, second, canceled)] == [
        "taken_down",
        "taken_down",
        None,
    ]


@pytest.mark.exhaustive
async def test_a_job_in_the_background_reports_what_failed(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Posts are canceled by the server: the tab may be closed. A message counts both kinds, and only the post that failed stays selected."""
    page, is_slow = admin.page, True
    posts = schedule(client, new_account(client, f"back{unique}"), f"Stock {unique}", copies=3)
    await admin.open(f"/console/test/queue?q={unique}")
    await page.get_by_role("checkbox", name="Select all 3").click()
    bar = page.get_by_role("region", name="Selected posts")
    await bar.get_by_role("button", name="Cancel").click()

    async def be_late(route: Route) -> None:
        assert client.request("DELETE", f"/v1/scheduled-posts/{posts[2]}").is_success
        await route.continue_()

    async def be_slow(route: Route) -> None:
        answer = await route.fetch()
        slow = {"status": "running", "done": 0, "failed": 0, "items": []}
        await route.fulfill(response=answer, json={**await answer.json(), **(slow if is_slow else {})})

    await page.route("**/v1/scheduled-posts/bulk", be_late)
    await page.route("**/v1/bulk/*", be_slow)
    await page.get_by_role("button", name="Cancel 3 posts").click()
    results = page.get_by_role("alertdialog", name="0 of 3 posts")
    await page.wait_for_url("**jobs=blk_**")
    await page.reload()  # the dialog is part of the address
    await expect(results).to_contain_text("This continues also if you close the tab.")
    await results.get_by_role("button", name="Hide").click()
    await expect(results).to_have_count(0)
    assert not await page.evaluate(_LEAVE)
    is_slow = False
    await expect(page.get_by_text("2 posts canceled, 1 failed.")).to_be_visible()
    await expect(bar).to_contain_text("1 selected")
    assert f"selected={posts[2]}" in page.url


async def test_one_piece_of_content_is_one_row(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A row has the accounts of a piece of content and opens into its posts; what is done says with how many, or with one."""
    page, press = admin.page, admin.page.keyboard.press
    account = new_account(client, f"one{unique}")
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    accounts = [account, connect(client, project, "instagram", f"two{unique}")]
    posts = _schedule_to(client, accounts, f"Both {unique}")
    before = _times(client, posts)
    await admin.open(f"/console/test/queue?q={unique}")
    rows = page.get_by_role("list", name="Posts: Upcoming").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("2 queued")
    await expect(rows.get_by_role("img", name=f"@two{unique} on Instagram: queued")).to_be_visible()
    await expect(page.get_by_role("heading", name="2 go out")).to_be_visible()

    await press("j")
    await press("Enter")
    inner = page.get_by_role("list", name=f"Posts of Both {unique}").get_by_role("listitem")
    await expect(inner).to_have_count(2)
    await page.wait_for_url("**open=cnt_**")
    await press("j")
    await expect(inner.first.get_by_role("link")).to_be_focused()
    await press("x")
    await expect(page.get_by_role("region", name="Selected posts")).to_contain_text("1 selected")
    await press("k")
    await press("x")  # the rest of the row
    await expect(page.get_by_role("region", name="Selected posts")).to_contain_text("2 selected")
    assert await findings_of_axe(page) == []
    await press("Escape")

    await page.get_by_role("button", name=f"Actions for Both {unique}").click()
    await page.get_by_role("menuitem", name="Move all 2").click()
    dialog = page.get_by_role("dialog", name="Move 2 posts")
    await dialog.get_by_role("button", name="Move 2 posts").click()
    results = page.get_by_role("alertdialog", name="2 posts moved")
    await expect(results).to_be_visible()
    assert all(now > then for now, then in zip(_times(client, posts), before, strict=True))
    await results.get_by_role("button", name="Undo: move 2 posts back").click()
    await expect(page.get_by_role("alertdialog", name="2 posts moved back")).to_be_visible()
    assert _times(client, posts) == before
    await page.get_by_role("button", name="Done").click()

    await page.get_by_role("button", name=f"Actions for @two{unique}").press("Enter")
    await page.get_by_role("menuitem", name="Cancel only this one").press("Enter")
    await page.get_by_role("button", name="Cancel this post").press("Enter")
    await expect(rows.first).to_contain_text("1 queued, 1 canceled")
    assert [read_post(client, post)["status"] for post in posts] == ["queued", "canceled"]


async def test_all_that_match_are_canceled_also_those_that_are_not_loaded(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """Once all loaded rows are selected, a button offers all that match; a day is part of the filter."""
    page, released = admin.page, asyncio.Event()
    posts = schedule(client, new_account(client, f"all{unique}"), f"All {unique}", copies=3)

    async def two_per_page(route: Route) -> None:
        if "cursor=" in route.request.url:
            await released.wait()
        await route.continue_(url=route.request.url.replace("limit=25", "limit=2"))

    await page.route("**/v1/scheduled-posts?**", two_per_page)
    await admin.open(f"/console/test/queue?q={unique}")
    await page.get_by_role("button", name="Go to a day").click()
    await page.get_by_role("dialog", name="Go to a day").get_by_role("button", name="Today").click()
    await page.wait_for_url(f"**since={datetime.now(UTC):%Y-%m}**")
    await page.get_by_role("checkbox", name="Select all 2", exact=True).click()
    await page.get_by_role("button", name="Select all 3 that match").click()
    bar = page.get_by_role("region", name="Selected posts")
    await expect(bar).to_contain_text("3 selected")
    await bar.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Cancel all 3 posts").click()
    await expect(page.get_by_role("alertdialog", name="3 posts canceled")).to_be_visible()
    assert {read_post(client, post)["status"] for post in posts} == {"canceled"}
    released.set()


async def test_an_event_does_not_take_the_next_page_away(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A post is scheduled while the next page, which the end of the list asks for, is on its way: both are shown."""
    page, released = admin.page, asyncio.Event()
    account = new_account(client, f"more{unique}")
    schedule(client, account, f"Seeds {unique}", copies=3)

    async def two_per_page(route: Route) -> None:
        if "cursor=" in route.request.url:
            await released.wait()
        await route.continue_(url=route.request.url.replace("limit=25", "limit=2"))

    await page.route("**/v1/scheduled-posts?**", two_per_page)
    async with page.expect_request(lambda request: "cursor=" in request.url):
        await admin.open(f"/console/test/queue?q={unique}")
    rows = page.get_by_role("list", name="Posts: Upcoming").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    async with page.expect_response(
        lambda answer: "/v1/scheduled-posts?" in answer.url and "cursor=" not in answer.url
    ):
        schedule(client, account, f"Hay {unique}")
    released.set()
    await expect(rows).to_have_count(4)


async def test_a_post_is_due_now_whatever_the_clock_says(admin: Person, client: httpx2.Client, unique: str) -> None:
    """On a computer whose clock is slow or fast, “Publish now” means now."""
    page = admin.page
    posts = schedule(client, new_account(client, f"clock{unique}"), f"Now {unique}", copies=2)
    for post, minutes in zip(posts, (-1, 10), strict=True):
        await page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=minutes))
        await admin.open(f"/console/test/posts/{post}?act=publish")
        await page.get_by_role("button", name="Publish this post now").click()
        await expect(page.get_by_text("The post is due now.")).to_be_visible()
        (due,) = _times(client, [post])
        assert due <= datetime.now(UTC), f"with a clock that differs by {minutes} minutes"


async def test_a_post_is_canceled_with_the_keyboard_alone(admin: Person, client: httpx2.Client, unique: str) -> None:
    """J goes to the post, C asks, Enter cancels it, and the row stays in its place until the list is left."""
    page, press = admin.page, admin.page.keyboard.press
    (post,) = schedule(client, new_account(client, f"keys{unique}"), f"Keys {unique}")
    await admin.open(f"/console/test/queue?q={unique}")
    row = page.get_by_role("listitem").filter(has_text=f"Keys {unique}")
    await expect(row).to_be_visible()
    await press("?")
    await expect(page.get_by_role("dialog", name="Keyboard")).to_contain_text("To the next row")
    await expect(page.get_by_role("dialog")).to_be_focused()
    await press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await press("j")
    await expect(row.get_by_role("link")).to_be_focused()
    await press("Backspace")
    await reach(page, page.get_by_role("button", name="Cancel this post"))
    await press("Enter")
    await expect(page.get_by_text("The post is canceled.")).to_be_visible()
    await expect(row).to_contain_text("Canceled")
    assert read_post(client, post)["status"] == "canceled"


@pytest.mark.exhaustive
async def test_the_list_follows_again_after_it_was_updated(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Rows stand still under the pointer until “1 new” is pressed and it leaves. With the keyboard, the first row has the focus then."""
    page, account = admin.page, new_account(client, f"new{unique}")
    schedule(client, account, f"First {unique}", copies=2)
    await admin.open(f"/console/test/queue?q={unique}")
    rows = page.get_by_role("list", name="Posts: Upcoming").get_by_role("listitem")
    update = page.get_by_role("button", name="1 new")
    await expect(rows).to_have_count(2)
    await rows.first.hover()
    schedule(client, account, f"Second {unique}")
    await update.click()
    await expect(rows).to_have_count(3)
    await page.mouse.move(0, 0)
    schedule(client, account, f"Third {unique}")
    await expect(rows).to_have_count(4)

    await page.keyboard.press("j")
    await expect(rows.first.get_by_role("link")).to_be_focused()
    schedule(client, account, f"Fourth {unique}")
    await update.focus()
    await page.keyboard.press("Enter")
    await expect(rows).to_have_count(5)
    await expect(rows.first.get_by_role("link")).to_be_focused()


@pytest.mark.exhaustive
async def test_a_post_of_unknown_outcome_is_published_again(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The answer of the live call is lost, and then the access. Its page says where to look first; the posts have links."""
    page, handle = admin.page, f"lost{unique}"
    account = new_account(client, handle)

    def fault(operation: str, name: str, **more: object) -> None:
        body = {"platform": "instagram", "operation": operation, "fault": name, "handle": handle, **more}
        assert client.post("/sandbox/control/faults", json=body).is_success

    fault("media_publish", "drop_after_effect")
    fault("container_status", "token_expired", skip=1)  # the second read is that after the live call
    post = publish(client, account, f"Lost {unique}")
    assert until(lambda: read_post(client, post)["status"] == "failed")
    await admin.open(f"/console/test/posts/{post}")
    await expect(page.get_by_text("It is not known whether this post went live")).to_be_visible()
    assert connect(client, str(read_post(client, post)["projectId"]), "instagram", handle) == account
    await page.get_by_role("button", name="Publish again").click()
    dialog = page.get_by_role("dialog", name="Publish this post again?")
    await expect(dialog).to_contain_text(f"Open @{handle} on Instagram")
    confirm = dialog.get_by_role("button", name="Publish this post again")
    await expect(confirm).to_be_disabled()
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("checkbox", name=f"I looked at @{handle}").check()
    await confirm.click()
    await expect(page.get_by_text("This post repeats a former post")).to_be_visible()
    await page.get_by_text("Timeline", exact=True).click()
    await expect(page.get_by_role("list").filter(has_text="Published again from")).to_contain_text("Published.")
    await page.get_by_role("link", name="a former post").click()
    await expect(page.get_by_text("This post was published again as a later post (published)")).to_be_visible()


@pytest.mark.exhaustive
async def test_nothing_is_missed_or_shown_twice_after_the_server_was_killed(
    admin: Person, client: httpx2.Client, up: Up, unique: str
) -> None:
    """The API process is killed while the queue is open: posts of the time without it appear, each once."""
    page = admin.page
    account = new_account(client, f"kill{unique}")
    await admin.open(f"/console/test/queue?view=done&q={unique}")
    await expect(page.get_by_text("Updates by itself")).to_be_visible()
    publish(client, account, f"First {unique}")
    rows = page.get_by_role("list", name="Posts: Done").get_by_role("listitem")
    await expect(rows).to_have_count(1)
    admin.expected = [_AWAY]
    killed = up.part("api")
    killed.kill()
    assert until(lambda: _answers(client))
    for name in ("Second", "Third"):
        publish(client, account, f"{name} {unique}")
    await expect(rows).to_have_count(3)
    for name in ("First", "Second", "Third"):
        await expect(rows.filter(has_text=f"{name} {unique}")).to_have_count(1)
    await expect(page.get_by_role("alert")).to_have_count(0)


async def test_what_happens_while_another_screen_is_shown_is_not_missed(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """A post goes live while System is shown: the queue shows it on return, and the tab has had one stream for both."""
    page, streams = admin.page, list[str]()
    page.on("request", lambda request: streams.append(request.url) if "/v1/events/stream" in request.url else None)
    account = new_account(client, f"away{unique}")
    content = new_content(client, account, f"Away {unique}")
    await admin.open(f"/console/test/queue?view=done&q={unique}")
    await expect(page.get_by_text("Updates by itself")).to_be_visible()
    rows = page.get_by_role("list", name="Posts: Done").get_by_role("listitem")
    await expect(rows).to_have_count(0)
    await page.get_by_role("navigation").get_by_role("link", name="System").click()
    await expect(page.get_by_role("heading", name="System", level=1)).to_be_visible()
    post = publish_content(client, content, account)
    assert until(lambda: read_post(client, post)["status"] == "published")
    await page.go_back()
    await expect(rows).to_contain_text([f"Away {unique}"])
    assert len(streams) == 1


@pytest.mark.exhaustive  # useLiveUpdates.test.ts protects that a hidden tab has no connection
async def test_many_tabs_do_not_block_each_other(admin: Person) -> None:
    """A browser has six connections per host: tabs that are hidden leave theirs, so that a seventh tab follows, too."""
    for _ in range(6):
        tab = await admin.context.new_page()
        await tab.clock.install()
        await tab.goto("/console/test/queue")
        await expect(tab.get_by_text("Updates by itself")).to_be_visible()
        await tab.evaluate(_HIDE)
        await tab.clock.fast_forward(11_000)
        await expect(tab.get_by_text("Updates by itself")).to_have_count(0)
    await admin.open("/console/test/queue")
    await expect(admin.page.get_by_text("Updates by itself")).to_be_visible()


def _answers(client: httpx2.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx2.TransportError:
        return False
