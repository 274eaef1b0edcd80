"""Import: a file as Excel saves it is mapped, a cell is corrected in place, and the posts are created together."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.async_api import FilePayload, Page, Route, expect
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.posting import new_account, new_content

from presswork.core.timestamps import write_instant
from presswork.media.samples import sample_picture

ZONE: Final = ZoneInfo("Europe/Berlin")


def later() -> date:
    """Return a day that is not over in the zone of the project, whenever this runs."""
    return datetime.now(ZONE).date() + timedelta(days=20)


async def choose(page: Page, table: str) -> None:
    """Choose a file with the button."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a file").click()
    await (await chooser.value).set_files({"name": "plan.csv", "mimeType": "text/csv", "buffer": table.encode()})


async def test_a_table_is_checked_corrected_and_imported(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The refused cell is beside its message; a picture that the table names is added by its name; all rows become posts."""
    handle = f"table{unique}"
    account = new_account(client, handle)
    content = new_content(client, account, "From a table")
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    day = later()
    lines = (
        "Content ID;File;Text;Profile;Date;Hour;Notes",
        f'{content};;"Two\r\nlines; one cell";@{handle};{day:%d.%m.%Y};09:00;mine',
        f"{content};;Second;@missing;{day:%d.%m.%Y};18:30;",
        f";Two Loaves.jpg;Third;@{handle};{day:%d.%m.%Y};20:00;",
    )
    page = admin.page
    await admin.open(f"/console/test/compose/import?project={project}")
    await choose(page, "\ufeff" + "\r\n".join(lines))
    await expect(page.get_by_role("button", name="Not used Notes")).to_be_visible()
    await page.get_by_role("button", name="Check 3 rows").click()
    wrong = page.get_by_role("listitem", name="Row 2").get_by_label("Accounts")
    await expect(wrong).to_have_accessible_description(
        "This names @missing, but this project has no such account. Connect it first, or write one that is connected."
    )
    lost = page.get_by_role("listitem", name="Row 3").get_by_label("Media")
    await expect(lost).to_have_accessible_description("Add Two Loaves.jpg, or write an address.")
    assert await findings_of_axe(page) == []
    await wrong.fill(f"instagram:@{handle}")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose the files").click()
    picture: FilePayload = {"name": "two loaves.jpg", "mimeType": "image/jpeg", "buffer": sample_picture(720, 900)}
    await (await chooser.value).set_files(picture)
    await expect(page.get_by_text("Missing: ")).to_have_count(0)
    await page.get_by_role("button", name="Check 2 rows").click()
    await page.get_by_role("button", name="Import 3 rows").click()
    await page.get_by_role("button", name="Create 3 posts").click()
    await expect(page.get_by_role("heading", name="3 posts are created")).to_be_visible()
    posts = client.get(f"/v1/projects/{project}/scheduled-posts", params={"order": "asc"}).json()["items"]
    assert [(post["captionOverride"], post["scheduledFor"]) for post in posts] == [
        (text, write_instant(datetime.combine(day, at, ZONE).astimezone(UTC)))
        for text, at in (("Two\r\nlines; one cell", time(9)), ("Second", time(18, 30)), (None, time(20)))
    ]
    added = client.get(f"/v1/content/{posts[-1]['containerId']}").json()
    assert (added["caption"], added["mediaType"]) == ("Third", "image")
    await page.get_by_role("link", name="Open the queue").click()
    await expect(page.get_by_text("Second")).to_be_visible()


@pytest.mark.exhaustive
async def test_an_import_whose_answer_was_lost_creates_nothing_twice(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """The screen says that it is not known, and its rows stay as they are; they are sent again, here after a reload."""
    handle, forwarded = f"table{unique}", Counter[str]()
    account = new_account(client, handle)
    content = new_content(client, account, "From a table")
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    table = "\r\n".join(
        (
            "Content ID;Text;Profile;Date;Hour",
            f"{content};First {unique};instagram:@{handle};{later():%d.%m.%Y};09:00",
            f"{content};Second {unique};instagram:@{handle};{later():%d.%m.%Y};18:30",
        )
    )
    page = admin.page
    admin.expected = ["ERR_FAILED"]

    async def lose(route: Route) -> None:
        if '"dryRun":false' not in (route.request.post_data or ""):
            return await route.continue_()
        if not forwarded:
            forwarded["import"] += 1
            await route.fetch()
        return await route.abort()

    await page.route("**/imports", lose)
    for attempt in range(2):
        await admin.open(f"/console/test/compose/import?project={project}")
        await choose(page, table)
        await page.get_by_role("button", name="Check 2 rows").click()
        await page.get_by_role("button", name="Import 2 rows").click()
        await page.get_by_role("button", name="Create 2 posts").click()
        if attempt == 0:
            unknown = page.get_by_text("It is not known whether the posts were created")
            await expect(unknown).to_be_visible()
            await expect(page.get_by_text("Nothing was scheduled")).to_have_count(0)
            await expect(page.get_by_role("button", name="Remove row 1")).to_be_disabled()
            await expect(page.get_by_role("button", name="Edit row 1")).to_be_disabled()
            await page.unroute("**/imports")
    await expect(page.get_by_role("heading", name="2 posts are created")).to_be_visible()
    posts = client.get(f"/v1/projects/{project}/scheduled-posts").json()["items"]
    assert len(posts) == 2
