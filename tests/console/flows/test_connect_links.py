"""Connect links: made and copied in the console, used on a phone without a sign-in, and revoked."""

import httpx2
from playwright.async_api import expect
from tests.console.flows.conftest import NewPerson, Person, findings_of_axe
from tests.sdk.world import made


async def test_a_link_is_made_used_and_revoked(
    admin: Person, new_person: NewPerson, client: httpx2.Client, unique: str
) -> None:
    """The address is shown once; its page connects an account on a phone; the console counts it, and revokes the link."""
    project = made(client.post("/v1/projects", json={"name": f"Shop {unique}", "timezone": "Europe/Berlin"}))
    await admin.open(f"/console/test/accounts/links?project={project}")
    await admin.page.get_by_role("button", name="New link").click()
    form = admin.page.get_by_role("dialog")
    await form.get_by_role("checkbox", name="Instagram").uncheck()
    await form.get_by_label("Uses").fill("2")
    await form.get_by_role("button", name="Make the link").click()
    shown = admin.page.get_by_role("alertdialog")
    address = await shown.locator("code").inner_text()
    await shown.get_by_role("button", name="I have stored it").click()

    visitor = await new_person()
    await visitor.page.set_viewport_size({"width": 360, "height": 740})
    await visitor.page.goto(address)
    assert await findings_of_axe(visitor.page) == []
    await expect(visitor.page.get_by_role("button", name="Connect Instagram")).to_have_count(0)
    await visitor.page.get_by_role("button", name="Connect TikTok").click()
    await visitor.page.get_by_label("A new handle").fill(f"tt{unique}")
    await visitor.page.get_by_role("button", name="Approve").click()
    await expect(visitor.page.get_by_role("heading", name="Account connected")).to_be_visible()
    assert await findings_of_axe(visitor.page) == []
    await visitor.page.get_by_role("link", name="See your accounts").click()
    await visitor.page.get_by_role("link", name="Deutsch").click()
    await expect(visitor.page.get_by_role("heading", name="Konten verbinden")).to_be_visible()
    await expect(visitor.page.get_by_text(f"@tt{unique}")).to_be_visible()

    await admin.open(f"/console/test/accounts/links?project={project}")
    row = admin.page.get_by_role("row").filter(has_text="TikTok")
    await expect(row).to_contain_text("1 of 2")
    await row.get_by_role("button", name="Revoke").click()
    await admin.page.get_by_role("button", name="Revoke the link").click()
    await expect(row).to_contain_text("revoked")
    visitor.expected.append("404")
    answer = await visitor.page.goto(address)
    assert answer is not None
    assert answer.status == 404
