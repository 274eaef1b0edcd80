"""The selection of several items in the inbox of an approver."""

from datetime import timedelta

from playwright.async_api import expect
from tests.console.flows.conftest import Person
from tests.console.flows.reviewing import Project


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
