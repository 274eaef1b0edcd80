"""The page of a portal link in a real browser: on a phone without JavaScript, and at every width and in both themes."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect
from tests.browsers import findings_of_axe
from tests.clocks import MovableClock
from tests.links.test_portal import insert_posts
from tests.posts.conftest import INSTAGRAM_SCOPES, insert_account
from tests.world import World

from presswork.core.timestamps import write_instant

BELOW = ("", "/live", "/days/{day}", "/content/{content}")


@pytest.mark.exhaustive
@pytest.mark.timeout(180)
async def test_a_customer_looks_and_decides_on_a_phone(
    browser: Browser, world: World, clock: MovableClock, picture: bytes
) -> None:
    """The customer finds what waits, approves it, and reads what is out; axe finds nothing, and no page is too wide."""
    pool, project = world.api.context.pool, await world.project("Corner Bakery")
    branding = {"name": "Corner Bakery", "color": "#8a3b12"}
    await world.client.patch(f"/v1/projects/{project}", json={"branding": branding})
    accounts = [await insert_account(pool, project, one, INSTAGRAM_SCOPES) for one in ("instagram", "threads")]
    long = "Rye with caraway, from seven. " * 8 + "https://bakery.example.com/" + "so-long" * 20
    out = await world.content(project, picture, caption="Win a year of bread!")
    for account in accounts:
        url = "https://posts.example.com/1"
        at = clock.now() - timedelta(days=1)
        await insert_posts(pool, out, account, at, status="published", published_at=at, external_url=url)
    planned = await world.content(project, picture, caption=long)
    for number in range(9):
        await insert_posts(pool, planned, accounts[0], clock.now() + timedelta(minutes=number))
    await world.client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"})
    waiting = await world.content(project, picture, caption="Fresh from the oven, every day at six.")
    await world.content(project, picture, caption=long)
    body = {
        "scheduledFor": write_instant(clock.now() + timedelta(days=2)),
        "targets": [{"socialAccountId": accounts[0], "mode": "publish"}],
    }
    assert (await world.client.post(f"/v1/content/{waiting}/schedule", json=body)).status_code == 202
    made = (await world.client.post(f"/v1/projects/{project}/portal-links", json={"canDecide": True})).json()
    phone = await browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="de-DE")
    page = await phone.new_page()
    await page.goto(made["url"])
    await page.locator(".waiting").get_by_role("link", name=re.compile("Fresh from the oven")).click()
    await page.get_by_label("Ihr Name").fill("Marta Müller")
    await page.get_by_role("button", name="Freigeben", exact=True).click()
    await expect(page.get_by_text("Freigegeben von Marta Müller").first).to_be_visible()
    await page.get_by_role("link", name="Alle Beiträge").click()
    await expect(page.locator(".waiting").get_by_role("link")).to_have_count(1)
    await page.get_by_role("link", name="Was veröffentlicht ist").click()
    await expect(page.get_by_role("link", name="Threads")).to_have_attribute("href", re.compile("posts.example.com/1"))
    day = clock.now().astimezone().date()
    context = await browser.new_context(bypass_csp=True)
    checked = await context.new_page()
    for below in BELOW:
        path = below.format(day=day, content=waiting)
        for width in (360, 768, 1280):
            await checked.set_viewport_size({"width": width, "height": 900})
            await checked.goto(made["url"] + path)
            assert await checked.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (path, width)
            assert await findings_of_axe(checked, every_rule_in_dark=width == 1280) == [], (path, width)
