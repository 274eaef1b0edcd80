"""The link of a test post leads to its page in the sandbox."""

import json
from datetime import timedelta

from tests.worker.conftest import WorkerWorld
from tests.worker.test_managed import set_up

from presswork.db.queries import load
from presswork.media.samples import sample_video
from presswork.platforms.names import PlatformName
from presswork.posts.sandbox_location import save_sandbox_location

_HANDLES = {"bluesky": "luna.bsky.social"}
_FIND = load("presswork.posts")["find_post"]


async def test_each_test_post_has_a_page_in_the_sandbox(worker_world: WorkerWorld) -> None:
    """On every platform `sandboxUrl` is null until the post is live, and then the page of the post in the sandbox."""
    world = worker_world.world
    project = await world.project()
    clip = sample_video(timedelta(seconds=4), 360, 640, seed=1)
    container = await world.content(project, clip, content_type="video/mp4")
    accounts = {name: await world.account(project, name, _HANDLES.get(name, "luna")) for name in PlatformName}
    ids = await world.publish(container, *accounts.values(), **await world.board(accounts[PlatformName.PINTEREST]))
    assert [(await world.post(one))["sandboxUrl"] for one in ids] == [None] * len(ids)
    await worker_world.worker.work_until_idle()
    browser = await world.api.anonymous()
    posts = [await world.post(one) for one in ids]
    for post in posts:
        sandbox = f"{world.api.base_url}/sandbox/"
        path = (
            post["externalUrl"].removeprefix(sandbox).removeprefix("https://")
        )  # Facebook's links of reels have no host
        assert post["sandboxUrl"] == f"{sandbox}{path}", post
        page = await browser.get(post["sandboxUrl"], follow_redirects=True)
        assert page.status_code == 200, post
        assert page.headers["content-type"].startswith("text/html"), post


async def test_only_the_sandbox_has_such_pages(worker_world: WorkerWorld, picture: bytes) -> None:
    """The sandbox's provider publishes there. Another provider's link, a live post and a sandbox that is off have none."""
    container, account = await set_up(worker_world, picture)
    (post,) = await worker_world.deliver(container, account, mode="managed")
    api = worker_world.world.api
    assert post["sandboxUrl"].startswith(f"{api.base_url}/sandbox/www.tiktok.com/")
    pool, post_id = api.context.pool, post["id"].removeprefix("sp_")
    row = await pool.fetchrow("SELECT organization_id, platform_state FROM scheduled_posts WHERE id = $1", post_id)
    assert row is not None
    organization, state = row

    async def link(environment: str = "test") -> object:
        document = await pool.fetchval(_FIND, organization, environment, post_id)
        return json.loads(document)["sandboxUrl"]

    assert await link() == post["sandboxUrl"]
    other = json.loads(state)
    other["prepared"]["provider"] = "partner"
    write = "UPDATE scheduled_posts SET platform_state = $1, environment = $2"
    await pool.execute(write, json.dumps(other), "test")
    assert await link() is None
    await pool.execute(write, state, "live")
    assert await link("live") is None
    await pool.execute(write, state, "test")
    await save_sandbox_location(pool, None)
    assert await link() is None
