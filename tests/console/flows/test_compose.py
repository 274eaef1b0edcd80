"""Compose: from a one-time link to a live post, uploads, findings, times in zones, TikTok's panel, and review."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from playwright.async_api import FilePayload, Locator, Page, Route, expect
from tests.cli.program import CommandProcess, Up, environment
from tests.console.flows.conftest import NewPerson, Person, findings_of_axe
from tests.console.flows.posting import new_account, new_content
from tests.media.pdfs import pdf
from tests.sdk.world import connect, made, make_key

from presswork.media.samples import sample_picture, sample_video

MAX_CLICKS = 6
COUNT_CLICKS = "addEventListener('click', (event) => { if (event.isTrusted && event.detail) countClick(); }, true)"
TOKYO = ZoneInfo("Asia/Tokyo")


def picture(name: str = "bread.jpg", *, seed: int = 0, width: int = 720, height: int = 900) -> FilePayload:
    """Return a picture as a person chooses it."""
    return {"name": name, "mimeType": "image/jpeg", "buffer": sample_picture(width, height, seed=seed)}


def project_with(
    client: httpx2.Client, name: str, *platforms: str, timezone: str = "Europe/Berlin"
) -> tuple[str, list[str]]:
    """Return a new project and an account on each platform, whose handle is the project's name."""
    project = made(client.post("/v1/projects", json={"name": name, "timezone": timezone}))
    return project, [connect(client, project, platform, name) for platform in platforms]


def live_posts(client: httpx2.Client, platform: str, caption: str) -> list[Any]:
    """Return the posts with this caption in the sandbox's feeds."""
    items = client.get("/sandbox/control/posts", params={"platform": platform}).json()["items"]
    return [item for item in items if item["caption"] == caption]


async def choose(page: Page, *files: FilePayload) -> None:
    """Choose files with the button."""
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(list(files))


def button(page: Page, name: str) -> Locator:
    """Return the main button."""
    return page.get_by_role("button", name=name, exact=True)


def caption_of(page: Page) -> Locator:
    """Return the text for everyone, not that of one network."""
    return page.get_by_role("textbox", name="Text", exact=True)


def account(page: Page, platform: str, handle: str) -> Locator:
    """Return the button that chooses an account."""
    return page.get_by_role("button", name=f"{platform} @{handle}", exact=True)


def problem(page: Page, text: str = "") -> Locator:
    """Return the button that leads to what is wrong."""
    return page.get_by_role("status").get_by_role("button", name=re.compile(rf"problem.*{re.escape(text)}"))


def posted(page: Page) -> Locator:
    """Return the rows that follow what was sent."""
    return page.get_by_role("region", name="What became of it").get_by_role("listitem")


