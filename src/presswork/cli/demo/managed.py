"""The chapter about managed distribution: a provider publishes, and reports the result."""

from typing import Final

from presswork.accounts.model import MANAGED_TEMPLATE
from presswork.cli.demo.context import DemoContext
from presswork.cli.demo.posts import Feeds, FollowedPost
from presswork.cli.demo.server import import_track
from presswork_client.params import TargetParam

TIKTOK_HANDLE: Final = "oldmillbread"
INSTAGRAM_HANDLE: Final = "old.mill.bread"
_LINK: Final = "https://www.tiktok.com/music/First-Snow-7301"
_TRACK: Final = {
    "id": "0191f3a2-7c1e-7b60-9d0a-3f6a2f1c8e56",
    "title": "First Snow",
    "author": "The Demo Band",
    "link": _LINK,
}


async def show_managed(demo: DemoContext) -> bool:
    """Publish through the sandbox's provider; good if it received and published each post exactly once."""
    await import_track(demo.settings, _TRACK)
    demo.screen.step("a track imported into the music catalogue")
    client = await demo.caller("managed", "*")
    project_id = await demo.create_project(client, "Demo of managed distribution")
    tiktok = await demo.connect(client, project_id, "tiktok", TIKTOK_HANDLE)
    instagram = await demo.connect(client, project_id, "instagram", INSTAGRAM_HANDLE)
    await client.layers.create(
        project_id=project_id,
        template_id=str(MANAGED_TEMPLATE),
        config={"provider": "sandbox"},
        social_account_ids=[tiktok.id, instagram.id],
    )
    demo.screen.step("two sandbox accounts assigned to a layer with the sandbox's provider")
    feeds = await Feeds.since_now(demo.sandbox, [tiktok, instagram])
    with_track: TargetParam = {
        "socialAccountId": tiktok.id,
        "mode": "managed",
        "tiktokMusic": {"mode": "manual", "trackId": _TRACK["id"]},
    }
    posts: list[FollowedPost] = []
    for sample, account, target in (
        (demo.samples.slideshow, tiktok, with_track),
        (demo.samples.picture, instagram, TargetParam(socialAccountId=instagram.id, mode="managed")),
    ):
        container_id = await demo.upload(client, project_id, sample)
        posts += await demo.publish(client, container_id, sample, {account: target})
    demo.screen.step("a slideshow with the track, and a picture, published in mode managed")
    is_good = await demo.follow(client, posts, feeds)
    for post in posts:
        link = _LINK if post.account == tiktok else None
        is_good = await _is_dispatched_once(demo, post, link=link) and is_good
    if is_good:
        demo.screen.success(
            "The provider received each post exactly once and published it once",
            ", and the link to the track arrived unchanged.",
        )
    return is_good


async def _is_dispatched_once(demo: DemoContext, post: FollowedPost, *, link: str | None) -> bool:
    """Return whether the provider received the post once, with the expected link to a track."""
    items = await demo.sandbox.items("dispatches", platform=post.account.platform, handle=post.account.handle)
    received = [
        (item["status"], item["externalId"], item["payload"].get("tiktokMusicLink"))
        for item in items
        if item["postId"] == post.id
    ]
    if post.latest is not None and received == [("published", post.latest.external_id, link)]:
        return True
    demo.screen.failure(f"Expected one published dispatch of the {post.label}; the provider reports {received}.")
    return False
