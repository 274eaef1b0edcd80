"""The inbox of an approver and the library."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import httpx2
from playwright.async_api import Page, expect
from tests.console.flows.conftest import NewPerson, Person, findings_of_axe, signed_in
from tests.console.flows.posting import new_account, new_content
from tests.console.flows.reviewing import Project, hold, look_again
from tests.console.flows.test_compose import picture as chosen_picture

PHONE: Final = 360
THUMB: Final = 44
"""The least height of what a thumb presses, in pixels."""


async def _press(page: Page, name: str) -> None:
    """Press a button as a thumb does: it must be large, in the lower half of the screen, and not covered."""
    button = page.get_by_role("button", name=name, exact=True)
    box = await button.bounding_box()
    height = page.viewport_size["height"] if page.viewport_size else 0
    assert box is not None
    assert box["height"] >= THUMB, f"{name} is {box['height']} pixels high"
    assert box["y"] >= height / 2, f"{name} is at {box['y']} of {height}"
    assert box["y"] + box["height"] <= height, f"{name} ends below the screen"
    await button.click()


async def test_an_approver_reviews_with_one_thumb(new_person: NewPerson, project: Project, unique: str) -> None:
    """On a phone, the most urgent item comes first; it is seen whole and decided on, and the next one follows."""
    later = project.content("Later today")
    project.schedule(later, timedelta(hours=8))
    soon = project.content("Soon", pictures=3)
    project.schedule(soon, timedelta(minutes=40), captionOverride="Soon, for this account")
    approver = await signed_in(new_person, project.client, "approver", f"{unique}@example.com", width=PHONE)
    page = approver.page
    await approver.open(project.inbox)
    rows = page.get_by_role("region", name="Inbox").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text(re.compile(r"Goes out in 3\d minutes"))
    await rows.first.get_by_role("link").click()
    await expect(page.get_by_role("region", name="Slideshow of 3 pictures")).to_be_visible()
    await expect(page.get_by_text("Soon, for this account")).to_be_visible()
    await expect(page.get_by_text(f"@shop{unique}")).to_be_visible()
    await page.get_by_role("button", name="Next picture").click()
    await expect(page.get_by_text("2 of 3")).to_be_visible()
    assert await findings_of_axe(page) == []
    extra = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert extra == 0

    await _press(page, "Approve")
    await expect(page.get_by_role("alertdialog")).to_contain_text("Approved. 1 post is scheduled.")
    await expect(page.get_by_text("Later today")).to_be_visible()
    await _press(page, "Request changes")
    await expect(page.get_by_label("What should change?")).to_be_visible()
    await _press(page, "Request changes")
    await expect(page.get_by_text("Say what should change")).to_be_visible()
    await page.get_by_label("What should change?").fill("Name the street")
    await _press(page, "Request changes")
    await expect(page.get_by_text("It waits for its author.")).to_be_visible()
    assert project.approval(soon) == ("approved", None)
    assert project.approval(later) == ("pending", "Name the street")


async def test_the_inbox_says_what_becomes_of_content(admin: Person, project: Project) -> None:
    """A time that has passed is not shown; what was approved is out, with its post; what nothing waits for is only shown."""
    content = project.content("Right away")
    project.schedule(content, timedelta(seconds=-20))
    page = admin.page
    await admin.open(f"{project.inbox}&content={content}")
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("Right after it is approved")).to_be_visible()
    await review.get_by_role("button", name="Share for review").click()
    await expect(page.get_by_role("checkbox", name="Let them approve, request changes and reject")).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Approve", exact=True).click()
    await expect(page.get_by_role("alertdialog")).to_contain_text("Approved. Going out now on 1 account.")
    await page.get_by_role("button", name="See it").click()
    (post,) = project.client.get(f"/v1/projects/{project.id}/scheduled-posts").json()["items"]
    await page.wait_for_url(f"**/posts/{post['id']}")
    await admin.open(f"{project.inbox}&content={content}")
    await expect(review.get_by_text("Is out on 1 account")).to_be_visible()
    await expect(review.get_by_role("link", name="@shop")).to_have_attribute(
        "href", f"/console/test/posts/{post['id']}"
    )
    await expect(review.get_by_role("link", name="Open in the sandbox")).to_be_visible()
    await review.get_by_role("button", name="Share for review").click()
    await expect(page.get_by_text("Nothing here waits for approval, so the page only shows it.")).to_be_visible()


async def test_a_decision_does_not_wait_for_the_item_to_be_read(admin: Person, project: Project) -> None:
    """Keys pressed while an item is read decide on it as the inbox showed it, and on no edit that came in between."""
    first, second = (project.content(caption) for caption in ("First", "Second"))
    page = admin.page
    read_first, read_second = [await hold(page, f"/v1/content/{container}") for container in (first, second)]
    await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.press("c")
    await expect(page.get_by_label("What should change?")).to_be_focused()
    await page.keyboard.type("More light")
    await page.keyboard.press("Control+Enter")
    assert project.approval(first) == ("pending", None)
    read_inbox = await hold(page, "/v1/content?**")
    read_first.set()
    await expect(page.get_by_text("It waits for its author.")).to_be_visible()
    assert project.approval(first) == ("pending", "More light")

    await expect(review.get_by_text("Second", exact=True)).to_be_visible()
    project.edit(second, "Second thoughts")
    await page.keyboard.press("a")
    read_second.set()
    read_inbox.set()
    await expect(review.get_by_text("Second thoughts", exact=True)).to_be_visible()
    await expect(page.get_by_text("Not sent: the content was changed while you looked.")).to_be_visible()
    await expect(page.get_by_role("button", name=re.compile("^Approve"))).to_be_enabled()
    assert project.approval(second) == ("pending", None)


async def test_pictures_that_load_move_nothing_under_the_finger(admin: Person, project: Project) -> None:
    """A slideshow is paged through before its pictures are there: they neither move the buttons nor turn it back."""
    container = project.content("Soon", pictures=3)
    made_at = datetime.fromisoformat(project.client.get(f"/v1/content/{container}").json()["createdAt"])
    page = admin.page
    await page.set_viewport_size({"width": 390, "height": 780})
    loaded = await hold(page, "/media/**")
    await page.clock.install(time=made_at)
    await admin.open(project.inbox)
    await page.get_by_role("region", name="Inbox").get_by_role("listitem").get_by_role("link").click()
    onward = page.get_by_role("button", name="Next picture")
    await onward.click()
    await expect(page.get_by_text("2 of 3")).to_be_visible()
    await onward.click()
    await expect(page.get_by_text("3 of 3")).to_be_visible()
    before = await onward.bounding_box()
    loaded.set()
    for picture in await page.get_by_role("img", name=re.compile(r"File \d of 3")).all():
        await expect(picture).to_have_js_property("complete", True)
        await picture.evaluate("picture => picture.decode()")
    assert await onward.bounding_box() == before
    await expect(page.get_by_text("3 of 3")).to_be_visible()
    await page.clock.fast_forward(20_000)
    await expect(page.get_by_text(re.compile(r"^waits since (today|yesterday) \d\d:\d\d"))).to_be_visible()
    assert await onward.bounding_box() == before


async def test_the_keyboard_alone_empties_the_inbox(admin: Person, project: Project) -> None:
    """J and K move, A approves, R and C open a note, Escape closes it, and ? lists the keys."""
    first, second, third = (project.content(caption) for caption in ("First", "Second", "Third"))
    page = admin.page
    await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Approve with a note")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.keyboard.press("j")
    await expect(review.get_by_text("Second", exact=True)).to_be_visible()
    await page.keyboard.press("k")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.press("r")
    await expect(page.get_by_label("Why is it rejected?")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Why is it rejected?")).to_have_count(0)
    await page.keyboard.press("a")
    await expect(page.get_by_text("Approved.", exact=True)).to_be_visible()
    await expect(review.get_by_text("Second", exact=True)).to_be_visible()
    await page.keyboard.press("r")
    await expect(page.get_by_label("Why is it rejected?")).to_be_focused()
    await page.keyboard.type("Not our bread")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Rejected.", exact=True)).to_be_visible()
    await expect(review.get_by_text("Third", exact=True)).to_be_visible()
    await page.keyboard.press("c")
    await expect(page.get_by_label("What should change?")).to_be_focused()
    await page.keyboard.type("More light")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("It waits for its author.")).to_be_visible()
    assert [project.approval(one) for one in (first, second, third)] == [
        ("approved", None),
        ("rejected", "Not our bread"),
        ("pending", "More light"),
    ]


async def test_a_note_is_not_taken_to_another_item(admin: Person, project: Project) -> None:
    """A click on another row closes the note that is being written."""
    project.content("First")
    project.content("Second")
    page = admin.page
    await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.press("r")
    await page.get_by_label("Why is it rejected?").fill("Not our bread")
    await page.get_by_role("region", name="Inbox").get_by_role("link", name="Second").click()
    await expect(review.get_by_text("Second", exact=True)).to_be_visible()
    await expect(page.get_by_label("Why is it rejected?")).to_have_count(0)


async def test_a_more_urgent_item_does_not_replace_the_one_that_is_read(admin: Person, project: Project) -> None:
    """What comes in above the item that is shown changes the list, but neither that item nor the note about it."""
    first = project.content("First")
    page = admin.page
    await page.clock.install()
    await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.press("r")
    await expect(page.get_by_label("Why is it rejected?")).to_be_focused()
    await page.keyboard.type("Not our bread")
    urgent = project.content("Urgent")
    rows = page.get_by_role("region", name="Inbox").get_by_role("listitem")
    await expect(rows).to_have_count(2)
    project.schedule(urgent, timedelta(minutes=40))
    await page.clock.fast_forward(60_000)  # a due time has no event: the inbox is read again each minute
    await expect(rows.first).to_contain_text("Urgent")
    await expect(page.get_by_label("Why is it rejected?")).to_have_value("Not our bread")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Rejected.", exact=True)).to_be_visible()
    assert [project.approval(one) for one in (first, urgent)] == [("rejected", "Not our bread"), ("pending", None)]


async def test_an_item_that_another_person_decides_on_stays_in_sight(admin: Person, project: Project) -> None:
    """The item that is shown is not replaced by one that was not read when it leaves the inbox; J goes to the next one."""
    first, second = (project.content(caption) for caption in ("First", "Second"))
    page = admin.page
    await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    assert project.client.post(f"/v1/content/{first}/approve", json={}).is_success
    await expect(page.get_by_role("region", name="Inbox").get_by_role("listitem")).to_have_count(1)
    await expect(review).to_contain_text("Approved")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.press("a")
    await page.keyboard.press("j")
    await expect(review.get_by_text("Second", exact=True)).to_be_visible()
    assert project.approval(second) == ("pending", None)


async def test_an_account_that_cannot_be_read_is_not_called_gone(admin: Person, project: Project) -> None:
    """Where an item goes out is not known then, which is something else."""
    project.schedule(project.content("First"), timedelta(minutes=40))
    await admin.refuse_reads(f"/v1/social-accounts/{project.account}")
    await admin.open(project.inbox)
    review = admin.page.get_by_role("article", name="Review")
    await expect(review.get_by_text("An account that could not be read")).to_be_visible()


async def test_a_key_that_is_held_approves_one_item(admin: Person, project: Project) -> None:
    """The repeats of A, which come when the next item is shown already, decide on nothing."""
    first, second, third = (project.content(caption) for caption in ("First", "Second", "Third"))
    page, asked = admin.page, list[str]()
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/approve") else None)
    await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("First", exact=True)).to_be_visible()
    await page.keyboard.down("a")
    await page.keyboard.down("a")
    await expect(review.get_by_text("Second", exact=True)).to_be_visible()
    await page.keyboard.down("a")
    await page.keyboard.up("a")
    await page.keyboard.press("r")
    await expect(page.get_by_label("Why is it rejected?")).to_be_focused()
    await page.keyboard.type("Not our bread")
    await page.keyboard.press("Control+Enter")
    await expect(review.get_by_text("Third", exact=True)).to_be_visible()
    assert len(asked) == 1
    assert [project.approval(one)[0] for one in (first, second, third)] == ["approved", "rejected", "pending"]


async def test_the_first_letters_of_a_note_are_no_keys(admin: Person, project: Project) -> None:
    """On a busy machine the field for the reason opens late: the letter after R does not approve."""
    container = project.content("Bread")
    page = admin.page
    async with page.expect_response(f"**/v1/content/{container}"):
        await admin.open(project.inbox)
    await expect(page.get_by_role("button", name="Approve", exact=True)).to_be_enabled()
    await page.evaluate(
        """() => {
            for (const key of ["r", "a"]) document.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
        }"""
    )
    await expect(page.get_by_label("Why is it rejected?")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.get_by_label("Why is it rejected?")).to_have_count(0)
    assert project.approval(container) == ("pending", None)
    await page.keyboard.press("a")
    await expect(page.get_by_text("1 post is scheduled.").or_(page.get_by_text("Approved.")).first).to_be_visible()
    assert project.approval(container) == ("approved", None)


async def test_an_edit_that_was_not_seen_is_not_approved(admin: Person, project: Project) -> None:
    """An edit while one looks refuses the decision, is marked, and is decided on after another look."""
    admin.expected = ["409"]
    container = project.content("Warm bread at six")
    page = admin.page
    async with page.expect_response(f"**/v1/content/{container}"):
        await admin.open(project.inbox)
    review = page.get_by_role("article", name="Review")
    await expect(review.get_by_text("Warm bread at six")).to_be_visible()
    await expect(review.get_by_text("No time yet.")).to_be_visible()
    project.edit(container, "Warm bread at seven")
    await page.keyboard.press("a")
    notice = page.get_by_role("alert").filter(has_text="This was changed while you looked. Look again.")
    await expect(notice.locator("ins")).to_have_text("seven")
    await expect(notice.locator("del")).to_have_text("six")
    await expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    assert project.approval(container) == ("pending", None)
    await page.get_by_role("button", name="I have looked again").click()
    await page.get_by_role("button", name="Approve", exact=True).click()
    await expect(page.get_by_role("heading", name="Nothing waits for approval")).to_be_visible()
    await expect(page.get_by_text(f"All new content of {project.name} needs approval.")).to_be_visible()
    assert project.approval(container) == ("approved", None)


async def test_who_may_not_approve_sees_the_inbox_without_buttons(viewer: Person, project: Project) -> None:
    """A viewer reads what waits, and one sentence says why there is nothing to decide."""
    project.content("For all to see")
    await viewer.open(project.inbox)
    await expect(viewer.page.get_by_role("article", name="Review")).to_contain_text("For all to see")
    await expect(viewer.page.get_by_text("Your role can read this inbox, but not decide.")).to_be_visible()
    for name in ("Approve", "Reject", "Request changes"):
        await expect(viewer.page.get_by_role("button", name=name, exact=True)).to_have_count(0)


async def test_the_library_takes_uploads_and_shows_their_use(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A file with its text becomes content; its card then says on which accounts it is planned, and when."""
    account = new_account(client, f"shelf{unique}")
    project = client.get(f"/v1/social-accounts/{account}").json()["projectId"]
    page = admin.page
    await admin.open(f"/console/test/library?project={project}")
    await page.get_by_role("button", name="Upload").click()
    dialog = page.get_by_role("dialog", name="Upload to the library")
    assert "upload=true" in page.url
    async with page.expect_file_chooser() as chooser:
        await dialog.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(chosen_picture())
    await expect(dialog.get_by_role("button", name="Upload")).to_be_disabled()  # without a text
    await dialog.get_by_label("Text").fill(f"Shelf {unique}")
    assert await findings_of_axe(page) == []
    await dialog.get_by_role("button", name="Upload").click()
    await page.wait_for_url("**/content/*")
    content = page.url.rpartition("/")[2]

    at = datetime.now(UTC) + timedelta(days=2)
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}], "scheduledFor": at.isoformat()}
    await admin.open(f"/console/test/library?project={project}")
    card = page.get_by_role("main").get_by_role("listitem").filter(has_text=f"Shelf {unique}")
    await expect(card).to_contain_text("Not planned yet")
    assert client.post(f"/v1/content/{content}/schedule", json=body).is_success
    await expect(card).to_contain_text("1 queued")
    await expect(card.get_by_role("img", name=f"@shelf{unique} on Instagram: queued")).to_be_visible()
    due = at.astimezone(ZoneInfo("Europe/Berlin"))
    await expect(card.locator("time").first).to_contain_text(f"{due:%H:%M}")


