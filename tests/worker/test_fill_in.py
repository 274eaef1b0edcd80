"""What reaches the platforms: texts with the values that their posts were created with."""

from typing import Any

from tests.worker.conftest import WorkerWorld
from tests.worker.test_parts import TEXTS

UTM: dict[str, Any] = {"domains": ["shop.example"], "source": "{platform}"}
LINK = "https://shop.example/rye"


async def test_what_goes_out_is_what_preflight_showed(worker_world: WorkerWorld, picture: bytes) -> None:
    """Caption and first comment, also after the values have changed; an approval is one of the template."""
    world, client = worker_world.world, worker_world.world.client
    project = await world.project()
    account = await world.account(project, "instagram", "luna.bakes")
    path = f"/v1/projects/{project}"
    await client.patch(f"{path}/content-review-policy", json={"policy": "review_all", "covers": "content_and_text"})
    await client.patch(path, json={"variables": {"who": "Ana"}, "utm": UTM})
    container = await world.content(project, picture, caption=f"By {{{{who}}}}: {LINK}.", comment="Ask {{who}}")
    body = {"targets": [{"socialAccountId": account, "mode": "publish"}]}
    assert (await client.post(f"/v1/content/{container}/approve", json={})).status_code == 200
    shown = (await client.post(f"/v1/content/{container}/preflight", json=body)).json()
    texts = shown["targets"][0]["texts"]
    assert texts == {"caption": f"By Ana: {LINK}?utm_source=instagram.", "firstComment": "Ask Ana"}
    (post_id,) = await world.publish(container, account)
    await client.patch(path, json={"variables": {"who": "Bea"}, "utm": None})
    await worker_world.worker.work_until_idle()
    post, (live,) = await world.post(post_id), await world.live(platform="instagram", handle="luna.bakes")
    assert (post["status"], post["firstCommentStatus"], post["texts"]) == ("published", "posted", texts), post
    assert (live["caption"], live["comments"]) == (texts["caption"], [texts["firstComment"]])


async def test_parts_links_and_titles_are_filled_in(worker_world: WorkerWorld) -> None:
    """A thread of posts, the card of a link, and a live post that is changed."""
    world, client = worker_world.world, worker_world.world.client
    project = await world.project()
    threads = await world.account(project, "threads", "brand")
    facebook = await world.account(project, "facebook", "fernhill.roastery")
    await client.patch(f"/v1/projects/{project}", json={"variables": {"when": "Saturday"}, "utm": UTM})
    parts = [{"text": f"{text} {{{{when}}}}"} for text in TEXTS]
    thread = (await client.post(f"/v1/projects/{project}/content", json={"parts": parts})).json()
    linked = (
        await client.post(f"/v1/projects/{project}/content", json={"text": "On {{when}}", "link": {"url": LINK}})
    ).json()
    await worker_world.deliver(thread["id"], threads)
    live = await world.live(platform="threads", handle="brand", replies="true")
    assert sorted(one["caption"] for one in live) == sorted(f"{text} Saturday" for text in TEXTS)
    (post,) = await worker_world.deliver(linked["id"], facebook)
    (page,) = await world.live(platform="facebook", handle="fernhill.roastery")
    assert page["caption"] == "On Saturday"
    assert page["params"]["link"] == f"{LINK}?utm_source=facebook"
    edited = await client.patch(
        f"/v1/scheduled-posts/{post['id']}/live", json={"caption": f"From {{{{when}}}}: {LINK}"}
    )
    assert edited.status_code == 202, edited.text
    await worker_world.worker.work_until_idle()
    (page,) = await world.live(platform="facebook", handle="fernhill.roastery")
    wanted = f"From Saturday: {LINK}?utm_source=facebook"
    assert (page["caption"], (await world.post(post["id"]))["texts"]["caption"]) == (wanted, wanted)
