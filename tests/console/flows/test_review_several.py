"""The selection of several items in the inbox of an approver."""

from datetime import timedelta

import pytest
from playwright.async_api import expect
from tests.console.flows.conftest import Person
from tests.console.flows.reviewing import Project, hold, look_again


async def test_several_are_approved_after_their_number_is_named(admin: Person, project: Project) -> None:
    """Selected items are in the address; the question says how many, and how many have a time."""
    first, second = project.content("One"), project.content("Two")
    project.schedule(second, timedelta(hours=2))
    page = admin.page
    await admin.open(project.inbox)
    await page.get_by_text("Select all").click()
    await page.wait_for_url("**selected=**")
    await page.get_by_role("button", name="Approve 2", exact=True).click()
    question = page.get_by_role("alertdialog", name="Approve 2 items?")
    await expect(question).to_contain_text("1 of them has a time.")
    await question.get_by_role("button", name="Approve 2 items").click()
    await expect(page.get_by_text("2 items approved.")).to_be_visible()
    assert [project.approval(one)[0] for one in (first, second)] == ["approved", "approved"]


@pytest.mark.exhaustive
async def test_an_approval_of_several_can_be_stopped(admin: Person, project: Project) -> None:
    """To close the question while they are approved ends it after the one that is sent; the rest stay selected."""
    first, second, third = (project.content(caption) for caption in ("One", "Two", "Three"))
    page, asked = admin.page, list[str]()
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/approve") else None)
    released = await hold(page, f"/v1/content/{first}/approve")
    await admin.open(project.inbox)
    await page.get_by_text("Select all").click()
    await page.get_by_role("button", name="Approve 3", exact=True).click()
    question = page.get_by_role("alertdialog", name="Approve 3 items?")
    async with page.expect_request(f"**/v1/content/{first}/approve"):
        await question.get_by_role("button", name="Approve 3 items").click()
    await question.get_by_role("button", name="Stop").click()
    await expect(question).to_have_count(0)
    released.set()
    await expect(page.get_by_text("Stopped: 1 of 3 items approved.")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve 2", exact=True)).to_be_visible()
    assert len(asked) == 1
    assert [project.approval(one)[0] for one in (first, second, third)] == ["approved", "pending", "pending"]


async def test_an_edit_since_the_selection_is_not_approved_with_the_others(admin: Person, project: Project) -> None:
    """One of two selected items is edited, and the list shows it: only the other one is approved."""
    admin.expected = ["409"]
    first, second = project.content("One"), project.content("Two")
    page = admin.page
    await admin.open(project.inbox)
    await page.get_by_text("Select all").click()
    await expect(page.get_by_role("button", name="Approve 2", exact=True)).to_be_visible()
    project.edit(second, "Two, but other")
    await look_again(page)
    await expect(page.get_by_role("region", name="Inbox")).to_contain_text("Two, but other")
    await page.get_by_role("button", name="Approve 2", exact=True).click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Approve 2 items").click()
    await expect(page.get_by_text("it was changed while you looked")).to_be_visible()
    await expect(page.get_by_text("1 item approved.")).to_be_visible()
    assert [project.approval(one)[0] for one in (first, second)] == ["approved", "pending"]
