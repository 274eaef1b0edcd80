"""Results: of a time, of a post, of an account and of content; what is not known is never 0."""

import csv
import io
import re
from asyncio import to_thread
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect
from tests.cli.program import Up
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.numbers import move_back, numbers_of, store_days, store_readings
from tests.console.flows.posting import live_posts, read_post

from presswork.platforms.insights import AccountDay, AccountRead, MissingReason
from presswork.platforms.live_support import AccountNumber

SCOPE: Final = "instagram_business_manage_insights"


def _tile(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name=re.compile("Totals|Numbers")).get_by_role("link", name=re.compile(f"^{name}"))


@pytest.mark.exhaustive
async def test_results_of_a_time(admin: Person, client: httpx2.Client, up: Up, unique: str) -> None:
    """Totals with their change, a line with its table, the best posts and a comparison; each choice is in the address."""
    first, second = live_posts(client, f"now{unique}", "instagram", "tiktok")
    project = str(read_post(client, first)["projectId"])
    (former,) = live_posts(client, f"past{unique}", "instagram")
    unknown = numbers_of(MissingReason.NOT_YET)
    await store_readings(up, {first: numbers_of(views=1200, likes=30), second: numbers_of(views=300), former: unknown})
    page = admin.page
    await admin.open(f"/console/test/results?project={project}&range=7")
    totals = page.get_by_role("list", name="Totals")
    await expect(totals.get_by_role("link")).to_have_text(["Views1,500", "Likes30"])
    await expect(page.get_by_text("2 posts went live.")).to_be_visible()
    best = page.get_by_role("region", name="Best posts by views").get_by_role("listitem")
    await expect(best).to_have_text([re.compile(f"@now{unique}.*1,200"), re.compile(f"@now{unique}.*300")])
    await expect(page.get_by_role("img", name=re.compile("^Views by day: 1,500 on"))).to_be_visible()

    await page.get_by_role("link", name="Likes").click()
    await expect(page).to_have_url(re.compile("metric=likes"))
    await expect(page.get_by_role("img", name=re.compile("^Likes by day: 30 on"))).to_be_visible()
    await page.get_by_text("Show as a table").click()
    table = page.get_by_role("table", name="Likes by day")
    await expect(table.get_by_role("row")).to_have_count(1 + 7)
    await expect(table.get_by_role("row").last).to_have_text(re.compile(r"\d{4}30$"))
    await expect(table.get_by_role("row").nth(1)).to_have_text(re.compile("–$"))
    compared = page.get_by_role("region", name="Likes by")
    await expect(compared.get_by_role("row")).to_have_text(
        ["PlatformPostsLikes", re.compile("Instagram130$"), re.compile("TikTok1–not known$")]
    )
    await compared.get_by_role("link", name="Account").click()
    await expect(compared.get_by_role("link", name=f"@now{unique}").first).to_be_visible()
    await expect(page).to_have_url(re.compile("by=account"))
    await page.reload()
    await expect(compared.get_by_role("link", name="Account")).to_have_attribute("aria-current", "page")
    assert await findings_of_axe(page) == []

    await move_back(up, second, days=7)
    await page.reload()
    await page.get_by_role("link", name="Views").click()
    await expect(totals.get_by_role("link").first).to_have_text("Views1,200+300 %")
    await expect(page.get_by_text("The thin line is the period before.")).to_be_visible()
    await page.get_by_role("button", name="Own").click()
    week_ago = (datetime.now(UTC).date() - timedelta(days=8)).isoformat()
    await page.get_by_label("From").fill(week_ago)
    await page.get_by_label("From").press("Enter")
    await expect(page).to_have_url(re.compile(f"since={week_ago}"))
    await expect(totals.get_by_role("link").first).to_have_text("Views1,500")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download CSV").click()
    file = await (await started.value).path()
    rows = csv.DictReader(io.StringIO(await to_thread(file.read_text)))
    assert {row["postId"]: (row["views"], row["likes"]) for row in rows} == {first: ("1200", "30"), second: ("300", "")}

    await admin.open(f"/console/test/results?project={read_post(client, former)['projectId']}")
    await expect(totals.get_by_role("link")).to_have_text(re.compile("^Views–not known"))
    await expect(page.get_by_text("No number is known for this time.")).to_be_visible()


