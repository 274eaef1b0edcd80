"""TikTok posting links: made and copied in the console, used on a phone without a sign-in, and revoked."""

import httpx2
from playwright.async_api import expect
from tests.console.flows.conftest import NewPerson, Person, findings_of_axe
from tests.console.flows.posting import new_content
from tests.sdk.world import connect, made


async def test_a_link_is_made_used_and_revoked(
    admin: Person, new_person: NewPerson, client: httpx2.Client, unique: str
) -> None:
    """The address is shown once; a creator posts at its page on a phone; the console shows the post, and revokes the next link."""
    project = made(client.post("/v1/projects", json={"name": f"Shop {unique}", "timezone": "Europe/Berlin"}))
    account = connect(client, project, "tiktok", f"tt{unique}")
    content = new_content(client, account, f"Rolls {unique}")
    page = admin.page
    await admin.open(f"/console/test/content/{content}")

    async def make() -> str:
        await page.get_by_role("button", name="More actions").click()
        await page.get_by_role("menuitem", name="TikTok posting link").click()
        form = page.get_by_role("dialog")
        await form.get_by_role("button", name="Make the link").click()
        shown = page.get_by_role("alertdialog")
        address = await shown.locator("code").inner_text()
        await shown.get_by_role("button", name="I have stored it").click()
        return address

    await admin.open(f"/console/test/content/{content}?link=tiktok")
    await expect(page.get_by_role("dialog")).to_be_visible()
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Cancel").click()
    creator = await new_person()
    await creator.page.set_viewport_size({"width": 360, "height": 740})
    await creator.page.goto(await make())
    await creator.page.get_by_label("Who can see this post").select_option("PUBLIC_TO_EVERYONE")
    await creator.page.get_by_role("button", name="Post to TikTok").click()
    await expect(creator.page.get_by_role("link", name="See it in the sandbox")).to_be_visible(timeout=60_000)
    assert await findings_of_axe(creator.page) == []

    await admin.open(f"/console/test/content/{content}")
    links = page.get_by_role("region", name="TikTok posting links")
    await expect(links.get_by_role("link", name="See the post")).to_have_count(1)
    assert await findings_of_axe(page) == []
    unused = await make()
    await links.get_by_role("button", name="Revoke").first.click()
    await page.get_by_role("button", name="Revoke the link").click()
    await expect(links).to_contain_text("revoked")
    creator.expected.append("404")
    answer = await creator.page.goto(unused)
    assert answer is not None
    assert answer.status == 404
