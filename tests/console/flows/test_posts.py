"""The queue and the page of a post, live."""

import httpx2
from playwright.async_api import expect
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.posting import new_account, publish


async def test_a_post_appears_by_itself_and_has_its_timeline(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A post that is published while the queue is open appears there without a reload, and its page says what happened."""
    await admin.open("/console/test/queue?view=done")
    await expect(admin.page.get_by_text("live", exact=True)).to_be_visible()
    publish(client, new_account(client, f"shop{unique}"), f"Bread for shop{unique}")
    row = admin.page.get_by_role("listitem").filter(has_text=f"@shop{unique}")
    await expect(row).to_contain_text("Published")
    await row.get_by_role("link", name=f"Bread for shop{unique}").click()
    await expect(admin.page.get_by_role("heading", name="Timeline")).to_be_visible()
    await expect(admin.page).to_have_title(f"Bread for shop{unique} · Post · Presswork")
    timeline = admin.page.get_by_role("list").filter(has_text="Accepted. Due now.")
    await expect(timeline.get_by_role("listitem").first).to_contain_text("Published.")
    assert await findings_of_axe(admin.page) == []


async def test_search_is_part_of_the_address(admin: Person, client: httpx2.Client, unique: str) -> None:
    """What is searched for survives a reload, and another text finds nothing."""
    publish(client, new_account(client, f"found{unique}"), f"Bread for found{unique}")
    await admin.open("/console/test/queue?view=done")
    await admin.page.get_by_label("Search captions and handles").fill(f"found{unique}")
    await admin.page.keyboard.press("Enter")
    await admin.page.wait_for_url(f"**q=found{unique}**")
    await admin.page.reload()
    await expect(admin.page.get_by_role("listitem").filter(has_text=f"@found{unique}")).to_be_visible()
    await admin.open(f"/console/test/queue?view=done&q=no-{unique}")
    await expect(admin.page.get_by_role("heading", name="No post matches")).to_be_visible()
