"""Import: a file as Excel saves it is mapped, a cell is corrected in place, and the posts are created together."""

from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx2
from playwright.async_api import expect
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.posting import new_account, new_content

from presswork.core.timestamps import write_instant

ZONE: Final = ZoneInfo("Europe/Berlin")


async def test_a_table_is_checked_corrected_and_imported(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The refused cell is beside its message; after the correction all rows become posts, which the queue shows."""
    handle = f"table{unique}"
    account = new_account(client, handle)
    content = new_content(client, account, "From a table")
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    day = datetime.now(ZONE).date() + timedelta(days=20)
    lines = (
        "Content ID;Text;Profile;Date;Hour;Notes",
        f'{content};"Two\r\nlines; one cell";@{handle};{day:%d.%m.%Y};09:00;mine',
        f"{content};Second;@missing;{day:%d.%m.%Y};18:30;",
    )
    page = admin.page
    await admin.open(f"/console/test/compose/import?project={project}")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose a file").click()
    table = "\ufeff" + "\r\n".join(lines)
    await (await chooser.value).set_files({"name": "plan.csv", "mimeType": "text/csv", "buffer": table.encode()})
    await expect(page.get_by_role("button", name="Not used Notes")).to_be_visible()
    await page.get_by_role("button", name="Check 2 rows").click()
    wrong = page.get_by_role("listitem", name="Row 2").get_by_label("Accounts")
    await expect(wrong).to_have_accessible_description(
        "accounts names @missing, but this project has no such account. Write platform:@handle of a connected account."
    )
    assert await findings_of_axe(page) == []
    await wrong.fill(f"instagram:@{handle}")
    await page.get_by_role("button", name="Check 1 row").click()
    await page.get_by_role("button", name="Import 2 rows").click()
    await page.get_by_role("button", name="Create 2 posts").click()
    await expect(page.get_by_role("heading", name="2 posts are created")).to_be_visible()
    posts = client.get(f"/v1/projects/{project}/scheduled-posts", params={"order": "asc"}).json()["items"]
    assert [(post["captionOverride"], post["scheduledFor"]) for post in posts] == [
        (text, write_instant(datetime.combine(day, at, ZONE).astimezone(UTC)))
        for text, at in (("Two\r\nlines; one cell", time(9)), ("Second", time(18, 30)))
    ]
    await page.get_by_role("link", name="Open the queue").click()
    await expect(page.get_by_text("Second")).to_be_visible()
