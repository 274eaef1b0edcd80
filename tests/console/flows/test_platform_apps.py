"""An administrator adds a platform app, moves accounts to it and deletes it; the sandbox plays the network."""

import httpx2
from playwright.async_api import expect
from tests.console.flows.conftest import NewPerson, Person, choose, findings_of_axe
from tests.sdk.world import connect, made

SECRET = "secret-of-the-bakery"


async def test_an_app_is_added_checked_used_and_deleted(
    admin: Person, new_person: NewPerson, client: httpx2.Client, unique: str
) -> None:
    """No login uses it before its places are chosen. One link moves the account, whereupon the open question before deleting turns into a refusal."""
    project = made(client.post("/v1/projects", json={"name": f"Shop {unique}", "timezone": "Europe/Berlin"}))
    account = connect(client, project, "tiktok", f"tt{unique}")
    page, name = admin.page, f"Bakery {unique}"
    await admin.open("/console/test/accounts/apps")
    await page.get_by_role("button", name="Add an app").click()
    form = page.get_by_role("dialog")
    await choose(form, "Network", "TikTok")
    await form.get_by_label("Name").fill(name)
    await form.get_by_label("Client key").fill(f"key-{unique}")
    await form.get_by_label("Client secret").fill(SECRET)
    await form.get_by_role("button", name="Add the app").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(name)
    addresses = page.get_by_role("listitem").filter(has_text="Register these addresses")
    await expect(addresses).to_contain_text("/oauth/callback/")
    await expect(addresses).to_contain_text("/webhooks/tiktok/test/app_")
    await page.get_by_role("button", name="Check now").click()
    await expect(page.get_by_text("TikTok accepts the ID and the secret.")).to_be_visible()
    await page.get_by_role("button", name="Choose where").click()
    await choose(form, "New logins use it in", "Some projects")
    await form.get_by_role("checkbox", name=f"Shop {unique}").check()
    await form.get_by_role("button", name="Save").click()

    moving = page.get_by_role("region", name=f"Shop {unique}")
    await expect(moving).to_contain_text(f"@tt{unique}")
    await moving.get_by_role("button", name="Link for its owner").click()
    shown = page.get_by_role("alertdialog")
    address = await shown.locator("code").inner_text()
    assert await findings_of_axe(page) == []
    await shown.get_by_role("button", name="I have stored it").click()
    await page.get_by_role("button", name="Delete").click()

    owner = await new_person(width=360)
    await owner.page.goto(address)
    await owner.page.get_by_role("button", name=f"Reconnect @tt{unique}").click()
    await owner.page.get_by_label("A new handle").fill(f"tt{unique}")
    await owner.page.get_by_role("button", name="Approve").click()
    await expect(owner.page.get_by_role("heading", name="Account connected")).to_be_visible()

    refused = page.get_by_role("dialog", name="can't be deleted yet")
    await expect(refused).to_contain_text("1 account is connected with it.")
    await refused.get_by_role("button", name="Close").last.click()
    client.delete(f"/v1/social-accounts/{account}").raise_for_status()
    await page.reload()
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Delete the app").click()
    await expect(page.get_by_role("button", name="Add an app")).to_be_visible()
    await expect(page.get_by_role("link", name=name)).to_have_count(0)


async def test_a_place_that_is_taken_names_its_app(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The refusal is in plain words, and leads to the app that has the place."""
    project = made(client.post("/v1/projects", json={"name": f"Shop {unique}", "timezone": "Europe/Berlin"}))
    registered = {"platform": "tiktok", "clientId": "key", "clientSecret": SECRET}
    holder = {**registered, "name": f"First {unique}", "projectIds": [project]}
    made(client.post("/v1/platform-apps", json=holder))
    second = made(client.post("/v1/platform-apps", json={**holder, "name": "Second", "projectIds": []}))
    admin.expected.append("409")
    page = admin.page
    await admin.open(f"/console/test/accounts/apps/{second}")
    await page.get_by_role("button", name="Choose where").click()
    form = page.get_by_role("dialog")
    await choose(form, "New logins use it in", "Some projects")
    await form.get_by_role("checkbox", name=f"Shop {unique}").check()
    await form.get_by_role("button", name="Save").click()
    await expect(form.get_by_role("alert")).to_contain_text(f"“First {unique}” is already used there")
    await form.get_by_role("link", name="Open that app").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"First {unique}")
