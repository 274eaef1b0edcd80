"""A post that failed is published again through the API, and goes live once."""

from tests.worker.conftest import WorkerWorld


async def test_a_refused_post_is_published_again(worker_world: WorkerWorld, picture: bytes) -> None:
    """Instagram refuses the media once; the new post goes live, with the text of the former one, and there is one post."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    content = await world.content(project, picture)
    refusal = {"code": 36003, "subcode": 2207009}
    await world.fault(platform="instagram", operation="media", fault="platform_error", value=refusal)
    (failed,) = await worker_world.deliver(content, account, captionOverride="Only here")
    assert failed["status"] == "failed", failed
    answer = await world.client.post(f"/v1/scheduled-posts/{failed['id']}/republish")
    assert answer.status_code == 201, answer.text
    await worker_world.worker.work_until_idle()
    post = await world.post(answer.json()["scheduledPostId"])
    assert (post["status"], post["captionOverride"]) == ("published", "Only here")
    (live,) = await world.live()
    assert live["externalId"] == post["externalId"]


async def test_a_lost_reply_is_not_repeated_without_a_confirmation(worker_world: WorkerWorld, picture: bytes) -> None:
    """The post is live, but its platform can't say so: only `confirmNotLive` would post it again."""
    world = worker_world.world
    project = await world.project()
    account = await world.account(project, "instagram", "brand")
    content = await world.content(project, picture)
    await world.fault(platform="instagram", operation="media_publish", fault="drop_after_effect")
    for operation in ("container_status", "media_list", "stories"):
        await world.fault(platform="instagram", operation=operation, fault="http_500", times=-1, skip=1)
    (unknown,) = await worker_world.deliver(content, account)
    assert (unknown["status"], unknown["lastError"]["code"]) == ("failed", "OUTCOME_UNKNOWN")
    refused = await world.client.post(f"/v1/scheduled-posts/{unknown['id']}/republish")
    assert (refused.status_code, refused.json()["error"]["details"]["reason"]) == (409, "outcome_unknown")
    assert len(await world.live()) == 1
