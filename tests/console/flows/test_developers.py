"""Keys and webhooks."""

import httpx2
import pytest
from playwright.async_api import expect
from tests.console.flows.conftest import Person


async def test_a_new_key_is_shown_once_and_works(admin: Person, unique: str) -> None:
    """The copied key calls the API until it is revoked."""
    await admin.open("/console/test/developers/keys")
    await admin.page.get_by_role("button", name="New key").first.click()
    await admin.page.get_by_label("Name").fill(unique)
    await admin.page.get_by_role("button", name="Create the key").click()
    await admin.page.get_by_role("button", name="Copy the key").click()
    key = await admin.page.evaluate("navigator.clipboard.readText()")
    await admin.page.get_by_role("button", name="I have stored it").click()
    url = admin.page.url.split("/console")[0]
    async with httpx2.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        assert (await client.get("/v1/projects")).status_code == 200
        row = admin.page.get_by_role("row").filter(has_text=unique)
        await row.get_by_role("button", name=f"Actions for {unique}").click()
        await admin.page.get_by_role("menuitem", name="Revoke").click()
        await admin.page.get_by_role("button", name="Revoke the key").click()
        await expect(row).to_contain_text("revoked")
        assert (await client.get("/v1/projects")).status_code == 401


async def test_an_endpoint_with_a_wrong_address_says_why(admin: Person) -> None:
    """The API's sentence is at the field, and nothing is created."""
    admin.expected = ["422"]
    await admin.open("/console/live/developers/webhooks")
    await admin.page.get_by_role("button", name="New endpoint").first.click()
    await admin.page.get_by_label("Address").fill("http://example.com/hook")
    await admin.page.get_by_role("button", name="Create the endpoint").click()
    await expect(admin.page.get_by_role("dialog")).to_contain_text("https")
    await admin.page.keyboard.press("Escape")
    await expect(admin.page.get_by_role("heading", name="No endpoints")).to_be_visible()


async def test_a_viewer_reads_deliveries_and_sends_none(viewer: Person, client: httpx2.Client) -> None:
    """Without webhooks:write there is no button to resume an endpoint, to send a test, or to send an event again."""
    body = {"url": "https://93.184.215.14/hook", "events": ["post.published"]}
    hook = client.post("/v1/webhook-endpoints", json=body).json()["endpoint"]["id"]
    assert client.patch(f"/v1/webhook-endpoints/{hook}", json={"status": "paused"}).is_success
    assert client.post(f"/v1/webhook-endpoints/{hook}/test").is_success
    page = viewer.page
    await viewer.open(f"/console/test/developers/webhooks/{hook}")
    await expect(page.get_by_text("Paused")).to_be_visible()
    for name in ("Resume", "Send a test"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)
    await page.get_by_role("table", name="Deliveries").get_by_role("button").first.click()
    await expect(page.get_by_role("dialog")).to_contain_text("Body")
    await expect(page.get_by_role("dialog").get_by_role("button", name="Send it again")).to_have_count(0)
    assert client.delete(f"/v1/webhook-endpoints/{hook}").is_success


async def test_an_issue_that_no_field_shows_is_announced(admin: Person) -> None:
    """The first of two return domains is right, the second is not: a notice names it."""
    admin.expected = ["422"]
    await admin.open("/console/test/developers/keys")
    await admin.page.get_by_role("button", name="New key").first.click()
    await admin.page.get_by_label("Return domains").fill("app.example.com, https://shop.example.com/path")
    await admin.page.get_by_role("button", name="Create the key").click()
    await expect(admin.page.get_by_role("dialog").get_by_role("alert")).to_contain_text("Return domains no. 2")


@pytest.mark.parametrize(
    "clipboard",
    ["undefined", "({ writeText: () => Promise.reject(new DOMException('Denied.', 'NotAllowedError')) })"],
    ids=["without https", "without the permission"],
)
async def test_keys_are_made_and_copied_in_a_page_that_may_do_little(
    admin: Person, unique: str, clipboard: str
) -> None:
    """Without https there are no clipboard and no random UUIDs, and a browser may deny the clipboard: there is another way."""
    page = admin.page
    await page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'clipboard', {{ get: () => {clipboard} }});"
        "Object.defineProperty(Crypto.prototype, 'randomUUID', { value: undefined });"
    )
    await admin.open("/console/test/developers/keys?language=python")
    await page.get_by_role("button", name="New key").first.click()
    await page.get_by_label("Name").fill(unique)
    await page.get_by_role("button", name="Create the key").click()
    secret = page.get_by_role("alertdialog")
    key = await secret.locator("code").inner_text()
    await secret.get_by_role("button", name="Copy the key").click()
    await expect(secret.get_by_role("button", name="Copied")).to_be_visible()
    assert await _clipboard(admin) == key
    await secret.get_by_role("button", name="I have stored it").click()
    program = page.get_by_role("region", name="First call")
    await program.get_by_role("button", name="Copy the program").click()
    await expect(program.get_by_role("button", name="Copied")).to_be_visible()
    assert await _clipboard(admin) == await program.locator("pre").text_content()


async def _clipboard(person: Person) -> str:
    """Return what is in the clipboard, as another page of the browser reads it."""
    other = await person.context.new_page()
    await other.goto("/console/sign-in")
    text = await other.evaluate("navigator.clipboard.readText()")
    await other.close()
    return str(text)
