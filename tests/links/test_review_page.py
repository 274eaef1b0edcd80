"""The page of a review link: what it shows, decisions of people without access, and several of them at once."""

import asyncio
import re
from datetime import timedelta
from html import unescape
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from tests.clocks import MovableClock
from tests.content.conftest import FileHost
from tests.databases import until_waiting
from tests.links.review_flow import ReviewFlow, page_of, text_of
from tests.media.pdfs import pdf
from tests.posts.conftest import bare

from presswork.content.review_link_model import VISIT
from presswork.core.timestamps import write_instant
from presswork.media.probe import probe
from presswork.media.samples import sample_picture

BERLIN: Final = ZoneInfo("Europe/Berlin")
"""The timezone of the projects."""


async def schedule(flow: ReviewFlow, clock: MovableClock, *accounts: str, **more: object) -> None:
    """Let a schedule call wait for the approval of the image."""
    at = clock.now() + timedelta(days=2)
    targets = [{"socialAccountId": account, "mode": "publish", **more} for account in accounts]
    answer = await flow.project.client.post(
        f"/v1/content/{flow.project.image}/schedule", json={"scheduledFor": write_instant(at), "targets": targets}
    )
    assert answer.status_code == 202, answer.text


async def test_the_page_shows_what_is_decided_on(flow: ReviewFlow, clock: MovableClock) -> None:
    """Texts, the text of each account, when it goes out in the project's timezone, and the sender's note, in two languages."""
    await flow.project.client.patch(f"/v1/projects/{flow.project.project}", json={"timezone": "America/New_York"})
    facebook = await flow.project.world.account(flow.project.project, "facebook", "corner")
    await schedule(flow, clock, flow.project.instagram, captionOverride="For Instagram only")
    await schedule(flow, clock, facebook)
    link = await flow.make(note="The posts of next week.", recipientName="Marta")
    marta = await flow.person(link)
    assert marta.shown.status_code == 200
    for text in (
        "Hello",
        "For Instagram only",
        "@brand · Instagram",
        " corner · Facebook",  # which has no @
        "The posts of next week.",
        "Waits for your decision",
    ):
        assert text in marta.text
    assert 'value="Marta"' in marta.shown.text
    assert "Eastern Standard Time" in marta.text
    german = await marta.open(**{"Accept-Language": "de"})
    assert "Freigeben" in german.text
    assert german.headers["content-language"] == "de"


async def test_the_page_says_what_an_approval_does(flow: ReviewFlow, clock: MovableClock) -> None:
    """Nothing is planned, then something for later, then it is overdue: no time that has passed is shown."""
    link = await flow.make()
    marta = await flow.person(link)
    assert "After you approve, nothing goes live yet: the time is still to be planned." in marta.text
    await schedule(flow, clock, flow.project.tiktok)
    await marta.open()
    assert "After you approve, it goes live at the planned time." in marta.text
    planned = f"{(clock.now() + timedelta(days=2)).astimezone(BERLIN):%-d %B %Y}"
    assert planned in marta.text
    assert f"Your post for {planned.rpartition(' ')[0]}" in marta.text
    clock.advance(timedelta(days=2, minutes=1))
    await marta.open()
    assert "It goes live right after you approve." in marta.text
    assert ("Right after it is approved" in marta.text, planned in marta.text) == (True, False)
    await marta.decide("approve", flow.project.image)
    assert ("Is going out now" in marta.text, "you approve" in marta.text) == (True, False)
    await flow.project.pool.execute("UPDATE scheduled_posts SET status = 'published', published_at = now()")
    await marta.open()
    assert "Is out" in marta.text


async def test_posts_that_need_no_approval_are_shown(flow: ReviewFlow, clock: MovableClock) -> None:
    """Content that needs no decision shows when and where it goes out, too."""
    at = clock.now() + timedelta(days=2)
    targets = [{"socialAccountId": flow.project.tiktok, "mode": "publish"}]
    path = f"/v1/content/{flow.project.image}"
    assert (await flow.project.client.post(f"{path}/approve")).status_code == 200
    body = {"scheduledFor": write_instant(at), "targets": targets}
    assert (await flow.project.client.post(f"{path}/schedule", json=body)).status_code == 200
    marta = await flow.person(await flow.make())
    assert (f"{at.astimezone(BERLIN):%-d %B %Y}" in marta.text, "@brand · TikTok" in marta.text) == (True, True)
    assert "Waits for your decision" not in marta.text


