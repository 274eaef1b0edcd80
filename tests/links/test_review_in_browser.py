"""The page of a review link in a real browser: on a phone, without JavaScript, for people who can't see or use a mouse."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser, expect
from tests.browsers import findings_of_axe
from tests.clocks import MovableClock
from tests.links.review_flow import LINKS
from tests.posts.conftest import INSTAGRAM_SCOPES, insert_account
from tests.world import World

from presswork.core.timestamps import write_instant


@pytest.mark.timeout(180)
async def test_content_is_reviewed_on_a_phone(
    browser: Browser, world: World, clock: MovableClock, picture: bytes, video: bytes
) -> None:
    """Media load, axe finds nothing in any state and both themes, no line is cut off, and Enter in the name decides nothing."""
    project = await world.project("Corner Bakery")
    branding = {"name": "Corner Bakery", "color": "#8a3b12"}
    await world.client.patch(f"/v1/projects/{project}", json={"branding": branding})
    await world.client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"})
    account = await insert_account(world.api.context.pool, project, "instagram", INSTAGRAM_SCOPES)
    first = await world.content(project, picture, caption="Fresh from the oven, every day at six.", comment="#bread")
    second = await world.content(project, video, content_type="video/mp4", caption="Behind the scenes")
    target = {"socialAccountId": account, "mode": "publish", "captionOverride": "Fresh from the oven 🥐"}
    at = write_instant(clock.now() + timedelta(days=2))
    answer = await world.client.post(f"/v1/content/{first}/schedule", json={"scheduledFor": at, "targets": [target]})
    assert answer.status_code == 202, answer.text
    for container, place in ((first, {"x": 0.25, "y": 0.75}), (second, {"ms": 400})):
        (medium,) = (await world.client.get(f"/v1/content/{container}")).json()["media"]
        anchor = {"assetId": medium["id"], **place}
        said = {"text": "Closer, please.", "visibility": "external", "anchor": anchor}
        assert (await world.client.post(f"/v1/content/{container}/comments", json=said)).status_code == 201
    body = {"containerIds": [first, second], "expiresInHours": 48, "canDecide": True, "note": "The posts of next week."}
    link = (await world.client.post(LINKS, json=body)).json()
    phone = await browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740}, locale="de-DE")
    page = await phone.new_page()
    failed: list[str] = []
    aborted = "net::ERR_ABORTED"  # a video that was still being loaded when the page was left
    page.on("requestfailed", lambda one: None if one.failure == aborted else failed.append(one.url))
    await page.goto(link["url"])
    await expect(page.get_by_role("heading", name="Beitrag 1 von 2")).to_be_visible()
    await page.get_by_label("Ihr Name").press("Enter")
    await expect(page.get_by_text("Wartet auf Ihre Entscheidung")).to_have_count(2)
    await page.get_by_role("button", name="Ablehnen", exact=True).first.click()
    await expect(page.get_by_role("alert")).to_contain_text("Geben Sie Ihren Namen ein.")
    await page.get_by_label("Ihr Name").fill("Marta Müller")
    await page.get_by_role("button", name="Freigeben", exact=True).first.click()
    await expect(page.get_by_text("Freigegeben von Marta Müller").first).to_be_visible()
    assert (await world.client.get(f"/v1/content/{first}")).json()["reviewerName"] == "Marta Müller"
    await world.client.patch(f"/v1/content/{second}", json={"caption": "Behind the scenes of the bakery"})
    await page.get_by_role("button", name="Freigeben", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("geändert, während Sie es ansahen")
    await page.get_by_role("button", name="Kommentar senden").first.click()
    await expect(page.get_by_role("alert")).to_contain_text("Der Kommentar wurde nicht gesendet.")
    await page.get_by_label("Ihr Kommentar").first.fill("So ist es besser.")
    await page.get_by_role("button", name="Kommentar senden").first.click()
    await expect(page.get_by_role("listitem").filter(has_text="Marta Müller")).to_contain_text("So ist es besser.")
    assert failed == []
    with_scripts = await browser.new_context(bypass_csp=True)
    checked = await with_scripts.new_page()
    for width in (360, 768, 1280):
        await checked.set_viewport_size({"width": width, "height": 900})
        await checked.goto(link["url"])
        assert await findings_of_axe(checked) == []
        assert await checked.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert await checked.evaluate(
            "[...document.images].every(one => one.loading === 'lazy' || one.naturalWidth > 0)"
        )
    await (
        checked.get_by_role("button", name="Reject all").or_(checked.get_by_role("button", name="Reject")).last.click()
    )
    await expect(checked.get_by_role("alert")).to_be_visible()
    assert await findings_of_axe(checked) == []
