"""What people do together: notifications, steps of approval, a discussion with marks, and a page for the client."""

import re
from datetime import timedelta

import httpx2
import pytest
from playwright.async_api import Page, expect
from tests.console.flows.conftest import NewPerson, Person, choose, findings_of_axe, signed_in
from tests.console.flows.posting import new_account, publish
from tests.console.flows.reviewing import Project
from tests.console.flows.test_home import RESTRICTED
from tests.console.flows.test_quality import PHONE


async def test_a_failed_post_is_found_behind_the_bell(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The bell counts it while the screen is open; its line leads to the post; what is shown is marked as read."""
    page = admin.page
    await admin.open("/console/test/library")
    account = new_account(client, f"bell{unique}")
    fault = {
        "platform": "instagram",
        "handle": f"bell{unique}",
        "operation": "media_publish",
        "fault": "platform_error",
    }
    assert client.post("/v1/sandbox/faults", json={**fault, "value": RESTRICTED}).is_success
    post = publish(client, account, f"Rye {unique}")
    bell = page.get_by_role("navigation", name="Screens").get_by_role(
        "link", name=re.compile(r"^Notifications, \d+ not")
    )
    await bell.click()
    line = page.get_by_role("list", name="Notifications").get_by_role("listitem").filter(has_text=unique)
    await expect(line).to_contain_text("Not read")
    assert await findings_of_axe(page) == []
    await line.get_by_role("link").click()
    await page.wait_for_url(f"**/console/test/posts/{post}")
    await page.go_back()
    await page.get_by_role("button", name="Mark all as read").click()
    await expect(
        page.get_by_role("navigation", name="Screens").get_by_role("link", name="Notifications", exact=True)
    ).to_be_visible()
    await expect(line).not_to_contain_text("Not read")


async def test_what_a_person_is_notified_of_is_their_choice(viewer: Person) -> None:
    """A box is saved at once, and is as it was left after a reload; by keyboard alone."""
    page = viewer.page
    await viewer.open("/console/test/you#notices")
    box = page.get_by_role("checkbox", name="A post failed: Here")
    before = await box.is_checked()
    async with page.expect_response("**/v1/notification-preferences"):
        await box.press("Space")
    await page.reload()
    await expect(box).to_be_checked(checked=not before)


async def test_a_channel_is_added_tested_and_removed(admin: Person, project: Project) -> None:
    """The form says where the URL is found. The URL is a secret: the list shows its end only."""
    page = admin.page
    await admin.open(f"/console/test/accounts/projects/{project.id}")
    channels = page.get_by_role("region", name="Messages to your team")
    await channels.get_by_role("button", name="Add a channel").click()
    form = page.get_by_role("dialog", name="Add a channel")
    await choose(form, "Where to", "E-mail")
    await form.get_by_label("Address").fill("team@example.com")
    assert await findings_of_axe(page) == []
    await form.get_by_role("button", name="Add").click()
    await expect(channels.get_by_role("listitem")).to_contain_text("team@example.com")
    await channels.get_by_role("button", name=re.compile("^Remove")).click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Remove the channel").click()
    await expect(channels.get_by_role("listitem")).to_have_count(0)


async def test_content_goes_through_two_steps_with_two_people(
    admin: Person, new_person: NewPerson, project: Project, unique: str
) -> None:
    """The policy is made in the console. The first step is the approver's, the second the administrator's; each sees whose it is."""
    page = admin.page
    await admin.open(f"/console/test/accounts/projects/{project.id}")
    await page.get_by_role("button", name="Approve in steps").click()
    first, second = page.get_by_role("group", name="Step 1"), page.get_by_role("group", name="Step 2")
    await first.get_by_label("Name").fill("Editors")
    await first.get_by_role("checkbox", name="Administrators").uncheck()
    await second.get_by_label("Name").fill("Lead")
    await choose(second, "Who approves", "People with a role")
    await second.get_by_role("checkbox", name="Approvers").uncheck()
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved. The review policy holds for new content.")).to_be_visible()
    content = project.content(f"Two steps {unique}")
    await admin.open(project.inbox)
    await expect(page.get_by_text("The step “Editors” is decided by approvers.")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Only what waits for me").click()
    await expect(page.get_by_text("Nothing waits for you")).to_be_visible()

    approver = await signed_in(new_person, project.client, "approver", f"{unique}@example.com")
    await approver.open(project.inbox)
    await approver.page.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(approver.page.get_by_role("alertdialog")).to_contain_text("It waits for the step “Lead” now.")
    assert project.approval(content)[0] == "pending"
    await expect(page.get_by_role("region", name="Inbox")).to_contain_text("Lead")
    await expect(page.get_by_role("list", name="Steps of approval")).to_contain_text("Ines")
    await page.get_by_role("button", name=re.compile("^Approve")).click()
    await expect(page.get_by_role("alertdialog").filter(has_text="Approved.")).to_be_visible()
    assert project.approval(content)[0] == "approved"


async def _write(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Your comment").fill(text)


@pytest.mark.exhaustive
async def test_a_mark_on_a_picture_is_seen_by_the_client(
    admin: Person, new_person: NewPerson, project: Project, unique: str
) -> None:
    """A comment for the team stays in the team; one with a mark that the client sees is on the page of the review link."""
    content = project.content("With a mark", pictures=2)
    page = admin.page
    await admin.open(f"{project.inbox}&content={content}")
    talk = page.get_by_role("region", name="Discussion")
    await _write(page, "The price is old. @Ad")
    await talk.get_by_role("option", name="Ada Byron").click()
    await talk.get_by_role("button", name="Comment", exact=True).click()
    await expect(talk.get_by_role("listitem")).to_contain_text("The price is old. @Ada Byron")
    await expect(talk.get_by_role("listitem")).to_contain_text("Team only")

    await talk.get_by_role("button", name="Mark a place").click()
    cross = page.get_by_role("button", name="Set the mark here")
    await expect(cross).to_be_focused()
    for key in ("ArrowRight", "Shift+ArrowUp", "Enter"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("textbox", name="Your comment")).to_be_focused()
    await page.keyboard.type("Brighter here, please")
    await talk.get_by_text("Client sees it").last.click()
    await talk.get_by_role("button", name="Comment to the client").click()
    pin = page.get_by_role("button", name="Mark 1: Brighter here, please")
    await expect(pin).to_be_visible()
    (marked,) = (one for one in project.client.get(f"/v1/content/{content}/comments").json()["items"] if one["anchor"])
    assert (marked["anchor"]["x"], marked["anchor"]["y"], marked["visibility"]) == (0.52, 0.4, "external")
    assert await findings_of_axe(page) == []

    body = {"containerIds": [content], "expiresInHours": 1, "canDecide": True}
    link = project.client.post("/v1/content/review-links", json=body).json()
    client = await new_person(width=PHONE)
    await client.page.goto(link["url"])
    await expect(client.page.get_by_text("Brighter here, please")).to_be_visible()
    await expect(client.page.get_by_text("The price is old.")).to_have_count(0)

    said = talk.get_by_role("listitem").filter(has_text="Brighter here")
    await page.get_by_role("button", name="Next picture").click()
    await said.get_by_role("button", name=re.compile("show mark 1")).click()
    await expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    await said.get_by_role("button", name="Resolve").click()
    await expect(pin).to_have_count(0)
    await expect(talk.get_by_text("1 resolved")).to_be_visible()


async def test_a_client_has_a_standing_page(
    admin: Person, new_person: NewPerson, project: Project, unique: str
) -> None:
    """Its link is made once in the console; on a phone the client sees what waits; revoked, the page is gone."""
    content = project.content(f"For the client {unique}")
    project.schedule(content, timedelta(days=1))
    page = admin.page
    await admin.open(f"/console/test/accounts/projects/{project.id}")
    part = page.get_by_role("region", name="Page for your client")
    await part.get_by_role("button", name="New link").click()
    await page.get_by_role("button", name="Make the link").click()
    url = await page.get_by_role("alertdialog").locator("code").inner_text()
    await page.get_by_role("button", name="I have stored it").click()
    client = await new_person(width=PHONE)
    await client.page.goto(url)
    await expect(client.page.get_by_text(f"For the client {unique}").first).to_be_visible()
    extra = await client.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert extra == 0
    await page.reload()
    await expect(part.get_by_role("row").nth(1)).to_contain_text("active")
    await part.get_by_role("button", name="Revoke").click()
    await page.get_by_role("alertdialog").get_by_role("button", name="Revoke the link").click()
    await expect(part.get_by_role("row").nth(1)).to_contain_text("revoked")
    client.expected.append("404")
    await client.page.goto(url)
    await expect(client.page.get_by_text(f"For the client {unique}")).to_have_count(0)