async def test_decisions_count_like_those_of_the_api(flow: ReviewFlow, clock: MovableClock) -> None:
    """An approval makes the waiting posts, and names link and person in content, history and audit log."""
    await schedule(flow, clock, flow.project.tiktok)
    link = await flow.make()
    marta = await flow.person(link)
    answer = await marta.decide("approve", flow.project.image, note="Lovely.")
    assert (answer.status_code, answer.headers["location"]) == (303, page_of(link))
    assert "Approved by Marta" in marta.text
    assert "Lovely." in marta.text
    content = await flow.content()
    assert (content["approvalStatus"], content["approvedBy"], content["reviewerName"], content["reviewNote"]) == (
        "approved",
        link["id"],
        "Marta",
        "Lovely.",
    )
    assert await flow.project.posts() == 1
    (review,) = await flow.reviews()
    assert (review["by"], review["byName"], review["decision"], review["revision"]) == (
        link["id"],
        "Marta",
        "approved",
        1,
    )
    admin = await flow.project.world.api.client(scopes=["org:admin"])
    entries = (await admin.get("/v1/audit-log")).json()["items"]
    acts = {one["action"]: one for one in entries if one["actor"]["kind"] == "review_link"}
    assert {"content.approve", "review_link.decide", "review_link.visit"} <= set(acts)
    assert (acts["content.approve"]["actor"]["linkId"], acts["content.approve"]["actor"]["name"]) == (
        link["id"],
        "Marta",
    )
    assert acts["review_link.decide"]["detail"] == {
        "containerId": flow.project.image,
        "decision": "approve",
        "revision": 1,
    }


async def test_changes_and_rejections_need_a_note(flow: ReviewFlow) -> None:
    """Without a note or a name nothing is decided, and what was typed stays; with both it is."""
    marta = await flow.person(await flow.make(flow.project.image, flow.project.video))
    for decision in ("request_changes", "reject"):
        refused = await marta.decide(decision, flow.project.image, note="  ")
        assert refused.status_code == 422
        assert "Nothing was decided yet." in marta.text
    nameless = await marta.decide("reject", flow.project.image, note="Too dark", name=" \u200b")
    assert (nameless.status_code, "Too dark" in nameless.text) == (422, True)
    assert await flow.reviews() == []
    await marta.decide("request_changes", flow.project.image, note="Please name\r\nthe bakery.")
    assert "Marta asked for changes" in marta.text
    await marta.decide("reject", flow.project.video, note="No.")
    assert [one["decision"] for one in await flow.reviews()] == ["changes_requested"]
    assert (await flow.content())["reviewNote"] == "Please name\nthe bakery."
    assert (await flow.content(flow.project.video))["approvalStatus"] == "rejected"


async def test_all_that_waits_is_decided_at_once(flow: ReviewFlow) -> None:
    """One button approves each container; what was decided before stays."""
    containers = (flow.project.image, flow.project.video, flow.project.slideshow)
    marta = await flow.person(await flow.make(*containers))
    await marta.decide("reject", flow.project.video, note="No.")
    await marta.decide("approve", "all", note="Fine")
    assert [(await flow.content(one))["approvalStatus"] for one in containers] == ["approved", "rejected", "approved"]
    assert "<form" not in marta.shown.text


async def test_a_decision_of_another_person_is_shown_and_kept(flow: ReviewFlow) -> None:
    """Who is slower sees who decided and what, in their own words, and nothing is overwritten."""
    link = await flow.make(flow.project.image, flow.project.video)
    marta, jonas = await flow.person(link), await flow.person(link)
    await marta.decide("approve", flow.project.image, note="Lovely.", name="Marta")
    answer = await jonas.decide("reject", "all", note="Ugly.", name="Jonas")
    assert answer.status_code == 409
    assert "Another person decided before you." in jonas.text
    assert "Approved by Marta" in jonas.text
    assert "Rejected by Jonas" in jonas.text
    assert [one["byName"] for one in await flow.reviews()] == ["Marta"]
    assert (await flow.content())["approvalStatus"] == "approved"
    assert (await flow.content(flow.project.video))["approvalStatus"] == "rejected"
    key = await flow.project.client.post(f"/v1/content/{flow.project.slideshow}/approve")
    assert key.status_code == 200
    assert "Approved by Spring campaign" in (await flow.person(await flow.make(flow.project.slideshow))).text


