"""The chapter about Facebook Login: an Instagram account that is connected through its Facebook Page."""

from typing import Final

from presswork.cli.demo.context import DemoContext, to_feed
from presswork.cli.demo.posts import Feeds, FollowedPost

HANDLE: Final = "riverside.bakery"
_HOST: Final = "graph.facebook.com"


async def show_facebook_login(demo: DemoContext) -> bool:
    """Publish to an account connected by Facebook Login; good if both posts are live once, by way of its host."""
    client = await demo.caller("facebook login", "*")
    project_id = await demo.create_project(client, "Demo of Facebook Login")
    account = await demo.connect(client, project_id, "instagram", HANDLE, login="facebook")
    demo.screen.step(f"{account} connected by Facebook Login")
    calls = {"platform": "instagram", "handle": HANDLE, "operation": "media_publish"}
    before = len(await demo.sandbox.items("requests", **calls))
    feeds = await Feeds.since_now(demo.sandbox, [account])
    posts: list[FollowedPost] = []
    for sample in (demo.samples.video, demo.samples.picture):
        container_id = await demo.upload(client, project_id, sample)
        posts += await demo.publish(client, container_id, sample, {account: to_feed(account)})
    is_good = await demo.follow_live(client, posts, feeds)
    newest_first = await demo.sandbox.items("requests", **calls)
    hosts = [call["host"] for call in newest_first[: len(newest_first) - before]]
    if hosts != [_HOST] * len(posts):
        demo.screen.failure(f"Expected {len(posts)} publish calls to {_HOST}; the sandbox received {hosts}.")
        is_good = False
    return is_good