async def test_content_is_deleted_in_the_library(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Several at once, of which one that a post waits for stays and says why; and one on its page, which then says that it is gone."""
    account = new_account(client, f"gone{unique}")
    busy, *idle = (new_content(client, account, f"Gone {number} {unique}") for number in range(3))
    schedule = {
        "scheduledFor": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        "targets": [{"socialAccountId": account, "mode": "publish"}],
    }
    assert client.post(f"/v1/content/{busy}/schedule", json=schedule).status_code == 200
    page = admin.page
    admin.expected.append("409")
    await admin.open(f"/console/test/library?q={unique}")
    for number in range(2):
        await page.get_by_role("checkbox", name=f"Select Gone {number} {unique}").check(force=True)
    await page.get_by_role("region", name="Selected content").get_by_role("button", name="Delete").click()
    await page.get_by_role("alertdialog", name="Delete 2 items?").get_by_role("button", name="Delete 2 items").click()
    refusal = page.get_by_role("alertdialog", name="Not everything was deleted")
    await expect(refusal).to_contain_text("is queued or is being published")
    await refusal.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("link", name=f"Gone 1 {unique}")).to_have_count(0)
    await page.get_by_role("link", name=f"Gone 2 {unique}").click()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Delete").click()
    asked = page.get_by_role("alertdialog", name="Delete this content?")
    await asked.get_by_role("checkbox", name="Also erase the texts").check(force=True)
    await asked.get_by_role("button", name="Delete this content").click()
    await expect(page.get_by_text("This content was deleted")).to_be_visible()
    await expect(page.get_by_role("button", name="Edit")).to_have_count(0)
    states = [client.get(f"/v1/content/{container}").json()["status"] for container in (busy, *idle)]
    assert states == ["completed", "deleted", "deleted"]


async def test_an_edit_in_the_library_sets_approved_content_back(admin: Person, project: Project, unique: str) -> None:
    """A caption is found, its edit says before what it does to the approval, and the content waits again."""
    container = project.content(f"Easter bread {unique}")
    project.content("Something else")
    assert project.client.post(f"/v1/content/{container}/approve", json={}).is_success
    project.schedule(container, timedelta(days=2))
    page = admin.page
    await admin.open("/console/test/library")
    await page.get_by_label("Search captions").fill(unique.upper())
    await page.keyboard.press("Enter")
    await page.wait_for_url("**q=**")
    await page.reload()
    cards = page.get_by_role("main").get_by_role("listitem")
    await expect(cards).to_have_count(1)
    await cards.get_by_role("link").click()
    await page.wait_for_url(f"**/content/{container}")
    await expect(page.get_by_role("link", name="Use again")).to_have_attribute(
        "href", f"/console/test/compose?content={container}"
    )
    assert await findings_of_axe(page) == []
    await page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit the texts")
    await expect(dialog).to_contain_text(
        "the content waits for approval again. Until then, the 1 post that is queued waits."
    )
    await dialog.get_by_label("Caption").fill("🥐" * 63_207)
    await expect(dialog).to_contain_text("63,207 of 63,206")
    await expect(dialog.get_by_role("button", name="Save and send for review")).to_be_disabled()
    await dialog.get_by_label("Caption").fill("🥐" * 63_206)
    await expect(dialog.get_by_role("button", name="Save and send for review")).to_be_enabled()
    await dialog.get_by_label("Caption").fill("Easter bread, with raisins")
    await dialog.get_by_role("button", name="Save and send for review").click()
    await expect(page.get_by_text("Saved. It waits for approval again.")).to_be_visible()
    await expect(page.get_by_role("heading", name="Content")).to_contain_text("Waits for approval")
    await expect(page.get_by_role("region", name="Posts")).to_contain_text("1 waits for approval")
    assert project.approval(container) == ("pending", None)


async def test_an_open_form_keeps_what_another_person_saved(admin: Person, project: Project) -> None:
    """Texts and fields that change while a form is open are not sent back to what they were."""
    container = project.content("Warm bread")
    page = admin.page
    await admin.open(f"/console/test/content/{container}")
    await page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit the texts")
    await expect(dialog.get_by_label("Caption")).to_have_value("Warm bread")
    project.edit(container, "Warm bread at six")
    await look_again(page)
    await expect(page.get_by_role("region", name="Post", exact=True)).to_contain_text("Warm bread at six")
    await expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
    await dialog.get_by_label("First comment").fill("Also on Sunday")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    content = project.client.get(f"/v1/content/{container}").json()
    assert (content["caption"], content["firstComment"]) == ("Warm bread at six", "Also on Sunday")

    await admin.open(f"/console/test/accounts/projects/{project.id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text(project.name)
    renamed = f"New {project.name}"
    assert project.client.patch(f"/v1/projects/{project.id}", json={"name": renamed}).is_success
    await look_again(page)
    await expect(page.get_by_role("heading", level=1)).to_have_text(renamed)
    save = page.get_by_role("button", name="Save", exact=True)
    await expect(save).to_have_count(0)
    await page.get_by_text("What your programs store with it").click()
    await page.get_by_label("App name").fill("Crumbs")
    await save.click()
    await expect(page.get_by_text("The project is saved.")).to_be_visible()
    await expect(page.get_by_label("Name", exact=True)).to_have_value(renamed)
    await expect(save).to_have_count(0)
    stored = project.client.get(f"/v1/projects/{project.id}").json()
    assert (stored["name"], stored["appName"]) == (renamed, "Crumbs")


async def test_a_schedule_that_waits_is_withdrawn(admin: Person, project: Project) -> None:
    """The library lists the calls that wait for the approval; a withdrawn one makes no post."""
    container = project.content("Later")
    project.schedule(container, timedelta(days=1))
    await admin.open(f"/console/test/content/{container}")
    calls = admin.page.get_by_role("region", name="Scheduled once it is approved")
    await calls.get_by_role("button", name="Withdraw").click()
    await admin.page.get_by_role("button", name="Withdraw it").click()
    await expect(calls).to_have_count(0)
    assert project.client.get(f"/v1/content/{container}/schedule-intents").json()["items"] == []


async def test_content_is_shared_with_a_person_without_access(
    admin: Person, new_person: NewPerson, project: Project
) -> None:
    """Two items are shared; the person decides on a phone in German; the console shows who it was, and revokes the link."""
    first, second = project.content("First of two"), project.content("Second of two")
    page = admin.page
    await admin.open(project.inbox)
    await page.get_by_role("checkbox", name="Select all").click()
    await page.get_by_role("button", name="Share 2").click()
    form = page.get_by_role("dialog")
    await form.get_by_label("Recipient", exact=True).fill("Marta")
    assert await findings_of_axe(page) == []
    await form.get_by_role("button", name="Make the link").click()
    shown = page.get_by_role("alertdialog")
    address = await shown.locator("code").inner_text()
    await shown.get_by_role("button", name="I have stored it").click()

    visitor = await new_person(width=PHONE)
    await visitor.page.goto(address)
    await visitor.page.get_by_role("link", name="Deutsch").click()
    await expect(visitor.page.get_by_label("Ihr Name")).to_have_value("Marta")
    await visitor.page.locator("#item-2").get_by_label("Ihre Anmerkung").fill("Bitte die Straße nennen")
    await visitor.page.locator("#item-2").get_by_role("button", name="Änderungen wünschen").click()
    await visitor.page.locator("#item-1").get_by_role("button", name="Freigeben").click()
    await expect(visitor.page.get_by_text("Freigegeben von Marta").first).to_be_visible()
    assert await findings_of_axe(visitor.page) == []

    by_caption = {project.client.get(f"/v1/content/{one}").json()["caption"]: one for one in (first, second)}
    assert sorted(project.approval(one) for one in by_caption.values()) == [
        ("approved", None),
        ("pending", "Bitte die Straße nennen"),
    ]
    await admin.open(f"/console/test/content/{first}")
    await expect(page.get_by_text("by Marta at a review link")).to_be_visible()
    await page.get_by_role("link", name="Review links of this content").click()
    row = page.get_by_role("row").filter(has_text="Marta")
    await expect(row).to_contain_text("2 items")
    assert await findings_of_axe(page) == []
    await row.get_by_role("button", name="Revoke").click()
    await page.get_by_role("button", name="Revoke the link").click()
    await expect(row).to_contain_text("revoked")
    visitor.expected.append("404")
    answer = await visitor.page.goto(address)
    assert answer is not None
    assert answer.status == 404


async def test_a_project_gets_its_branding_its_links_and_a_budget(admin: Person, project: Project) -> None:
    """The form stores name and colour, and what posts may cost; messages about content that waits carry review links."""
    page = admin.page
    await admin.open(f"/console/test/accounts/projects/{project.id}")
    await page.get_by_text("Branding of pages for customers").click()
    await page.get_by_label("Shown name").fill("Corner Bakery")
    await page.get_by_label("Colour").fill("#8a3b12")
    box = page.get_by_role("checkbox", name="Add a link to each webhook message")
    await box.click()
    await expect(box).to_be_checked()
    budget = page.get_by_label("X: budget in US dollars a month")
    await budget.fill("a little")
    await expect(budget).to_have_attribute("aria-invalid", "true")
    await expect(page.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    assert await findings_of_axe(page) == []
    await budget.fill("20")
    await page.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text("The project is saved.")).to_be_visible()
    stored = project.client.get(f"/v1/projects/{project.id}").json()
    assert stored["branding"] == {"name": "Corner Bakery", "logoUrl": None, "color": "#8a3b12"}
    assert stored["budgets"] == {"x": {"monthlyUsd": 20}}
    assert stored["reviewLinks"] is True
