"""Every screen: no finding of axe in both themes, nothing too wide, no complaint of the browser; and the first load is small."""

from typing import Final

import pytest
from playwright.async_api import expect
from tests.console.flows.conftest import NewPerson, Person, findings_of_axe

SCREENS: Final = (
    "/console/test",
    "/console/test/queue",
    "/console/test/calendar",
    "/console/test/calendar?view=week",
    "/console/test/queue?view=waiting&by=account",
    "/console/test/queue?view=failed&act=keys",
    "/console/test/approvals",
    "/console/test/library",
    "/console/test/accounts",
    "/console/test/accounts/projects?open=new",
    "/console/test/accounts/layers",
    "/console/test/accounts/links?open=new",
    "/console/test/approvals/links",
    "/console/test/compose",
    "/console/test/compose/import",
    "/console/test/developers/keys",
    "/console/live/developers/webhooks",
    "/console/test/developers/audit",
    "/console/test/developers/sandbox",
    "/console/test/people",
    "/console/test/system",
    "/console/live/system/platforms/instagram",
    "/console/live/system/platforms/tiktok",
    "/console/test/you",
)
WIDTHS: Final = (360, 768, 1280)
EXTRA: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""By how many pixels a screen is too wide."""
FIRST_LOAD_BYTES: Final = 220_000


@pytest.mark.parametrize("path", SCREENS)
async def test_a_screen_is_accessible_and_fits(admin: Person, path: str) -> None:
    await admin.open(path)
    await expect(admin.page.get_by_role("status", name="Loading")).to_have_count(0)
    for width in WIDTHS:
        await admin.page.set_viewport_size({"width": width, "height": 800})
        extra = await admin.page.evaluate(EXTRA)
        for _ in range(30):  # the layout follows the width in a moment
            if extra == 0:
                break
            await admin.page.wait_for_timeout(100)
            extra = await admin.page.evaluate(EXTRA)
        assert extra == 0, f"{path} is {extra} pixels too wide at {width}"
    assert await findings_of_axe(admin.page) == []


async def test_the_open_part_is_in_view_on_a_phone(admin: Person) -> None:
    """A row of parts that is wider than the screen is scrolled to the open one, on the first load and after a change."""
    await admin.page.set_viewport_size({"width": WIDTHS[0], "height": 800})
    await admin.open("/console/test/accounts/links")
    parts = admin.page.get_by_role("navigation", name="Accounts")
    await expect(parts.get_by_role("link", name="Connect links")).to_be_in_viewport(ratio=1)
    await parts.get_by_role("link", name="Accounts").click()
    await expect(parts.get_by_role("link", name="Accounts")).to_be_in_viewport(ratio=1)


async def test_the_first_load_is_small(new_person: NewPerson) -> None:
    """What a browser without a cache loads for the sign-in, compressed."""
    person = await new_person()
    await person.open("/console/sign-in")
    await person.page.wait_for_load_state("networkidle")
    sizes = await person.page.evaluate("performance.getEntriesByType('resource').map((one) => one.encodedBodySize)")
    assert 0 < sum(sizes) <= FIRST_LOAD_BYTES
