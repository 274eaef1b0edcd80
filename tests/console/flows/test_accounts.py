"""Accounts and projects: connect, reconnect, disconnect, layers, and what needs a project first."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from playwright.async_api import Locator, Route, expect
from tests.console.flows.conftest import Person, choose
from tests.console.flows.posting import new_content
from tests.sdk.world import connect, made

from presswork.media.samples import sample_picture


@pytest.fixture
def project(client: httpx2.Client, unique: str) -> str:
    """A new project, named by the unique text."""
    return made(client.post("/v1/projects", json={"name": f"Shop {unique}", "timezone": "Asia/Tokyo"}))


def _end_access(client: httpx2.Client, account: str, handle: str) -> None:
    """Let the person revoke the access to an Instagram account at the platform, and let Presswork notice it."""
    assert client.post("/sandbox/control/revoke", json={"platform": "instagram", "handle": handle}).is_success
    assert client.get(f"/v1/social-accounts/{account}/quota").status_code == 422


def _schedule(client: httpx2.Client, project: str, account: str) -> None:
    """Schedule two posts of one picture to an account."""
    picture = sample_picture(720, 900)
    files = [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(picture)}]
    opened = client.post(f"/v1/projects/{project}/content/uploads", json={"grouping": "per-file", "files": files})
    (container,) = opened.json()["items"]
    (target,) = container["files"]
    assert client.put(target["uploadUrl"], content=picture, headers=target["headers"]).is_success
    content = f"/v1/content/{container['containerId']}"
    assert client.post(f"{content}/finalize-upload", json={"caption": "Warm bread"}).is_success
    for days in (1, 2):
        due = (datetime.now(UTC) + timedelta(days=days)).isoformat()
        asked = {"scheduledFor": due, "targets": [{"socialAccountId": account, "mode": "publish"}]}
        assert client.post(f"{content}/schedule", json=asked).is_success


def _row(person: Person, handle: str) -> Locator:
    accounts = person.page.get_by_role("list", name="Accounts")
    return accounts.get_by_role("listitem").filter(has=person.page.get_by_role("link", name=f"@{handle}", exact=True))


async def test_a_new_account_is_connected_through_the_platforms_page(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """Denied first, which is explained; then approved; and the account is in the list, ready to publish."""
    await admin.open(f"/console/test/accounts?project={project}")
    await admin.page.get_by_role("button", name="Connect an account").first.click()
    await admin.page.get_by_role("button", name="TikTok", exact=True).click()
    await admin.page.get_by_role("button", name="Deny").click()
    await expect(admin.page.get_by_role("alert")).to_contain_text("did not agree")

    await admin.page.get_by_role("button", name="Begin again").click()
    await admin.page.get_by_label("A new handle").fill(f"tt{unique}")
    await admin.page.get_by_role("button", name="Approve").click()
    await expect(admin.page.get_by_role("status")).to_contain_text(f"@tt{unique} on TikTok is connected.")
    await expect(admin.page.get_by_role("heading", level=1)).to_have_text("Connected")
    await expect(admin.page.get_by_role("link", name="Compose", exact=True)).to_be_visible()
    await admin.page.get_by_role("link", name="Connect another", exact=True).click()
    await expect(admin.page.get_by_role("dialog")).to_be_focused()
    await admin.page.keyboard.press("Escape")
    row = _row(admin, f"tt{unique}")
    await expect(row).to_contain_text(f"Shop {unique}")
    await expect(row.get_by_role("list", name="Problems")).to_have_count(0)
    await expect(row).not_to_contain_text("Managed")


async def test_an_account_is_connected_at_the_server_that_its_owner_names(
    admin: Person, project: str, unique: str
) -> None:
    """A host that is none is explained; at another one the account is connected, with its server in its name."""
    admin.expected = ["422"]
    await admin.open(f"/console/test/accounts?project={project}")
    await admin.page.get_by_role("button", name="Connect an account").first.click()
    await admin.page.get_by_role("button", name="Mastodon", exact=True).click()
    server = admin.page.get_by_label("Mastodon server")
    await server.fill("localhost")
    await admin.page.get_by_role("button", name="Continue").click()
    await expect(admin.page.get_by_role("dialog")).to_contain_text("is no name of a server")
    await server.fill("chaos.example")
    await server.press("Enter")
    await admin.page.get_by_label("A new handle").fill(f"ma{unique}")
    await admin.page.get_by_role("button", name="Approve").click()
    await expect(admin.page.get_by_role("status")).to_contain_text(
        f"@ma{unique}@chaos.example on Mastodon is connected."
    )


async def test_an_owner_elsewhere_connects_by_a_link(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """The link of the dialog works in another browser, and the dialog says so by itself."""
    await admin.open(f"/console/test/accounts?project={project}&open=connect")
    await admin.page.get_by_role("checkbox", name="The owner is elsewhere").press("Space")
    await admin.page.get_by_role("button", name="Instagram", exact=True).press("Enter")
    await admin.page.get_by_role("button", name="Copy the link").click()
    link = await admin.page.evaluate("navigator.clipboard.readText()")
    with httpx2.Client(follow_redirects=True, trust_env=False) as owner:
        assert owner.get(f"{link}&account=ig{unique}&decision=approve").status_code == 200
    await expect(admin.page.get_by_role("dialog")).to_contain_text("The account is connected.")
    await admin.page.get_by_role("link", name="Open it").click()
    await expect(admin.page.get_by_role("heading", level=1)).to_contain_text(f"@ig{unique}")


@pytest.mark.exhaustive
async def test_an_account_whose_access_ended_is_first_and_becomes_ready_by_itself(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """Wrong account on reconnect changes nothing; the right one does, also on a page that is open elsewhere."""
    handle, other = f"a{unique}", f"b{unique}"
    account = connect(client, project, "instagram", handle)
    connect(client, project, "instagram", other)
    elsewhere = Person(await admin.context.new_page())
    await elsewhere.open(f"/console/test/accounts/{account}")
    await expect(elsewhere.page.get_by_role("heading", level=1)).to_contain_text("Connected")
    await expect(elsewhere.page.get_by_text("of 50 posts used")).to_be_visible()
    _end_access(client, account, handle)
    await expect(elsewhere.page.get_by_role("heading", level=1)).to_contain_text("Access ended")

    await admin.open(f"/console/test/accounts?project={project}")
    first = admin.page.get_by_role("list", name="Accounts").locator(":scope > li").first
    await expect(first).to_contain_text("Access ended: connect again")
    await first.get_by_role("link", name=f"Reconnect @{handle}").click()
    await admin.page.get_by_role("button", name="Continue to the sandbox").click()
    await admin.page.get_by_role("radio", name=other).check()
    await admin.page.get_by_role("button", name="Approve").click()
    await expect(admin.page.get_by_role("alert")).to_contain_text("another account than the one to connect again")

    await admin.page.get_by_role("button", name="Begin again").click()
    await admin.page.get_by_role("radio", name=handle).check()
    await admin.page.get_by_role("button", name="Approve").click()
    await expect(admin.page.get_by_role("status")).to_contain_text(f"@{handle} on Instagram is connected again.")
    await expect(elsewhere.page.get_by_role("heading", level=1)).to_contain_text("Connected")
    await expect(elsewhere.page.get_by_role("heading", name="Publish")).to_be_visible()


async def test_what_is_not_set_up_leads_to_the_wizard_of_the_login(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """An Instagram account that was connected through Facebook needs the app of that login, not Instagram's own."""
    account = connect(client, project, "instagram", f"w{unique}")

    async def not_set_up(route: Route) -> None:
        answer = await route.fetch()
        found = await answer.json()
        missing = {"ready": False, "reason": "platform_unavailable", "missingScopes": []}
        readiness = {**found["readiness"], "publish": missing}
        await route.fulfill(response=answer, json={**found, "login": "facebook", "readiness": readiness})

    await admin.page.route(f"**/v1/social-accounts/{account}", not_set_up)
    await admin.open(f"/console/test/accounts/{account}")
    wizard = admin.page.get_by_role("link", name="Set up the platform")
    await expect(wizard).to_have_attribute("href", "/console/test/system/platforms/facebook")