@pytest.mark.parametrize("rival", ["link", "key"])
async def test_of_two_who_decide_at_once_one_is_recorded(flow: ReviewFlow, rival: str) -> None:
    """While one decision is being written the other waits, then sees it: the history has one."""
    link = await flow.make()
    marta, jonas = await flow.person(link), await flow.person(link)
    pool = flow.project.pool
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT id FROM content_containers WHERE id = $1 FOR UPDATE", bare(flow.project.image))
        first = asyncio.create_task(marta.decide("approve", flow.project.image, name="Marta"))
        await until_waiting(pool, 1)
        second = asyncio.create_task(
            jonas.decide("reject", flow.project.image, note="No.", name="Jonas")
            if rival == "link"
            else flow.project.client.post(f"/v1/content/{flow.project.image}/reject", json={"reason": "No."})
        )
        await until_waiting(pool, 2)
    statuses = [(await first).status_code, (await second).status_code]
    assert sorted(statuses) in ([303, 409], [200, 409])
    assert len(await flow.reviews()) == 1


async def test_only_the_revision_that_was_seen_is_decided_on(flow: ReviewFlow) -> None:
    """If the content was edited meanwhile, the page shows what changed and keeps the note; then it can be decided."""
    marta = await flow.person(await flow.make())
    await flow.edit(caption="Hello from the bakery")
    answer = await marta.decide("approve", flow.project.image, note="Lovely.")
    assert (answer.status_code, "Lovely." in answer.text) == (409, True)
    assert "It was changed while you looked at it." in marta.text
    assert "<del>Hello</del>" in answer.text
    assert "<ins>Hello from the bakery</ins>" in answer.text
    assert (await flow.content())["approvalStatus"] == "pending"
    assert (await marta.decide("approve", flow.project.image)).status_code == 303
    assert (await flow.content())["approvalStatus"] == "approved"


async def test_a_visit_shows_what_changed_since_the_one_before(flow: ReviewFlow, clock: MovableClock) -> None:
    """Each browser has its own last visit and name; a reload within the visit shows the same."""
    await schedule(flow, clock, flow.project.tiktok)
    link = await flow.make(flow.project.video, flow.project.image)
    marta, jonas = await flow.person(link), await flow.person(link)
    await marta.decide("approve", flow.project.video, name="Marta")
    await jonas.decide("request_changes", flow.project.image, name="Jonas", note="Name the bakery")
    assert 'value="Marta"' in (await marta.open()).text
    assert 'value="Jonas"' in (await jonas.open()).text
    await flow.edit(caption="Hello from the bakery")
    (intent,) = (await flow.project.client.get(f"/v1/content/{flow.project.image}/schedule-intents")).json()["items"]
    await flow.project.client.delete(f"/v1/content/{flow.project.image}/schedule-intents/{intent['id']}")
    clock.advance(VISIT + timedelta(seconds=1))
    for _ in range(2):
        await marta.open()
        assert "Changed since your last visit" in marta.text
        assert "The planned posts have changed since your last visit." in marta.text
    clock.advance(VISIT + timedelta(seconds=1))
    await marta.open()
    assert "Changed since your last visit" not in marta.text
    assert "Changed since the last decision" in marta.text
    fresh = await flow.person(link)
    assert "since your last visit" not in fresh.text