@pytest.mark.exhaustive
async def test_numbers_of_a_post_and_why_some_are_missing(
    admin: Person, client: httpx2.Client, up: Up, unique: str
) -> None:
    """A reason for each that is not known, with the permission and the way to grant it; a line over time; read again."""
    (post,) = live_posts(client, f"one{unique}", "instagram")
    page = admin.page
    await admin.open(f"/console/test/posts/{post}")
    results = page.get_by_role("region", name="Results")
    await expect(results).to_contain_text("No numbers yet.")
    await store_readings(
        up,
        *(
            {post: numbers_of(MissingReason.NOT_GRANTED, [SCOPE], views=views, likes=likes)}
            for views, likes in ((100, 0), (250, 4), (400, 5))
        ),
    )
    await page.reload()
    await expect(_tile(page, "Views")).to_have_text("Views400")
    await expect(_tile(page, "Reach")).to_have_text(re.compile("^Reach–not known"))
    missing = results.get_by_role("listitem").filter(has_text="permission that the account has not granted").last
    await expect(missing).to_contain_text(f"Missing: {SCOPE}.")
    line = results.get_by_role("img", name=re.compile("^Views over time: 100 on .*at last 400"))
    await expect(line).to_be_visible()
    await _tile(page, "Likes").click()
    await expect(results.get_by_role("img", name=re.compile("^Likes over time: 0 on .*at last 5"))).to_be_visible()
    await results.get_by_text("As Instagram names them").click()
    await expect(results.get_by_text("views_count")).to_be_visible()
    assert await findings_of_axe(page) == []

    admin.expected.append("429")
    await results.get_by_role("button", name="Read again now").click()
    await expect(results.get_by_role("status")).to_have_text("A worker reads them now…")
    await page.reload()
    await results.get_by_role("button", name="Read again now").click()
    await expect(results.get_by_role("status")).to_contain_text("You can ask again in 15 min.")
    await missing.get_by_role("link", name="Connect the account again").click()
    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_an_account_and_content_have_their_numbers(
    admin: Person, client: httpx2.Client, up: Up, unique: str
) -> None:
    """An account by day, as far as its platform counts; the posts of content side by side; the best of the week on Home."""
    posts = live_posts(client, f"both{unique}", "instagram", "tiktok")
    first, second = posts
    account = str(read_post(client, first)["socialAccountId"])
    today = datetime.now(UTC).date()
    days = [AccountDay(day=today - timedelta(days=ago), views=40 - ago, followers=900 - ago) for ago in (3, 2)]
    read = AccountRead(followers=907, days=days, unavailable={AccountNumber.REACH: MissingReason.TOO_FEW})
    await store_days(up, account, read)
    much = 10**9  # more than any post of another test
    await store_readings(up, {first: numbers_of(views=much, saves=2), second: numbers_of(views=much - 1)})
    page = admin.page
    await admin.open(f"/console/test/accounts/{account}?days=7")
    results = page.get_by_role("region", name="Results")
    await expect(results).to_contain_text("907 followers")
    await expect(results.get_by_role("img", name=re.compile("^Views by day: 37 on"))).to_be_visible()
    await expect(results.get_by_role("img", name=re.compile("^Followers by day: 897 on"))).to_be_visible()
    await expect(results).to_contain_text("Reach: Instagram shows this only once enough people have seen it.")
    await results.get_by_role("link", name="28 days").click()
    await expect(page).not_to_have_url(re.compile("days="))
    assert await findings_of_axe(page) == []

    await admin.open(f"/console/test/content/{read_post(client, first)['containerId']}")
    table = page.get_by_role("region", name="Results").get_by_role("table")
    await expect(table.get_by_role("row").filter(has_text="Saves")).to_have_text("Saves2–not known")
    assert await findings_of_axe(page) == []

    await admin.open("/console/test")
    best = page.get_by_role("region", name="Best of the week")
    await expect(best.get_by_role("listitem").first).to_contain_text("1,000,000,000")
    await best.get_by_role("link", name=f"Sale both{unique}").first.click()
    await expect(page).to_have_url(re.compile(f"/posts/{first}"))
