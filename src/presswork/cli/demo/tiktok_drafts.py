"""The chapter about drafts on TikTok: they arrive in the inbox of the creator's app, and the creator posts one."""

import asyncio
from typing import Final

from presswork.cli.demo.context import LIVE_TIMEOUT, DemoContext
from presswork.cli.demo.posts import Feeds, FollowedPost
from presswork_client import AsyncPresswork

HANDLE: Final = "loafbyloaf"
_POLL_SECONDS: Final = 0.2


async def show_tiktok_drafts(demo: DemoContext) -> bool:
    """Send two drafts; good if each is in the inbox once, and the timeline reports that the creator posted one."""
    screen = demo.screen
    client = await demo.caller("tiktok drafts", "*")
    project_id = await demo.create_project(client, "Demo of drafts on TikTok")
    account = await demo.connect(client, project_id, "tiktok", HANDLE)
    feeds = await Feeds.since_now(demo.sandbox, [account])
    inbox = {"platform": account.platform, "handle": account.handle}
    before = {draft["publishId"] for draft in await demo.sandbox.items("drafts", **inbox)}
    posts: list[FollowedPost] = []
    for sample in (demo.samples.video, demo.samples.slideshow):
        container_id = await demo.upload(client, project_id, sample)
        posts += await demo.publish(
            client,
            container_id,
            sample,
            {account: {"socialAccountId": account.id, "mode": "draft"}},
            expected="draft",
        )
    screen.step(f"a video and a slideshow sent to {account} as drafts")
    is_good = await demo.follow(client, posts, feeds)
    references = [await draft_reference(client, post) for post in posts]
    drafts = {draft["publishId"] for draft in await demo.sandbox.items("drafts", **inbox)} - before
    if drafts != set(references):
        screen.failure(f"The inbox has the new drafts {sorted(drafts)}; expected {sorted(references)}.")
        is_good = False
    if is_good:
        screen.success("Both drafts are in the inbox, each exactly once", ", and nothing is public.")
        is_good = await _is_posting_reported(demo, client, posts[-1], references[-1], feeds)
    return is_good


async def draft_reference(client: AsyncPresswork, post: FollowedPost) -> str:
    """Return the other side's id of a draft, from its timeline; empty if the timeline has none."""
    entries = (await client.publishing.get_timeline(post_id=post.id)).items
    return next((str(entry.detail.get("reference")) for entry in entries if entry.event == "drafted"), "")


async def _is_posting_reported(
    demo: DemoContext, client: AsyncPresswork, post: FollowedPost, reference: str, feeds: Feeds
) -> bool:
    """Post a draft as its creator does; return whether the timeline reports it once and the post stays a draft."""
    external_id = await demo.sandbox.post_draft(reference)
    demo.screen.step(f"the creator posts the {post.label} in the app")
    reported: list[object] = []
    for _ in range(int(LIVE_TIMEOUT.total_seconds() / _POLL_SECONDS)):
        timeline = await client.publishing.get_timeline(post_id=post.id)
        reported = [entry.detail.get("externalId") for entry in timeline.items if entry.event == "platform_notice"]
        if reported:
            break
        await asyncio.sleep(_POLL_SECONDS)
    if reported != [external_id]:
        demo.screen.failure("The timeline does not report exactly once that the creator posted the draft.")
        return False
    demo.screen.step("the post's timeline reports it: platform_notice")
    latest = await client.publishing.get_post(post_id=post.id)
    live = [found["externalId"] for found in (await feeds.new())[post.account]]
    if (latest.status, live) != ("draft", [external_id]):
        demo.screen.failure(f"The post is {latest.status}, and the feed shows {len(live)} new posts; expected 1.")
        return False
    demo.screen.success("The post stays a draft", ": the creator published it, not Presswork.")
    return True
