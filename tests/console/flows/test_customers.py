"""An administrator of the installation makes a customer, limits it, and sees what it uses."""

from playwright.async_api import expect
from tests.console.flows.conftest import NewPerson, Person


async def test_a_customer_is_made_and_limited(admin: Person, new_person: NewPerson, unique: str) -> None:
    """The link of the form signs the customer's administrator in, whose page shows the limit; a refusal is in plain words."""
    page = admin.page
    await admin.open("/console/test/customers?open=new")
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill(f"Bakery {unique}")
    await dialog.get_by_label("E-mail of their administrator").fill(f"{unique}@example.com")
    await dialog.get_by_label("Projects").fill("one")
    await expect(dialog.get_by_role("button", name="Create")).to_be_disabled()
    await dialog.get_by_label("Projects").fill("1")
    await dialog.get_by_role("button", name="Create").click()
    link = await page.get_by_role("alertdialog").locator("code").inner_text()
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("link", name=f"Bakery {unique}").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"Bakery {unique}")
    await page.get_by_role("button", name="Change limits").click()
    await page.get_by_role("dialog").get_by_label("Media, in GB").fill("1.5")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("region", name="Limits")).to_contain_text("of 1.5 GB")

    customer = await new_person()
    await customer.open(link)
    await customer.page.get_by_label("Password").fill("another sentence to keep")
    await customer.page.get_by_role("button", name="Sign in").click()
    await customer.page.wait_for_url("**/console/test**")
    navigation = customer.page.get_by_role("navigation", name="Screens")
    await expect(navigation.get_by_role("link", name="Customers")).to_have_count(0)
    await navigation.get_by_role("link", name="Usage").click()
    limits = customer.page.get_by_role("region", name="Limits")
    await expect(limits.get_by_text("Projects").locator("..")).to_contain_text("0 of 1")
    await expect(limits.get_by_text("People").locator("..")).to_contain_text("1 · no limit")
    async with customer.page.expect_download() as download:
        await customer.page.get_by_role("link", name="Download CSV").click()
    file = await (await download.value).path()
    assert file.read_text().startswith("projectId,date,platform,published,")
