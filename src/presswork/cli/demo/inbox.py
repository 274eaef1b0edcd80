"""The act about drafts on TikTok: they come into the inbox of the creator's app, and the creator posts one."""

import asyncio
import contextlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from presswork.cli.demo.accounts import LIVE_WITHIN, Feeds, Outcome, Scene, has_ended_right
from presswork.cli.demo.client import Client
from presswork.cli.demo.story import InboxDraft, Story, Watched
from presswork.cli.demo.view import View

HANDLE: Final = "loafbyloaf"
_LOOK: Final = timedelta(milliseconds=200)


async def show_inbox_drafts(scene: Scene) -> Outcome:
    """Send a video and a slideshow as drafts; good if each is in the inbox once, and the one that is posted is told."""
    view = scene.view
    key = await scene.new_key("inbox drafts", "*")
    samples = (scene.samples.video, scene.samples.slideshow)
    async with Client(scene.url, key) as api:
        story = Story(api)
        project = await story.make_project("Demo of drafts on TikTok")
        account = await story.connect(project, "tiktok", HANDLE)
        feeds = await Feeds.from_now(story, [account])
        before = {draft.publish_id for draft in await story.drafts(account)}
        posts = [
            await story.deliver(await story.bring_in(project, sample), sample, account, "draft", end="draft")
            for sample in samples
        ]
        view.step(f"a video and a slideshow sent to @{HANDLE} as drafts")
        with view.progress(posts) as news, contextlib.suppress(TimeoutError):
            await story.watch(posts, within=LIVE_WITHIN, news=news)
        view.outcome(posts, url=scene.url)
        is_good = await has_ended_right(story, view, feeds, posts)
        drafts = [draft for draft in await story.drafts(account) if draft.publish_id not in before]
        is_good = await _is_each_there_once(story, view, drafts, posts) and is_good
        if is_good:
            is_good = await _is_posting_told(story, view, feeds, drafts, posts[-1])
    return Outcome(is_good=is_good, accounts=[account], keys={"inbox drafts": key}, has_phone=True)


async def _is_each_there_once(story: Story, view: View, drafts: Sequence[InboxDraft], posts: Sequence[Watched]) -> bool:
    """Ask TikTok whether its inbox has each draft once, and nothing else."""
    references = [await story.reference(post) for post in posts]
    if sorted(draft.publish_id for draft in drafts) != sorted(references):
        view.say(f"[bold red]The inbox of @{HANDLE} has {len(drafts)} new drafts that are not these {len(posts)}.[/]")
        return False
    view.say("[bold green]Both drafts are in the inbox, each exactly once[/], and nothing is public.")
    return True


async def _is_posting_told(story: Story, view: View, feeds: Feeds, drafts: Sequence[InboxDraft], post: Watched) -> bool:
    """Post a draft as its creator does; see that the post's timeline tells it, and that it stays a draft."""
    reference = await story.reference(post)
    (draft,) = (draft for draft in drafts if draft.publish_id == reference)
    external_id = await story.post_draft(draft)
    view.step(f"the creator posts the {post.label} in the app")
    notices: list[object] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LIVE_WITHIN.total_seconds()):
            while not notices:
                await asyncio.sleep(_LOOK.total_seconds())
                entries = await story.timeline(post)
                notices = [entry.detail.get("externalId") for entry in entries if entry.event == "platform_notice"]
    is_told = notices == [external_id]
    if is_told:
        view.step("the post's timeline tells it: platform_notice")
    else:
        view.timeline(post, await story.timeline(post))
        view.say("[bold red]The timeline does not tell once that the creator posted the draft.[/]")
    await story.refresh(post)
    live = [found.external_id for found in (await feeds.new())[post.account]]
    if post.status != "draft" or post.external_id is not None or live != [external_id]:
        view.say(f"[bold red]The post is {post.status}, and the feed shows {len(live)} new posts, not 1.[/]")
        return False
    if is_told:
        view.say("[bold green]The post stays a draft[/]: what the creator does is the creator's.")
    return is_told
