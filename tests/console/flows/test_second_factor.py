"""Second factors as people use them, with an authenticator of the browser's own."""

import json

import httpx2
import pyotp
import pytest
from playwright.async_api import Page, Route, expect
from tests.cli.program import Up
from tests.console.flows.conftest import PASSWORD, NewPerson, Person, choose, findings_of_axe, signed_in


async def sign_in(page: Page, email: str) -> None:
    """Send e-mail address and password."""
    await page.goto("/console/sign-in")
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(person: Person) -> None:
    """Forget the session of the browser, after the screen that may still read with it is left."""
    await person.page.goto("about:blank")
    await person.context.clear_cookies()
    await person.open("/console/sign-in")


async def test_an_app_a_recovery_code_and_a_passkey(
    new_person: NewPerson, client: httpx2.Client, up: Up, unique: str
) -> None:
    """A person sets up an app, signs in with a recovery code, adds a passkey, and signs in with that alone."""
    email = f"{unique}@example.com"
    await signed_in(new_person, client, "author", email)
    person = await new_person(url=up.url.replace("127.0.0.1", "localhost"))
    page = person.page
    await sign_in(page, email)
    await page.wait_for_url("**/console/test**")
    await person.open("/console/test/you")
    section = page.get_by_role("region", name="Second factor")
    await section.get_by_role("button", name="Set up").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    await dialog.get_by_text("Type it instead").click()
    secret = (await dialog.locator(".secret-text code").inner_text()).replace(" ", "")
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
    await dialog.get_by_role("button", name="Turn on").click()
    shown = page.get_by_role("alertdialog")
    await expect(shown.locator("code")).to_have_count(10)
    codes = await shown.locator("code").all_inner_texts()
    assert len({*codes}) == 10
    async with page.expect_download() as download:
        await shown.get_by_role("button", name="Download the recovery codes").click()
    assert (await download.value).suggested_filename == "presswork-recovery-codes.txt"
    await shown.get_by_role("button", name="I have stored them").click()
    await expect(section).to_contain_text("10 of 10 left")

    await sign_out(person)
    await sign_in(page, email)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Second step")
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Use a recovery code").click()
    await page.get_by_label("Recovery code").fill(codes[0])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/console/test**")

    devtools = await person.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    authenticator = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": authenticator})
    await person.open("/console/test/you")
    await section.get_by_role("button", name="Add").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Laptop")
    await page.get_by_role("button", name="Add the passkey").click()
    await expect(section.get_by_text("Laptop")).to_be_visible()
    await expect(section).to_contain_text("9 of 10 left")

    await sign_out(person)
    await page.get_by_role("button", name="Sign in with a passkey").click()
    await page.wait_for_url("**/console/test**")
    await sign_out(person)
    await sign_in(page, email)
    await page.get_by_role("button", name="Use a passkey").click()
    await page.wait_for_url("**/console/test**")
    await person.open("/console/test/you")
    await section.get_by_role("button", name="Remove Laptop").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Remove the passkey").click()
    await expect(section.get_by_text("Laptop")).to_have_count(0)


@pytest.mark.exhaustive
async def test_an_organization_demands_a_factor_and_an_administrator_resets_it(
    new_person: NewPerson, client: httpx2.Client, admin: Person, unique: str
) -> None:
    """Who must have one is led to it at the next sign-in; People shows who has one, and resets it."""
    email = f"{unique}@example.com"
    await signed_in(new_person, client, "author", email)
    await admin.open("/console/test/people")
    await choose(admin.page, "Who must have a second factor", "Everyone")
    await expect(admin.page.get_by_text("Saved. People who need")).to_be_visible()
    try:
        person = await new_person()
        person.expected = ["422", "401"]  # the reset ends the session while its first screen may still read
        page = person.page
        await sign_in(page, email)
        await expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
        assert await findings_of_axe(page) == []
        await page.get_by_text("Type it instead").click()
        secret = (await page.locator(".secret-text code").inner_text()).replace(" ", "")
        await page.get_by_role("textbox", name="Code").fill("000000")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("This code is wrong.")).to_be_visible()
        await page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(secret).now())
        await page.keyboard.press("Enter")
        await page.get_by_role("button", name="I have stored them").click()
        await page.wait_for_url("**/console/test**")
    finally:
        assert client.patch("/v1/organization", json={"secondFactor": "off"}).is_success
    await admin.page.reload()
    row = admin.page.get_by_role("row").filter(has_text=email)
    await expect(row).to_contain_text("on")
    await row.get_by_role("button").first.click()
    await admin.page.get_by_role("button", name="Reset the second factor").click()
    await admin.page.get_by_role("button", name="Reset it").click()
    await expect(row).to_contain_text("none")


async def test_a_change_that_needs_a_confirmation_is_sent_again(admin: Person, unique: str) -> None:
    """The dialog asks for the password, and the change that waited is made under its idempotency key."""
    page, keys = admin.page, list[str]()
    admin.expected = ["403", "422"]

    async def refuse_first(route: Route) -> None:
        if route.request.method != "POST":
            return await route.fallback()
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > 1:
            return await route.fallback()
        error = {"code": "CONFIRMATION_REQUIRED", "message": "Confirm.", "details": {"methods": ["password"]}}
        body = json.dumps({"error": {**error, "requestId": "req_1"}})
        return await route.fulfill(status=403, content_type="application/json", body=body)

    await page.route("**/v1/users", refuse_first)
    await admin.open("/console/test/people")
    await page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("E-mail").fill(f"{unique}@example.com")
    await dialog.get_by_role("button", name="Invite").click()
    asking = page.get_by_role("dialog", name="Confirm that it is you")
    await asking.get_by_label("Password").fill("not the password")
    await page.keyboard.press("Enter")
    await expect(asking.get_by_text("This is not your password.")).to_be_visible()
    assert await findings_of_axe(page) == []
    await asking.get_by_label("Password").fill(PASSWORD)
    await asking.get_by_role("button", name="Confirm").click()
    await expect(page.get_by_role("alertdialog").locator("code")).to_be_visible()
    assert len(keys) == 2
    assert len({*keys}) == 1
    await page.get_by_role("button", name="Done").click()
