"""The queue and the page of a post, live."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import expect
from tests.cli.program import CommandProcess, Up
from tests.console.flows.conftest import Person, findings_of_axe
from tests.sdk.world import connect, made, make_key

from presswork.media.samples import sample_picture


@pytest.fixture
def client(command_process: CommandProcess, up: Up, admin: Person, tmp_path: Path) -> Iterator[httpx2.Client]:
    """A client with a key of the administrator's organization."""
    key = make_key(command_process, up, tmp_path, "My organization", "*")
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=up.url, headers=headers, trust_env=False, timeout=60) as client:
        yield client


def _publish(client: httpx2.Client, caption: str) -> None:
    """Publish a picture with a new account of the sandbox."""
    project = made(client.post("/v1/projects", json={"name": caption, "timezone": "Europe/Berlin"}))
    account = connect(client, project, "instagram", caption)
    picture = sample_picture(720, 900)
    files = [{"filename": "a.jpg", "contentType": "image/jpeg", "sizeBytes": len(picture)}]
    opened = client.post(f"/v1/projects/{project}/content/uploads", json={"grouping": "per-file", "files": files})
    (container,) = opened.json()["items"]
    (target,) = container["files"]
    assert client.put(target["uploadUrl"], content=picture, headers=target["headers"]).is_success
    content = f"/v1/content/{container['containerId']}"
    assert client.post(f"{content}/finalize-upload", json={"caption": f"Bread for {caption}"}).is_success
    targets = [{"socialAccountId": account, "mode": "publish"}]
    assert client.post(f"{content}/publish", json={"targets": targets}).is_success


async def test_a_post_appears_by_itself_and_has_its_timeline(admin: Person, client: httpx2.Client, unique: str) -> None:
    """A post that is published while the queue is open appears there without a reload, and its page says what happened."""
    await admin.open("/console/test/queue?view=done")
    await expect(admin.page.get_by_text("live", exact=True)).to_be_visible()
    _publish(client, f"shop{unique}")
    row = admin.page.get_by_role("listitem").filter(has_text=f"@shop{unique}")
    await expect(row).to_contain_text("Published")
    await row.get_by_role("link", name=f"Bread for shop{unique}").click()
    await expect(admin.page.get_by_role("heading", name="Timeline")).to_be_visible()
    timeline = admin.page.get_by_role("list").filter(has_text="Accepted. Due now.")
    await expect(timeline.get_by_role("listitem").first).to_contain_text("Published.")
    assert await findings_of_axe(admin.page) == []


async def test_search_is_part_of_the_address(admin: Person, client: httpx2.Client, unique: str) -> None:
    """What is searched for survives a reload, and another text finds nothing."""
    _publish(client, f"found{unique}")
    await admin.open("/console/test/queue?view=done")
    await admin.page.get_by_label("Search captions and handles").fill(f"found{unique}")
    await admin.page.keyboard.press("Enter")
    await admin.page.wait_for_url(f"**q=found{unique}**")
    await admin.page.reload()
    await expect(admin.page.get_by_role("listitem").filter(has_text=f"@found{unique}")).to_be_visible()
    await admin.open(f"/console/test/queue?view=done&q=no-{unique}")
    await expect(admin.page.get_by_role("heading", name="No post matches")).to_be_visible()