@pytest.mark.usefixtures("admin")  # whose link works only while there is no other user
async def test_from_a_link_to_a_live_post_in_six_clicks(
    new_person: NewPerson, up: Up, command_process: CommandProcess, unique: str, tmp_path: Path
) -> None:
    """A developer comes by a one-time link, publishes to the sandbox, and runs the copied Python."""
    invite = ["user", "invite", f"{unique}@example.com", "--org", unique, "--role", "admin", "--json"]
    where = ["--data-dir", str(up.data_dir)]
    invited = command_process.run([*invite, *where], environment=environment(), cwd=tmp_path)
    link = json.loads(invited.stdout)["link"]
    person, clicks = await new_person(), Counter[str]()
    page, caption = person.page, f"Warm bread {unique}"
    await page.expose_function("countClick", lambda: clicks.update(["click"]))
    await page.add_init_script(COUNT_CLICKS)
    await person.open(link)
    await page.get_by_label("Password").fill("a sentence to remember")
    await page.get_by_role("button", name="Sign in").click()
    await page.get_by_role("navigation", name="Screens").get_by_role("link", name="New post").click()
    await page.get_by_role("button", name="Create the project").click()
    await page.get_by_role("button", name="Use @fernhill.coffee").click()
    await expect(page.get_by_role("button", name="@fernhill.coffee", pressed=True)).to_be_visible()
    await choose(page, picture())
    await caption_of(page).fill(caption)
    await button(page, "Publish now").click()
    await expect(page.get_by_role("listitem").filter(has_text="@fernhill.coffee")).to_contain_text("Published")
    assert 0 < clicks["click"] <= MAX_CLICKS

    key = make_key(command_process, up, tmp_path, unique, "*")
    with httpx2.Client(
        base_url=up.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=60
    ) as client:
        assert len(live_posts(client, "instagram", caption)) == 1
        await page.get_by_role("button", name="Copy as code").click()
        await page.get_by_role("button", name="Python", exact=True).click()
        await page.wait_for_url("**call=python**")
        await page.get_by_role("button", name="Copy the Python code").click()
        code = await page.evaluate("navigator.clipboard.readText()")
        done = subprocess.run(  # noqa: ASYNC221  the copied program, in the tests' own Python
            [sys.executable, "-c", code],
            env={**os.environ, "PRESSWORK_API_KEY": key},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        post = done.stdout.strip().strip("[]'")
        read = client.get(f"/v1/scheduled-posts/{post}").json()
        assert (read["id"], read["mode"]) == (post, "publish")


@pytest.mark.exhaustive
async def test_a_file_that_fails_is_sent_again_alone(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The others are not sent twice; the form survives a reload; pictures are ordered with the keyboard."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    page, sent = admin.page, Counter[str]()
    admin.expected = ["ERR_FAILED"]

    async def lose_the_second(route: Route) -> None:
        sent[route.request.url] += 1
        await (route.abort() if sum(sent.values()) == 2 else route.continue_())

    await page.route("**/uploads/**", lose_the_second)
    await admin.open(f"/console/test/compose?project={project}")
    await caption_of(page).fill(f"Two rolls {unique}")
    await choose(page, picture("first.jpg"), picture("second.jpg", seed=1))
    retry = page.get_by_role("button", name="Retry ")
    await expect(retry).to_have_count(1)
    await expect(problem(page, "A file was not sent.")).to_be_visible()
    await retry.click()
    await expect(problem(page)).to_have_count(0)
    await expect(button(page, "Publish now")).to_be_enabled()
    assert sorted(sent.values()) == [1, 2]

    await page.reload()
    await expect(caption_of(page)).to_have_value(f"Two rolls {unique}")
    await expect(page.get_by_role("row")).to_have_count(2)
    await expect(button(page, "Publish now")).to_be_enabled()
    assert await findings_of_axe(page) == []


@pytest.mark.exhaustive
async def test_a_large_file_continues_after_a_reload(
    admin: Person, client: httpx2.Client, unique: str, tmp_path: Path
) -> None:
    """Half of a video arrives. After a reload its bar says so; it is chosen again, and only the missing parts are sent."""
    project, _ = project_with(client, f"film{unique}", "youtube")
    page, film, broken = admin.page, tmp_path / "film.mp4", {4, 5, 6}
    padding = 100_000_000
    film.write_bytes(sample_video(timedelta(seconds=2), 96, 64) + padding.to_bytes(4, "big") + b"free")
    os.truncate(film, film.stat().st_size + padding - 8)
    sent: list[int] = []
    admin.expected = ["ERR_FAILED"]

    async def lose_some(route: Route) -> None:
        part = int(route.request.url.partition("/parts/")[2].partition("?")[0])
        if part in broken:
            await route.abort()
        else:
            sent.append(part)
            await route.continue_()

    await page.route("**/uploads/*/parts/*", lose_some)
    await admin.open(f"/console/test/compose?project={project}")
    await caption_of(page).fill(f"A long film {unique}")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Choose files").click()
    await (await chooser.value).set_files(film)
    await expect(page.get_by_role("button", name="Retry film.mp4")).to_be_visible()
    assert sorted(sent) == [1, 2, 3]

    await page.reload()
    bar = page.get_by_role("progressbar", name="Upload of film.mp4")
    await expect(bar).to_have_text("50 %")
    await expect(problem(page, "Choose the files again.")).to_be_visible()
    assert await findings_of_axe(page) == []
    broken.clear()
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Add files").click()
    await (await chooser.value).set_files(film)
    await expect(bar).to_have_count(0)
    await expect(page.get_by_role("row").locator("img")).to_be_visible()  # made by the server of the complete file
    assert sorted(sent) == [1, 2, 3, 4, 5, 6]
    (content,) = client.get("/v1/content", params={"projectId": project}).json()["items"]
    assert content["media"][0]["sha256"] == sha256(film.read_bytes()).hexdigest()


async def test_a_file_that_waits_for_its_upload_is_canceled(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Three files are sent at once; the fourth is canceled before its turn, and sent only when it is retried."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    page, held, sent = admin.page, asyncio.Event(), Counter[str]()

    async def hold(route: Route) -> None:
        sent[route.request.url] += 1
        await held.wait()
        await route.continue_()

    await page.route("**/uploads/**", hold)
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, *(picture(f"{number}.jpg", seed=number) for number in range(4)))
    await page.get_by_role("button", name="Cancel the upload of 3.jpg").click()
    retry = page.get_by_role("button", name="Retry 3.jpg")
    await expect(retry).to_be_visible()
    held.set()
    await expect(page.get_by_text("720 × 900")).to_have_count(3)
    assert len(sent) == 3
    await retry.click()
    await expect(problem(page)).to_have_count(0)
    await expect(button(page, "Publish now")).to_be_enabled()
    assert sorted(sent.values()) == [1, 1, 1, 1]


@pytest.mark.exhaustive
async def test_pictures_are_ordered_with_the_keyboard(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The carousel goes live in that order; the preview says what Instagram crops."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    page, caption = admin.page, f"Ordered {unique}"
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, picture("wide.jpg", width=900, height=600), picture("tall.jpg", seed=1))
    await expect(page.get_by_text("Instagram crops")).to_be_visible()
    await page.get_by_role("button", name="Move tall.jpg", exact=True).focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Insert after 2")).to_be_focused()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("ArrowLeft")
    await expect(page.get_by_role("button", name="Insert before 1")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row").first).to_contain_text("tall.jpg")
    await caption_of(page).fill(caption)
    await button(page, "Publish now").click()
    await expect(page.get_by_role("listitem").filter(has_text=f"@shop{unique}")).to_contain_text("Published")
    (post,) = live_posts(client, "instagram", caption)
    assert post["kind"] == "carousel"
    assert [media["height"] for media in post["media"]] == [900, 600]


@pytest.mark.exhaustive
async def test_a_finding_is_beside_its_field(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Too many hashtags, a platform without posts of text alone, a link that can't be read: each says so where it is fixed.

    The button leads there. A link whose page can't be read is live with what was typed of its card.
    """
    handle = f"shop{unique}"
    project, _ = project_with(client, handle, "instagram", "threads")
    page = admin.page
    accounts = {name: account(page, name, handle) for name in ("Instagram", "Threads")}
    await admin.open(f"/console/test/compose?project={project}")
    await button(page, "Publish now").click()
    await expect(caption_of(page)).to_be_focused()
    await accounts["Instagram"].click()
    await choose(page, picture())
    await caption_of(page).fill(" ".join(f"#tag{number}" for number in range(31)))
    post = page.get_by_role("region", name="Post", exact=True)
    await expect(post).to_contain_text("Instagram 31 of 30 hashtags, 1 too many")
    await expect(post).to_contain_text("The caption has 31 hashtags; Instagram accepts 30.")
    await problem(page, "The caption has 31 hashtags").click()
    await expect(caption_of(page)).to_be_focused()
    await caption_of(page).fill("#bread")
    await expect(post).not_to_contain_text("Instagram accepts 30")
    await expect(problem(page)).to_have_count(0)

    await button(page, "Start over").click()
    caption = f"Spring menu {unique}"
    await caption_of(page).fill(caption)
    await page.get_by_role("textbox", name="Link", exact=True).fill("menu.invalid/spring")
    for one in accounts.values():
        await one.click()
    await button(page, "Publish to 2").click()
    await expect(page.get_by_role("tab", name="Instagram has a problem", selected=True)).to_be_visible()
    await expect(post).to_contain_text("Instagram has no posts without files.")
    await accounts["Instagram"].click()
    await post.get_by_text("Own card").click()
    await page.get_by_label("Title of the card").fill("Six new loaves")
    await button(page, "Show the card").press("Enter")
    await expect(button(page, "Read the page again")).to_be_focused()
    await expect(post).to_contain_text("The host name menu.invalid could not be resolved.")
    await expect(page.get_by_role("figure", name="Preview on Threads")).to_contain_text("menu.invalid")
    await expect(page.get_by_text("Goes live on 1 account at once.")).to_be_visible()
    assert await findings_of_axe(page) == []
    await button(page, "Publish now").click()
    await expect(posted(page)).to_contain_text("Published")
    (post_of_threads,) = live_posts(client, "threads", caption)
    sent = post_of_threads["params"]["link_attachment"]
    assert (post_of_threads["kind"], sent) == ("link", "https://menu.invalid/spring")


async def test_a_network_gets_its_own_text(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A tab is the same as everyone until it is changed; its preview follows, and both texts go live."""
    handle = f"shop{unique}"
    project, _ = project_with(client, handle, "threads", "bluesky")
    page, caption = admin.page, f"For everyone {unique}"
    await admin.open(f"/console/test/compose?project={project}")
    await button(page, "All").click()
    await page.get_by_role("menuitem", name="All 2 accounts").click()
    await caption_of(page).fill(caption)
    await page.get_by_role("tab", name="Threads").click()
    own = page.get_by_role("textbox", name="Text for Threads")
    await expect(own).to_have_value(caption)
    await own.fill(f"Only here {unique}")
    await expect(page.get_by_role("tab", name="Threads differs")).to_be_visible()
    await expect(page.get_by_role("figure", name="Preview on Threads")).to_contain_text("Only here")
    await button(page, "Same as everyone").click()
    await expect(own).to_have_value(caption)
    await page.get_by_role("button", name="Undo").click()
    await expect(own).to_have_value(f"Only here {unique}")
    assert await findings_of_axe(page) == []
    await button(page, "Publish to 2").click()
    await expect(page.get_by_text("2 posts are live.")).to_be_visible()
    assert len(live_posts(client, "threads", f"Only here {unique}")) == 1
    assert len(live_posts(client, "bluesky", caption)) == 1


async def test_a_draft_is_kept_on_the_server(admin: Person, client: httpx2.Client, unique: str) -> None:
    """It is saved by itself once it was saved, opens from the list in another tab, and is gone once it was sent.

    Of two who change it, the second is asked: nothing is overwritten.
    """
    handle = f"shop{unique}"
    project, _ = project_with(client, handle, "bluesky")
    page, caption = admin.page, f"Half a post {unique}"
    await admin.open(f"/console/test/compose?project={project}")
    await caption_of(page).fill(caption)
    await button(page, "Save draft").click()
    await page.wait_for_url("**draft=drf_**")
    await caption_of(page).fill(f"{caption}, and more")
    await expect(page.get_by_text("Draft saved")).to_be_visible()
    (kept,) = client.get("/v1/drafts", params={"projectId": project}).json()["items"]
    assert kept["body"]["draft"]["caption"] == f"{caption}, and more"

    await button(page, "Start over").click()
    await expect(caption_of(page)).to_have_value("")
    await button(page, "Drafts").click()
    assert await findings_of_axe(page) == []
    await page.get_by_role("dialog", name="Drafts").get_by_role("link", name=caption).click()
    await expect(caption_of(page)).to_have_value(f"{caption}, and more")
    theirs = kept["body"] | {"draft": kept["body"]["draft"] | {"caption": f"Theirs {unique}"}}
    admin.expected = ["409"]
    late: list[str] = []

    async def be_late(route: Route) -> None:
        if route.request.method == "PATCH" and not late:
            late.append(route.request.url)
            changed = client.patch(f"/v1/drafts/{kept['id']}", json={"body": theirs, "revision": kept["revision"]})
            assert changed.is_success, changed.text
        await route.continue_()

    await page.route("**/v1/drafts/*", be_late)
    await caption_of(page).fill(f"Mine {unique}")
    notice = page.get_by_role("status").filter(has_text="has changed this draft meanwhile.")
    await expect(notice).to_contain_text(f"Theirs {unique}")
    await expect(notice).to_contain_text(f"Mine {unique}")
    assert await findings_of_axe(page) == []
    await button(page, "Save mine as a copy").click()
    await expect(page.get_by_text("has changed this draft meanwhile.")).to_have_count(0)
    await button(page, "Publish now").click()
    await expect(posted(page)).to_contain_text("Published")
    assert len(live_posts(client, "bluesky", f"Mine {unique}")) == 1
    left = client.get("/v1/drafts", params={"projectId": project}).json()["items"]
    assert [one["body"]["draft"]["caption"] for one in left] == [f"Theirs {unique}"]


async def test_a_thread_is_written_in_parts(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Numbered parts with a preview of each; an account without threads joins them; the page of the post shows every part."""
    project, _ = project_with(client, f"shop{unique}", "threads", "facebook")
    page = admin.page
    await admin.open(f"/console/test/compose?project={project}")
    await caption_of(page).fill(f"Six new loaves {unique}")
    await button(page, "Write a thread").click()
    for number, text in enumerate(("Rye, with caraway.", "Spelt: from Saturday on."), 2):
        await page.get_by_role("textbox", name=f"Part {number} of {number}", exact=True).fill(text)
        if number == 2:
            await button(page, "Add a part").click()
    await button(page, "All").click()
    await page.get_by_role("menuitem", name="All 2 accounts").click()
    await problem(page, "Facebook has no threads.").click()
    await page.get_by_role("region", name="On Facebook").get_by_text("Join the parts into one post", exact=True).click()
    await expect(problem(page)).to_have_count(0)
    await page.get_by_role("tab", name="Everyone").click()
    await expect(page.get_by_role("figure", name="Preview on Threads: Part 3 of 3")).to_contain_text("Spelt")
    assert await findings_of_axe(page) == []
    await button(page, "Check it").click()
    await expect(button(page, "Check it")).to_have_count(0)
    await button(page, "Publish to 2").click()
    await expect(posted(page).filter(has_text="Published")).to_have_count(2)
    (joined,) = live_posts(
        client, "facebook", f"Six new loaves {unique}\n\nRye, with caraway.\n\nSpelt: from Saturday on."
    )
    assert joined["kind"] == "text"
    (thread,) = [post for post in posts_of(client, project) if post["platform"] == "threads"]
    await admin.open(f"/console/test/posts/{thread['id']}")
    parts = page.get_by_role("region", name="Thread").get_by_role("listitem")
    await expect(parts).to_have_count(3)
    await expect(parts.last).to_contain_text("Published")
    assert await findings_of_axe(page) == []


def posts_of(client: httpx2.Client, project: str) -> list[Any]:
    """Return the posts of a project."""
    items: list[Any] = client.get(f"/v1/projects/{project}/scheduled-posts").json()["items"]
    return items


@pytest.mark.exhaustive
async def test_a_document_then_a_poll(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The only account is chosen already. A PDF goes to LinkedIn under its title, then a text with a poll."""
    handle = f"shop{unique}"
    project, _ = project_with(client, handle, "linkedin")
    page, caption = admin.page, f"Spring menu {unique}"
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, {"name": "menu.pdf", "mimeType": "application/pdf", "buffer": pdf(2)})
    await caption_of(page).fill(caption)
    await page.get_by_text("LinkedIn options").click()
    await page.get_by_label("Title of the video or document").fill("Six loaves")
    await button(page, "Publish now").click()
    await expect(posted(page)).to_contain_text("Published")
    (post,) = live_posts(client, "linkedin", caption)
    assert (post["kind"], post["params"]["content"]["media"]["title"]) == ("document", "Six loaves")

    await admin.open(f"/console/test/compose?project={project}")
    await caption_of(page).fill(f"Which one? {unique}")
    await page.get_by_text("LinkedIn options").click()
    poll = page.get_by_role("group", name="Poll")
    await poll.get_by_label("Question").fill("Which loaf?")
    for number, answer in enumerate(("Rye", "Spelt"), 1):
        await poll.get_by_label(f"Answer {number}").fill(answer)
    await expect(page.get_by_role("figure", name="Preview on LinkedIn")).to_contain_text("Which loaf?RyeSpelt")
    assert await findings_of_axe(page) == []
    await button(page, "Publish now").click()
    await expect(posted(page)).to_contain_text("Published")
    (post,) = live_posts(client, "linkedin", f"Which one? {unique}")
    assert (post["kind"], post["params"]["content"]["poll"]["settings"]) == ("poll", {"duration": "ONE_DAY"})


async def test_a_time_is_that_of_the_project(admin: Person, client: httpx2.Client, unique: str) -> None:
    """18:30 in Tokyo, typed in a browser elsewhere, is that instant, and the sentence names both zones."""
    project, _ = project_with(client, f"shop{unique}", "instagram", timezone="Asia/Tokyo")
    at = (datetime.now(UTC) + timedelta(days=2)).astimezone(TOKYO).replace(hour=18, minute=30, second=0, microsecond=0)
    page = admin.page
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, picture())
    await button(page, "Pick a time").click()
    await page.get_by_role("spinbutton", name="day, ").focus()
    await page.keyboard.type(at.strftime("%d%m%Y%H%M"))
    when = page.get_by_role("dialog", name="Pick a time")
    await expect(when).to_contain_text("18:30 (Asia/Tokyo); for you")
    await page.keyboard.press("Escape")
    await button(page, "Schedule").click()
    await expect(page.get_by_text("The post is scheduled.")).to_be_visible()
    (post,) = client.get(f"/v1/projects/{project}/scheduled-posts").json()["items"]
    assert datetime.fromisoformat(post["scheduledFor"]) == at


async def test_tiktok_demands_its_choices(admin: Person, client: httpx2.Client, unique: str) -> None:
    """No default for who sees it: the button leads to it from another tab. What the account switched off is grey, and advertising is disclosed with its label."""
    handle = f"shop{unique}"
    info = {"comment_disabled": True, "privacy_level_options": ["PUBLIC_TO_EVERYONE", "SELF_ONLY"]}
    account = {"platform": "tiktok", "handle": handle, "creatorInfo": info}
    assert client.post("/sandbox/control/accounts", json=account).is_success
    project, _ = project_with(client, handle, "tiktok", "bluesky")
    page, caption = admin.page, f"Rolls {unique}"
    await admin.open(f"/console/test/compose?project={project}")
    await button(page, "All").click()
    await page.get_by_role("menuitem", name="All 2 accounts").click()
    await choose(page, picture())
    await caption_of(page).fill(caption)
    panel = page.get_by_role("region", name="On TikTok")
    await expect(problem(page, "TikTok: Choose who can see it.")).to_be_visible()
    await button(page, "Publish to 2").click()
    await expect(panel.get_by_role("button", name="Who can see the post")).to_be_focused()
    await expect(panel).to_contain_text("Choose who can see it.")
    await expect(panel.get_by_role("checkbox", name="Comment")).to_be_disabled()
    await panel.get_by_text("Disclose post content").click()
    await expect(panel).to_contain_text("You need to indicate if your content promotes yourself")
    await panel.get_by_text("Branded content", exact=False).first.click()
    await expect(panel).to_contain_text("Your photo will be labeled as “Paid partnership”.")
    await expect(panel.get_by_role("link", name="Branded Content Policy")).to_be_visible()
    await panel.get_by_role("button", name="Who can see the post").click()
    await page.get_by_role("option", name="Everyone").click()
    assert await findings_of_axe(page) == []
    await button(page, "Publish to 2").click()
    await expect(page.get_by_text("2 posts are live.")).to_be_visible()
    (post,) = live_posts(client, "tiktok", caption)
    sent = post["params"]["post_info"]
    assert (sent["privacy_level"], sent["brand_content_toggle"]) == ("PUBLIC_TO_EVERYONE", True)
    assert sent["disable_comment"] is True


async def test_content_is_sent_for_review(admin: Person, client: httpx2.Client, unique: str) -> None:
    """Where the policy demands a review, the button says so; the content is completed only then, and goes out once approved."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    policy = client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"})
    assert policy.is_success, policy.text
    page, caption = admin.page, f"Reviewed {unique}"
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, picture())
    await caption_of(page).fill(caption)
    await expect(button(page, "Send for review")).to_be_enabled()
    (content,) = client.get(f"/v1/projects/{project}/content").json()["items"]
    assert content["status"] == "queued"
    await button(page, "Send for review").click()
    await expect(page.get_by_text("It waits for an approver.")).to_be_visible()
    content = client.get(f"/v1/content/{content['id']}").json()
    assert (content["status"], content["approvalStatus"], content["caption"]) == ("completed", "pending", caption)
    approved = client.post(f"/v1/content/{content['id']}/approve", json={}).json()
    assert approved["pendingSchedulePromotion"]["status"] == "ok"


@pytest.mark.exhaustive
async def test_other_files_replace_those_of_the_library(admin: Person, client: httpx2.Client, unique: str) -> None:
    """“Use other files”, “Start over” and “Compose another” leave the content that a post began with, and it stays away."""
    page, caption = admin.page, f"From the library {unique}"
    content = new_content(client, new_account(client, f"shop{unique}"), caption)
    for name in ("Use other files", "Start over", "Compose another"):
        await admin.open(f"/console/test/content/{content}")
        await page.get_by_role("link", name="Use again").click()
        await expect(caption_of(page)).to_have_value(caption)
        if name == "Compose another":
            await button(page, "Publish now").click()
        await button(page, name).click()
        await page.wait_for_url(lambda url: "content=" not in url)
        await expect(caption_of(page)).to_have_value("")
        await expect(page.get_by_role("button", name="Choose files")).to_be_visible()


async def test_a_post_that_can_not_be_read_says_so(admin: Person, unique: str) -> None:
    """After the call, a post that is not found has a sentence in its place."""
    admin.expected = ["404"]
    await admin.open(f"/console/test/compose?posted=sp_00000000-0000-4000-8000-0000{unique}")
    await expect(admin.page.get_by_role("region", name="What became of it").get_by_role("alert")).to_be_visible()


async def ready_to_publish(person: Person, client: httpx2.Client, unique: str) -> tuple[str, str]:
    """Open Compose with all that a post needs, and return the project and the caption."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    caption = f"Once {unique}"
    await person.open(f"/console/test/compose?project={project}")
    await choose(person.page, picture())
    await caption_of(person.page).fill(caption)
    await expect(button(person.page, "Publish now")).to_be_enabled()
    return project, caption


def count_of_posts(client: httpx2.Client, project: str) -> int:
    """Return how many posts a project has, whatever became of them."""
    return len(client.get(f"/v1/projects/{project}/scheduled-posts").json()["items"])


async def test_an_answer_that_leaves_it_open_is_followed_by_the_same_call(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """The posts are created, but each answer says that the database is away. The next press makes no second post."""
    page, forwarded = admin.page, Counter[str]()
    admin.expected = ["503"]

    async def lose(route: Route) -> None:
        if not forwarded:
            forwarded["publish"] += 1
            await route.fetch()
        error = {"code": "UNAVAILABLE", "message": "The database is not reachable at the moment.", "requestId": "req_1"}
        await route.fulfill(status=503, json={"error": error})

    project, _ = await ready_to_publish(admin, client, unique)
    await page.route("**/publish", lose)
    await button(page, "Publish now").click()
    await expect(page.get_by_text("The database is not reachable")).to_be_visible()
    await page.unroute("**/publish")
    await button(page, "Publish now").click()
    await expect(page.get_by_role("listitem").filter(has_text=f"@shop{unique}")).to_contain_text("Published")
    assert count_of_posts(client, project) == 1


async def test_a_lost_answer_is_known_after_a_reload(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A changed draft asks before it becomes a further post; the same one makes no second post."""
    page, forwarded = admin.page, Counter[str]()
    admin.expected = ["ERR_FAILED"]

    async def lose(route: Route) -> None:
        if not forwarded:
            forwarded["publish"] += 1
            await route.fetch()
        await route.abort()

    project, caption = await ready_to_publish(admin, client, unique)
    await page.route("**/publish", lose)
    await button(page, "Publish now").click()
    await expect(page.get_by_text("Presswork does not answer.")).to_be_visible()
    await page.unroute("**/publish")
    await page.reload()
    await expect(caption_of(page)).to_have_value(caption)
    await caption_of(page).fill(f"{caption}!")
    await button(page, "Publish now").click()
    await expect(page.get_by_role("alertdialog", name="Send this one too?")).to_be_visible()
    await page.get_by_role("button", name="Cancel").click()
    await caption_of(page).fill(caption)
    await expect(page.get_by_text("nothing is posted twice")).to_be_visible()
    await button(page, "Publish now").click()
    await expect(page.get_by_role("listitem").filter(has_text=f"@shop{unique}")).to_contain_text("Published")
    assert count_of_posts(client, project) == 1


async def test_a_call_that_was_left_is_not_made_a_second_time(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """Another screen and back while the answer is on its way: the draft is still there, and a press makes no second post."""
    page, held, calls = admin.page, asyncio.Event(), Counter[str]()

    async def hold_the_first(route: Route) -> None:
        calls["publish"] += 1
        is_first = calls["publish"] == 1
        answer = await route.fetch()
        if is_first:
            await held.wait()
        await route.fulfill(response=answer)

    project, caption = await ready_to_publish(admin, client, unique)
    await page.route("**/publish", hold_the_first)
    await button(page, "Publish now").click()
    screens = page.get_by_role("navigation", name="Screens")
    await screens.get_by_role("link", name="Queue").click()
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    await screens.get_by_role("link", name="New post").click()
    await expect(caption_of(page)).to_have_value(caption)
    await button(page, "Publish now").click()
    await expect(page.get_by_role("listitem").filter(has_text=f"@shop{unique}")).to_contain_text("Published")
    held.set()
    assert calls["publish"] > 1
    assert count_of_posts(client, project) == 1


@pytest.mark.exhaustive
async def test_a_draft_that_was_replaced_comes_back(admin: Person, client: httpx2.Client, unique: str) -> None:
    """“Use again” and “Start over” replace an unfinished draft at once; “Undo” brings it back."""
    page = admin.page
    content = new_content(client, new_account(client, f"lib{unique}"), f"From the library {unique}")
    _, caption = await ready_to_publish(admin, client, unique)
    await admin.open(f"/console/test/content/{content}")
    await page.get_by_role("link", name="Use again").click()
    await expect(caption_of(page)).to_have_value(f"From the library {unique}")
    await page.get_by_role("button", name="Undo").click()
    await expect(caption_of(page)).to_have_value(caption)
    await button(page, "Start over").click()
    await expect(caption_of(page)).to_have_value("")
    await page.get_by_role("button", name="Undo").click()
    await expect(caption_of(page)).to_have_value(caption)
    await page.reload()
    await expect(caption_of(page)).to_have_value(caption)
    await expect(button(page, "Publish now")).to_be_enabled()


async def test_the_picture_of_a_tag_is_typed(admin: Person, client: httpx2.Client, unique: str) -> None:
    """The field can be empty while another number is typed."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    page = admin.page
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, *(picture(f"{number}.jpg", seed=number) for number in range(3)))
    await page.get_by_text("Instagram options").click()
    await page.get_by_role("button", name="Tag an account").click()
    number = page.get_by_role("textbox", name="Item")
    await number.click()
    await page.keyboard.press("End")
    await page.keyboard.press("Backspace")
    await page.keyboard.type("2")
    await page.keyboard.press("Tab")
    await expect(number).to_have_value("2")
    await number.fill("")
    await page.keyboard.press("Tab")
    await expect(number).to_have_value("2")


async def test_a_review_is_asked_for_now_by_a_clock_that_is_fast(
    admin: Person, client: httpx2.Client, unique: str
) -> None:
    """On a computer whose clock is ten minutes fast, a post without a time is due once it is approved."""
    project, _ = project_with(client, f"shop{unique}", "instagram")
    policy = client.patch(f"/v1/projects/{project}/content-review-policy", json={"policy": "review_all"})
    assert policy.is_success, policy.text
    page = admin.page
    await page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=10))
    await admin.open(f"/console/test/compose?project={project}")
    await choose(page, picture())
    await button(page, "Send for review").click()
    await expect(page.get_by_text("It waits for an approver.")).to_be_visible()
    (content,) = client.get(f"/v1/projects/{project}/content").json()["items"]
    (intent,) = client.get(f"/v1/content/{content['id']}/schedule-intents").json()["items"]
    assert datetime.fromisoformat(intent["scheduledFor"]) <= datetime.now(UTC)
