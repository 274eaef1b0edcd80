"""The chapter of the plain demo: publish three pieces of content to accounts on every platform."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from presswork.cli.demo.context import DemoContext, to_feed
from presswork.cli.demo.posts import Feeds, FollowedPost
from presswork.cli.demo.sandbox import Account
from presswork_client import choices
from presswork_client.params import TargetParam

HANDLES: Final[Mapping[choices.PlatformName, Sequence[str]]] = {
    "instagram": ("corner.bakery", "harbour.coffee", "north.cycles"),
    "tiktok": ("cornerbakery", "harbourcoffee", "northcycles"),
    "threads": ("corner_bakery",),
    "facebook": ("corner.bakery",),
    "youtube": ("cornerbakery",),
    "linkedin": ("corner-bakery",),
    "bluesky": ("cornerbakery.bsky.social",),
}
_WITHOUT_COMMENTS: Final = frozenset({"tiktok"})


async def show_publishing(demo: DemoContext) -> bool:
    """Publish a video, a picture and a slideshow to each account whose platform takes it; good if every post is live exactly
    once.
    """
    samples = (demo.samples.video, demo.samples.picture, demo.samples.slideshow)
    client = await demo.caller("demo", "*")
    project_id = await demo.create_project(client, "Demo")
    accounts = [
        await demo.connect(client, project_id, platform, handle)
        for platform, handles in HANDLES.items()
        for handle in handles
    ]
    demo.screen.step(f"{len(accounts)} sandbox accounts on {len(HANDLES)} platforms connected by OAuth")
    containers = await asyncio.gather(*(demo.upload(client, project_id, sample) for sample in samples))
    demo.screen.step(f"{', '.join(sample.label for sample in samples)} uploaded and checked")
    feeds = await Feeds.since_now(demo.sandbox, accounts)
    targets = {account: _target(account) for account in accounts}
    posts: list[FollowedPost] = []
    for sample, container_id in zip(samples, containers, strict=True):
        accepted = await demo.accepted(client, container_id, targets)
        posts += await demo.publish(client, container_id, sample, accepted)
    demo.screen.step(f"{len(samples)} publish calls created {len(posts)} posts")
    return await demo.follow_live(client, posts, feeds)


def _target(account: Account) -> TargetParam:
    if account.platform in _WITHOUT_COMMENTS:
        return to_feed(account)
    return {**to_feed(account), "firstCommentOverride": "Which one is your favourite?"}