async def test_a_text_and_its_card_are_decided_on(flow: ReviewFlow, files: FileHost) -> None:
    """The page shows the text and the link's card with its picture, and names what changed of the card, in two languages."""
    client, project = flow.project.client, flow.project.project
    page = (
        b"<title>Menu</title><meta name='description' content='Six loaves'><meta property='og:image' content='/a.png'>"
    )
    url = files.put("menu.html", page)
    image = files.put("a.png", sample_picture(640, 320, picture_format="PNG"))
    await client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"})
    body = {"text": "Spring <menu>", "link": {"url": url}}
    created = (await client.post(f"/v1/projects/{project}/content", json=body)).json()
    marta = await flow.person(await flow.make(created["id"]))
    for text in ("Text", "Spring <menu>", "Link", "Menu", "Six loaves", url):
        assert text in marta.text
    assert "Caption" not in marta.text
    (source,) = re.findall(r'<img src="(/media/[^"]+)"', marta.shown.text)
    assert probe((await marta.browser.get(unescape(source))).content).width == 640
    other = files.put("other.html", b"<title>Other</title>")
    await flow.edit(
        created["id"], link={"url": other, "title": "Summer", "description": "Four loaves", "imageUrl": image}
    )
    assert (await marta.decide("approve", created["id"])).status_code == 409
    for text in (
        f"Link Before: {url} Now: {other}",
        "Title of the link Before: Menu",
        "Description of the link Before:",
    ):
        assert text in marta.text
    german = text_of(await marta.open(**{"Accept-Language": "de"}))
    assert ("Titel des Links" in german, "Beschreibung des Links" in german) == (True, True)
    assert (await marta.decide("approve", created["id"])).status_code == 303
    assert (await flow.content(created["id"]))["approvalStatus"] == "approved"


async def test_a_document_is_shown_by_its_first_pages(flow: ReviewFlow, files: FileHost) -> None:
    """The page has the picture of a PDF's first pages, the name of its file, and the whole file behind a link."""
    body = {"media": [{"url": files.put("Menu.pdf", pdf(2))}], "caption": "Spring"}
    path = f"/v1/projects/{flow.project.project}/content/upload"
    created = (await flow.project.client.post(path, json=body)).json()
    marta = await flow.person(await flow.make(created["id"]))
    assert "Open the PDF Menu.pdf" in marta.text
    (source,) = re.findall(r'<img src="(/media/[^"]+)"', marta.shown.text)
    assert probe((await marta.browser.get(unescape(source))).content).height == 2 * 900 + 12
    whole = {unescape(target) for target in re.findall(r'<a href="(/media/[^"]+)"', marta.shown.text)}
    assert [(await marta.browser.get(target)).content for target in whole] == [pdf(2)]


async def test_a_link_without_decisions_shows_only(flow: ReviewFlow) -> None:
    """There is no form, and a form that is sent anyway decides nothing."""
    deciding, showing = await flow.person(await flow.make()), await flow.person(await flow.make(canDecide=False))
    assert "<form" not in showing.shown.text
    assert "shows you what is planned" in showing.text
    forged = await flow.person(link := await flow.make(canDecide=False))
    assert link
    forged.page = deciding.page
    assert (await forged.decide("approve", flow.project.image)).status_code == 403
    assert (await flow.content())["approvalStatus"] == "pending"


async def test_other_content_is_out_of_reach(flow: ReviewFlow) -> None:
    """A form of the page can't decide on content that the link does not show."""
    marta = await flow.person(await flow.make(flow.project.image))
    answer = await marta.decide("approve", flow.project.video, **{f"revision-{bare(flow.project.video)}": "1"})
    assert answer.status_code == 422
    assert (await flow.content(flow.project.video))["approvalStatus"] == "pending"


async def test_a_failed_promotion_is_said(flow: ReviewFlow, clock: MovableClock) -> None:
    """The approval counts, and the page says that not all planned posts can be published."""
    await schedule(flow, clock, flow.project.tiktok)
    marta = await flow.person(await flow.make())
    await flow.project.change("social_accounts", flow.project.tiktok, status="reauth_required")
    answer = await marta.decide("approve", flow.project.image)
    assert answer.status_code == 200
    assert "not all planned posts can be published" in marta.text
    assert (await flow.content())["approvalStatus"] == "approved"


async def test_browsers_are_remembered_up_to_a_limit(flow: ReviewFlow) -> None:
    """A crawler that keeps no cookies does not fill the table, and the page works without being remembered."""
    link = await flow.make()
    await flow.project.pool.execute(
        """INSERT INTO review_visitors (link_id, visitor, seen, began_at)
           SELECT $1, gen_random_uuid(), '{}', now() FROM generate_series(1, 100)""",
        bare(link["id"]),
    )
    marta = await flow.person(link)
    assert await flow.project.pool.fetchval("SELECT count(*) FROM review_visitors") == 100
    assert (await marta.decide("approve", flow.project.image)).status_code == 303
