"""Compose for platforms whose options are a table: counters, findings, previews, and what the platforms get."""

from datetime import timedelta

import httpx2
import pytest
from playwright.async_api import FilePayload, Page, expect
from tests.console.flows.conftest import Person, findings_of_axe
from tests.console.flows.test_compose import (
    account,
    button,
    caption_of,
    choose,
    live_posts,
    picture,
    posted,
    problem,
    project_with,
)

from presswork.media.samples import sample_video


def video(name: str = "bread.mp4") -> FilePayload:
    """Return a short upright video as a person chooses it."""
    return {"name": name, "mimeType": "video/mp4", "buffer": sample_video(timedelta(seconds=3))}


async def pick(page: Page, field: str, option: str) -> None:
    """Choose an option of a list."""
    await page.get_by_role("button", name=field).click()
    await page.get_by_role("option", name=option).click()


async def choose_accounts(page: Page, handle: str) -> None:
    """Choose both accounts of the handle, once they are there."""
    chips = page.get_by_role("button", name=f"@{handle}")
    await expect(chips).to_have_count(2)
    for chip in await chips.all():
        await chip.click()
    await expect(page.get_by_role("tab", name="Everyone")).to_be_visible()  # the fields move into it


@pytest.mark.exhaustive
async def test_threads_and_youtube_get_their_options(admin: Person, client: httpx2.Client, unique: str) -> None:
    """One video goes to both with options of their own; each is counted as it counts, and YouTube's title is shown.

    The post on YouTube shows what became of its thumbnail and its playlist.
    """
    handle = f"shop{unique}"
    project, _ = project_with(client, handle, "threads", "youtube")
    page, caption = admin.page, f"Größe {unique}\nBaked at six"
    client.post("/sandbox/control/playlists", json={"handle": handle, "title": "Bread and rolls"}).raise_for_status()
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, video())
    await choose_accounts(page, handle)
    await caption_of(page).fill(caption)
    size = len(caption.encode())
    await page.get_by_text("First comment", exact=True).first.click()
    await expect(page.get_by_text("Written below the post on Threads and YouTube once it is live.")).to_be_visible()

    await page.get_by_role("tab", name="Threads").click()
    await expect(page.get_by_text(f"Threads {size} of 500 bytes")).to_be_visible()
    await page.get_by_text("Threads options").click()
    await pick(page, "Who can reply", "Followers")
    await page.get_by_label("Topic").fill("Bakeries")
    await page.get_by_role("tab", name="YouTube").click()
    await expect(page.get_by_text(f"YouTube {size} of 5,000 bytes")).to_be_visible()
    await page.get_by_text("YouTube options").click()
    await expect(page.get_by_label("Title")).to_have_attribute("placeholder", f"Größe {unique}")
    await pick(page, "Who can see the video", "People who have the link")
    await page.get_by_label("Tags").fill("bread, #rye")
    await page.get_by_text("Allow other sites to embed it").click()
    await button(page, "Choose the thumbnail's frame").click()
    await page.get_by_text("Bread and rolls").click()
    await button(page, "Add captions").click()
    await page.get_by_label("Language").last.fill("de")
    await expect(problem(page, "Give each file of captions its language")).to_be_visible()
    assert await findings_of_axe(page) == []
    await button(page, "Remove the captions de").click()
    await page.get_by_role("tab", name="Threads differs").click()
    await expect(page.get_by_role("figure", name="Preview on Threads")).to_contain_text("Baked at six")

    await button(page, "Publish to 2").click()
    await expect(page.get_by_text("2 posts are live.")).to_be_visible()
    (thread,) = live_posts(client, "threads", caption)
    sent = thread["params"]
    assert (sent["reply_control"], sent["topic_tag"]) == ("followers_only", "Bakeries")
    assert "is_spoiler_media" not in sent
    (upload,) = live_posts(client, "youtube", caption)
    snippet, status = upload["params"]["snippet"], upload["params"]["status"]
    assert (snippet["title"], snippet["tags"]) == (f"Größe {unique}", ["bread", "rye"])
    assert (status["privacyStatus"], status["embeddable"]) == ("unlisted", False)
    items = client.get("/v1/scheduled-posts", params={"platform": "youtube", "projectId": project}).json()["items"]
    await admin.open(f"/console/test/posts/{items[0]['id']}")
    facts = page.get_by_role("region", name="Additions")
    await expect(facts).to_contain_text("The thumbnail is set.", timeout=20_000)
    await expect(facts).to_contain_text("The video is in the playlist", timeout=20_000)


@pytest.mark.exhaustive
async def test_a_platform_without_pictures_says_so_before_the_call(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """A picture does not fit YouTube: its tab says so, nothing is sent, and without the account the post goes out."""
    handle = f"shop{unique}"
    project, _ = project_with(client, handle, "bluesky", "youtube")
    page = admin.page
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, picture())
    await choose_accounts(page, handle)
    await caption_of(page).fill(f"Rolls {unique}")
    refusal = problem(page, "YouTube takes one video, and no pictures.")
    await refusal.click()
    await expect(page.get_by_role("tab", name="YouTube has a problem", selected=True)).to_be_visible()
    await expect(page.get_by_text("YouTube options")).to_have_count(0)
    await account(page, "YouTube", handle).click()
    await expect(refusal).to_have_count(0)
    await page.get_by_text("Bluesky options").click()
    await pick(page, "Who can reply", "No other account")
    await button(page, "Publish now").click()
    await expect(posted(page)).to_contain_text("Published")
    (post,) = live_posts(client, "bluesky", f"Rolls {unique}")
    assert post["comments"] == []


async def test_a_board_is_a_choice_of_the_account(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A Pin without a board is refused before the call; the account's boards are listed, and the chosen one gets the Pin."""
    handle = f"pins{unique}"
    project, _ = project_with(client, handle, "pinterest")
    boards = [
        client.post("/sandbox/control/boards", json={"handle": handle, "name": name}).json()
        for name in ("Bread", "Rolls")
    ]
    page = admin.page
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, picture())
    await caption_of(page).fill(f"Rye {unique}")
    await expect(problem(page, "Each Pin belongs to a board.")).to_be_visible()
    await page.get_by_text("Pinterest options").click()
    await pick(page, "Choose Board", "Bread")
    await page.get_by_label("Title", exact=True).fill("Rye")
    await expect(problem(page, "Each Pin belongs to a board.")).to_have_count(0)
    await button(page, "Publish now").click()
    await expect(posted(page)).to_contain_text("Published")
    (post,) = live_posts(client, "pinterest", f"Rye {unique}")
    assert (post["params"]["board_id"], post["params"]["title"]) == (boards[0]["id"], "Rye")