async def test_disconnecting_says_what_happens_to_queued_posts(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """The dialog counts them before, the message after; the account is then among the disconnected ones."""
    account = connect(client, project, "instagram", f"d{unique}")
    _schedule(client, project, account)
    await admin.open(f"/console/test/accounts/{account}")
    await expect(admin.page.get_by_role("link", name="Warm bread")).to_have_count(2)
    await admin.page.get_by_role("button", name="Disconnect").click()
    dialog = admin.page.get_by_role("alertdialog", name=f"Disconnect @d{unique}?")
    await expect(dialog).to_contain_text("2 queued posts will be canceled.")
    await dialog.get_by_role("button", name="Disconnect the account").click()
    await expect(admin.page.get_by_text("2 queued posts canceled.")).to_be_visible()
    await expect(admin.page.get_by_role("heading", level=1)).to_contain_text("Disconnected")
    await expect(admin.page.get_by_text("Nothing waits for this account.")).to_be_visible()
    await admin.open(f"/console/test/accounts?project={project}&status=disconnected")
    await expect(_row(admin, f"d{unique}")).to_be_visible()


async def test_a_project_is_created_and_reviews_its_content(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Time zone found by a part of its name; a wrong number is named at its field; the policy holds in the API."""
    admin.expected = ["422"]
    await admin.open("/console/test/accounts/projects?open=new")
    await admin.page.get_by_label("Name").fill(f"Project {unique}")
    zone = admin.page.get_by_role("combobox", name="Time zone")
    await zone.focus()
    await zone.fill("new york")
    await zone.press("ArrowDown")
    await zone.press("Enter")
    await admin.page.get_by_role("button", name="Create the project").click()
    await expect(admin.page.get_by_role("heading", level=1)).to_contain_text(f"Project {unique}")
    project = admin.page.url.split("/")[-1].split("?")[0]

    await choose(admin.page, "New content", "Review the first ones")
    await admin.page.get_by_role("textbox", name="Decisions").fill("51")
    await admin.page.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.page.locator(".field").filter(has_text="Decisions").locator(".error")).to_contain_text("50")
    await admin.page.get_by_role("textbox", name="Decisions").fill("5")
    await choose(admin.page, "An approval covers", "The content and its text")
    await admin.page.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.page.get_by_text("Saved. The review policy holds for new content.")).to_be_visible()
    await expect(admin.page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    policy = client.get(f"/v1/projects/{project}/content-review-policy").json()
    assert (policy["policy"], policy["firstN"], policy["covers"]) == ("review_first_n", 5, "content_and_text")

    await admin.page.get_by_label("Name", exact=True).fill(f"Renamed {unique}")
    await admin.page.get_by_role("button", name="Save", exact=True).click()
    await expect(admin.page.get_by_role("heading", level=1)).to_contain_text(f"Renamed {unique}")
    assert client.get(f"/v1/projects/{project}").json()["timezone"] == "America/New_York"


@pytest.mark.exhaustive
async def test_a_read_that_fails_later_takes_nothing_away(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """What is typed into the forms of a project, and the one-time link of a dialog, stay below what failed."""
    page, policy = admin.page, f"/v1/projects/{project}/content-review-policy"
    save = page.get_by_role("button", name="Save", exact=True)
    refused = page.get_by_role("alert").filter(has_text="Not now.")
    account = connect(client, project, "instagram", f"k{unique}")
    assert client.patch(policy, json={"policy": "review_all"}).is_success
    await admin.open(f"/console/test/accounts/projects/{project}")
    await page.get_by_role("checkbox", name="Add a link to each webhook message").click()
    await admin.refuse_reads(f"/v1/projects/{project}")
    await save.click()  # what was saved is read again
    await expect(refused).to_have_count(1)
    await expect(save).to_have_count(0)
    await page.get_by_label("Name", exact=True).fill(f"Typed {unique}")
    await choose(page, "An approval covers", "The content and its text")
    await admin.refuse_reads(policy)
    new_content(client, account, f"Bread {unique}")
    await expect(refused).to_have_count(2)
    await expect(page.get_by_label("Name", exact=True)).to_have_value(f"Typed {unique}")
    await expect(page.get_by_role("button", name=re.compile("An approval covers$"))).to_contain_text("its text")
    await expect(save).to_be_enabled()

    await admin.open(f"/console/test/accounts/{account}?open=again")
    await page.get_by_role("button", name="Get a link").click()
    await expect(page.get_by_role("button", name="Copy the link")).to_be_visible()
    await admin.refuse_reads(f"/v1/social-accounts/{account}")
    _end_access(client, account, f"k{unique}")
    await expect(page.get_by_text("Not now.")).to_have_count(1)
    await expect(page.get_by_role("button", name="Copy the link")).to_be_visible()


async def test_what_is_typed_while_a_project_is_saved_stays(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """A logo takes seconds; what was typed meanwhile is the next change."""
    page, released = admin.page, asyncio.Event()

    async def hold(route: Route) -> None:
        if route.request.method == "PATCH":
            await released.wait()
        await route.continue_()

    await page.route(f"**/v1/projects/{project}", hold)
    await admin.open(f"/console/test/accounts/projects/{project}")
    name, save = page.get_by_label("Name", exact=True), page.get_by_role("button", name="Save", exact=True)
    await name.fill(f"Sent {unique}")
    await save.click()
    await name.fill(f"Typed {unique}")
    released.set()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"Sent {unique}")
    await expect(name).to_have_value(f"Typed {unique}")
    await save.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(f"Typed {unique}")
    assert client.get(f"/v1/projects/{project}").json()["name"] == f"Typed {unique}"


async def test_a_layer_makes_an_account_ready_for_its_provider(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """From the account's page to the layers of its project, and back: managed is ready."""
    account = connect(client, project, "tiktok", f"l{unique}")
    await admin.open(f"/console/test/accounts/{account}")
    await admin.page.get_by_role("link", name="Layers of the project").click()
    await admin.page.get_by_role("button", name="New layer").click()
    await admin.page.get_by_role("checkbox", name=f"@l{unique} (TikTok)").check()
    await admin.page.get_by_role("button", name="Create the layer").click()
    await expect(admin.page.get_by_role("row").filter(has_text="sandbox")).to_be_visible()
    await admin.open(f"/console/test/accounts/{account}")
    await expect(admin.page.get_by_text("The layer's provider is “sandbox”.")).to_be_visible()
    await expect(admin.page.get_by_text("Not ready")).to_have_count(0)


async def test_a_viewer_sees_accounts_and_changes_nothing(
    viewer: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """No button to connect, reconnect, disconnect, create or save; the addresses of the dialogs open none."""
    account = connect(client, project, "instagram", f"v{unique}")
    _end_access(client, account, f"v{unique}")
    await viewer.open(f"/console/test/accounts?project={project}&open=connect")
    await expect(_row(viewer, f"v{unique}")).to_contain_text("Access ended")
    await expect(viewer.page.get_by_role("link", name="Reconnect")).to_have_count(0)
    await expect(viewer.page.get_by_role("dialog")).to_have_count(0)
    for path in (
        f"{account}?open=disconnect",
        f"projects/{project}?open=archive",
        f"layers?project={project}&layer=new",
        f"links?project={project}&open=new",
    ):
        await viewer.open(f"/console/test/accounts/{path}")
        await expect(viewer.page.get_by_role("status", name="Loading")).to_have_count(0)
        changes = viewer.page.get_by_role("main").get_by_role("button", name=re.compile("^(Rec|Disc|Save|New|Arch)"))
        await expect(changes).to_have_count(0)
        await expect(viewer.page.get_by_role("alertdialog").or_(viewer.page.get_by_role("dialog"))).to_have_count(0)
    await viewer.open(f"/console/test/accounts/projects/{project}")
    await expect(viewer.page.get_by_text("Approvers and administrators change this.")).to_be_visible()


@pytest.mark.exhaustive
async def test_the_data_of_a_customer_is_exported_and_erased(
    admin: Person, project: str, client: httpx2.Client, unique: str
) -> None:
    """The archive and the queue's table are downloaded by links; an archived project is erased after its name was typed."""
    name, page = f"Shop {unique}", admin.page
    account = connect(client, project, "instagram", f"shop-{unique}")
    _schedule(client, project, account)
    await admin.open(f"/console/test/queue?project={project}")
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Export these posts as CSV").click()
    table = (await (await downloading.value).path()).read_text()
    assert table.count("Warm bread") == 2

    await admin.open(f"/console/test/accounts/projects/{project}")
    await expect(page.get_by_role("button", name="Erase")).to_have_count(0)
    await page.get_by_role("button", name="Export data").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_text("With the original media files").click()
    await dialog.get_by_role("button", name="Start the export").click()
    link = dialog.get_by_role("link", name="Download")
    await expect(link).to_be_visible(timeout=60_000)
    async with page.expect_download() as downloading:
        await link.click()
    archive = await (await downloading.value).path()
    assert archive.read_bytes().startswith(b"PK")
    await dialog.get_by_role("button", name="Close").first.click()

    assert client.patch(f"/v1/projects/{project}", json={"status": "archived"}).is_success
    await admin.open(f"/console/test/accounts/projects/{project}")
    await page.get_by_role("button", name="Erase").click()
    dialog = page.get_by_role("alertdialog")
    erase = dialog.get_by_role("button", name="Erase the project")
    await expect(erase).to_be_disabled()
    admin.expected.append("404")  # the page below the dialog may read again what is gone
    await dialog.get_by_role("textbox").fill(name)
    await erase.click()
    await expect(page.get_by_role("heading", name="The project is erased")).to_be_visible(timeout=60_000)
    await expect(dialog).to_contain_text("Posts")
    await dialog.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("link", name=name)).to_have_count(0)
    assert client.get(f"/v1/projects/{project}").status_code == 404
