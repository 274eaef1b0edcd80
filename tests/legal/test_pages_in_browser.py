"""The legal pages in a real browser: on a phone and a desktop, light and dark, in both languages."""

import pytest
from playwright.async_api import Browser, expect
from tests.api_server import serving
from tests.browsers import findings_of_axe
from tests.clocks import MovableClock
from tests.legal.signed import DELETION, request_of, send

from presswork.platforms.settings import Settings


@pytest.mark.exhaustive
@pytest.mark.slow
async def test_the_pages_fit_and_are_accessible(
    settings: Settings, dsn: str, clock: MovableClock, browser: Browser
) -> None:
    """No finding of axe, nothing wider than the screen, no error in the console; the language switch leads to German."""
    named = settings.model_copy(update={"operator_name": "Corner Bakery", "contact_email": "privacy@example.com"})
    async with serving(named, dsn=dsn, clock=clock) as api:
        done = (await send(await api.anonymous(), DELETION, request_of(api, "7"))).json()
        page = await browser.new_page(base_url=api.base_url, java_script_enabled=True, bypass_csp=True)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        for path in ("/legal/privacy", "/legal/terms", "/legal/data-deletion", done["url"]):
            for width in (360, 1280):
                await page.set_viewport_size({"width": width, "height": 800})
                await page.goto(path)
                assert await page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, path
            assert await findings_of_axe(page) == [], path
            await page.get_by_role("link", name="Deutsch").click()
            await expect(page.locator("html")).to_have_attribute("lang", "de")
        await page.get_by_role("link", name="Datenschutzerklärung").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Datenschutzerklärung")
        assert errors == []
